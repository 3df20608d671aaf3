from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cratewise.playlists import planning
from cratewise.playlists.placing import KnownNames
from cratewise.playlists.plan import LikedSong, ManagedPlaylist, Plan
from cratewise.playlists.planning import plan_playlists
from cratewise.playlists.rules import Rules

NAMES = KnownNames({"jazz": "Jazz", "bebop": "Bebop", "metal": "Metal", "folk": "Folk"})
RULES = Rules(("jazz", "metal"), least_songs=1)


def song(number: int, genre: str = "jazz", **changes: object) -> LikedSong:
    """A song the classifier is sure of, unless said otherwise."""
    made = LikedSong(
        uri=f"uri:{number}",
        track_id=str(number),
        title=f"Song {number}",
        artists=("Somebody",),
        added_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number),
        genre=genre,
        family={"bebop": "jazz"}.get(genre, genre),
        confidence=0.9,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def playlist(genre: str, contents: tuple[str | None, ...], **changes: object) -> ManagedPlaylist:
    """A playlist with these contents, all put in by this program unless said otherwise."""
    made = ManagedPlaylist(genre, genre, genre, frozenset(uri for uri in contents if uri), contents, "s")
    return replace(made, **changes)  # type: ignore[arg-type]


def fates(plan: Plan) -> dict[str, str | None]:
    """The playlist or the reason of each song, by URI."""
    return {one.uri: one.left_out or one.playlist for one in plan.placements}


def test_a_song_of_a_genre_nobody_chose_is_left_out_for_that_alone() -> None:
    """Neither a second release nor being unavailable is named as well when the genre was not chosen."""
    songs = [song(1, "folk"), song(2, "folk", title="Song 1"), song(3, "folk", is_available=False), song(4)]
    plan = plan_playlists(songs, RULES, [], NAMES)
    assert plan.left_out == {"unchosen": 3}
    assert plan.in_playlists == plan.added == 1


def test_a_chosen_genre_with_too_few_songs_is_not_called_unchosen() -> None:
    """Songs of a chosen family, or of a chosen style whose family is not, say that there are too few of them."""
    rules = Rules(("bebop", "metal"), least_songs=3)
    plan = plan_playlists([song(1, "bebop"), song(2), song(3, "metal")], rules, [], NAMES)
    assert fates(plan) == {"uri:1": "too few", "uri:2": "unchosen", "uri:3": "too few"}
    assert [one.reason for one in plan.untouched] == ["1 song, and a playlist needs at least 3."] * 2


def test_what_the_person_did_is_the_reason_it_is_left_out_for() -> None:
    """A song taken out, and the songs of a playlist that was deleted, are told apart from all others."""
    playlists = [
        playlist("jazz", ("uri:1",), ours=frozenset({"uri:1", "uri:2"})),
        playlist("metal", ("uri:3",), exists=False),
    ]
    plan = plan_playlists([song(1), song(2), song(3, "metal")], RULES, playlists, NAMES)
    assert fates(plan) == {"uri:1": "jazz", "uri:2": "taken out", "uri:3": "deleted"}


def test_a_song_that_is_in_a_playlist_is_never_left_out() -> None:
    """Unavailable, unclassified, and put in by hand: whatever the playlist holds after the plan is in it."""
    theirs = playlist("jazz", ("uri:1", "uri:2", "uri:3"), ours=frozenset({"uri:1", "uri:2"}))
    songs = [song(1, is_available=False), song(2, "", family=""), song(3, "folk")]
    plan = plan_playlists(songs, RULES, [theirs], NAMES)
    assert plan.is_empty
    assert set(fates(plan).values()) == {"jazz"}


def test_an_old_release_in_the_playlist_is_the_one_that_counts(monkeypatch) -> None:
    """When a second release is liked later, the one the playlist holds is in it, and the new one is the double."""
    songs = [song(1, isrc="X"), song(2, isrc="X"), song(3)]
    plan = plan_playlists(songs, RULES, [playlist("jazz", ("uri:1",))], NAMES)
    assert fates(plan) == {"uri:1": "jazz", "uri:2": "duplicate", "uri:3": "jazz"}
    monkeypatch.setattr(planning, "PLAYLIST_CAPACITY", 1)
    full = plan_playlists(songs, RULES, [playlist("jazz", ("uri:1",))], NAMES)
    assert full.left_out == {"duplicate": 1, "full": 1}


def test_a_playlist_that_is_not_chosen_any_more_still_holds_its_songs() -> None:
    """Songs in a playlist that stays as it is are in a playlist; others of that genre are left out as unchosen."""
    plan = plan_playlists([song(1), song(2)], Rules(("metal",)), [playlist("jazz", ("uri:1",))], NAMES)
    assert plan.is_empty
    assert fates(plan) == {"uri:1": "jazz", "uri:2": "unchosen"}
    both = Rules(("jazz",), least_songs=1)
    bebop = plan_playlists([song(1, "bebop")], both, [playlist("bebop", ("uri:1",))], NAMES)
    assert fates(bebop) == {"uri:1": "jazz"}


genres = st.sampled_from(["jazz", "bebop", "metal", "folk"])
libraries = st.lists(
    st.builds(
        song,
        st.integers(0, 30),
        st.one_of(genres, st.just("")),
        confidence=st.sampled_from([0.1, 0.9]),
        isrc=st.sampled_from(["", "A", "B"]),
        title=st.sampled_from(["One", "Two", "Three", "Four"]),
        duration_ms=st.sampled_from([None, 180_000, 181_500, 240_000]),
        is_available=st.booleans(),
    ),
    unique_by=lambda one: one.uri,
)
any_rules = st.builds(
    Rules,
    st.lists(genres, unique=True).map(tuple),
    least_songs=st.integers(1, 4),
    remake_deleted=st.booleans(),
)
uris = st.one_of(st.none(), st.integers(0, 35).map(lambda number: f"uri:{number}"))
playlists_seen = st.lists(
    st.builds(
        playlist,
        genres,
        st.lists(uris, max_size=8).map(tuple),
        ours=st.frozensets(st.integers(0, 35).map(lambda number: f"uri:{number}"), max_size=12),
        exists=st.booleans(),
    ),
    unique_by=lambda one: one.genre,
)


@given(libraries, any_rules, playlists_seen)
def test_every_liked_song_is_in_exactly_one_class(
    songs: list[LikedSong], rules: Rules, seen: list[ManagedPlaylist]
) -> None:
    """Written and left out come to the size of the library, whatever is liked, wanted, and there already."""
    plan = plan_playlists(songs, rules, seen, NAMES)
    assert Counter(one.uri for one in plan.placements) == Counter(one.uri for one in songs)
    assert plan.in_playlists + sum(plan.left_out.values()) == len(songs)
    put_in = {one.uri for change in plan.changes for one in change.adds}
    assert {one.uri for one in plan.placements if one.left_out is None} >= put_in


@given(libraries, any_rules)
def test_a_first_plan_writes_what_the_classes_say(songs: list[LikedSong], rules: Rules) -> None:
    """In an account without playlists, the songs in playlists are those the plan puts in, playlist by playlist."""
    plan = plan_playlists(songs, rules, [], NAMES)
    held = Counter(one.playlist for one in plan.placements if one.left_out is None)
    assert held == {change.genre: len(change.adds) for change in plan.changes}
    for change in plan.changes:
        assert {one.uri for one in change.adds} <= {one.uri for one in plan.placements if one.is_wanted}
