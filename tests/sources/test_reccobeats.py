"""Statistics from ReccoBeats, over HTTP."""

from typing import Any

import pytest

from cratewise.errors import SourceError
from cratewise.sources.online import OnlineSources
from cratewise.sources.protocol import SongQuery

from .standin import Fault, StandIn

ONE, TWO, THREE = (digit * 22 for digit in "123")


def features(track_id: str, **changes: Any) -> dict[str, Any]:
    """An entry as ReccoBeats writes it."""
    return {
        "id": f"uuid-{track_id}",
        "href": f"https://open.spotify.com/track/{track_id}",
        "isrc": None,
        "acousticness": 0.1,
        "danceability": 0.5,
        "energy": 0.7,
        "instrumentalness": 0,
        "key": 9,
        "liveness": 0.1,
        "loudness": -6.0,
        "mode": 0,
        "speechiness": 0.05,
        "tempo": 120.0,
        "valence": 0.3,
        "something new": {"they": ["added"]},
    } | changes


def test_songs_are_joined_by_the_end_of_their_link(sources: OnlineSources, stand_in: StandIn) -> None:
    """Answers in another order, with unknown songs left out, still reach the right song."""
    stand_in.features = [features(ONE, energy=0.1), features(THREE, energy=0.3)]
    found = sources.statistics[0].fetch([SongQuery(ONE), SongQuery(TWO), SongQuery(THREE)])
    assert {track_id: one.energy for track_id, one in found.items()} == {ONE: 0.1, THREE: 0.3}
    assert (found[ONE].loudness_db, found[ONE].tempo_bpm, found[ONE].key, found[ONE].mode) == (-6.0, 120.0, 9, 0)
    assert found[ONE].time_signature is None


@pytest.mark.parametrize(
    ("name", "value", "kept_as"),
    [
        ("key", -1, "key"),
        ("key", 12, "key"),
        ("tempo", 0, "tempo_bpm"),
        ("energy", 1.2, "energy"),
        ("mode", 0.5, "mode"),
    ],
)
def test_what_cannot_be_is_unknown(
    sources: OnlineSources, stand_in: StandIn, name: str, value: float, kept_as: str
) -> None:
    """A key of -1 says that none was found; other impossible values are unknown too, and the rest is kept."""
    stand_in.features = [features(ONE, **{name: value})]
    found = sources.statistics[0].fetch([SongQuery(ONE)])[ONE]
    assert getattr(found, kept_as) is None
    assert found.valence == 0.3


def test_absent_and_null_values_are_unknown(sources: OnlineSources, stand_in: StandIn) -> None:
    """A song of which only the energy is known has an energy; one of which nothing is known is left out."""
    nothing = dict.fromkeys(features(TWO), None) | {"href": f"https://open.spotify.com/track/{TWO}"}
    stand_in.features = [{"href": f"https://open.spotify.com/track/{ONE}", "energy": 0.4}, nothing]
    found = sources.statistics[0].fetch([SongQuery(ONE), SongQuery(TWO)])
    assert {track_id: one.energy for track_id, one in found.items()} == {ONE: 0.4}


def test_a_song_unknown_by_its_id_is_asked_for_by_its_isrc(sources: OnlineSources, stand_in: StandIn) -> None:
    """Another release of the recording answers for it; songs that are found aren't asked for again."""
    stand_in.features = [features(ONE), features(THREE, isrc="GBAYE0601498", energy=0.9)]
    songs = [SongQuery(ONE, "GBAYE0000001"), SongQuery(TWO, "gb-aye-06-01498"), SongQuery("spotify:local:a:b:c:1")]
    assert sources.statistics[0].fetch(songs)[TWO].energy == 0.9
    assert [heard.values("ids") for heard in stand_in.heard] == [[f"{ONE},{TWO}"], ["GBAYE0601498"]]


def test_nothing_is_sent_for_songs_without_ids(sources: OnlineSources, stand_in: StandIn) -> None:
    """Local files and rows of a CSV file cannot be known there."""
    assert sources.statistics[0].fetch([SongQuery("row 7"), SongQuery("", isrc="not one")]) == {}
    assert stand_in.heard == []


def test_more_than_forty_songs_are_not_sent(sources: OnlineSources, stand_in: StandIn) -> None:
    """Above 40, ReccoBeats drops songs without a word: the mistake is shown before."""
    songs = [SongQuery(f"{number:022}") for number in range(41)]
    stand_in.features = [features(song.track_id) for song in songs]
    assert len(sources.statistics[0].fetch(songs[:40])) == 40
    with pytest.raises(ValueError, match="reccobeats takes 40 at once, not 41"):
        sources.statistics[0].fetch(songs)


@pytest.mark.parametrize(
    "body", [b'{"content":[{"href":7}]}', b'{"content":[{"energy":"much"}]}', b'{"content":{}}', b"{}", b"[]", b"null"]
)
def test_another_shape_is_an_error_that_says_where(sources: OnlineSources, stand_in: StandIn, body: bytes) -> None:
    """An answer without songs where a list should be isn't taken for "unknown", which would be remembered."""
    stand_in.faults.append(Fault(body=body))
    with pytest.raises(SourceError, match="GET /v1/audio-features: the answer is not understood") as caught:
        sources.statistics[0].fetch([SongQuery(ONE)])
    assert (caught.value.source, caught.value.call) == ("ReccoBeats", "GET /v1/audio-features")
    assert "update" in caught.value.hint
