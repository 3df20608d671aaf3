"""A database that is away, in the log: this program says it in one line, and the libraries it uses add nothing."""

import logging

import psycopg
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import DBAPIError

_LOGGERS = (
    "asyncio",  # of a task that nobody waited for
    "procrastinate.worker",
    "procrastinate.worker.worker",
    "procrastinate.utils",
    "psycopg.pool",
    "sqlalchemy.pool.impl.QueuePool",
    "sqlalchemy.pool.impl.NullPool",
)
_LOST = (ConnectorException, psycopg.OperationalError, psycopg.InterfaceError, DBAPIError)


def say_outages_once() -> None:
    """Leaves out what libraries say of a connection that was lost: tracebacks, and each attempt to make it anew."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_says_more)


def _says_more(record: logging.LogRecord) -> bool:
    """Whether a record is of anything else than a connection that was lost."""
    if record.name == "psycopg.pool" and record.levelno <= logging.WARNING:
        return False  # what comes of it is raised, and told by whoever asked
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, _LOST)
