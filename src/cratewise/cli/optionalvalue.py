"""An option whose value may be left out, which Typer has no way to say: `--ray`, or `--ray ADDRESS`."""

import re
from collections.abc import Sequence
from typing import Any

from typer.core import TyperCommand

RAY = "--ray"
LOCAL = "local"
"""What the option means without a value."""
_ADDRESS = re.compile(r"auto|local|\S+://\S*|[^\s/]+:\d+")


class OptionalValueCommand(TyperCommand):
    """Takes the word behind `--ray` for its value only where it looks like an address, which a file's name doesn't."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Takes the command's words apart."""
        return super().parse_args(ctx, with_value(args))


def with_value(words: Sequence[str]) -> list[str]:
    """The words of a command, with a value behind each `--ray`; what stands behind `--` is no option."""
    end = words.index("--") if "--" in words else len(words)
    said: list[str] = []
    for place, word in enumerate(words):
        said.append(word)
        follower = words[place + 1] if place + 1 < len(words) else ""
        if word == RAY and place < end and not _ADDRESS.fullmatch(follower):
            said.append(LOCAL)
    return said
