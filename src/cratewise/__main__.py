"""`python -m cratewise` is the `cratewise` command."""

from cratewise.cli import main

main()
