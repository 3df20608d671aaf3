"""What the processes of a host tell each other of an account's access to it, beside how its job goes on (`board`)."""

from sqlalchemy import Connection, text

ACCESS = "cratewise_access"
"""PostgreSQL's channel for it: the key of the account, one of whose sessions has ended or whose drawer has changed."""


def tell(connection: Connection, account_id: str) -> None:
    """Tells every process once what the connection writes is kept."""
    connection.execute(text("SELECT pg_notify(:channel, :account)"), {"channel": ACCESS, "account": account_id})
