"""The address of a database: which kind it is, and how it is named without its password."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from cratewise.errors import LibraryError

_POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")
_HOW = "Write it as postgresql://user:password@host/database or sqlite:////folder/library.sqlite3."


def address_from(text: str) -> URL:
    """The address, with the driver that this program uses.

    Raises:
        LibraryError: It is neither a SQLite file's nor a PostgreSQL database's. The message has no password.
    """
    try:
        address = make_url(text)
    except (ArgumentError, ValueError):  # the latter where the port is no number, such as after a `:` in the password
        how = f"{_HOW} Characters such as @ : / in a password are written %40 %3A %2F."
        raise LibraryError("The address of the database cannot be understood.", hint=how) from None
    if address.drivername in _POSTGRESQL and address.database:
        return address.set(drivername="postgresql+psycopg")
    if address.drivername == "sqlite" and address.database not in (None, "", ":memory:"):
        return address
    raise LibraryError(f"{shown(address)} is neither a SQLite file nor a PostgreSQL database.", hint=_HOW)


def shown(address: URL) -> str:
    """The address as it may be shown: a password may also stand among the options, so that none of them is."""
    if address.drivername == "sqlite":
        return address.database or "sqlite://"
    host = address.query.get("host", address.host) if address.host is None else address.host
    kind = address.drivername.partition("+")[0]
    return URL.create(
        kind, username=address.username, host=str(host) if host else None, port=address.port, database=address.database
    ).render_as_string(hide_password=True)
