"""The sources on the internet that may be asked, opened and closed together."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from cratewise.sources import lastfm, musicbrainz, reccobeats
from cratewise.sources.lastfm import LastFm
from cratewise.sources.musicbrainz import MusicBrainz
from cratewise.sources.protocol import StatisticsSource, TagSource
from cratewise.sources.reccobeats import ReccoBeats
from cratewise.sources.service import Service
from cratewise.sources.timing import SYSTEM_TIME, Timing


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the sources are; the public ones unless a stand-in takes their place."""

    reccobeats: str = reccobeats.URL
    musicbrainz: str = musicbrainz.URL
    lastfm: str = lastfm.URL


PUBLIC = Addresses()


@dataclass(frozen=True, slots=True)
class OnlineSources:
    """What may be asked.

    Attributes:
        statistics: Sources of statistics, the one to be believed most first.
        tags: Sources of tags.
    """

    statistics: tuple[StatisticsSource, ...]
    tags: tuple[TagSource, ...]


@contextmanager
def online_sources(
    names: Collection[str],
    *,
    contact: str = "",
    lastfm_key: SecretStr | None = None,
    addresses: Addresses = PUBLIC,
    timing: Timing = SYSTEM_TIME,
) -> Iterator[OnlineSources]:
    """Makes the sources that are named; none is asked yet. Last.fm is left out where there is no key.

    Args:
        names: Which may be asked: "reccobeats", "musicbrainz", "lastfm".
        contact: Address or page of whoever uses the program, which MusicBrainz wants to know.
        lastfm_key: The person's key of Last.fm.
        addresses: Where the sources are.
        timing: The clock and the pause.
    """
    statistics: list[StatisticsSource] = []
    tags: list[TagSource] = []
    with ExitStack() as opened:
        if ReccoBeats.name in names:
            interval_s = reccobeats.INTERVAL_S
            service = Service("ReccoBeats", addresses.reccobeats, interval_s=interval_s, contact=contact, timing=timing)
            statistics.append(ReccoBeats(opened.enter_context(service)))
        if MusicBrainz.name in names:
            interval_s = musicbrainz.INTERVAL_S
            service = Service(
                "MusicBrainz", addresses.musicbrainz, interval_s=interval_s, contact=contact, timing=timing
            )
            tags.append(MusicBrainz(opened.enter_context(service)))
        if LastFm.name in names and lastfm_key is not None and lastfm_key.get_secret_value():
            service = Service(
                "Last.fm",
                addresses.lastfm,
                interval_s=lastfm.INTERVAL_S,
                contact=contact,
                key=(lastfm.KEY_NAME, lastfm_key),
                verdict=lastfm.verdict,
                timing=timing,
            )
            tags.append(LastFm(opened.enter_context(service), lastfm_key))
        yield OnlineSources(tuple(statistics), tuple(tags))
