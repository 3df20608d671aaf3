"""Reads CSV files row by row and knows where everything stood: whatever is wrong is named by line and column."""

import csv
import difflib
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cratewise.errors import DataFileError

_DELIMITERS = (",", ";", "\t")
_ABSENT_NUMBERS = frozenset({"", "na", "n/a", "none", "null"})
_YES = frozenset({"true", "yes", "1", "1.0"})
_NO = frozenset({"false", "no", "0", "0.0"})
_LONGEST_SHOWN = 60


class CsvError(DataFileError):
    """A CSV file is not as it should be, and this is where.

    Attributes:
        line: Line of the file, the first being 1; `None` where it is about the whole file.
        column: Name of the column, empty where it is about no single one.
    """

    def __init__(self, message: str, *, line: int | None = None, column: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.column = column


class CsvRow(NamedTuple):
    """One record: the line it begins in, and as many texts as the header has columns."""

    line: int
    values: list[str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: takes its values out of rows and says where one was that cannot be understood.

    Attributes:
        file: Name of the file, for messages.
        name: Name as the header writes it.
        index: Place in a row.
        decimal_comma: Whether numbers may be written "0,5", as spreadsheets in many countries do.
    """

    file: str
    name: str
    index: int
    decimal_comma: bool = False

    def text(self, row: CsvRow) -> str:
        """The value without spaces around it, empty when absent."""
        return row.values[self.index].strip()

    def number(self, row: CsvRow) -> float | None:
        """The value as a number, which may be infinite or not a number; `None` when absent.

        Raises:
            CsvError: It is no number.
        """
        text = row.values[self.index]
        try:
            if "_" not in text:
                return float(text)
        except ValueError:
            text = text.strip()
            if text.casefold() in _ABSENT_NUMBERS:
                return None
            if self.decimal_comma and text.count(",") == 1 and "." not in text:
                return self.number(CsvRow(row.line, [*row.values[: self.index], text.replace(",", ".")]))
        raise self.error(row, "a number")

    def whole_number(self, row: CsvRow) -> float | None:
        """Like `number`, for columns that count: "4" and "4.0" are fine, "4.5" is not.

        Raises:
            CsvError: It is no number, or not a whole one.
        """
        value = self.number(row)
        if value is not None and math.isfinite(value) and not value.is_integer():
            raise self.error(row, "a whole number")
        return value

    def yes_or_no(self, row: CsvRow) -> bool | None:
        """The value as true or false; `None` when absent.

        Raises:
            CsvError: It is neither.
        """
        text = row.values[self.index].strip().casefold()
        if text in _YES:
            return True
        if text in _NO:
            return False
        if text in _ABSENT_NUMBERS or text == "nan":
            return None
        raise self.error(row, "true or false")

    def error(self, row: CsvRow, wanted: str, *, hint: str = "") -> CsvError:
        """The error that `row` holds something else than `wanted` in this column."""
        return CsvError(
            f"{self.file}, line {row.line}, column {self.name!r}: {shown(row.values[self.index])} is not {wanted}",
            line=row.line,
            column=self.name,
            hint=hint or "Correct that value, or leave it blank if it is unknown.",
        )


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
            described = ", ".join(repr(name) + _nearest_note(name, self.header) for name in missing)
            raise CsvError(
                f"{self.file}, line 1: {_plural(len(missing), 'column')} missing: {described}",
                line=1,
                column=missing[0],
                hint="The first line must name the columns: " + ", ".join(found) + ".",
            )
        return {name: column for name, column in found.items() if column is not None}


def read_csv(path: Path) -> CsvTable:
    """Reads a CSV file: UTF-8 with or without a byte order mark, separated by commas, semicolons or tabs.

    Raises:
        CsvError: It cannot be read or is damaged; the message says where.
    """
    return parse_csv(read_bytes(path), path.name)


def parse_csv(data: bytes, file: str) -> CsvTable:
    """Reads the contents of a CSV file; `file` is its name, for messages.

    Raises:
        CsvError: It is damaged; the message says where.
    """
    text = _decoded(data, file)
    if not text.strip():
        raise CsvError(
            f"{file} is empty", hint="It must hold a line with the columns' names and a line for each track."
        )
    delimiter = _delimiter(text)
    records = _records(text, delimiter, file)
    header = tuple(name.strip() for name in records[0].values)
    _check_header(header, records[0].line, file)
    for row in records:
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


def read_bytes(path: Path) -> bytes:
    """The whole of a file that a person named.

    Raises:
        CsvError: It isn't there, is a directory, or may not be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise CsvError(f"{path} does not exist", hint="Check the path.") from error
    except IsADirectoryError as error:
        raise CsvError(f"{path} is a directory", hint="Name a CSV file inside it.") from error
    except OSError as error:
        raise CsvError(f"{path} cannot be read: {error.strerror or error}", hint="Check its permissions.") from error


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that looks most like `name`, empty when none comes near."""
    by_folded = {candidate.casefold(): candidate for candidate in known if candidate}
    matches = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else ""


def shown(value: str) -> str:
    """A value quoted for a message, cut where it is long."""
    return repr(value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…")


def _decoded(data: bytes, file: str) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise CsvError(f"{file}, line 1, byte 1: this is UTF-16, not UTF-8", line=1, hint="Save it again as CSV UTF-8.")
    at = data.find(0)
    if at >= 0:
        raise _bad_byte(data, at, file, "a NUL byte: this is not a text file, or it is damaged")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _refuse_encoding(data, error, file)


def _refuse_encoding(data: bytes, error: UnicodeDecodeError, file: str) -> str:
    # With the "utf-8-sig" codec the position counts from behind the byte order mark.
    at = error.start + (len(data) - len(error.object))
    raise _bad_byte(data, at, file, f"byte 0x{data[at]:02x} is not UTF-8 text") from error


def _bad_byte(data: bytes, at: int, file: str, what: str) -> CsvError:
    before = data[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line = before.count(b"\n") + 1
    column = ""
    if line > 1:
        lines = before.decode("utf-8-sig", errors="replace").replace("\0", "").split("\n")
        delimiter = _delimiter(lines[0])
        header = _lenient(lines[:1], delimiter)
        place = len(_lenient(lines[-1:], delimiter) or [""]) - 1
        column = header[place].strip() if place < len(header) else ""
    named = f", column {column!r}" if column else ""
    return CsvError(
        f"{file}, line {line}{named}, byte {at + 1} of the file: {what}",
        line=line,
        column=column,
        hint="Save it as CSV in the encoding UTF-8.",
    )


def _delimiter(text: str) -> str:
    first = text.lstrip("\r\n").splitlines()[:1]
    return max(_DELIMITERS, key=lambda delimiter: len(_lenient(first, delimiter)))


def _lenient(lines: Sequence[str], delimiter: str) -> list[str]:
    """The fields of the first record, even where its quotation marks don't pair up; for error messages."""
    try:
        return next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error:
        return []


def _records(text: str, delimiter: str, file: str) -> list[CsvRow]:
    records: list[CsvRow] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for values in reader:
            if values:
                records.append(CsvRow(line, values))
            line = reader.line_num + 1
    except csv.Error as error:
        raise _broken_quotes(text, delimiter, file, line, str(error)) from error
    return records


def _broken_quotes(text: str, delimiter: str, file: str, line: int, reason: str) -> CsvError:
    lines = io.StringIO(text, newline="").readlines()
    header = _lenient([row for row in lines if row.strip()][:1], delimiter)
    place = len(_lenient(lines[line - 1 : line], delimiter)) - 1
    column = header[place].strip() if 0 <= place < len(header) else ""
    is_open = "unexpected end" in reason or "field limit" in reason
    what = "a quotation mark is opened and never closed" if is_open else "the quotation marks do not pair up"
    named = f", column {column!r}" if column else ""
    return CsvError(
        f"{file}, line {line}{named}: {what}",
        line=line,
        column=column,
        hint='A quotation mark inside a quoted value is written twice: "".',
    )


def _check_header(header: tuple[str, ...], line: int, file: str) -> None:
    seen: set[str] = set()
    for name in header:
        if name and name.casefold() in seen:
            raise CsvError(
                f"{file}, line {line}: the column {name!r} is there twice",
                line=line,
                column=name,
                hint="Remove or rename one of them.",
            )
        seen.add(name.casefold())


def _wrong_length(row: CsvRow, header: tuple[str, ...], file: str) -> CsvError:
    found, wanted = len(row.values), len(header)
    if found < wanted:
        column = header[found]
        what = f"the row ends before the column {column!r}: {_plural(found, 'field')} where the header has {wanted}"
    else:
        column = header[-1]
        what = f"{_plural(found, 'field')} where the header has {wanted}, the last being {column!r}"
    return CsvError(
        f"{file}, line {row.line}: {what}",
        line=row.line,
        column=column,
        hint="Perhaps the file was cut off, or a value with a separator in it is not quoted.",
    )


def _nearest_note(name: str, header: tuple[str, ...]) -> str:
    found = nearest(name, header)
    return f" (nearest: {found!r})" if found else ""


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
