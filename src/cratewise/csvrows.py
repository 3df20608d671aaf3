"""Reads CSV files row by row and knows where everything stood: whatever is wrong is named by line and column."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from cratewise.csvcolumns import Column, CsvError, CsvRow, nearest, shown
from cratewise.progress import Progress, in_parts, silent, told

LARGEST = 100_000_000
"""Bytes of the largest CSV file that is read: that of some 400,000 songs."""
MOST_ROWS = 2_000_000
"""Records that are read of one: a file of short lines takes more memory than its size."""

_DELIMITERS = (",", ";", "\t")
_LONGEST_HEADER = 100_000
_LOOKED_THROUGH = 10_000  # characters, for a quotation mark in the wrong place
_DECLARED_DELIMITER = re.compile(r"sep=([,;\t])\r?\n")  # a first line that Excel writes and reads
_DECODED_AT_ONCE = 1 << 20  # bytes: as a whole, a file of one odd letter takes four times its size
_BLANK_LINES = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*")
_PACKED = {b"\x1f\x8b": "packed with gzip", b"PK\x03\x04": "a ZIP archive", b"PAR1": "a Parquet file"}
_LONGEST_VALUE = 2**31 - 1  # a quotation mark that is never closed is found at the end of the file


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A CSV file that has been read whole.

    Attributes:
        file: Its name, for messages.
        header: The columns' names as written, without spaces around them.
        rows: The records in the order of the file; blank lines are left out.
        delimiter: What separates its fields.
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[CsvRow, ...]
    delimiter: str

    def column(self, *names: str) -> Column | None:
        """The first of `names` that the header has, however capitalised; `None` when it has none of them."""
        folded = [name.casefold() for name in self.header]
        for name in names:
            if name.casefold() in folded:
                index = folded.index(name.casefold())
                return Column(self.file, self.header[index], index, decimal_comma=self.delimiter != ",")
        return None

    def require(self, names: Iterable[str]) -> dict[str, Column]:
        """The columns called `names`.

        Raises:
            CsvError: Some are missing; it names each, and the header's nearest name.
        """
        found = {name: self.column(name) for name in names}
        missing = [name for name, column in found.items() if column is None]
        if missing:
            described = ", ".join(repr(name) + self.nearest_note(name, found) for name in missing)
            raise CsvError(
                f"{self.file}, line 1: {_plural(len(missing), 'column')} missing: {described}",
                line=1,
                column=missing[0],
                hint="The first line must name the columns: " + ", ".join(found) + ".",
            )
        return {name: column for name, column in found.items() if column is not None}

    def nearest_note(self, name: str, known: Iterable[str]) -> str:
        """What a missing column may have been called here, for a message: a name that isn't one of the `known` ones."""
        taken = {other.casefold() for other in known}
        found = nearest(name, (other for other in self.header if other.casefold() not in taken))
        return f" (nearest: {shown(found)})" if found else ""

    def parts(self, progress: Progress, stage: str) -> Iterator["CsvTable"]:
        """The same table, some of its rows at a time; tells before each part how far it is."""
        for rows in in_parts(self.rows, progress, stage):
            yield replace(self, rows=tuple(rows))


def read_csv(path: Path, progress: Progress = silent) -> CsvTable:
    """Reads a CSV file: UTF-8 with or without a byte order mark, separated by commas, semicolons or tabs.

    Raises:
        CsvError: It cannot be read or is damaged; the message says where.
    """
    return parse_csv(read_bytes(path), path.name, progress)


