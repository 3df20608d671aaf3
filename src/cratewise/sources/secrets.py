"""A key that is part of an address stays out of what the HTTP library logs."""

import logging
from urllib.parse import quote_plus

from pydantic import SecretStr

HIDDEN = "[key]"


class _Hiding(logging.Filter):
    """Puts `HIDDEN` in the place of every key it was told."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: set[str] = set()

    def add(self, key: SecretStr) -> None:
        """Hides one more."""
        value = key.get_secret_value()
        if value:  # a new set each time: other threads may be reading the old one
            self._keys = self._keys | {value, quote_plus(value, safe=":/", errors="replace")}

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record through, without the keys."""
        message = record.getMessage()
        if any(key in message for key in self._keys):
            for key in self._keys:
                message = message.replace(key, HIDDEN)
            record.msg, record.args = message, ()
        return True


_HIDING = _Hiding()


def keep_out_of_logs(key: SecretStr) -> None:
    """Hides a key wherever httpx, which logs the whole address of each request, would show it."""
    _HIDING.add(key)
    logging.getLogger("httpx").addFilter(_HIDING)


def without_key(text: str, key: SecretStr) -> str:
    """A text of the service, which may repeat the key it was given."""
    return text.replace(key.get_secret_value(), HIDDEN) if key.get_secret_value() else text
