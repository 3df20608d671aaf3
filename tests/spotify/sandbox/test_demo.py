from datetime import UTC, datetime

import pytest

from cratewise.errors import DataFileError
from cratewise.spotify.sandbox.demo import account_from, demo_account

HEADER = "title,artists,album,year,note\n"


def test_the_same_files_give_the_same_account() -> None:
    """Ids, times and order depend on nothing but the songs, on every machine."""
    library = HEADER + "A,B,C,1999,\nD,E ; F,G,2020,\n"
    assert account_from(library) == account_from(library)
    ids = [item.id for item in account_from(library).items.values()]
    assert ids == ["XschCJ4axHOF2eeKmAIuRm", "e4UiRzfllzAKAtvstmZsNy"]


def test_a_new_line_moves_no_other_song() -> None:
    """Ids and times of the songs before stay."""
    before = account_from(HEADER + "A,B,C,1999,\n")
    after = account_from(HEADER + "D,E,F,2001,\nA,B,C,1999,\n")
    assert set(before.saved) < set(after.saved)


def test_nothing_is_liked_before_it_was_released() -> None:
    """Times are spread over years, and newest first."""
    library = HEADER + "".join(f"Song {number},Artist,Album,{2000 + number % 27},\n" for number in range(200))
    account = account_from(library)
    times = [saved.added_at for saved in account.saved]
    assert times == sorted(times, reverse=True)
    assert times[-1] < datetime(2016, 1, 1, tzinfo=UTC)
    assert times[0] > datetime(2026, 1, 1, tzinfo=UTC)
    for saved in account.saved:
        album = account.items[saved.uri].album
        assert album is not None
        assert album.year is not None
        assert saved.added_at.year >= album.year


@pytest.mark.parametrize(
    ("library", "playlists", "message"),
    [
        ("title,artist\nA,B\n", "", "line 1"),
        (HEADER + "A,B\n", "", "line 2"),
        (HEADER + ",B,C,1999,\n", "", "needs a title"),
        (HEADER + "A,B,C,199X,\n", "", '"199X"'),
        (HEADER + "A,B,C,1999,loud\n", "", '"loud"'),
        (HEADER + "A,B,C,1999,\nA,B,C,1999,duplicate\n", "", "twice"),
        (HEADER, '[[playlist]]\nname = ""', "no name"),
        (HEADER, '[[playlist]]\nname = "P"\nsongs = ["A - B"]', '"A - B"'),
        (HEADER, '[[playlist]]\nname = "P"\nextra = [{ kind = "tape" }]', '"tape"'),
    ],
)
def test_a_mistake_in_the_files_is_named(library: str, playlists: str, message: str) -> None:
    """The file is written by hand, so its mistakes get a place."""
    with pytest.raises(DataFileError, match=message):
        account_from(library, playlists)


def test_the_demo_library_has_the_awkward_cases_of_real_ones() -> None:
    """At least 400 songs; duplicates, unavailable and local ones; by hand an episode, a local file and a null."""
    account = demo_account()
    liked = [account.items[saved.uri] for saved in account.saved]
    assert len(liked) >= 400
    names = [(item.artists[0].name, item.name) for item in liked]
    assert len(set(names)) < len(names)
    assert any(not item.is_playable for item in liked)
    assert any(item.kind == "local" for item in liked)
    by_hand = [entry.uri for playlist in account.playlists.values() for entry in playlist.entries]
    assert None in by_hand
    kinds = {account.items[uri].kind for uri in by_hand if uri is not None}
    assert kinds == {"track", "episode", "local"}