def parse_csv(data: bytes, file: str, progress: Progress = silent) -> CsvTable:
    """Reads the contents of a CSV file.

    Args:
        data: The contents.
        file: Its name, for messages.
        progress: Is told of its lines.

    Raises:
        CsvError: It is damaged; the message says where.
    """
    _check_text(data, file)
    head = _head(data)
    if not head.strip() and not data.decode("utf-8-sig").strip():
        raise CsvError(
            f"{file} is empty", hint="It must hold a line with the columns' names and a line for each track."
        )
    declared = _DECLARED_DELIMITER.match(data[:_LOOKED_THROUGH].decode("utf-8-sig", errors="ignore"))
    delimiter = declared[1] if declared else _delimiter(head)
    records = _records(data, delimiter, file, progress, is_declared=declared is not None)
    header = tuple(name.strip() for name in records[0].values)
    _check_header(header, records[0].line, file)
    for row in told(records, progress, f"Reading {file}", len(records)):
        if len(row.values) != len(header):
            raise _wrong_length(row, header, file)
        if row is not records[0] and row.values == records[0].values:
            raise CsvError(
                f"{file}, line {row.line}: the header stands here a second time",
                line=row.line,
                column=header[0],
                hint="Remove that line; perhaps two files were joined.",
            )
    return CsvTable(file, header, tuple(records[1:]), delimiter)


def read_bytes(path: Path, *, most: int = LARGEST) -> bytes:
    """The whole of a file that a person named.

    Args:
        path: The file.
        most: Bytes it may have: as a table it takes many times that in memory.

    Raises:
        CsvError: It isn't there, is a directory, may not be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except FileNotFoundError as error:
        raise CsvError(f"{path} does not exist", hint="Check the path.") from error
    except IsADirectoryError as error:
        raise CsvError(f"{path} is a directory", hint="Name a CSV file inside it.") from error
    except OSError as error:
        raise CsvError(f"{path} cannot be read: {error.strerror or error}", hint="Check its permissions.") from error
    if len(content) > most:
        is_table = path.suffix.casefold() in {".csv", ".tsv", ".txt"}
        parts = "Cut it into parts, each with the line of column names, and read them one by one."
        hint = parts if is_table else "No library is as large as that: check that it is the file you mean."
        raise CsvError(f"{path.name} is larger than {most // 1_000_000} MB", hint=hint)
    return content


def _check_text(data: bytes, file: str) -> None:
    """Makes sure that it is UTF-8 without NUL.

    Raises:
        CsvError: It is not.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise CsvError(f"{file}, line 1, byte 1: this is UTF-16, not UTF-8", line=1, hint="Save it again as CSV UTF-8.")
    packed = next((kind for start, kind in _PACKED.items() if data.startswith(start)), "")
    if packed:
        raise CsvError(f"{file} is {packed}, not a CSV file", line=1, hint="Unpack it, and name the CSV file in it.")
    at = data.find(0)
    if at >= 0:
        raise _bad_byte(data, at, file, "a NUL byte: this is not a text file, or it is damaged")
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _DECODED_AT_ONCE):
        piece, (kept, _) = data[start : start + _DECODED_AT_ONCE], decoder.getstate()
        try:
            decoder.decode(piece, final=start + _DECODED_AT_ONCE >= len(data))
        except UnicodeDecodeError as error:
            at = start - len(kept) + error.start
            raise _bad_byte(data, at, file, f"byte 0x{data[at]:02x} is not UTF-8 text") from error


def _head(data: bytes) -> str:
    """The beginning of a file behind blank lines, with its first line."""
    start = _BLANK_LINES.match(data).end()  # type: ignore[union-attr] # it matches nothing, too
    return data[start : start + 4 * _LONGEST_HEADER].decode(errors="ignore")


