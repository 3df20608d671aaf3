"""Rows that are looked up by their key lie in its order, so that finding one takes one step and not two."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = ("saved_tracks", "classifications")


def upgrade() -> None:
    """Makes the tables anew without row numbers, which only SQLite has."""
    _make_anew(with_rowid=False)


def downgrade() -> None:
    """Makes them anew with row numbers."""
    _make_anew(with_rowid=True)


def _make_anew(*, with_rowid: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in _TABLES:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_with_rowid": with_rowid}):
            pass
