"""The log for machines: one JSON object a line."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO


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
    """Sends what the program logs to a stream from now on, as JSON lines: its own from "info" on, others' warnings."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("cratewise").setLevel(logging.INFO)
