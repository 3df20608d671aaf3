"""Which liked songs are in no playlist, in several, or twice."""

from cratewise import workflows
from cratewise.playlists.rules import Rules

GENRES = ("hip-hop", "jazz", "metal")


def test_every_song_is_where_the_report_says(world) -> None:
    """Releases of one song count as one song, also where they are in different playlists."""
    alone = world.like(1, "folk 0.9")
    world.like(2, "jazz 0.9")
    twice = [world.like(number, "jazz 0.9", title="So What", duration_ms=545_000 + number) for number in (7, 14)]
    mine = world.account.make("Mine", [twice[0], None, "spotify:local:x", twice[1], "spotify:track:theirs"])
    world.account.make("Unread", [alone])
    world.apply(Rules(GENRES, least_songs=1))
    _read_all_but(world, "Unread")
    found = workflows.playlist_report(world.app)
    assert (found.songs, found.playlists, found.unread) == (3, 2, ("Unread",))
    assert [(song.title, song.uris) for song in found.in_none] == [("Song 1", (alone,))]
    assert [(song.title, song.uris, song.playlists) for song in found.in_several] == [
        ("So What", (twice[1], twice[0]), ("Jazz · liked", "Mine"))
    ]
    assert found.doubles == found.in_several
    assert [(one.title, one.playlist, one.times) for one in found.repetitions] == [("So What", "Mine", 2)]
    world.account.edit(mine, [twice[1], alone])
    _read_all_but(world, "Unread")
    found = workflows.playlist_report(world.app)
    assert (found.in_none, found.repetitions) == ((), ())


def _read_all_but(world, name: str) -> None:
    found = workflows.look_for_playlists(world.app)
    names = {head.playlist_id: head.name for head in found.own}
    kept = tuple(one for one in found.changed if names[one.playlist_id] != name)
    workflows.read_playlists(world.app, workflows.PlaylistReading(found.own, kept, len(kept)))
