"""Exit codes, so that a script or a timer can tell what became of a command."""

from cratewise.errors import CratewiseError

NOTHING_TO_DO = 3
LOGIN_NEEDED = 4
QUOTA = 5
IN_USE = 6
STOPPED = 130
"""Ctrl+C, as shells have it."""


def exit_code(error: CratewiseError) -> int:
    """The code that fits an error: 1 for every kind that has none of its own."""
    from cratewise.exclusive import InUseError
    from cratewise.spotify.errors import LoginRequired, QuotaExceeded
    from cratewise.workflows.upkeep import OverBudgetError

    kinds = {LoginRequired: LOGIN_NEEDED, QuotaExceeded: QUOTA, OverBudgetError: QUOTA, InUseError: IN_USE}
    return next((code for kind, code in kinds.items() if isinstance(error, kind)), 1)
