"""Whatever a server sends, a source gives an answer or its one error."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr

from cratewise.errors import SourceError
from cratewise.sources.online import OnlineSources, online_sources
from cratewise.sources.protocol import ArtistQuery, SongQuery

from .conftest import FakeClock
from .standin import KEY, Fault, StandIn

_OF_RECCOBEATS = ("content", "href", "isrc", "energy", "key", "tempo")
_OF_MUSICBRAINZ = ("urls", "resource", "relations", "artist", "artists", "id", "name", "tags", "count", "score")
_OF_LASTFM = ("toptags", "tag", "@attr", "error", "message")
_NAMES = st.sampled_from((*_OF_RECCOBEATS, *_OF_MUSICBRAINZ, *_OF_LASTFM))
_PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("1" * 22)
_JSON = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=6), max_leaves=30
)
_HEADERS = st.dictionaries(
    st.sampled_from(["Retry-After", "Date", "Location", "Content-Type", "Content-Encoding"]),
    st.sampled_from(["", "0", "9" * 400, "Fri, 01 Jan 2100 00:00:30 GMT", "gzip", "br", "http://[", "é"]),
)
_BODIES = st.binary(max_size=300) | _JSON.map(lambda value: json.dumps(value).encode())
_STATUSES = st.sampled_from([200, 200, 200, 204, 206, 302, 400, 401, 403, 404, 414, 429, 500, 503, 599])
_FAULTS = st.builds(Fault, _STATUSES, _BODIES, _HEADERS, st.booleans())


@pytest.fixture(scope="module")
def asked() -> Iterator[tuple[OnlineSources, StandIn, FakeClock]]:
    """All sources against a stand-in that sends rubbish, in time that passes by itself."""
    clock = FakeClock()
    stand_in = StandIn(lambda: clock.now_s)
    key, addresses = SecretStr(KEY), stand_in.addresses
    names = ("reccobeats", "musicbrainz", "lastfm")
    with online_sources(names, lastfm_key=key, addresses=addresses, timing=clock.timing) as opened:
        yield opened, stand_in, clock
    stand_in.close()


@hypothesis_settings(max_examples=150)
@given(st.lists(_FAULTS, min_size=1, max_size=5), st.text(max_size=30), st.booleans())
def test_only_the_one_error_comes_out(
    asked: tuple[OnlineSources, StandIn, FakeClock], faults: list[Fault], name: str, has_id: bool
) -> None:
    """Any status, headers and body, whole or cut off, for any name: values of the right kind, or `SourceError`."""
    sources, stand_in, clock = asked
    artist, song = ArtistQuery(name, "1" * 22 if has_id else ""), SongQuery("1" * 22, "GBAYE0601498")
    for source in sources.tags:
        _prepare(stand_in, clock, faults)
        with suppress(SourceError):
            _check_tags(source.fetch([artist]))
    _prepare(stand_in, clock, faults)
    with suppress(SourceError):
        assert set(sources.statistics[0].fetch([song])) <= {song.track_id}


def _prepare(stand_in: StandIn, clock: FakeClock, faults: list[Fault]) -> None:
    clock.now_s += 2e9  # longer than anybody may want to be left alone
    stand_in.faults.clear()
    stand_in.faults.extend(faults)


def _check_tags(found: Any) -> None:
    for tags in found.values():
        assert all(tag and 0 < weight < float("inf") for tag, weight in tags.items())
