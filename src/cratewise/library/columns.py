"""The kinds of value a column holds, so that every database keeps and gives back the same."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Integer, String, TypeDecorator

from cratewise.errors import LibraryError

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_encode = json.JSONEncoder(allow_nan=False).encode  # made once: `json.dumps` makes one anew for such an option
_GREATEST = 2**31 - 1  # PostgreSQL's INTEGER


def storable(text: str) -> str:
    """The text with U+FFFD for what no database can keep: NUL (not in PostgreSQL) and half a surrogate pair.

    The JSON of an answer and the text of a file can hold both.
    """
    if text.isascii() and "\0" not in text:  # most are, in a tenth of the time
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def damaged(value: object) -> LibraryError:
    """The error of a value that this program cannot have written."""
    return LibraryError(
        f"The library is damaged: it holds the value {str(value)[:60]!r}.",
        hint="Move it away and sync again, or put a copy of it back.",
    )


class StorableText(TypeDecorator[str]):
    """Text, without the few characters that cannot be kept."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Writes, and looks for, what can be kept."""
        return None if value is None else storable(value)


class Whole(TypeDecorator[int]):
    """A whole number of 32 bits; what a file claims beyond that is kept as the greatest there is."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Writes a number that fits."""
        return None if value is None else max(-_GREATEST, min(value, _GREATEST))


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: SQLite keeps no time zone, and PostgreSQL answers in the one that its server is set to."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Writes UTC."""
        return None if value is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Reads what is a moment."""
        read = super().result_processor(dialect, coltype)

        def process(value: Any) -> datetime | None:
            try:
                return read(value) if read else value
            except ValueError as error:
                raise damaged(value) from error

        return process

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Reads UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def json_into(value: Any) -> str:
    """JSON as it is kept: with the same replacements as text, and null for a number that JSON has no way to write."""
    try:
        text = _encode(value)
    except ValueError:
        return json.dumps(_storable_json(value))
    if "\\u0000" in text or "\\ud" in text:  # half a pair, or a whole one, which stays
        return json.dumps(_storable_json(value))
    return text


def json_from(text: str) -> Any:
    """What was kept.

    Raises:
        LibraryError: It is damaged.
    """
    if text == "[]":  # most songs have no tags, and a plan reads thousands
        return []
    try:
        return json.loads(text)
    except ValueError as error:
        raise damaged(text) from error


def _storable_json(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case float() if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 (NaN)
            return None
        case dict():
            return {storable(key): _storable_json(one) for key, one in value.items()}
        case list() | tuple():
            return [_storable_json(one) for one in value]
    return value