def _bad_byte(data: bytes, at: int, file: str, what: str) -> CsvError:
    before = data[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line = before.count(b"\n") + 1
    column = ""
    if line > 1:
        lines = before.decode("utf-8-sig", errors="replace").replace("\0", "").split("\n")
        delimiter = _delimiter(_head(data))
        header = _lenient(lines[:1], delimiter)
        place = len(_lenient(lines[-1:], delimiter) or [""]) - 1
        column = header[place].strip() if place < len(header) else ""
    named = f", column {shown(column)}" if column else ""
    return CsvError(
        f"{file}, line {line}{named}, byte {at + 1} of the file: {what}",
        line=line,
        column=column,
        hint="Save it as CSV in the encoding UTF-8.",
    )


def _delimiter(text: str) -> str:
    first = text[:_LONGEST_HEADER].splitlines()[:1]
    return max(_DELIMITERS, key=lambda delimiter: len(_lenient(first, delimiter)))


def _lenient(lines: Iterable[str], delimiter: str) -> list[str]:
    """The fields of the first record, even where its quotation marks don't pair up; for error messages."""
    try:
        return next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error:
        return []


def _lines(data: bytes, *, is_declared: bool) -> Iterator[str]:
    """The lines of a file with their ends; that which declares the delimiter is a blank one."""
    lines = iter(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline=""))
    if not is_declared:
        return lines
    next(lines)
    return chain(("\n",), lines)


def _records(data: bytes, delimiter: str, file: str, progress: Progress, *, is_declared: bool) -> list[CsvRow]:
    csv.field_size_limit(_LONGEST_VALUE)
    records: list[CsvRow] = []
    lines = told(_lines(data, is_declared=is_declared), progress, f"Reading {file}")
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    try:
        for values in reader:
            if values:
                records.append(CsvRow(line, values))
            if len(records) > MOST_ROWS:
                hint = "Cut it into parts, each with the line of column names, and read them one by one."
                raise CsvError(f"{file} has more than {MOST_ROWS:,} lines", line=line, hint=hint)
            line = reader.line_num + 1
    except csv.Error as error:
        whole = list(_lines(data, is_declared=is_declared))
        raise _broken_quotes(whole, delimiter, file, line, str(error)) from error
    return records


def _broken_quotes(lines: Sequence[str], delimiter: str, file: str, line: int, reason: str) -> CsvError:
    header = _lenient([row for row in lines if row.strip()][:1], delimiter)
    is_open = "unexpected end" in reason
    record = lines[line - 1] if is_open else _up_to_bad_quote("".join(lines[line - 1 :])[:_LOOKED_THROUGH], delimiter)
    place = len(_lenient(io.StringIO(record, newline=""), delimiter)) - 1
    column = header[place].strip() if 0 <= place < len(header) else ""
    what = "a quotation mark is opened and never closed" if is_open else "the quotation marks do not pair up"
    named = f", column {shown(column)}" if column else ""
    return CsvError(
        f"{file}, line {line}{named}: {what}",
        line=line,
        column=column,
        hint='A quotation mark inside a quoted value is written twice: "".',
    )


def _up_to_bad_quote(text: str, delimiter: str) -> str:
    """The beginning of `text` up to where a quoted value goes on behind its closing mark."""
    end = 0
    for _ in range(text.count('"')):
        end = text.index('"', end) + 1
        try:
            list(csv.reader(io.StringIO(text[: end + 1], newline=""), delimiter=delimiter, strict=True))
        except csv.Error as error:
            if "expected after" in str(error):
                return text[:end]
    return text


def _check_header(header: tuple[str, ...], line: int, file: str) -> None:
    seen: set[str] = set()
    for name in header:
        if name and name.casefold() in seen:
            raise CsvError(
                f"{file}, line {line}: the column {shown(name)} is there twice",
                line=line,
                column=name,
                hint="Remove or rename one of them.",
            )
        seen.add(name.casefold())


def _wrong_length(row: CsvRow, header: tuple[str, ...], file: str) -> CsvError:
    found, wanted = len(row.values), len(header)
    if found < wanted:
        column = header[found]
        what = (
            f"the row ends before the column {shown(column)}: {_plural(found, 'field')} where the header has {wanted}"
        )
    else:
        column = header[-1]
        what = f"{_plural(found, 'field')} where the header has {wanted}, the last being {shown(column)}"
    return CsvError(
        f"{file}, line {row.line}: {what}",
        line=row.line,
        column=column,
        hint="Perhaps the file was cut off, or a value with a separator in it is not quoted.",
    )


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
