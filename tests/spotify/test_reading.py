"""Whatever Spotify answers becomes a value or a `BadAnswer`, never anything else."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratewise.spotify.answers import perform
from cratewise.spotify.endpoints import library, playlists, profile
from cratewise.spotify.errors import BadAnswer
from cratewise.spotify.reading import read_playlist, read_playlist_items, read_playlists, read_saved_tracks, read_user
from cratewise.spotify.request import Answer, Call, Request
from cratewise.spotify.values import Item

CALLS: tuple[Call[Any], ...] = (
    profile.current_user(),
    library.saved_tracks(),
    playlists.playlists(),
    playlists.playlist("p"),
    playlists.playlist_items("p"),
    playlists.create_playlist("n", "", public=False),
    playlists.add_items("p", ["u"]),
)
_NAMES = """
items total offset limit next track item added_at is_local type id uri name artists album images url width show
release_date duration_ms explicit external_ids isrc is_playable restrictions available_markets owner snapshot_id
public collaborative tracks external_urls spotify account_id display_name description
"""
FIELDS = _NAMES.split()

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-1, max_value=60),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["track", "episode", "spotify:local:a:b:c:1", "0000", "2020-13-77", "0001-01-01T00:00:00+14:00"]),
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=8),
    max_leaves=30,
)


class Fixed:
    """A sender that always has the same answer."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def send(self, request: Request) -> Answer:
        """Gives the answer."""
        return Answer(200, {}, self._body)


@given(body=anything, call=st.sampled_from(CALLS))
def test_any_json_is_a_value_or_a_bad_answer(body: object, call: Call[Any]) -> None:
    """Fuzzed JSON of Spotify's own field names."""
    with contextlib.suppress(BadAnswer):
        assert perform(Fixed(json.dumps(body).encode()), call) is not None


@given(entry=anything)
def test_any_entry_of_a_page_is_a_value_or_a_bad_answer(entry: object) -> None:
    """A page that is well, with one entry that is anything."""
    body = json.dumps({"items": [{"item": entry, "track": entry}], "total": 1, "next": None}).encode()
    calls: tuple[Call[Any], ...] = (playlists.playlist_items("p"), library.saved_tracks())
    for call in calls:
        with contextlib.suppress(BadAnswer):
            assert perform(Fixed(body), call).next is None


@given(body=st.binary(max_size=60), call=st.sampled_from(CALLS))
def test_any_bytes_are_a_value_or_a_bad_answer(body: bytes, call: Call[Any]) -> None:
    """Truncated, binary and empty bodies."""
    with contextlib.suppress(BadAnswer):
        assert perform(Fixed(body), call) is not None


@pytest.mark.parametrize("body", [b"<!doctype html><p>Hi", b"", b"null", b'{"items": [', b"[" * 99_999, b'"\\ud800"'])
def test_what_is_no_answer_says_which_call_it_was(body: bytes) -> None:
    """HTML, nothing, half of it, endless nesting."""
    with pytest.raises(BadAnswer, match="GET /me/tracks"):
        perform(Fixed(body), library.saved_tracks())


def test_a_bad_answer_names_the_place_and_not_the_content() -> None:
    """Enough to find the fault, nothing of what a person has in their library."""
    body = json.dumps({"items": [{"track": {"id": "x", "duration_ms": "private"}}]}).encode()
    with pytest.raises(BadAnswer, match=r"items\.0\.track\.duration_ms") as raised:
        perform(Fixed(body), library.saved_tracks())
    assert "private" not in str(raised.value)


def test_one_entry_that_is_not_understood_keeps_its_place() -> None:
    """The rest of the page is read; among playlists it is an error, as one that is not listed counts as deleted."""
    good, bad = {"id": "x"}, {"id": "y", "duration_ms": "long"}
    saved = read_saved_tracks(json.dumps({"items": [{"track": bad}, {"track": good}]}).encode(), 0, 50)
    assert [one.item and one.item.uri for one in saved.items] == [None, "spotify:track:x"]
    entries = read_playlist_items(json.dumps({"items": [{"item": bad}, {"item": good}]}).encode(), 0, 50)
    assert [one.uri for one in entries.items] == [None, "spotify:track:x"]
    with pytest.raises(BadAnswer, match=r"items\.1\.id"):
        perform(Fixed(json.dumps({"items": [{"id": "p"}, {"name": "q"}]}).encode()), playlists.playlists())


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (b'{"items": [{"track": {"id": "x", "name": "half \\ud83d"}}]}', "half \ufffd"),
        (b'{"items": [{"track": {"id": "x", "name": "not \xff text"}}]}', "not \ufffd text"),
        (b'\xef\xbb\xbf{"items": [{"track": {"id": "x", "name": "marked"}}]}', "marked"),
        (b'{"items": [{"track": {"id": "x", "name": "red \\u001b[31m\\u0000"}}]}', "red  [31m "),
        (b'{"items": [{"track": {"id": "x", "name": "short", "duration_ms": 0.5}}]}', "short"),
    ],
)
def test_what_no_text_can_hold_does_not_make_an_account_unreadable(body: bytes, title: str) -> None:
    """Half of a pair, other encodings, a byte order mark, control characters, a fraction of a millisecond."""
    item = read_saved_tracks(body, 0, 50).items[0].item
    assert item is not None
    assert (item.track.title, item.track.duration_ms) == (title, None)


