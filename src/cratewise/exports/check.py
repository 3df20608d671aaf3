"""Whether what a file says of a library can be: values that no library would have are refused with their place."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from cratewise.errors import DataFileError
from cratewise.exports.record import Background, LibraryRecord, SongRecord
from cratewise.progress import Progress, silent, told
from cratewise.trackcolumns import QUANTITIES, STATISTICS
from cratewise.tracks import LONGEST_KEY, AudioStatistics

_YEARS = range(1900, 3000)
_RELEASE_YEARS = range(10_000)  # Spotify gives four digits, whichever
_GIVERS = ("", "model", "song", "album", "artist")

Place = tuple[str, object]
"""Where a value stands, and the value."""

_Told = Callable[[Iterable[Any]], Iterator[Any]]


def check(record: LibraryRecord, file: str, lines: Sequence[int] = (), progress: Progress = silent) -> None:
    """Makes sure that a record can be one of a library.

    Args:
        record: What a file says.
        file: Its name.
        lines: In a table, the line of each song.
        progress: Is told how far it is.

    Raises:
        DataFileError: A time without its zone, or out of all centuries; a number that cannot be; a song without an id.
    """
    for place, value in _impossible(record, lines, lambda values: told(values, progress, f"Checking {file}")):
        raise DataFileError(
            f"{file}, {place}: {value!s:.60} cannot be", hint="Correct that value, or export the library again."
        )


def _impossible(record: LibraryRecord, lines: Sequence[int], told_of: _Told) -> Iterator[Place]:
    for number, song in enumerate(told_of(record.songs)):
        yield from _of_song(f"line {lines[number]}" if lines else f"songs → {number + 1}", song)
    if record.background is not None:
        yield from _of_background(record.background, told_of)


def _of_background(background: Background, told_of: _Told) -> Iterator[Place]:
    yield from _times("library", exported_at=background.exported_at)
    for number, song in enumerate(told_of(background.unliked), 1):
        yield from _of_song(f"library → unliked → {number}", song)
    for number, answer in enumerate(told_of(background.statistics), 1):
        place = f"library → statistics → {number}"
        yield from _keys(place, track_id=answer.track_id, source=answer.source)
        yield from _times(place, found_at=answer.found_at)
        yield from _numbers(place, popularity=answer.popularity)
        yield from _statistics(place, answer.statistics)
    for number, tags in enumerate(told_of(background.tags), 1):
        place = f"library → tags → {number}"
        yield from _keys(place, subject=tags.subject, source=tags.source)
        yield from _times(place, found_at=tags.found_at)
        for tag, weight in tags.tags.items():
            if not (math.isfinite(weight) and weight >= 0):
                yield f"{place} → {tag!s:.60}", weight
    for number, said in enumerate(background.corrections, 1):
        place = f"library → corrections → {number}"
        yield from _keys(place, most=2 * LONGEST_KEY + 1, key=said.key)  # that of an album has two names
        yield from _times(place, said_at=said.said_at, taken_back_at=said.taken_back_at)
    for number, change in enumerate(background.genre_changes, 1):
        yield from _times(f"library → genre changes → {number}", said_at=change.said_at)
    yield from _times("library", rules_changed_at=background.rules_changed_at)
    for number, pin in enumerate(background.pins, 1):
        yield from _keys(f"library → pins → {number}", track_id=pin.track_id)
        yield from _times(f"library → pins → {number}", said_at=pin.said_at)


def _of_song(place: str, song: SongRecord) -> Iterator[Place]:
    if not song.track_id.strip():
        yield f"{place} → track_id", "nothing"
    yield from _keys(place, track_id=song.track_id, uri=song.uri, isrc=song.isrc, song_id=song.song_id)
    for number, artist_id in enumerate(song.artist_ids, 1):
        yield from _keys(f"{place} → artist_ids → {number}", id=artist_id)
    yield from _times(place, liked_at=song.liked_at, said_at=song.said_at)
    yield from _numbers(place, popularity=song.popularity, duration_ms=song.duration_ms)
    if song.release_year is not None and song.release_year not in _RELEASE_YEARS:
        yield f"{place} → release_year", song.release_year
    if not 0 <= song.confidence <= 1:
        yield f"{place} → confidence", song.confidence
    if song.genre_from not in _GIVERS:
        yield f"{place} → genre_from", song.genre_from
    yield from _statistics(place, song.statistics)


def _statistics(place: str, statistics: AudioStatistics | None) -> Iterator[Place]:
    if statistics is not None:
        yield from _numbers(place, **{name: getattr(statistics, name) for name in STATISTICS})


def _numbers(place: str, **values: float | None) -> Iterator[Place]:
    for name, value in values.items():
        quantity = QUANTITIES[name]
        if value is not None and not quantity.least <= value <= quantity.greatest:  # which NaN isn't either
            yield f"{place} → {name}", value


def _keys(place: str, *, most: int = LONGEST_KEY, **keys: str) -> Iterator[Place]:
    for name, key in keys.items():
        if len(key.encode(errors="replace")) > most:
            yield f"{place} → {name}", key


def _times(place: str, **times: datetime | None) -> Iterator[Place]:
    for name, time in times.items():
        if time is None:
            continue
        if time.tzinfo is None:
            yield f"{place} → {name}", f"{time} without its time zone"
        elif time.year not in _YEARS:
            yield f"{place} → {name}", time
