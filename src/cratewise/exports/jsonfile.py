"""A library as JSON: everything, a song on each line."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from cratewise.errors import DataFileError
from cratewise.exports.record import FORMAT, Background, LibraryRecord, SongRecord
from cratewise.library.contents import StatisticsAnswer, TagsAnswer
from cratewise.progress import Progress, in_parts, silent

MARK = "cratewise"
"""Key of the version of the format, at the top of the file."""

T = TypeVar("T")
_SONGS: TypeAdapter[tuple[SongRecord, ...]] = TypeAdapter(tuple[SongRecord, ...])
_BACKGROUND = TypeAdapter(Background)
_LONG: Mapping[str, TypeAdapter[Any]] = MappingProxyType(
    {
        "unliked": _SONGS,
        "statistics": TypeAdapter(tuple[StatisticsAnswer, ...]),
        "tags": TypeAdapter(tuple[TagsAnswer, ...]),
    }
)
_WRONG = MappingProxyType(
    {
        "missing": "it is missing",
        "tuple_type": "it is not a list",
        "dict_type": "it is not an object",
        "dataclass_type": "it is not an object",
        "dataclass_exact_type": "it is not an object",
        "unexpected_keyword_argument": "there is no such thing in this format",
    }
)
_NOT_OURS = "Name a file that `cratewise export` wrote, or a CSV file."


def to_json(record: LibraryRecord) -> bytes:
    """The file's content."""
    lines = ["{", f'"{MARK}": {FORMAT},', f'"name": {_line(record.name)},']
    lines += ['"songs": [', *_items(songs_to_plain(record.songs)), "]"]
    if record.background is not None:
        lines += [',"library": {', *_members(background_to_plain(record.background)), "}"]
    return "\n".join([*lines, "}", ""]).encode()


def from_json(content: bytes, file: str, progress: Progress = silent) -> LibraryRecord:
    """Reads what `to_json` wrote.

    Raises:
        DataFileError: It is damaged, something else, or of a newer version.
    """
    document = parsed(content, file)
    if not isinstance(document, dict) or MARK not in document:
        raise DataFileError(f"{file} is no library that cratewise exported.", hint=_NOT_OURS)
    check_format(document[MARK], file)
    background = document.get("library")
    return LibraryRecord(
        songs=songs_from_plain(document.get("songs"), file, progress),
        background=None if background is None else background_from_plain(background, file, progress),
        name=str(document.get("name", "")),
    )


def _members(values: Mapping[str, Any]) -> Iterable[str]:
    """The members of an object, each on a line, and each item of a list likewise."""
    for place, (name, value) in enumerate(values.items(), 1):
        end = "," if place < len(values) else ""
        if isinstance(value, list) and value:
            yield f"{_line(name)}: ["
            yield from _items(value)
            yield f"]{end}"
        else:
            yield f"{_line(name)}: {_line(value)}{end}"


def _items(values: Sequence[Any]) -> Iterable[str]:
    """The items of a list, each on a line."""
    for place, value in enumerate(values, 1):
        yield f"  {_line(value)}{',' if place < len(values) else ''}"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def parsed(content: bytes, file: str) -> Any:
    """The JSON in a file.

    Raises:
        DataFileError: It is none; the message says where.
    """
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        where = f"{file}, line {error.lineno}, column {error.colno}"
        hint = "Perhaps the file was cut off: export it again."
        raise DataFileError(f"{where}: it is not JSON ({error.msg})", hint=hint) from error
    except RecursionError as error:
        raise DataFileError(f"{file} is nested too deeply for a library.", hint=_NOT_OURS) from error
    except (UnicodeDecodeError, ValueError) as error:
        raise DataFileError(f"{file} is not JSON ({error})", hint=_NOT_OURS) from error


def check_format(version: object, file: str) -> None:
    """Makes sure that this program knows the format.

    Raises:
        DataFileError: It is a newer one, or none.
    """
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DataFileError(f"{file} names no version of its format ({str(version)[:40]!r}).", hint=_NOT_OURS)
    if version > FORMAT:
        raise DataFileError(
            f"{file} has the format {str(version)[:40]}, newer than {FORMAT}.", hint="Update cratewise."
        )


def songs_to_plain(songs: tuple[SongRecord, ...]) -> Any:
    """Songs as JSON has them."""
    return _SONGS.dump_python(songs, mode="json")


def songs_from_plain(plain: Any, file: str, progress: Progress = silent) -> tuple[SongRecord, ...]:
    """Reads what `songs_to_plain` gave.

    Raises:
        DataFileError: A value is not what it should be; the message says which.
    """
    return _in_parts(_SONGS, plain, f"{file}, songs", file, progress)


def background_to_plain(background: Background) -> Any:
    """A library's background as JSON has it."""
    return _BACKGROUND.dump_python(background, mode="json")


def background_from_plain(plain: Any, file: str, progress: Progress = silent) -> Background:
    """Reads what `background_to_plain` gave.

    Raises:
        DataFileError: A value is not what it should be; the message says which.
    """
    if not isinstance(plain, Mapping):
        return _read(_BACKGROUND, plain, f"{file}, library")
    long = {name: kind for name, kind in _LONG.items() if isinstance(plain.get(name), list)}
    rest = _read(_BACKGROUND, {name: value for name, value in plain.items() if name not in long}, f"{file}, library")
    values = {
        name: _in_parts(kind, plain[name], f"{file}, library → {name}", file, progress) for name, kind in long.items()
    }
    return replace(rest, **values)  # type: ignore[arg-type] # the names are those above


def _in_parts(
    kind: TypeAdapter[tuple[Any, ...]], plain: Any, place: str, file: str, progress: Progress
) -> tuple[Any, ...]:
    """Reads a long list, some of it at a time."""
    if not isinstance(plain, list):
        whole: tuple[Any, ...] = _read(kind, plain, place)
        return whole
    found: list[Any] = []
    for part in in_parts(plain, progress, f"Looking at the songs of {file}"):
        more: tuple[Any, ...] = _read(kind, part, place, len(found))
        found += more
    return tuple(found)


def _read(kind: TypeAdapter[T], plain: Any, file: str, n_before: int = 0) -> T:
    try:
        return kind.validate_python(plain)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        places = enumerate(first["loc"])
        place = (
            part[:60] if isinstance(part, str) else f"{part + 1 + (n_before if at == 0 else 0)}" for at, part in places
        )
        where = "".join(f" → {part}" for part in place)
        what = _WRONG.get(first["type"], first["msg"])
        hint = "Correct that value, or export the library again."
        raise DataFileError(f"{file}{where}: {what}", hint=hint) from error
