"""The log for machines: one JSON object a line."""

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

logger = logging.getLogger(__name__)


class JsonLines(logging.Formatter):
    """A record as one line: when (UTC), how grave, where from, what, and the fields that came with it."""

    def format(self, record: logging.LogRecord) -> str:
        """Writes it; an exception is a field of its own."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def write_json_lines(stream: TextIO = sys.stderr) -> None:
    """Sends what the program logs to a stream from now on, as JSON lines: its own from "info" on, others' warnings.

    Python's own warnings are among them, and errors that nobody foresaw and that end a thread or the program.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("cratewise").setLevel(logging.INFO)
    logging.captureWarnings(True)
    sys.excepthook = _log_unforeseen
    threading.excepthook = lambda args: _log_unforeseen(args.exc_type, args.exc_value, args.exc_traceback)


def writes_json_lines() -> bool:
    """Whether the log is one of JSON lines."""
    return any(isinstance(handler.formatter, JsonLines) for handler in logging.getLogger().handlers)


def say(text: str) -> None:
    """Tells whoever started the program something: in a terminal as it is, in a log of JSON lines as one of them."""
    if writes_json_lines():
        logger.info(text)
    else:
        print(text, flush=True)


def _log_unforeseen(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    if error is not None and not isinstance(error, KeyboardInterrupt):
        logger.error("something ended for a reason that nobody foresaw", exc_info=(kind, error, traceback))
