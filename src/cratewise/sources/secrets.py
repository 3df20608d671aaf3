"""A key that is part of an address stays out of what the HTTP library logs."""

import logging
from urllib.parse import quote_plus

from pydantic import SecretStr

HIDDEN = "[key]"


class _Hiding(logging.Filter):
    """Puts `HIDDEN` in the place of every key it was told."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: dict[str, str] = {}

    def add(self, name: str, key: SecretStr) -> None:
        """Hides one more."""
        value = key.get_secret_value()
        if value:  # a new mapping each time: other threads may be reading the old one
            parts = {f"{name}={text}" for text in (value, quote_plus(value, safe=":/", errors="replace"))}
            self._shown = self._shown | dict.fromkeys(parts, f"{name}={HIDDEN}")

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record through, without the keys."""
        message = record.getMessage()
        if any(part in message for part in self._shown):
            for part, shown in self._shown.items():
                message = message.replace(part, shown)
            record.msg, record.args = message, ()
        return True


_HIDING = _Hiding()


def keep_out_of_logs(name: str, key: SecretStr) -> None:
    """Hides a key, by the name of its part of a query, wherever httpx logs the whole address of a request."""
    _HIDING.add(name, key)
    logging.getLogger("httpx").addFilter(_HIDING)


def without_key(text: str, key: SecretStr) -> str:
    """A text of the service, which may repeat the key it was given."""
    return text.replace(key.get_secret_value(), HIDDEN) if key.get_secret_value() else text
