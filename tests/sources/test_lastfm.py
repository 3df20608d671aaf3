"""Tags from Last.fm, over HTTP."""

import json
import logging
import traceback
from typing import Any

import pytest
from pydantic import SecretStr

from cratewise.errors import SourceError
from cratewise.sources.lastfm import LastFm
from cratewise.sources.online import OnlineSources, online_sources
from cratewise.sources.protocol import ArtistQuery, TagSource

from .conftest import FakeClock
from .standin import KEY, Fault, StandIn

CHER = ArtistQuery("Cher", "72OaDtakiy6yFqkt4TsiFt")


@pytest.fixture
def source(sources: OnlineSources) -> TagSource:
    """Last.fm."""
    return sources.tags[1]


def test_tags_come_with_their_weight(source: TagSource, stand_in: StandIn) -> None:
    """Names in small letters, weights from 1 to 100; what nobody gave is left out."""
    stand_in.listeners["Cher"] = [
        {"count": 100, "name": "Pop", "url": "https://www.last.fm/tag/pop"},
        {"count": "53", "name": "80s"},
        {"count": 0, "name": "polka"},
    ]
    assert source.fetch([CHER]) == {CHER: {"pop": 100, "80s": 53}}
    asked = dict(stand_in.heard[0].query)
    assert asked == {
        "method": "artist.gettoptags",
        "artist": "Cher",
        "autocorrect": "1",
        "format": "json",
        "api_key": KEY,
    }


@pytest.mark.parametrize(
    ("tags", "kept"),
    [({"count": 9, "name": "pop"}, {"pop": 9.0}), ([], {}), (None, {}), ([None, {}, {"name": None, "count": 3}], {})],
)
def test_odd_lists_are_read(source: TagSource, stand_in: StandIn, tags: Any, kept: dict[str, float]) -> None:
    """A lone tag comes as an object; without any, the artist is known all the same."""
    stand_in.faults.append(Fault(body=json.dumps({"toptags": {"tag": tags}}).encode()))
    assert source.fetch([CHER]) == {CHER: kept}


def test_noise_is_dropped(source: TagSource, stand_in: StandIn) -> None:
    """What somebody saw live or likes, a year, and the artist's name as asked or as corrected say nothing."""
    noise = ["seen live", "favorites", "Favourites", "2007", "cher", "CHÉR", "Cherilyn"]
    tags = [{"count": 5, "name": name} for name in (*noise, "dance-pop", "90s")]
    body = {"toptags": {"tag": tags, "@attr": {"artist": "Cherilyn"}}}
    stand_in.faults.append(Fault(body=json.dumps(body).encode()))
    assert source.fetch([CHER]) == {CHER: {"dance-pop": 5, "90s": 5}}


@pytest.mark.parametrize("status", [200, 400, 404])
def test_an_unknown_artist_is_left_out(source: TagSource, stand_in: StandIn, status: int) -> None:
    """Error 6 means "not found", whatever the status; an artist without a name isn't asked for."""
    stand_in.faults.append(Fault(status, b'{"error":6,"message":"The artist you supplied could not be found"}'))
    assert source.fetch([CHER]) == {}
    assert source.fetch([ArtistQuery(" ")]) == {}
    assert len(stand_in.heard) == 1


@pytest.mark.parametrize(("code", "status"), [(29, 200), (29, 429), (11, 503), (16, 200), (8, 500)])
def test_passing_errors_are_tried_again(source: TagSource, stand_in: StandIn, code: int, status: int) -> None:
    """Too fast, offline for now: the next attempt may succeed."""
    stand_in.listeners["Cher"] = {"count": 9, "name": "pop"}
    stand_in.faults.append(Fault(status, f'{{"error":{code},"message":"later"}}'.encode()))
    assert source.fetch([CHER]) == {CHER: {"pop": 9}}
    assert stand_in.heard[1].at_s >= 1.0


def test_calls_are_a_fifth_of_a_second_apart(source: TagSource, stand_in: StandIn) -> None:
    """Last.fm takes about five calls a second."""
    for _ in range(6):
        source.fetch([CHER])
    assert stand_in.heard[-1].at_s == pytest.approx(1.0)


def test_a_wrong_key_is_named_as_the_reason_and_never_shown(
    stand_in: StandIn, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The key is in no error, traceback, log or repr, also where Last.fm repeats it."""
    wrong = SecretStr("feedfacefeedfacefeedface+/ secret")
    repeated = f'{{"error":10,"message":"Invalid API key {wrong.get_secret_value()}"}}'
    stand_in.faults.extend([Fault(403, repeated.encode())] + [Fault(500)] * 4 + [Fault(body=b"<html>")])
    texts = []
    with (
        caplog.at_level(logging.DEBUG),
        online_sources(["lastfm"], lastfm_key=wrong, addresses=stand_in.addresses, timing=clock.timing) as opened,
    ):
        texts.append(f"{opened!r} {opened.tags[0]!r} {vars(opened.tags[0])!r}")
        for _ in range(3):
            with pytest.raises(SourceError) as caught:
                opened.tags[0].fetch([CHER])
            error = caught.value
            texts.append("".join(traceback.TracebackException.from_exception(error, capture_locals=False).format()))
            assert error.__cause__ is None
        assert len(stand_in.heard) == 6
    texts.extend(record.getMessage() for record in caplog.records)
    assert "error 10: Invalid API key [key]" in texts[1]
    assert any("HTTP Request" in text and "api_key=[key]" in text for text in texts)
    assert not any("feedface" in text for text in texts)


def test_a_wrong_key_says_what_to_do(stand_in: StandIn, clock: FakeClock) -> None:
    """The hint names the setting."""
    key = SecretStr("f" * 32)
    with (
        online_sources(["lastfm"], lastfm_key=key, addresses=stand_in.addresses, timing=clock.timing) as opened,
        pytest.raises(SourceError, match=r"Last\.fm: GET /2\.0/ artist\.gettoptags: it refuses the call") as caught,
    ):
        opened.tags[0].fetch([CHER])
    assert "lastfm_key" in caught.value.hint


def test_an_answer_without_tags_or_reason_is_an_error(source: TagSource, stand_in: StandIn) -> None:
    """It isn't taken for "unknown", which would be remembered."""
    stand_in.faults.append(Fault(body=b"{}"))
    with pytest.raises(SourceError):
        source.fetch([CHER])


def test_one_artist_a_call(source: TagSource) -> None:
    """Last.fm takes no more."""
    assert isinstance(source, LastFm)
    with pytest.raises(ValueError, match="lastfm takes 1 at once, not 2"):
        source.fetch([CHER, CHER])
