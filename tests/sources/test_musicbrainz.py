"""Tags from MusicBrainz, over HTTP."""

from collections.abc import Mapping
from itertools import pairwise

import pytest

from cratewise.errors import SourceError
from cratewise.sources.online import OnlineSources
from cratewise.sources.protocol import ArtistQuery, TagSource, batches

from .standin import Artist, Fault, StandIn

NIRVANA = ArtistQuery("Nirvana", "6olE6TJLqED3rqDCT0FyPh")
BJORK = ArtistQuery("Björk", "7w29UYBi0qsHi5RTcv3lmA")


@pytest.fixture
def source(sources: OnlineSources) -> TagSource:
    """MusicBrainz."""
    return sources.tags[0]


def artist(number: int, *, with_address: bool = True) -> Artist:
    """One of many artists; every name is part of another's."""
    name = f"The Band Number {number}" if number % 2 else f"{number} Orchestra"
    ids = (f"{number:022}",) if with_address else ()
    return Artist(f"{number:08}-0000-4000-8000-000000000000", name, ids, {"rock": number + 1})


def asked(artists: list[Artist], *, with_ids: bool = True) -> list[ArtistQuery]:
    """Queries for artists, with ids whether MusicBrainz knows them or not."""
    return [ArtistQuery(one.name, f"{int(one.mbid[:8]):022}" if with_ids else "") for one in artists]


def test_artists_are_found_by_their_address_at_spotify(source: TagSource, stand_in: StandIn) -> None:
    """Two calls give the tags with their votes, whatever the order of the answers and the names there."""
    stand_in.artists = [
        Artist("m1", "Nirvana", (NIRVANA.spotify_id,), {"grunge": 31, "Rock": 9}),
        Artist("m2", "Nirvana", (), {"psychedelic pop": 6}),
        Artist("m3", "björk", (BJORK.spotify_id,), {"art pop": 12}),
    ]
    assert source.fetch([BJORK, NIRVANA]) == {NIRVANA: {"grunge": 31, "rock": 9}, BJORK: {"art pop": 12}}
    assert [heard.path for heard in stand_in.heard] == ["/ws/2/url", "/ws/2/artist"]


def test_a_single_artist_comes_as_a_bare_object(source: TagSource, stand_in: StandIn) -> None:
    """One address alone is answered without a list, and by 404 where it is unknown."""
    stand_in.artists = [Artist("m1", "Nirvana of Aberdeen", (NIRVANA.spotify_id,), {"grunge": 31})]
    assert source.fetch([NIRVANA]) == {NIRVANA: {"grunge": 31}}
    assert source.fetch([BJORK]) == {}


def test_an_artist_without_tags_is_known(source: TagSource, stand_in: StandIn) -> None:
    """No tags, or only tags voted down, isn't the same as not being there."""
    stand_in.artists = [
        Artist("m1", "Nirvana", (NIRVANA.spotify_id,)),
        Artist("m2", "Björk", (BJORK.spotify_id,), {"polka": -2, "metal": 0}),
    ]
    assert source.fetch([NIRVANA, BJORK]) == {NIRVANA: {}, BJORK: {}}


@pytest.mark.parametrize("shares", ["all by address", "one in ten by name", "half by name", "all by name"])
def test_2000_artists_take_60_calls_at_most(source: TagSource, stand_in: StandIn, shares: str) -> None:
    """However many must be found by name, three calls serve a hundred artists; two where all addresses are known."""
    by_name = {"all by address": 0, "one in ten by name": 10, "half by name": 50, "all by name": 100}[shares]
    stand_in.artists = [artist(number, with_address=number % 100 >= by_name) for number in range(2000)]
    found: dict[ArtistQuery, Mapping[str, float]] = {}
    for batch in batches(asked(stand_in.artists), source.batch_size):
        found |= source.fetch(batch)
    assert len(stand_in.heard) <= (40 if by_name == 0 else 60)
    assert len(found) == 2000
    assert all(tags == {"rock": int(one.spotify_id) + 1} for one, tags in found.items())


def test_2000_artists_without_ids_take_60_calls_at_most(source: TagSource, stand_in: StandIn) -> None:
    """Artists of a file that has only names are found by name, in as many calls."""
    stand_in.artists = [artist(number, with_address=False) for number in range(2000)]
    queries = asked(stand_in.artists, with_ids=False)
    found = [one for batch in batches(queries, source.batch_size) for one in source.fetch(batch)]
    assert len(stand_in.heard) <= 60
    assert len(found) == 2000


@pytest.mark.parametrize("length", [15, 60])
@pytest.mark.parametrize("with_ids", [True, False])
def test_2000_artists_of_long_names_take_60_calls_at_most(
    source: TagSource, stand_in: StandIn, with_ids: bool, length: int
) -> None:
    """In any script: a letter of Han takes nine characters of an address."""
    names = [
        "".join(chr(0x4E00 + (number * 37 + place * 101) % 9000) for place in range(length)) for number in range(2000)
    ]
    queries = [ArtistQuery(name, f"{number:022}" if with_ids else "") for number, name in enumerate(names)]
    for batch in batches(queries, source.batch_size):
        source.fetch(batch)
    assert len(stand_in.heard) <= 60


