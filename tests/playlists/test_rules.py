"""What a person sets beside the genres: conditions, order, words, and songs in several playlists."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratewise.errors import PlaylistsError
from cratewise.playlists.conditions import NAMES as CONDITION_NAMES
from cratewise.playlists.conditions import conditions_of, parse
from cratewise.playlists.plan import LikedSong, ManagedPlaylist
from cratewise.playlists.planning import plan_playlists
from cratewise.playlists.rules import About, Rules
from cratewise.tracks import AudioStatistics

from .test_planning import NAMES, RULES, adds, jazz, only, song, songs_in_any_order

LOUD = song(
    1,
    artists=("Motörhead", "Somebody"),
    release_year=1980,
    explicit=True,
    statistics=AudioStatistics(energy=0.9, tempo_bpm=180.0),
    languages=frozenset({"german"}),
)
UNKNOWN = song(2, artists=())


@pytest.mark.parametrize(
    ("text", "of_loud", "of_unknown"),
    [
        ("artist = motorhead", True, None),
        ("Artist is MOTÖRHEAD", True, None),
        ("artist=Motor", False, None),
        ("year < 1990", True, None),
        ("year before 1980", False, None),
        ("year >= 1980", True, None),
        ("year after 1979", True, None),
        ("energy over 0.7", True, None),
        ("energy<=0.7", False, None),
        ("tempo = 180", True, None),
        ("loudness > -10", None, None),
        ("language = German", True, None),
        ("language = french", False, None),
        ("explicit", True, None),
        ("Not  explicit", False, None),
    ],
)
def test_conditions_say_yes_no_or_unknown(text: str, of_loud: bool | None, of_unknown: bool | None) -> None:
    """In words or signs, whatever the capitals; and what is written back means the same."""
    assert (parse(text).holds(LOUD), parse(text).holds(UNKNOWN)) == (of_loud, of_unknown)
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no condition"),
        ("loud", "is no condition"),
        ("energie > 0.7", "Did you mean 'energy'"),
        ("mood = happy", "nothing is known of a song's 'mood'"),
        ("artist > Queen", "artist is compared by ="),
        ("energy about 0.7", "'about' cannot stand there"),
        ("energy > much", "'much' is no number"),
        ("year < nan", "'nan' is no number"),
        ("explicit = yes", "nothing is known"),
    ],
)
def test_what_is_no_condition_says_why(text: str, said: str) -> None:
    """And shows how one is written; rules that hold one cannot be made."""
    for make in (
        lambda: parse(text),
        lambda: Rules(("jazz",), only=(text,)),
        lambda: Rules(("jazz",), without=(text,)),
    ):
        with pytest.raises(PlaylistsError, match=said) as caught:
            make()
        assert "energy > 0.7" in caught.value.hint


@given(
    st.text(max_size=30)
    | st.builds("{} {} {}".format, st.sampled_from(CONDITION_NAMES), st.text(max_size=3), st.text())
)
def test_any_text_is_a_condition_or_says_why(text: str) -> None:
    """Never anything else, and a condition says something of every song."""
    try:
        condition = parse(text)
    except PlaylistsError:
        return
    assert condition.holds(LOUD) in (True, False, None)


def test_songs_outside_the_conditions_stay_out_and_say_why() -> None:
    """Of what is asked for everything must hold and be known; of what is left out nothing may hold."""
    songs = [LOUD, UNKNOWN, song(3, statistics=AudioStatistics(energy=0.2))]
    plan = plan_playlists(songs, replace(RULES, only=("energy > 0.7",)), [], NAMES)
    assert adds(plan) == {"jazz": ["uri:1"]}
    assert plan.left_out == {"ruled out": 2}
    plan = plan_playlists(songs, replace(RULES, without=("energy > 0.7", "artist = Queen")), [], NAMES)
    assert adds(plan) == {"jazz": ["uri:3", "uri:2"]}
    held = jazz(("uri:1", "uri:2", "uri:3"))
    change = only(plan_playlists(songs, replace(RULES, only=("energy > 0.7",)), [held], NAMES))
    assert [(one.uri, one.reason) for one in change.removes] == [
        ("uri:2", "It is Jazz, and your rules ask for energy > 0.7, which is not known of it."),
        ("uri:3", "It is Jazz, and your rules ask for energy > 0.7."),
    ]


def test_a_pinned_song_is_asked_nothing() -> None:
    """The person's word on one song beats their rules for all."""
    pinned = replace(UNKNOWN, pinned=frozenset({"metal"}))
    assert adds(plan_playlists([pinned], replace(RULES, only=("explicit",)), [], NAMES)) == {"metal": ["uri:2"]}


