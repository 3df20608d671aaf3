from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratewise.errors import PlaylistsError
from cratewise.playlists.placing import KnownNames
from cratewise.playlists.plan import LikedSong, ManagedPlaylist, Plan, PlaylistChange
from cratewise.playlists.planning import PLAYLIST_CAPACITY, plan_playlists
from cratewise.playlists.rules import About, Rules

NAMES = KnownNames({"jazz": "Jazz", "bebop": "Bebop", "metal": "Metal"}, {"uri:gone": ("Gone", ("Somebody",))})
RULES = Rules(("jazz", "metal"), least_songs=1)


def song(number: int, genre: str = "jazz", **changes: object) -> LikedSong:
    """A jazz song the classifier is sure of, unless said otherwise."""
    made = LikedSong(
        uri=f"uri:{number}",
        track_id=str(number),
        title=f"Song {number}",
        artists=("Somebody",),
        added_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number),
        genre=genre,
        family={"bebop": "jazz"}.get(genre, genre),
        confidence=0.9,
        why="It swings.",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def jazz(contents: tuple[str | None, ...], ours: frozenset[str] | None = None, **changes: object) -> ManagedPlaylist:
    """The jazz playlist with these contents, all put in by this program unless said otherwise."""
    held = frozenset(uri for uri in contents if uri) if ours is None else ours
    return replace(ManagedPlaylist("p1", "jazz", "Jazz · liked", held, contents, "s1"), **changes)  # type: ignore[arg-type]


def adds(plan: Plan) -> dict[str, list[str]]:
    """URIs put in, by genre."""
    return {change.genre: [one.uri for one in change.adds] for change in plan.changes}


def only(plan: Plan) -> PlaylistChange:
    """The one change of a plan."""
    (change,) = plan.changes
    return change


def test_new_playlists_hold_the_newest_liked_song_first() -> None:
    """Each chosen genre gets a playlist, its songs newest liked first, with name, description and reasons."""
    plan = plan_playlists([song(1), song(3), song(2), song(4, "metal")], RULES, [], NAMES)
    assert adds(plan) == {"jazz": ["uri:3", "uri:2", "uri:1"], "metal": ["uri:4"]}
    change = plan.changes[0]
    assert (change.kind, change.name, change.playlist_id) == ("create", "Jazz · liked", None)
    assert "Jazz" in change.description
    assert change.adds[0].reason == "Jazz, 90% sure. It swings."


def test_a_style_wins_over_its_family() -> None:
    """A song goes to its style's playlist if that is chosen, else to its family's."""
    both = Rules(("jazz", "bebop"), least_songs=1)
    songs = [song(1), song(2, "bebop")]
    assert adds(plan_playlists(songs, both, [], NAMES)) == {"jazz": ["uri:1"], "bebop": ["uri:2"]}
    assert adds(plan_playlists(songs, RULES, [], NAMES)) == {"jazz": ["uri:2", "uri:1"]}


def test_a_pinned_song_goes_where_the_person_wants_it() -> None:
    """Also an unsure one, one of another genre, and one that was taken out before; of all its releases."""
    jazzy = frozenset({"jazz"})
    songs = [
        song(1, "metal", pinned=jazzy),
        song(2, confidence=0.1, pinned=jazzy),
        song(3, pinned=jazzy),
        song(4, "", pinned=jazzy),
        song(5, "metal"),
        song(6, "metal", title="Song 5", pinned=jazzy),
    ]
    playlist = jazz((), frozenset({"uri:3"}))
    plan = plan_playlists(songs, RULES, [playlist], NAMES)
    assert adds(plan) == {"jazz": ["uri:6", "uri:4", "uri:3", "uri:2", "uri:1"]}
    assert plan.changes[0].adds[0].reason == "You want it in there."
    unchosen = plan_playlists(songs[:1], Rules(("metal",), least_songs=1), [], NAMES)
    assert adds(unchosen) == {"metal": ["uri:1"]}


def test_a_song_is_kept_out_of_where_the_person_does_not_want_it() -> None:
    """It is taken out of that playlist, goes to the next that fits, or is left out for that reason."""
    both = Rules(("jazz", "bebop"), least_songs=1)
    one = song(1, "bebop", kept_out=frozenset({"bebop"}))
    assert adds(plan_playlists([one], both, [], NAMES)) == {"jazz": ["uri:1"]}
    other = song(1, kept_out=frozenset({"jazz"}))
    plan = plan_playlists([other], RULES, [jazz(("uri:1",))], NAMES)
    assert [gone.reason for gone in only(plan).removes] == ["It is Jazz, and you keep it out of there."]
    assert plan.left_out == {"kept out": 1}


