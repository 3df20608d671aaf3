"""The columns of a CSV file: takes typed values out of rows, and names line and column of one that can't be read."""

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from cratewise.errors import DataFileError

ABSENT_NUMBERS = frozenset({"", "?", "na", "n/a", "none", "null"})
_NO_WORDS: Mapping[str, int] = MappingProxyType({})
# What spreadsheets make of true and false in English, German, French, Spanish, Portuguese, Italian, Dutch, Polish,
# Czech, Swedish, Danish, Norwegian, Finnish, Hungarian, Turkish and Russian.
YES = frozenset(
    {"true", "yes", "1", "1.0", "wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar", "prawda", "pravda", "sant"}
    | {"sand", "sann", "tosi", "igaz", "doğru", "истина"}
)
NO = frozenset(
    {"false", "no", "0", "0.0", "falsch", "faux", "falso", "onwaar", "fałsz", "nepravda", "falskt", "falsk", "usann"}
    | {"epätosi", "hamis", "yanl\u0131ş", "yanliş", "ложь"}
)
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

    def texts(self, rows: Sequence[CsvRow]) -> list[str]:
        """`text` of every row."""
        return [values[self.index].strip() for _, values in rows]

    def number(self, row: CsvRow, words: Mapping[str, int] = _NO_WORDS) -> float | None:
        """The value as a number, which may be infinite or not a number; `None` when absent.

        Args:
            row: The row.
            words: Values that may be written as words, in small letters.

        Raises:
            CsvError: It is no number.
        """
        text = row.values[self.index]
        try:
            if "_" not in text:
                return float(text)
        except ValueError:
            text = text.strip()
            if text.casefold() in ABSENT_NUMBERS:
                return None
            if text.casefold() in words:
                return float(words[text.casefold()])
            if self.decimal_comma and text.count(",") == 1 and "." not in text:
                return self.number(CsvRow(row.line, [*row.values[: self.index], text.replace(",", ".")]))
        raise self.error(row, "a number")

    def numbers(self, rows: Sequence[CsvRow], words: Mapping[str, int] = _NO_WORDS) -> list[float | None]:
        """`number` of every row, faster.

        Raises:
            CsvError: One is no number.
        """
        texts = [values[self.index] for _, values in rows]
        try:
            if "_" not in "".join(texts):
                return list(map(float, texts))
        except ValueError:
            pass
        return [self.number(row, words) for row in rows]

    def whole_numbers(self, rows: Sequence[CsvRow], words: Mapping[str, int] = _NO_WORDS) -> list[float | None]:
        """Like `numbers`, for columns that count: "4" and "4.0" are fine, "4.5" is not.

        Raises:
            CsvError: One is no number, or not a whole one.
        """
        values = self.numbers(rows, words)
        for place, value in enumerate(values):
            if value is not None and not value.is_integer() and math.isfinite(value):
                raise self.error(rows[place], "a whole number")
        return values

    def yes_or_no(self, row: CsvRow) -> bool | None:
        """The value as true or false; `None` when absent.

        Raises:
            CsvError: It is neither.
        """
        text = row.values[self.index].strip().casefold()
        if text in YES:
            return True
        if text in NO:
            return False
        if text in ABSENT_NUMBERS or text == "nan":
            return None
        raise self.error(row, "true or false")

    def error(self, row: CsvRow, wanted: str, *, hint: str = "") -> CsvError:
        """The error that `row` holds something else than `wanted` in this column."""
        return CsvError(
            f"{self.file}, line {row.line}, column {shown(self.name)}: {shown(row.values[self.index])} is not {wanted}",
            line=row.line,
            column=self.name,
            hint=hint or "Correct that value, or leave it blank if it is unknown.",
        )


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that looks most like `name`, empty when none comes near."""
    by_folded = {candidate.casefold(): candidate for candidate in known if candidate}
    matches = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else ""


def shown(value: str) -> str:
    """A value quoted for a message, cut where it is long."""
    return repr(value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…")