def test_a_song_stands_in_several_playlists_above_the_second_threshold() -> None:
    """In those of other chosen families; never where it is kept out, and only if the person wants that."""
    both = song(1, others=(("metal", 0.35), ("folk", 0.2)))
    assert adds(plan_playlists([both], RULES, [], NAMES)) == {"jazz": ["uri:1"]}
    several = replace(RULES, several_above=0.3)
    plan = plan_playlists([both], several, [], NAMES)
    assert adds(plan) == {"jazz": ["uri:1"], "metal": ["uri:1"]}
    assert plan.changes[1].adds[0].reason == "Also Metal, 35%."
    assert adds(plan_playlists([both], replace(several, several_above=0.4), [], NAMES)) == {"jazz": ["uri:1"]}
    out = replace(both, kept_out=frozenset({"jazz"}))
    assert adds(plan_playlists([out], several, [], NAMES)) == {"metal": ["uri:1"]}
    metal = ManagedPlaylist("p2", "metal", "Metal · liked", frozenset({"uri:1"}), ("uri:1",))
    assert [one.uri for one in only(plan_playlists([both], RULES, [jazz(("uri:1",)), metal], NAMES)).removes] == [
        "uri:1"
    ]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("added", ["uri:5", "uri:4", "uri:3", "uri:2", "uri:1"]),
        ("name", ["uri:2", "uri:4", "uri:5", "uri:3", "uri:1"]),
        ("artist", ["uri:1", "uri:3", "uri:5", "uri:4", "uri:2"]),
        ("energy", ["uri:3", "uri:2", "uri:4", "uri:1", "uri:5"]),
    ],
)
def test_a_new_playlist_stands_in_the_wanted_order(order: str, expected: list[str]) -> None:
    """Newest liked first; by title; by artist and title; or calm, loud, calm, with what is unknown at the end."""
    facts = [
        ("Zebra", "Abba", 0.5),
        ("åbo", "Zappa", 0.7),
        ("Yes", "Björk", 0.1),
        ("Beat", "Xtc", 0.9),
        ("Can", "Can", None),
    ]
    songs = [
        song(
            number,
            title=title,
            artists=(artist,),
            statistics=None if energy is None else AudioStatistics(energy=energy),
        )
        for number, (title, artist, energy) in enumerate(facts, start=1)
    ]
    assert adds(plan_playlists(songs, replace(RULES, order=order), [], NAMES)) == {"jazz": expected}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("artist is not Queen", "says what is so"),
        ("language = germn", "Did you mean 'german'"),
        ("language = english", "no language that can be told"),
        ("year = 99999", "is no year"),
    ],
)
def test_what_holds_for_no_song_is_refused_when_it_is_given(text: str, said: str) -> None:
    """Kept rules that hold one can still be read."""
    with pytest.raises(PlaylistsError, match=said) as caught:
        conditions_of(["explicit", text])
    assert caught.value.hint
    assert Rules(("jazz",), only=(text,)).only == (text,)


def test_a_genre_that_is_called_like_a_placeholder_stays_so() -> None:
    """What a placeholder stands for is not filled in again."""
    about = About("{count} of {date}", "{genre}", 10, date(2026, 11, 23))
    assert about.filled("{genre}, {family}, {count}, {date}") == "{count} of {date}, {genre}, 10, 2026-11-23"


def test_names_and_descriptions_say_what_they_are_asked() -> None:
    """Genre, family, number of songs and day; whatever else stands in braces is refused."""
    words = Rules(
        ("bebop",), least_songs=1, name_template="{family}: {genre} ({count})", description_template="{date}, by me"
    )
    names = replace(NAMES, families={"bebop": "Jazz"}, today=date(2026, 11, 23))
    change = only(plan_playlists([song(1, "bebop"), song(2, "bebop")], words, [], names))
    assert (change.name, change.description) == ("Jazz: Bebop (2)", "2026-11-23, by me")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Rules(("jazz",), name_template="{mood}"),
        lambda: Rules(("jazz",), description_template="a\nb"),
        lambda: Rules(("jazz",), name_template="x" * 101),
        lambda: Rules(("jazz",), description_template="x" * 301),
        lambda: Rules(("jazz",), several_above=0.05),
        lambda: Rules(("jazz",), several_above=1.5),
        lambda: Rules(("jazz",), order="random"),  # type: ignore[arg-type]
    ],
)
def test_rules_that_cannot_be_kept_are_refused(wrong: Callable[[], Rules]) -> None:
    """What Spotify would cut off or nobody can fill in."""
    with pytest.raises(PlaylistsError) as caught:
        wrong()
    assert caught.value.hint


def test_songs_that_are_not_liked_any_more_stay_if_the_person_wants_that() -> None:
    """By default they go."""
    held = jazz(("uri:1", "uri:gone"))
    assert [one.uri for one in only(plan_playlists([song(1)], RULES, [held], NAMES)).removes] == ["uri:gone"]
    assert plan_playlists([song(1)], replace(RULES, keep_unliked=True), [held], NAMES).is_empty


rules_of_any_kind = st.builds(
    Rules,
    st.just(("bebop", "jazz", "metal")),
    least_songs=st.integers(1, 3),
    several_above=st.sampled_from([None, 0.1, 0.5]),
    keep_unliked=st.booleans(),
    order=st.sampled_from(["added", "name", "artist", "energy"]),
    only=st.sampled_from([(), ("energy > 0.5",), ("year < 2000", "explicit")]),
    without=st.sampled_from([(), ("artist = Somebody",), ("not explicit",)]),
)


@given(songs_in_any_order, rules_of_any_kind, st.data())
def test_planning_after_applying_is_empty_with_any_rules(
    songs: list[LikedSong], rules: Rules, data: st.DataObject
) -> None:
    """Once the playlists hold what the plan said, nothing is left to plan; and each holds a song once."""
    songs = [
        replace(
            one,
            others=data.draw(st.sampled_from([(), (("metal", 0.6),), (("jazz", 0.3), ("metal", 0.2))])),
            explicit=data.draw(st.sampled_from([None, True, False])),
            release_year=data.draw(st.sampled_from([None, 1990, 2010])),
            statistics=data.draw(st.sampled_from([None, AudioStatistics(energy=0.2), AudioStatistics(energy=0.8)])),
        )
        for one in songs
    ]
    plan = plan_playlists(songs, rules, [], NAMES)
    held = [
        ManagedPlaylist(f"p{number}", change.genre, change.name, frozenset(uris), uris)
        for number, change in enumerate(plan.changes)
        for uris in [tuple(one.uri for one in change.adds)]
    ]
    assert all(len(set(one.contents)) == len(one.contents) for one in held)
    assert plan_playlists(songs, rules, held, NAMES).is_empty
