"""What the processes of a host tell each other of an account."""

from sqlalchemy import Connection, text

CHANGED = "cratewise"
"""PostgreSQL's channel for it: the key of the account whose job or library has changed."""
ACCESS = "cratewise_access"
"""The same for an account one of whose sessions has ended, or whose drawer has changed."""


def tell(connection: Connection, channel: str, account_id: str) -> None:
    """Tells every process once what the connection writes is kept."""
    connection.execute(text("SELECT pg_notify(:channel, :account)"), {"channel": channel, "account": account_id})
