"""Playlists of the person's own as sources: their songs count beside the liked ones."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cratewise import workflows
from cratewise.errors import PlaylistsError, SpotifyError
from cratewise.library.songs import SavedSong
from cratewise.playlists.rules import Rules
from cratewise.tracks import Track
from cratewise.workflows.account import PlaylistPage

RULES = Rules(("jazz", "metal"), least_songs=1)


def put(world, playlist: str, number: int, genre: str, artist: str = "Somebody", **details: object) -> str:
    """Puts a song that isn't liked into a playlist; returns its URI."""
    uri = f"spotify:track:source-{number}"
    track = Track(f"source-{number}", f"Source {number}", (artist,), album=genre, **details)  # type: ignore[arg-type]
    world.account.songs[uri] = SavedSong(track, uri, datetime(2026, 1, 1, tzinfo=UTC))
    world.account.edit(playlist, [*world.account.contents_of[playlist], uri])
    return uri


def read(world) -> None:
    """Reads the person's own playlists."""
    workflows.read_playlists(world.app, workflows.look_for_playlists(world.app))


@pytest.fixture
def mine(world) -> str:
    """A playlist of the person's own; one song is liked and in it, too."""
    liked = world.like(1)
    return world.account.make("Mine", [liked, None, "spotify:local:x"])


def rules(world, *names: str) -> Rules:
    """The rules with these sources."""
    return replace(RULES, sources=tuple(workflows.source_called(world.app, name) for name in names))


def test_songs_of_a_source_are_sorted_behind_the_liked_ones(world, mine: str) -> None:
    """Each once, the unsure ones nowhere; the liked songs are counted as before, and the source is not touched."""
    jazz, metal = put(world, mine, 1, "jazz 0.9"), put(world, mine, 2, "metal 0.9")
    put(world, mine, 3, "jazz 0.1")
    workflows.sync_library(world.app)
    read(world)
    before = list(world.account.contents_of[mine])
    plan = world.apply(rules(world, "mine"))
    liked = world.account.liked[0].uri
    assert (world.contents("jazz"), world.contents("metal")) == ([liked, jazz], [metal])
    assert (len(plan.placements), plan.in_playlists) == (1, 1)
    assert world.account.contents_of[mine] == before
    assert world.plan(rules(world, "Mine")).is_empty
    assert [one.uri for change in world.plan(RULES).changes for one in change.removes] == [jazz, metal]


def test_a_persons_word_counts_for_songs_of_a_source(world, mine: str) -> None:
    """On the artist and on the genre; without it the network's."""
    song, other = put(world, mine, 1, "metal 0.9", artist="Artist 1"), put(world, mine, 2, "metal 0.9")
    workflows.sync_library(world.app)
    workflows.classify_library(world.app)
    read(world)
    workflows.correct(world.app, "jazz", [workflows.find_artist(world.app, "Artist 1")])
    plan = world.plan(rules(world, "Mine"))
    assert {change.genre: {one.uri for one in change.adds} for change in plan.changes} == {
        "jazz": {world.account.liked[0].uri, song},
        "metal": {other},
    }


def test_a_style_of_a_merged_family_counts_as_what_that_became(world, mine: str) -> None:
    """For songs of a source as for liked ones."""
    song = put(world, mine, 1, "bebop-and-cool-jazz 0.9")
    workflows.sync_library(world.app)
    workflows.classify_library(world.app)
    read(world)
    workflows.change_genre(world.app, "jazz", merged_into="metal")
    plan = world.plan(rules(world, "Mine"))
    assert {change.genre: {one.uri for one in change.adds} for change in plan.changes} == {
        "metal": {world.account.liked[0].uri, song}
    }


def test_a_source_is_read_again_where_playlists_are_kept_current(world, mine: str) -> None:
    """What comes into it goes in, and what leaves it goes out."""
    first = put(world, mine, 1, "metal 0.9")
    workflows.sync_library(world.app)
    read(world)
    world.apply(rules(world, "Mine"))
    world.account.edit(mine, [uri for uri in world.account.contents_of[mine] if uri != first])
    second = put(world, mine, 2, "metal 0.9")
    workflows.keep_current(world.app)
    assert world.contents("metal") == [second]


def test_a_source_must_be_one_playlist_that_was_read(world, mine: str) -> None:
    """Everything else is said with what to do."""
    world.apply(RULES)
    for name, said in (("Nothing", "no playlist 'Nothing'"), ("Jazz · liked", "no playlist"), ("Mine", "is not known")):
        workflows.look_for_playlists(world.app)
        world.app.library.playlists.write_seen(world.account.account_id, world.account.own_playlists(), ())
        with pytest.raises(PlaylistsError, match=said) as raised:
            workflows.source_called(world.app, name)
        assert raised.value.hint
    world.account.make("MINE", [])
    read(world)
    with pytest.raises(PlaylistsError, match="Several playlists"):
        workflows.source_called(world.app, "mine")
    assert workflows.source_called(world.app, mine) == mine


def test_a_source_that_was_half_read_takes_nothing_out(world, mine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is planned until it is read to its end."""
    for number in range(3):
        put(world, mine, number, "jazz 0.9")
    workflows.sync_library(world.app)
    read(world)
    chosen = rules(world, "mine")
    world.apply(chosen)
    whole = world.account.playlist_page

    def half(playlist_id: str, offset: int) -> PlaylistPage:
        if offset:
            raise SpotifyError("Spotify refused")
        return replace(whole(playlist_id, 0), uris=whole(playlist_id, 0).uris[:2], next_offset=2)

    put(world, mine, 9, "jazz 0.9")
    monkeypatch.setattr(world.account, "playlist_page", half)
    with pytest.raises(SpotifyError):
        read(world)
    with pytest.raises(PlaylistsError, match="'Mine' was read only in part"):
        world.plan(chosen)
    monkeypatch.undo()
    world.account.playlist_page = lambda playlist_id, offset: replace(
        whole(playlist_id, 0), uris=whole(playlist_id, 0).uris[offset:]
    )
    read(world)
    change = world.plan(chosen).changes[0]
    assert (len(change.adds), change.removes) == (1, ())