def test_a_track_of_which_nothing_is_known_is_still_a_track() -> None:
    """Only an id is needed; a length of 0 and the year 0000 mean unknown."""
    item = _item({"id": "x", "duration_ms": 0, "album": {"release_date": "0000"}, "artists": [None, {"name": None}]})
    assert (item.uri, item.kind, item.track.track_id) == ("spotify:track:x", "track", "x")
    assert (item.track.title, item.track.artists, item.track.duration_ms) == ("", (), None)
    assert (item.track.release_year, item.track.explicit, item.artist_ids, item.cover_url) == (None, None, (), "")


def test_a_local_file_is_named_by_its_uri() -> None:
    """It has no id of its own."""
    item = _item({"id": None, "uri": "spotify:local:Me:Demo:Take+1:95", "name": "Take 1", "type": "track"})
    assert (item.kind, item.uri, item.track.track_id) == ("local", "spotify:local:Me:Demo:Take+1:95", item.uri)


def test_an_episode_is_billed_to_its_show() -> None:
    """And whatever else is spoken (a chapter of an audiobook) counts as one."""
    item = _item({"type": "episode", "id": "e", "name": "Talk", "show": {"name": "Radio"}, "release_date": "2020"})
    assert (item.kind, item.track.artists, item.track.album, item.track.release_year) == (
        "episode",
        ("Radio",),
        "Radio",
        2020,
    )
    assert _item({"uri": "spotify:chapter:c", "id": "c"}).kind == "episode"


@pytest.mark.parametrize(
    "sign", [{"is_playable": False}, {"restrictions": {"reason": "market"}}, {"available_markets": []}, {"name": ""}]
)
def test_what_spotify_no_longer_plays_is_unavailable(sign: dict[str, object]) -> None:
    """It says so in several ways."""
    assert _item({"id": "x", "name": "Song"}).available
    assert not _item({"id": "x", "name": "Song"} | sign).available


@pytest.mark.parametrize(
    ("page", "following"),
    [
        ({"next": None, "total": 900}, None),
        ({"next": "https://api.spotify.com/v1/me/tracks?offset=50&limit=50", "total": 900}, 50),
        ({"next": "https://api.spotify.com/v1/me/tracks?offset=0", "total": 900}, 2),
        ({"next": "https://api.spotify.com/v1/me/tracks?offset=800", "total": 900}, 2),
        ({"next": "https://api.spotify.com/v1/me/tracks?offset=50", "offset": 0, "total": 2}, None),
        ({"next": "rubbish", "total": 900}, 2),
        ({"total": 900}, 2),
        ({"total": 2}, None),
        ({}, None),
    ],
)
def test_the_next_page_is_always_further_on(page: dict[str, object], following: int | None) -> None:
    """Whatever `next` says, reading on skips nothing and comes to an end; null entries keep their place."""
    body = json.dumps({"items": [None, {"track": {"id": "x"}}]} | page).encode()
    read = read_saved_tracks(body, 0, 50)
    assert (read.next, [saved.item is not None for saved in read.items]) == (following, [False, True])


def test_an_empty_page_before_the_end_is_skipped() -> None:
    """An offset past the end does not read on for ever."""
    empty = json.dumps({"items": [], "total": 120, "next": "x?offset=150"}).encode()
    assert read_playlists(empty, 0, 50).next == 50
    assert read_playlists(empty, 100, 50).next is None


def test_times_are_in_utc_and_unknown_ones_1970() -> None:
    """Spotify itself writes 1970 where it does not know."""
    times = ["2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00", None, ""]
    body = json.dumps({"items": [{"added_at": time, "track": {"id": "x"}} for time in times]}).encode()
    known, unknown = datetime(2024, 5, 1, 10, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)
    assert [saved.added_at for saved in read_saved_tracks(body, 0, 50).items] == [known, known, unknown, unknown]


def test_a_playlist_needs_only_an_id() -> None:
    """Everything else has a value that stands for unknown."""
    playlist = read_playlist(b'{"id": "p", "owner": null, "items": null, "public": null}')
    assert (playlist.name, playlist.total, playlist.public, playlist.owner_id) == ("", 0, None, "")
    assert playlist.url == "https://open.spotify.com/playlist/p"


def test_an_account_without_account_id_is_known_by_its_id() -> None:
    """Answers from before May 2026 have none."""
    assert read_user(b'{"id": "someone", "display_name": "S"}').account_id == "someone"
    with pytest.raises(ValueError, match="account_id"):
        read_user(b"{}")


def _item(raw: dict[str, object]) -> Item:
    body = json.dumps({"items": [{"item": raw}], "total": 1}).encode()
    item = read_playlist_items(body, 0, 50).items[0].item
    assert item is not None
    return item


@pytest.mark.parametrize("nonsense", [-1, -(10**9), None])
def test_a_count_below_zero_counts_as_not_said(nonsense: int | None) -> None:
    """Spotify's file sets counts no bounds: the page is where it was asked for, and as long as what is there."""
    body = json.dumps({"items": [{"track": {"id": "x"}}], "total": nonsense, "offset": nonsense, "limit": nonsense})
    page = read_saved_tracks(body.encode(), 10, 50)
    assert (page.total, page.offset, len(page.items)) == (11, 10, 1)
    assert read_playlist(json.dumps({"id": "p", "items": {"total": nonsense}}).encode()).total == 0
