"""One path from a track to the arrays that the network reads, used for training and for serving alike.

Everything is optional. What is absent is NaN (numbers), an empty row of tokens (words) or a zero row (look-ups), and
the network sees from these which inputs it has.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from cratewise.model.names import encoded, hashed, name_tokens
from cratewise.tracks import AudioStatistics, Track, normalised

FloatArray = NDArray[np.float32]
TokenArray = NDArray[np.uint32]
KeyArray = NDArray[np.uint64]

STATISTICS: tuple[str, ...] = (
    "danceability",
    "energy",
    "loudness_db",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo_bpm",
    "key",
    "mode",
    "time_signature",
)
NUMBERS: tuple[str, ...] = (*STATISTICS, "log_duration", "explicit", "popularity")
"""Columns of `Features.numbers`, in this order."""

_PLAUSIBLE: dict[str, tuple[float, float]] = {
    "loudness_db": (-80.0, 10.0),
    "tempo_bpm": (1.0, 400.0),
    "key": (0, 11),
    "time_signature": (1, 12),
    "log_duration": (1.0, 86_400_000.0),  # in ms, before the logarithm
    "popularity": (0.0, 100.0),
}
"""Least and greatest value that can be, where these aren't 0 and 1."""
_LOW, _HIGH = np.array([_PLAUSIBLE.get(name, (0.0, 1.0)) for name in NUMBERS]).T
_DURATION = NUMBERS.index("log_duration")
_STATISTICS_OF = attrgetter(*STATISTICS)

TAG_TOKENS = 64
"""Tokens of tags that are looked at."""


@dataclass(frozen=True, slots=True)
class Features:
    """The arrays of n tracks.

    Attributes:
        numbers: float32 (n, len(NUMBERS)), NaN where unknown; units as in `AudioStatistics`, duration as ln(ms).
        names: uint32 (n, NAME_TOKENS), hashed tokens of title and album, and the words and scripts of the artists'
            names, 0 beyond the last.
        tags: uint32 (n, TAG_TOKENS), hashed tokens of the given artist tags, 0 beyond the last.
    """

    numbers: FloatArray
    names: TokenArray
    tags: TokenArray


def extract(tracks: Sequence[Track]) -> Features:
    """Turns tracks into arrays; never fails, whatever the tracks hold."""
    return Features(
        numbers=_numbers(tracks),
        names=name_tokens(tracks),
        tags=token_matrix((tag_tokens(track.artist_tags) for track in tracks), len(tracks), TAG_TOKENS),
    )


def token_matrix(rows: Iterable[Sequence[int]], n_rows: int, width: int) -> TokenArray:
    """Lays token lists out as uint32 (n_rows, width), cut at `width` and filled up with 0."""
    kept = [tokens[:width] for tokens in rows]
    lengths = np.fromiter(map(len, kept), dtype=np.intp, count=n_rows)
    matrix = np.zeros((n_rows, width), dtype=np.uint32)
    filled = np.arange(width) < lengths[:, None]
    matrix[filled] = np.fromiter(chain.from_iterable(kept), dtype=np.uint32, count=lengths.sum())
    return matrix


@lru_cache(maxsize=1 << 18)
def key(text: str) -> int:
    """64-bit key of a name in the look-up tables: the names themselves don't travel with the model."""
    return int.from_bytes(blake2b(encoded(normalised(text)), digest_size=8).digest(), "little") or 1


def artist_keys(track: Track) -> tuple[int, ...]:
    """Keys of the track's artists in billing order, each once."""
    return tuple(dict.fromkeys(key(name) for name in track.artists if normalised(name)))


def album_key(track: Track) -> int | None:
    """Key of the album's title, `None` when there is none."""
    return key("album " + track.album) if normalised(track.album) else None


@lru_cache(maxsize=1 << 16)
def tag_hashes(tag: str) -> tuple[int, ...]:
    """Tokens of one tag: the whole phrase and each of its words."""
    phrase = normalised(tag)
    if not phrase:
        return ()
    words = phrase.split() if " " in phrase else []
    return tuple(hashed(text) for text in ("=" + phrase, *words))


def tag_tokens(tags: Iterable[str]) -> list[int]:
    """Tokens of all tags, each once."""
    return list(dict.fromkeys(token for tag in tags for token in tag_hashes(tag)))


def _numbers(tracks: Sequence[Track]) -> FloatArray:
    """The columns of `NUMBERS`, NaN where a value is absent, not a number, or outside what can be."""
    nothing = AudioStatistics()
    rows = [
        (*_STATISTICS_OF(track.statistics or nothing), track.duration_ms, track.explicit, track.popularity)
        for track in tracks
    ]
    try:
        values = np.array(rows, dtype=np.float64)
    except OverflowError:  # a whole number beyond what a float can be
        values = np.array([[_as_float(value) for value in row] for row in rows])
    values = values.reshape(len(tracks), len(NUMBERS))
    values[~((values >= _LOW) & (values <= _HIGH))] = np.nan
    values[:, _DURATION] = np.log(values[:, _DURATION])
    return values.astype(np.float32)


def _as_float(value: float | None) -> float:
    try:
        return math.nan if value is None else float(value)
    except OverflowError:
        return math.nan
