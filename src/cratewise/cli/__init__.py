"""The command line: parses, calls a workflow, shows what came of it. Heavy imports happen inside the commands."""

from cratewise.cli.program import main

__all__ = ["main"]