def test_calls_are_a_second_apart(source: TagSource, stand_in: StandIn) -> None:
    """MusicBrainz takes one call a second."""
    stand_in.artists = [artist(number) for number in range(5)]
    for query in asked(stand_in.artists):
        source.fetch([query])
    times = [heard.at_s for heard in stand_in.heard]
    assert len(times) == 10
    assert all(later - earlier >= 1 for earlier, later in pairwise(times))


def test_the_program_and_its_user_are_named(source: TagSource, stand_in: StandIn) -> None:
    """The User-Agent says the program, its version, and whom to write to."""
    source.fetch([NIRVANA])
    assert {heard.headers["user-agent"] for heard in stand_in.heard} == {"cratewise/0.1.0 ( ada@example.org )"}


def test_an_address_of_two_artists_is_the_one_of_that_name(source: TagSource, stand_in: StandIn) -> None:
    """Where several artists share an address, the name decides; where it doesn't, nobody is taken."""
    shared = (NIRVANA.spotify_id, BJORK.spotify_id)
    stand_in.artists = [Artist("m1", "Nirvana", shared, {"grunge": 1}), Artist("m2", "Others", shared, {"polka": 1})]
    assert source.fetch([NIRVANA, BJORK]) == {NIRVANA: {"grunge": 1}}


def test_noise_is_dropped(source: TagSource, stand_in: StandIn) -> None:
    """What somebody saw live, a year and the artist's own name say nothing of the music."""
    tags = {"grunge": 3, "Seen Live": 9, "favorites": 2, "1994": 1, "NIRVANA": 4, "90s": 1}
    stand_in.artists = [Artist("m1", "Nirvana", (NIRVANA.spotify_id,), tags)]
    assert source.fetch([NIRVANA]) == {NIRVANA: {"grunge": 3, "90s": 1}}


def test_entries_that_say_nothing_are_passed_over(source: TagSource, stand_in: StandIn) -> None:
    """Null and absent fields anywhere are no fault."""
    null = b'{"urls":[null,{"resource":null},{"resource":"x","relations":null},{"relations":[null,{"artist":null}]}]}'
    stand_in.faults.append(Fault(body=null))
    stand_in.faults.append(Fault(body=b'{"artists":[null,{},{"id":"a","name":null,"tags":[null,{"name":null}]}]}'))
    assert source.fetch([NIRVANA]) == {}


def test_few_names_share_a_call(source: TagSource, stand_in: StandIn) -> None:
    """Ten names are one call; more are dealt into several while there are calls, so that answers have room for each."""
    stand_in.artists = [artist(number, with_address=False) for number in range(20)]
    queries = asked(stand_in.artists, with_ids=False)
    assert len(source.fetch(queries[:10])) == 10
    assert len(stand_in.heard) == 1
    assert len(source.fetch(queries)) == 20
    assert len(stand_in.heard) == 3


@pytest.mark.parametrize(("score", "is_taken"), [(100, True), (99, False), ("null", False)])
def test_a_name_alone_needs_the_full_score(source: TagSource, stand_in: StandIn, score: object, is_taken: bool) -> None:
    """The same name isn't enough where the search itself isn't sure."""
    stand_in.faults.append(Fault(body=f'{{"artists":[{{"id":"a","name":"Nirvana","score":{score}}}]}}'.encode()))
    query = ArtistQuery("Nirvana")
    assert source.fetch([query]) == ({query: {}} if is_taken else {})


def test_half_an_emoji_harms_nobody(source: TagSource, stand_in: StandIn) -> None:
    """A name that is no whole text is sent with a question mark, and the others are found."""
    stand_in.artists = [Artist("m1", "Nirvana", (), {"grunge": 31})]
    nirvana = ArtistQuery("Nirvana")
    assert source.fetch([ArtistQuery("half \ud83d"), nirvana]) == {nirvana: {"grunge": 31}}


@pytest.mark.parametrize("path", ["/ws/2/url", "/ws/2/artist"])
@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"error":"busy"}', b'{"urls":7,"artists":7}', b"<html>"])
def test_another_shape_is_an_error(source: TagSource, stand_in: StandIn, path: str, body: bytes) -> None:
    """An answer without what was asked for isn't taken for "unknown", which would be remembered."""
    stand_in.faults.append(Fault(body=body))
    artist = NIRVANA if path == "/ws/2/url" else ArtistQuery("Nirvana")
    with pytest.raises(SourceError, match=f"MusicBrainz: GET {path}: the answer is not understood"):
        source.fetch([artist])


def test_more_than_a_hundred_are_not_sent(source: TagSource, stand_in: StandIn) -> None:
    """A batch too large is refused before a call."""
    with pytest.raises(ValueError, match="musicbrainz takes 100 at once, not 101"):
        source.fetch([NIRVANA] * 101)
    assert stand_in.heard == []
