"""What nearly all songs of a preview have in common, said once, so that each row says only what is its own."""

from collections import Counter
from dataclasses import dataclass

from cratewise import workflows
from cratewise.playlists.plan import Plan

_SILENT = "; no audio statistics"
"""How a classifier's reason ends where nothing told it how the song sounds; `songs.js` has the same words."""
_SURE = "% sure. "
"""What stands before it in the reason of a plan."""
_BY = "By "
_NEARLY_ALL = 0.95
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Shared:
    """What is said once.

    Attributes:
        note: It, in sentences; empty where there is nothing.
        parts: What the rows leave out for it, in this order; `preview.js` does the same with those it fetches.
    """

    note: str = ""
    parts: tuple[str, ...] = ()

    def own(self, reason: str) -> str:
        """What is left of a song's reason."""
        for part in self.parts:
            reason = reason.replace(part, "")
        return reason


def shared_by(plan: Plan) -> Shared:
    """What the songs that a plan puts in have in common: that none has statistics, and by what most are known."""
    songs = [song.reason for change in plan.changes for song in change.adds]
    reasons = [reason for reason in songs if _SURE in reason and not reason.endswith(workflows.SAID_SO)]
    if len(reasons) < _FEWEST:
        return Shared()
    notes, parts = [], []
    n_silent = sum(1 for reason in reasons if _SILENT in reason)
    if n_silent >= _NEARLY_ALL * len(reasons):
        which = "None of these songs has" if n_silent == len(reasons) else f"{n_silent:,} of {len(reasons):,} have no"
        notes.append(f"{which} audio statistics (energy, tempo and the like), so how they sound had no say.")
        parts.append(_SILENT)
    whys = Counter(Shared(parts=tuple(parts)).own(reason).split(_SURE, 1)[1] for reason in reasons)
    why, count = whys.most_common(1)[0]
    if why.startswith(_BY) and count >= _FEWEST and count > len(reasons) / 2:
        notes.append(f"Where a song says no more, its genre is known by {why.removeprefix(_BY)}")
        parts.append(f" {why}")
    return Shared(" ".join(notes), tuple(parts))
