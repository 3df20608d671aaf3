"""The Parquet files that go in: found, looked over before any work, and read slice by slice."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cratewise.errors import DataFileError
from cratewise.progress import Progress
from cratewise.sources.tracklayout import Layout, layout_of

if TYPE_CHECKING:
    from polars import DataFrame, LazyFrame

STAGE_CHECKING = "Checking the input"
SUFFIX = ".parquet"
MOST_ROWS = 10_000_000_000
"""Of one file; where its footer says more, that is damaged."""
_LONGEST_REASON = 200


class DamagedError(DataFileError):
    """Some rows of a Parquet file cannot be read; others may be."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One Parquet file of the catalogue.

    Attributes:
        path: Where it is, absolute.
        name: Path within the catalogue, with slashes.
        n_rows: Its rows.
        n_bytes: Its size.
        modified_ns: When it was last written.
        layout: Which column holds what.
        sha256: Of all of it, in hexadecimal.
    """

    path: Path
    name: str
    n_rows: int
    n_bytes: int
    modified_ns: int
    layout: Layout
    sha256: str = ""


def find_inputs(source: Path, tell: Progress) -> tuple[InputFile, ...]:
    """Looks over a Parquet file, or all in a folder and its folders, in the order of their paths.

    As everywhere with Parquet, names that begin with a dot or an underscore are passed over.

    Raises:
        DataFileError: There are none, or one is no Parquet file, is cut off, or says nothing of songs.
    """
    source = source.absolute()
    root = source if source.is_dir() else source.parent
    looked_over = [_look_over(path, path.relative_to(root).as_posix()) for path in _paths(source)]
    n_rows, done = sum(file.n_rows for file in looked_over), 0
    files = []
    tell(STAGE_CHECKING, done, n_rows)
    for file in looked_over:
        files.append(replace(file, sha256=_checksum(file.path)))
        done += file.n_rows
        tell(STAGE_CHECKING, done, n_rows)
    return tuple(files)


def _paths(source: Path) -> Iterable[Path]:
    if not source.exists():
        raise DataFileError(f"{source} does not exist", hint="Check the path.")
    if not source.is_dir():
        return [source]
    found = sorted(
        path
        for path in source.rglob(f"*{SUFFIX}")
        if path.is_file() and not any(part[0] in "._" for part in path.relative_to(source).parts)
    )
    if not found:
        raise DataFileError(f"there is no Parquet file in {source}", hint=f"Their names end in {SUFFIX}.")
    return found


def _look_over(path: Path, name: str) -> InputFile:
    import polars

    n_bytes, modified_ns = _stat(path)
    with _readable(path, DataFileError, "Write it again from where it came, or move it away."):
        scan = _scan(path)
        schema = scan.collect_schema()
        n_rows = scan.select(polars.len()).collect().item()
    if n_rows > MOST_ROWS:
        raise DataFileError(f"{path} says that it has {n_rows:,} rows", hint="It is damaged: write it again.")

    def any_semicolon(column: str) -> bool:
        with _readable(path, DataFileError, f"The column {column!r} is damaged: write the file again."):
            has_one = polars.col(column).cast(polars.String, strict=False).str.contains(";", literal=True).any()
            return bool(scan.select(has_one).collect(engine="streaming").item())

    return InputFile(path, name, n_rows, n_bytes, modified_ns, layout_of(name, schema, any_semicolon))


def _checksum(path: Path) -> str:
    """sha256 of a file: to read it once more takes a second for ten million rows."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def read_rows(file: InputFile, start: int, n_rows: int) -> "DataFrame":
    """Some rows of a file; memory grows with its largest row group, not with its size.

    Raises:
        DamagedError: They cannot be read.
        DataFileError: The file is not there, or is not the one it was when the work began.
    """
    if _stat(file.path) != (file.n_bytes, file.modified_ns):
        raise DataFileError(
            f"{file.path} was changed while the work was under way",
            hint="Begin again with another --out: what is there comes from both.",
        )
    place = f"rows {start + 1:,} to {start + n_rows:,}"
    with _readable(file.path, DamagedError, f"Write the file again from where it came: {place} are damaged.", place):
        columns = list(dict.fromkeys(file.layout.columns.values()))
        frame = _scan(file.path).select(columns).slice(start, n_rows).collect()
    if len(frame) != n_rows:
        raise DamagedError(f"{file.path}, {place}: there are only {len(frame):,}", hint="Write the file again.")
    return frame


def _scan(path: Path) -> "LazyFrame":
    import polars

    return polars.scan_parquet(path, glob=False, hive_partitioning=False)


def _stat(path: Path) -> tuple[int, int]:
    """Size and time of the last change."""
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return found.st_size, found.st_mtime_ns


def _unreadable(path: Path, error: OSError) -> DataFileError:
    hint = "Check the path and its permissions; on a cluster every machine must see it under the same path."
    return DataFileError(f"{path} cannot be read: {error.strerror or error}", hint=hint)


@contextmanager
def _readable(path: Path, kind: type[DataFileError], hint: str, place: str = "") -> Iterator[None]:
    """Whatever polars finds wrong with a file becomes one clear error; it panics at some damage."""
    import polars

    try:
        yield
    except OSError as error:
        raise _unreadable(path, error) from error
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException) as error:
        reason = " ".join(str(error).split())[:_LONGEST_REASON]
        named = f"{path}, {place}: they cannot be read" if place else f"{path} is no Parquet file that can be read"
        raise kind(f"{named} ({reason})", hint=hint) from error
