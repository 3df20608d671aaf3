"""Songs as a table, one row for each liked release: CSV for spreadsheets, Parquet for analysis."""

import csv
import io
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cratewise.csvcolumns import Column, CsvRow
from cratewise.csvrows import CsvTable
from cratewise.errors import DataFileError
from cratewise.exports.jsonfile import (
    MARK,
    background_from_plain,
    background_to_plain,
    check_format,
    parsed,
    songs_from_plain,
)
from cratewise.exports.record import FORMAT, LibraryRecord, SongRecord
from cratewise.progress import Progress, silent, told
from cratewise.tracks import AudioStatistics

MOST_SONGS = 1_000_000
"""Rows that are read of a Parquet file: packed, twenty million of the same take 160 KB, and 10 GB as songs."""

_STATISTICS = tuple(one.name for one in fields(AudioStatistics))
_OF_SONG = tuple(one.name for one in fields(SongRecord) if one.name != "statistics")
COLUMNS = (*_OF_SONG[:-3], *_STATISTICS, *_OF_SONG[-3:])
"""The columns in their order: those of `SongRecord`, the statistics each one column."""

_WHOLE = ("release_year", "duration_ms", "popularity", "key", "mode", "time_signature")
_YES_NO = ("explicit", "is_available")
_MOMENTS = ("liked_at", "said_at")
_LISTS = frozenset({"artists", "artist_ids", "statistics_from", "artist_tags", "tags_from"})
_OURS = ("track_id", "genre_slug", "genre_from", "song_id")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PART = re.compile(r"(?:[^;\\]|\\.)+", re.DOTALL)
_EMPTY = r"\-"  # a value without text, which would not show between two semicolons


def recognises(table: CsvTable) -> bool:
    """Whether a CSV file is one that `to_csv` wrote."""
    return all(table.column(name) for name in _OURS)


def to_csv(songs: Sequence[SongRecord]) -> bytes:
    r"""The songs as CSV that spreadsheets open: UTF-8 with a byte order mark.

    Several values in one field are joined by ";", and one in a value is written "\;". Text that a spreadsheet would
    take for a formula has "'" before it. Reading takes both back.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_to_text, _row(song).values()) for song in songs)
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def from_csv(table: CsvTable, progress: Progress = silent) -> LibraryRecord:
    """Reads what `to_csv` wrote, whatever became of columns and rows that can be done without.

    Raises:
        CsvError: A value cannot be understood.
    """
    columns = {name: column for name in COLUMNS if (column := table.column(name)) is not None}
    stage = f"Looking at the songs of {table.file}"
    return LibraryRecord(
        songs=tuple(_from_texts(columns, row) for row in told(table.rows, progress, stage, len(table.rows)))
    )


def write_parquet(record: LibraryRecord, path: Path) -> None:
    """Writes the songs as Parquet with typed columns; a library's background stands in the file's metadata.

    Raises:
        OSError: It cannot be written.
    """
    import polars

    rows = [_row(song) for song in record.songs]
    frame = polars.DataFrame({name: [row[name] for row in rows] for name in COLUMNS}, schema=_schema())
    metadata = {MARK: json.dumps({"version": FORMAT, "name": record.name, "library": _background(record)})}
    try:
        frame.write_parquet(path, metadata=metadata)
    except polars.exceptions.PolarsError as error:
        raise OSError(str(error)) from error


def from_parquet(content: bytes, file: str, progress: Progress = silent) -> LibraryRecord:
    """Reads what `write_parquet` wrote.

    Raises:
        DataFileError: It is damaged, something else, or of a newer version.
    """
    import polars

    hint = "Name a file that `cratewise export` wrote, or a CSV file."
    try:
        metadata = polars.read_parquet_metadata(io.BytesIO(content))
        n_rows = polars.scan_parquet(io.BytesIO(content)).select(polars.len()).collect().item()
        if n_rows > MOST_SONGS:
            hint = "No library is as large as that: check that it is the file you mean."
            raise DataFileError(f"{file} has {n_rows:,} rows, more than {MOST_SONGS:,}", hint=hint)
        frame = polars.read_parquet(io.BytesIO(content))
    except (polars.exceptions.PolarsError, OSError) as error:
        raise DataFileError(f"{file} is no Parquet file that can be read ({error})", hint=hint) from error
    if MARK not in metadata or not set(_OURS) <= set(frame.columns):
        raise DataFileError(f"{file} is no library that cratewise exported.", hint=hint)
    document = parsed(metadata[MARK].encode(), file)
    if not isinstance(document, dict):
        raise DataFileError(f"{file} is no library that cratewise exported.", hint=hint)
    check_format(document.get("version"), file)
    rows = [_nested(row) for row in told(frame.iter_rows(named=True), progress, f"Reading {file}", len(frame))]
    background = document.get("library")
    return LibraryRecord(
        songs=songs_from_plain(rows, file, progress),
        background=None if background is None else background_from_plain(background, file, progress),
        name=str(document.get("name", "")),
    )


def _background(record: LibraryRecord) -> Any:
    return None if record.background is None else background_to_plain(record.background)


def _row(song: SongRecord) -> dict[str, Any]:
    known = song.statistics or AudioStatistics()
    return {name: getattr(known if name in _STATISTICS else song, name) for name in COLUMNS}


def _nested(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a song has it."""
    song = {name: value for name, value in row.items() if name in _OF_SONG}
    statistics = {name: value for name, value in row.items() if name in _STATISTICS and value is not None}
    return song | {"statistics": statistics or None}


