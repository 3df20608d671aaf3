"""Writing rows that may be there already, on either kind of database."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, kind: Any, rows: Sequence[dict[str, Any]], *, keep: Collection[str] = ()) -> None:
    """Inserts rows, or brings those that are there up to date.

    Args:
        connection: An open transaction that writes.
        kind: Class of the rows.
        rows: What to write, each with the same names.
        keep: Columns that stay as they are in rows that are there.
    """
    if not rows:
        return
    table: Table = kind.__table__
    statement = inserting(connection, table)
    key = [column.name for column in table.primary_key]
    fresh = {name: statement.excluded[name] for name in rows[0] if name not in (*key, *keep)}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=fresh), list(rows))


def inserting(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what to do with rows that are there: both kinds say the same, in classes of their own."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
