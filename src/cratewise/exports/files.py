"""Writing an exported library to files, and reading it back: by the file's ending, whole or not at all."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from cratewise.csvrows import CsvTable, read_bytes
from cratewise.errors import DataFileError
from cratewise.exports import jsonfile, playlist, table
from cratewise.exports.check import check
from cratewise.exports.record import LibraryRecord
from cratewise.progress import Progress, silent
from cratewise.wholefile import unwritable, write_whole

FORMATS = ("json", "csv", "parquet", "m3u8", "jspf")
WHOLE = ("json", "parquet", "jspf")
"""Formats that carry everything; CSV carries the songs, M3U8 the way to play them."""

_CONTENT = MappingProxyType(
    {
        "json": jsonfile.to_json,
        "csv": lambda record: table.to_csv(record.songs),
        "m3u8": playlist.to_m3u8,
        "jspf": playlist.to_jspf,
    }
)
_LARGEST = 500_000_000  # bytes; 100,000 songs as JSON are 150 MB
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)")  # on Windows
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_LONGEST_NAME = 150  # bytes, of the 255 that file systems take


def format_of(path: Path) -> str:
    """The format that a file's ending asks for.

    Raises:
        DataFileError: It is none.
    """
    ending = path.suffix.casefold().lstrip(".")
    if ending not in FORMATS:
        raise DataFileError(
            f"cannot tell the format of {path.name!r}",
            hint=f"Its name has to end in {', '.join(f'.{one}' for one in FORMATS)}.",
        )
    return ending


def write_file(record: LibraryRecord, path: Path, *, replace: bool = False) -> None:
    """Writes one file, in the format of its ending.

    Args:
        record: What is written.
        path: The file.
        replace: Whether a file that is there may be replaced.

    Raises:
        DataFileError: The file is there, or cannot be written; nothing has changed then.
    """
    _check_folder(path.parent)
    _check_free(path, replace=replace)
    _write(record, path)


def write_folder(records: Iterable[LibraryRecord], folder: Path, form: str, *, replace: bool = False) -> list[Path]:
    """Writes a file for each record, named by it, into a folder that is made if need be.

    Raises:
        DataFileError: A file is there, or one cannot be written. Files that are there are found before any is written.
    """
    files = _named(records, folder, form)
    try:
        if folder.exists() and not folder.is_dir():
            raise DataFileError(f"{folder} is a file", hint="Name a folder for one file a genre.")
    except OSError as error:  # such as a folder that may not be looked into
        raise unwritable(folder, error) from error
    for path in files:
        _check_free(path, replace=replace)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    for path, record in files.items():
        _write(record, path)
    return list(files)


def reads(path: Path) -> bool:
    """Whether a file's ending is one that `read_file` reads whole; CSV files are read as tables first."""
    return path.suffix.casefold() in {".json", ".parquet", ".jspf", ".m3u8"}


def read_file(path: Path, progress: Progress = silent) -> LibraryRecord:
    """Reads a library that was exported.

    Raises:
        DataFileError: It cannot be read, is damaged, something else, or of a newer version.
    """
    content = read_bytes(path, most=_LARGEST)
    match format_of(path):
        case "parquet":
            record = table.from_parquet(content, path.name, progress)
        case "jspf":
            record = playlist.from_jspf(content, path.name, progress)
        case "m3u8":
            raise playlist.refuse_m3u8(path.name)
        case _:
            record = jsonfile.from_json(content, path.name, progress)
    check(record, path.name, progress=progress)
    return record


def read_table(rows: CsvTable, progress: Progress = silent) -> LibraryRecord | None:
    """The songs of a CSV file that was exported; `None` where it is another one.

    Raises:
        DataFileError: A value cannot be understood, or cannot be.
    """
    if not table.recognises(rows):
        return None
    record = table.from_csv(rows, progress)
    check(record, rows.file, [row.line for row in rows.rows], progress)
    return record


def _write(record: LibraryRecord, path: Path) -> None:
    form = format_of(path)

    def write(part: Path) -> None:
        if form == "parquet":
            table.write_parquet(record, part)
        else:
            part.write_bytes(_CONTENT[form](record))

    write_whole(path, write)


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise DataFileError(f"there is no folder {folder}", hint="Make it first, or name another.")


def _check_free(path: Path, *, replace: bool) -> None:
    try:
        is_there, is_folder = path.exists(), path.is_dir()
    except OSError as error:  # such as a name that is too long
        raise unwritable(path, error) from error
    if is_folder:
        raise DataFileError(f"{path} is a folder", hint="Name a file in it.")
    if is_there and not replace:
        raise DataFileError(f"{path} is there already", hint="Name another file, or replace it with --force.")


def _named(records: Iterable[LibraryRecord], folder: Path, form: str) -> Mapping[Path, LibraryRecord]:
    """A file for each record: no two the same, also where capitals and accents make no difference."""
    found: dict[Path, LibraryRecord] = {}
    taken: set[str] = set()
    for record in records:
        stem = name = file_name(record.name)
        number = 1
        while unicodedata.normalize("NFKC", name).casefold() in taken:
            number += 1
            name = f"{stem} ({number})"
        taken.add(unicodedata.normalize("NFKC", name).casefold())
        found[folder / f"{name}.{form}"] = record
    return found


def file_name(name: str) -> str:
    """A name that every file system takes: without what Windows forbids, not hidden, not too long."""
    text = _FORBIDDEN.sub("-", unicodedata.normalize("NFC", name)).strip(" .")
    text = text.encode(errors="replace")[:_LONGEST_NAME].decode(errors="ignore").rstrip(" .")
    return f"_{text}" if not text or _RESERVED.match(text) else text