def _schema() -> dict[str, Any]:
    import polars

    schema: dict[str, Any] = dict.fromkeys(COLUMNS, polars.String)
    schema |= dict.fromkeys(_LISTS, polars.List(polars.String))
    schema |= dict.fromkeys(_STATISTICS, polars.Float64) | {"confidence": polars.Float64}
    schema |= dict.fromkeys(_WHOLE, polars.Int64)
    schema |= dict.fromkeys(_YES_NO, polars.Boolean)
    schema |= dict.fromkeys(_MOMENTS, polars.Datetime("us", "UTC"))
    return {name: schema[name] for name in COLUMNS}


def _to_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat()
        case tuple():
            return _guarded(";".join(re.sub(r"([\\;])", r"\\\1", one) or _EMPTY for one in value))
        case str():
            return _guarded(value)
    return repr(value)


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _text(column: Column, row: CsvRow) -> str:
    return row.values[column.index].removeprefix("'")


def _list(column: Column, row: CsvRow) -> tuple[str, ...]:
    parts = _PART.findall(_text(column, row))
    return tuple("" if part == _EMPTY else _ESCAPED.sub(r"\1", part) for part in parts)


def _moment(column: Column, row: CsvRow) -> datetime | None:
    text = column.text(row)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise column.error(row, "a date and time") from None
    if moment.tzinfo is None:
        raise column.error(row, "a date and time with its zone")
    return moment


def _whole(column: Column, row: CsvRow) -> int | None:
    number = column.whole_numbers([row])[0]
    if number is not None and not math.isfinite(number):
        raise column.error(row, "a whole number")
    return None if number is None else int(number)


_READERS: Mapping[str, Callable[[Column, CsvRow], Any]] = MappingProxyType(
    dict.fromkeys(COLUMNS, _text)
    | dict.fromkeys(_LISTS, _list)
    | dict.fromkeys((*_STATISTICS, "confidence"), lambda column, row: column.number(row))
    | dict.fromkeys(_WHOLE, _whole)
    | dict.fromkeys(_YES_NO, lambda column, row: column.yes_or_no(row))
    | dict.fromkeys(_MOMENTS, _moment)
)


def _from_texts(columns: Mapping[str, Column], row: CsvRow) -> SongRecord:
    values = {name: _READERS[name](column, row) for name, column in columns.items()}
    if not values["track_id"]:
        raise columns["track_id"].error(row, "the id of a song", hint="Leave the ids as they were exported.")
    statistics = AudioStatistics(**{name: values.pop(name, None) for name in _STATISTICS})
    values["is_available"] = values.get("is_available") is not False
    values["confidence"] = values.get("confidence") or 0.0
    return SongRecord(**values, statistics=None if statistics.is_empty else statistics)
