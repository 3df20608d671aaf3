"""What the rows of a preview have in common is said once."""

import pytest

from cratewise.playlists.plan import Plan, PlaylistChange, SongRef
from cratewise.playlists.rules import Rules
from cratewise.web.reasons import shared_by

TAGS = "By the tags of its artists"
SILENT = "; no audio statistics"


def plan_of(*reasons: str) -> Plan:
    """A plan that puts in a song for each of these reasons."""
    adds = tuple(SongRef(f"spotify:track:{number}", "Song", ("Artist",), one) for number, one in enumerate(reasons))
    change = PlaylistChange("create", "jazz", None, "Jazz", "", False, adds, (), 0, "New playlist.")
    return Plan("plan", Rules(("jazz",)), (change,))


def test_what_all_rows_share_is_said_once() -> None:
    """That none has statistics and by what most are known; each row keeps what is its own."""
    reasons = [f"Jazz, {percent}% sure. {TAGS}{SILENT}." for percent in (91, 92, 93)]
    other = f"Swing, 50% sure. By its title{SILENT}."
    shared = shared_by(plan_of(*reasons, other))
    assert shared.note == (
        "None of these songs has audio statistics (energy, tempo and the like), so how they sound had no say. "
        "Where a song says no more, its genre is known by the tags of its artists."
    )
    assert [shared.own(one) for one in (*reasons, other)] == [
        "Jazz, 91% sure.",
        "Jazz, 92% sure.",
        "Jazz, 93% sure.",
        "Swing, 50% sure. By its title.",
    ]


@pytest.mark.parametrize(
    "reasons",
    [
        (),
        (f"Jazz, 91% sure. {TAGS}{SILENT}.",) * 2,
        ("You want it in there.",) * 5,
        ("Jazz, 91% sure. You said so.",) * 5,
        (f"Jazz, 91% sure. By its title{SILENT}.", "Jazz, 92% sure. By its sound.", "Jazz, 93% sure. By its album."),
    ],
)
def test_what_differs_stays_in_the_rows(reasons: tuple[str, ...]) -> None:
    """Nothing is said for all of them that holds for some, and nothing that makes no sentence."""
    shared = shared_by(plan_of(*reasons))
    assert shared.note == ""
    assert [shared.own(one) for one in reasons] == list(reasons)


def test_a_few_with_statistics_are_counted() -> None:
    """Nearly all is nearly all."""
    reasons = [f"Jazz, 91% sure. By its title{SILENT}." for _ in range(39)]
    said = "Jazz, 100% sure. You said so."  # which tells nothing of statistics
    assert shared_by(plan_of(*reasons, said)).note.startswith("None of these songs has audio statistics")
    shared = shared_by(plan_of(*reasons, "Jazz, 92% sure. By its sound."))
    assert shared.note.startswith("39 of 40 have no audio statistics")
    assert shared.own("Jazz, 92% sure. By its sound.") == "Jazz, 92% sure. By its sound."
