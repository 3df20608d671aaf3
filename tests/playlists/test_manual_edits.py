from collections import Counter
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

GENRES_OF_SONGS = st.sampled_from(["jazz 0.9", "metal 0.9", "trap 0.9", "jazz 0.2"])

edits = st.lists(
    st.one_of(
        st.tuples(st.just("like"), GENRES_OF_SONGS),
        st.tuples(st.just("like again"), st.integers(0, 20)),
        st.tuples(st.just("unlike"), st.integers(0, 20)),
        st.tuples(st.just("put in"), st.integers(0, 20)),
        st.tuples(st.just("take out"), st.integers(0, 20)),
        st.tuples(st.just("put local file in"), st.integers(0, 20)),
        st.tuples(st.just("sort"), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(edits=edits)
def test_what_a_person_does_by_hand_survives(new_world: Callable[[], object], edits: list[tuple[str, object]]) -> None:
    """Through any history of likes and manual edits: what a person put in stays, what they took out stays out,
    playlists made by hand never change, no song is put in twice, and a plan that was applied leaves an empty one."""
    world = new_world()
    theirs = world.account.make("Mine", ["spotify:track:1", None, "spotify:local:x"])
    liked: list[str] = []
    put_in: dict[str, set[str]] = {}
    taken_out: dict[str, set[str]] = {}
    for number, (what, choice) in enumerate([*edits, ("sort", 0)]):
        generated = sorted(set(world.account.contents_of) - {theirs})
        target = generated[int(choice) % len(generated)] if generated and what != "like" else None
        if what == "like":
            liked.append(world.like(number, str(choice)))
        elif what == "like again" and liked:
            original = liked[int(choice) % len(liked)].rsplit("-", 1)[1]
            song = next((one for one in world.account.liked if one.uri == liked[int(choice) % len(liked)]), None)
            if song is not None:
                liked.append(
                    world.like(1000 + 7 * number + int(original) % 7, song.track.album, title=song.track.title)
                )
        elif what == "unlike" and liked:
            world.unlike(liked[int(choice) % len(liked)])
        elif what in ("put in", "put local file in") and target:
            uri = f"spotify:track:by-hand-{number}" if what == "put in" else f"spotify:local:{number}"
            world.account.edit(target, [*world.account.contents_of[target], uri])
            put_in.setdefault(target, set()).add(uri)
        elif what == "take out" and target and world.account.contents_of[target]:
            entries = world.account.contents_of[target]
            uri = str(entries[int(choice) % len(entries)])
            world.account.edit(target, [one for one in entries if one != uri])
            taken_out.setdefault(target, set()).add(uri)
            put_in.get(target, set()).discard(uri)
        elif what == "sort":
            world.apply()
            assert world.plan().is_empty
            _check(world, theirs, put_in, taken_out)


def _check(world, theirs: str, put_in: dict[str, set[str]], taken_out: dict[str, set[str]]) -> None:
    assert world.account.contents_of[theirs] == ["spotify:track:1", None, "spotify:local:x"]
    for playlist_id, uris in put_in.items():
        assert uris <= set(world.account.contents_of[playlist_id])
    for playlist_id, uris in taken_out.items():
        assert not uris & set(world.account.contents_of[playlist_id])
    titles = {song.uri: (song.track.title, song.track.artists) for song in world.account.liked}
    for playlist_id, entries in world.account.contents_of.items():
        songs = Counter(titles[uri] for uri in entries if uri in titles)
        assert playlist_id == theirs or not songs or max(songs.values()) == 1
