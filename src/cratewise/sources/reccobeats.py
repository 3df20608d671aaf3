"""ReccoBeats (api.reccobeats.com): Spotify's statistics of a song by its Spotify id or ISRC, without a key."""

import re
from collections.abc import Iterable, Mapping, Sequence

from cratewise.sources.answers import Lax
from cratewise.sources.protocol import Asker, SongQuery, check_batch
from cratewise.trackcolumns import QUANTITIES
from cratewise.tracks import AudioStatistics

URL = "https://api.reccobeats.com"
INTERVAL_S = 0.25  # no rule is published; it answers 429 to too many

_FEATURES = "/v1/audio-features"
_MOST_IDS = 40  # above, ids are dropped without a word
_SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_THEIR_NAMES = {"loudness": "loudness_db", "tempo": "tempo_bpm"}


class _Features(Lax):
    href: str | None = None
    isrc: str | None = None
    danceability: float | None = None
    energy: float | None = None
    key: float | None = None  # -1 where it wasn't found
    loudness: float | None = None
    mode: float | None = None
    speechiness: float | None = None
    acousticness: float | None = None
    instrumentalness: float | None = None
    liveness: float | None = None
    valence: float | None = None
    tempo: float | None = None


class _FeaturesAnswer(Lax):
    content: tuple[_Features | None, ...]


class ReccoBeats:
    """Statistics from ReccoBeats; it has no time signatures."""

    name = "reccobeats"
    batch_size = _MOST_IDS

    def __init__(self, service: Asker) -> None:
        self._service = service

    def fetch(self, songs: Sequence[SongQuery]) -> Mapping[str, AudioStatistics]:
        """Asks by Spotify id; then, for songs it doesn't know by theirs, once more by ISRC.

        Spotify gives a recording a new id with every release, the ISRC stays.

        Raises:
            SourceError: It is down, refuses, or answered what cannot be understood.
            ValueError: These are more than 40 songs.
        """
        check_batch(self, songs)
        found = self._asked(songs, [song.track_id for song in songs if _SPOTIFY_ID.fullmatch(song.track_id)])
        rest = [song for song in songs if song.track_id not in found]
        return found | self._asked(rest, [isrc for song in rest if (isrc := _isrc(song.isrc))])

    def _asked(self, songs: Iterable[SongQuery], ids: Iterable[str]) -> dict[str, AudioStatistics]:
        joined = ",".join(dict.fromkeys(ids))
        if not joined:
            return {}
        answer = self._service.ask(_FEATURES, [("ids", joined)], _FeaturesAnswer)
        by_id: dict[str, AudioStatistics] = {}
        by_isrc: dict[str, AudioStatistics] = {}
        for features in filter(None, answer.content):
            statistics = _statistics(features)
            if statistics.is_empty:
                continue
            # those unknown are left out, and the order isn't promised: only the link says whose they are
            by_id.setdefault((features.href or "").rstrip("/").rpartition("/")[2].partition("?")[0], statistics)
            by_isrc.setdefault(_isrc(features.isrc or ""), statistics)
        by_id.pop("", None)
        by_isrc.pop("", None)
        found = {song.track_id: by_id.get(song.track_id) or by_isrc.get(_isrc(song.isrc)) for song in songs}
        return {track_id: statistics for track_id, statistics in found.items() if statistics is not None}


def _isrc(text: str) -> str:
    """An ISRC without hyphens and in capitals; empty where it is none."""
    bare = text.replace("-", "").strip().upper()
    return bare if _ISRC.fullmatch(bare) else ""


def _statistics(features: _Features) -> AudioStatistics:
    known: dict[str, float] = {}
    for name, value in features:
        own_name = _THEIR_NAMES.get(name, name)
        if own_name in QUANTITIES and value is not None:
            known[own_name] = value
    return AudioStatistics(**{name: _possible(name, value) for name, value in known.items()})  # type: ignore[arg-type]


def _possible(name: str, value: float) -> float | int | None:
    """A value as it is kept; `None` where it cannot be (a key of -1, a tempo of 0, NaN)."""
    quantity = QUANTITIES[name]
    if not quantity.least <= value <= quantity.greatest:
        return None
    if not quantity.is_whole:
        return value
    return int(value) if value.is_integer() else None