def test_the_songs_of_a_small_style_join_their_family() -> None:
    """A style with too few songs gets no playlist, and its songs go to the family."""
    plan = plan_playlists([song(1), song(2), song(3, "bebop")], Rules(("jazz", "bebop"), least_songs=2), [], NAMES)
    assert adds(plan) == {"jazz": ["uri:3", "uri:2", "uri:1"]}
    assert [(genre.genre, genre.songs) for genre in plan.untouched] == [("bebop", 0)]


def test_small_genres_get_no_playlist_and_the_plan_says_so() -> None:
    """A family with fewer songs than asked for is listed with the reason."""
    plan = plan_playlists([song(1)], Rules(("jazz",), least_songs=2), [], NAMES)
    assert plan.is_empty
    assert plan.untouched[0].reason == "1 song, and a playlist needs at least 2."


def test_what_goes_nowhere_is_counted() -> None:
    """Unsure, unchosen, unavailable, doubled and unclassified songs are left out and counted."""
    songs = [
        song(1, confidence=0.2),
        song(2, "folk"),
        song(3, is_available=False),
        song(4, title="Same"),
        song(5, title="SAME!"),
        song(6, "", family=""),
    ]
    plan = plan_playlists(songs, RULES, [], NAMES)
    assert adds(plan) == {"jazz": ["uri:5"]}
    assert plan.left_out == {"unsure": 1, "unchosen": 1, "unavailable": 1, "duplicate": 1, "unclassified": 1}


def test_only_the_difference_is_planned() -> None:
    """A playlist that exists gets what is new, loses what is no longer liked, and keeps the rest."""
    change = only(plan_playlists([song(1), song(2)], RULES, [jazz(("uri:1", "uri:gone"))], NAMES))
    assert (change.kind, change.playlist_id, change.snapshot_id, change.kept) == ("update", "p1", "s1", 1)
    assert [one.uri for one in change.adds] == ["uri:2"]
    assert [(one.uri, one.title, one.reason) for one in change.removes] == [
        ("uri:gone", "Gone", "You do not like it any more.")
    ]


def test_what_a_word_can_place_elsewhere_is_told_apart() -> None:
    """A liked song that goes in or moves can be placed; an un-liked one, a double and a source cannot."""
    songs = [song(1), song(2, "metal"), song(3), song(4, title="Same"), song(5, title="Same")]
    songs.append(replace(song(6), is_liked=False))
    contents = tuple(f"uri:{name}" for name in (1, 2, 4, 5, "gone"))
    change = plan_playlists(songs, RULES, [jazz(contents)], NAMES).changes[0]
    assert {one.uri: one.is_movable for one in change.adds} == {"uri:3": True, "uri:6": False}
    assert {one.uri: one.is_movable for one in change.removes} == {"uri:2": True, "uri:5": False, "uri:gone": False}


def test_songs_that_move_say_where_they_go() -> None:
    """A song whose genre changed leaves one playlist with the reason and enters the other."""
    plan = plan_playlists([song(1, "metal")], RULES, [jazz(("uri:1",))], NAMES)
    leaving, entering = plan.changes
    assert [one.reason for one in leaving.removes] == ["It goes to Metal."]
    assert [one.uri for one in entering.adds] == ["uri:1"]


def test_what_a_person_put_in_stays() -> None:
    """Songs, local files, episodes and unknown entries that a person put in are never taken out."""
    contents = ("uri:1", "spotify:local:a", "uri:99", None, "spotify:episode:e")
    plan = plan_playlists([song(1)], RULES, [jazz(contents, frozenset({"uri:1"}))], NAMES)
    assert plan.is_empty


def test_what_a_person_took_out_stays_out() -> None:
    """A song of ours that is missing from the playlist is not put in again, nor is another release of it."""
    ours = frozenset({"uri:1", "uri:2"})
    songs = [song(1), song(2), song(3, title="Song 2")]
    assert plan_playlists(songs, RULES, [jazz(("uri:1",), ours)], NAMES).is_empty


def test_unavailable_songs_stay_where_they_are() -> None:
    """A liked song that Spotify no longer plays is not put in anew, and not taken out either."""
    songs = [song(1, is_available=False), song(2)]
    assert plan_playlists(songs, RULES, [jazz(("uri:1", "uri:2"))], NAMES).is_empty


def test_unclassified_songs_stay_where_they_are() -> None:
    """A song that has lost its classification is not taken out."""
    assert plan_playlists([song(1, "", family="")], RULES, [jazz(("uri:1",))], NAMES).is_empty


def test_the_second_release_of_a_song_goes_out() -> None:
    """Two releases that this program put in before it knew they are one song become one."""
    songs = [song(1, isrc="X"), song(2, isrc="X")]
    change = only(plan_playlists(songs, RULES, [jazz(("uri:2", "uri:1"))], NAMES))
    assert [one.uri for one in change.removes] == ["uri:1"]


