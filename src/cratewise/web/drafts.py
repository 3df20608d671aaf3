"""Plans that were drafted for the pages, kept until something they are made from changes.

Drafting one reads every song, which is long to wait for on a page that counts what was just counted on another.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from cratewise import workflows
from cratewise.playlists.plan import Plan
from cratewise.playlists.rules import Rules
from cratewise.workflows.services import Services

_KEPT = 4
"""Of the rules asked for last: those of the open tabs, and those from before a switch was moved there and back."""


class Drafts:
    """Drafts each plan once, whatever the number of threads that ask for it; called as `workflows.draft_plan` is.

    Args:
        state: Another value than before means that the same rules may come to another plan.
    """

    def __init__(self, state: Callable[[], object]) -> None:
        self._state = state
        self._lock = Lock()
        self._made_from: object = None
        self._plans: OrderedDict[Rules, Plan] = OrderedDict()

    def __call__(self, app: Services, rules: Rules) -> Plan:
        """The plan of these rules as things are now.

        Raises:
            LibraryError: Nothing was synced yet.
            GenresError: A chosen genre does not exist.
        """
        with self._lock:
            state = self._state()
            if state != self._made_from:
                self._plans.clear()
                self._made_from = state
            plan = self._plans.pop(rules, None) or workflows.draft_plan(app, rules)
            self._plans[rules] = plan
            if len(self._plans) > _KEPT:
                self._plans.popitem(last=False)
            return plan

    def forget(self) -> None:
        """Drafts what is asked for next anew."""
        with self._lock:
            self._plans.clear()