def test_a_deleted_playlist_stays_deleted_unless_wanted() -> None:
    """A playlist that the person deleted is made again only when the rules say so."""
    deleted = jazz(("uri:1",), exists=False)
    plan = plan_playlists([song(1)], RULES, [deleted], NAMES)
    assert plan.is_empty
    assert plan.untouched[0].reason == "You deleted this playlist: it stays deleted."
    again = plan_playlists([song(1)], replace(RULES, remake_deleted=True), [deleted], NAMES)
    assert only(again).kind == "create"


def test_the_playlist_of_an_unchosen_genre_is_left_alone() -> None:
    """A playlist whose genre is no longer chosen is listed as untouched."""
    plan = plan_playlists([song(1)], Rules(("metal",)), [jazz(("uri:1",))], NAMES)
    assert plan.is_empty
    assert ("jazz", "p1") in [(genre.genre, genre.playlist_id) for genre in plan.untouched]


def test_a_full_playlist_takes_no_more() -> None:
    """Songs beyond what Spotify takes in one playlist are left out, those liked longest ago first."""
    songs = [song(number) for number in range(PLAYLIST_CAPACITY + 2)]
    change = only(plan_playlists(songs, RULES, [], NAMES))
    assert len(change.adds) == PLAYLIST_CAPACITY
    assert change.adds[-1].uri == "uri:2"
    assert "2 songs liked longest ago left out" in change.reason
    full = jazz(tuple(one.uri for one in change.adds))
    assert plan_playlists(songs, RULES, [full], NAMES).is_empty


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Rules(("jazz",), least_confidence=1.5),
        lambda: Rules(("jazz",), least_songs=0),
        lambda: Rules(("jazz",), name_template=" "),
        lambda: Rules(("jazz", "jazz")),
    ],
)
def test_rules_out_of_range_are_refused(wrong: Callable[[], Rules]) -> None:
    """Rules that make no sense cannot be made."""
    with pytest.raises(PlaylistsError) as caught:
        wrong()
    assert caught.value.hint


songs_in_any_order = st.lists(
    st.builds(
        song,
        st.integers(0, 30),
        st.sampled_from(["jazz", "bebop", "metal", "folk", ""]),
        confidence=st.sampled_from([0.1, 0.9]),
        isrc=st.sampled_from(["", "A", "B"]),
        title=st.sampled_from(["One", "Two", "Three", "Four"]),
        duration_ms=st.sampled_from([None, 180_000, 181_500, 183_000, 240_000]),
        is_available=st.booleans(),
    ),
    unique_by=lambda one: one.uri,
)


@given(songs_in_any_order, st.randoms())
def test_the_same_input_in_any_order_gives_the_same_plan(songs: list[LikedSong], random: Random) -> None:
    """Planning twice gives the same plan, whatever order the songs come in."""
    shuffled = list(songs)
    random.shuffle(shuffled)
    playlists = [jazz(("uri:1", "uri:2", None, "uri:gone"), frozenset({"uri:1", "uri:gone"}))]
    assert plan_playlists(shuffled, RULES, playlists, NAMES) == plan_playlists(songs, RULES, playlists, NAMES)


@given(songs_in_any_order)
def test_planning_after_applying_is_empty(songs: list[LikedSong]) -> None:
    """Once a playlist holds what the plan said, there is nothing left to plan, for any library."""
    rules = Rules(("bebop", "jazz", "metal"), least_songs=2)
    plan = plan_playlists(songs, rules, [], NAMES)
    held = [
        ManagedPlaylist(f"p{number}", change.genre, change.name, frozenset(uris), uris)
        for number, change in enumerate(plan.changes)
        for uris in [tuple(one.uri for one in change.adds)]
    ]
    assert plan_playlists(songs, rules, held, NAMES).is_empty


def test_a_playlist_of_the_same_name_is_pointed_out() -> None:
    """A new playlist that will stand beside one of the person's own with its name says so; others say nothing."""
    names = replace(NAMES, playlists=("jazz · LIKED ", "Road trip"))
    jazz_one, metal_one = plan_playlists([song(1), song(2, "metal")], RULES, [], names).changes
    assert "another playlist of this name that cratewise did not make" in jazz_one.note
    assert metal_one.note == ""
    update = only(plan_playlists([song(1), song(2)], RULES, [jazz(("uri:1",))], names))
    assert update.note == ""


def test_a_new_playlist_is_described_as_a_person_would() -> None:
    """The description reads well with every genre's name, also with one that is an adjective."""
    assert RULES.description(About("African")) == "African songs among my likes, sorted by cratewise."


def test_other_words_for_new_playlists_leave_those_there_are_alone() -> None:
    """Changing the templates writes nothing to a playlist that exists."""
    other = replace(RULES, name_template="My {genre}", description_template="Only {genre}.")
    assert plan_playlists([song(1)], other, [jazz(("uri:1",))], NAMES).is_empty
    update = only(plan_playlists([song(1), song(2)], other, [jazz(("uri:1",))], NAMES))
    assert (update.name, update.description) == ("Jazz · liked", "")
