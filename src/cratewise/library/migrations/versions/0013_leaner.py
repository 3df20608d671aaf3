"""What a large library is written and read by gets smaller.

Releases of a song are found by it only where they are not the one that it is called by: most songs have one. Liked
songs are listed without looking each of them up. Whether a song is as the model saw it is said where the model's word
stands, so that those that are not are found without reading the others.

PostgreSQL no longer counts the rows of each account. Where it had counted all accounts but the newest, it believed that
one to have none, and compared each of its songs with each other.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_RELEASES = ("ix_tracks_account_id_song_id", "tracks", ["account_id", "song_id"])
_OTHERS = sa.text("song_id <> track_id")
_BY_TIME = ("ix_saved_tracks_account_id_added_at", "saved_tracks", ["account_id", "added_at"])
_LISTED = (f"{_BY_TIME[0]}_is_available", "saved_tracks", ["account_id", "added_at", "is_available"])
_OF_ACCOUNTS = (
    "tracks",
    "saved_tracks",
    "songs",
    "classifications",
    "corrections",
    "found_statistics",
    "found_tags",
    "playlist_songs",
)


def upgrade() -> None:
    """Leaves out of the indexes what nobody looks for, and of what a model said the state of the song."""
    op.drop_index(_RELEASES[0], table_name=_RELEASES[1])
    op.create_index(*_RELEASES, sqlite_where=_OTHERS, postgresql_where=_OTHERS)
    op.drop_index(_BY_TIME[0], table_name=_BY_TIME[1])
    op.create_index(*_LISTED)
    op.add_column("classifications", sa.Column("is_current", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute(
        "UPDATE classifications SET is_current = false WHERE NOT EXISTS (SELECT 1 FROM tracks t WHERE "
        "t.account_id = classifications.account_id AND t.track_id = classifications.track_id "
        "AND t.fingerprint = classifications.fingerprint)"
    )
    with op.batch_alter_table("classifications", table_kwargs={"sqlite_with_rowid": False}) as table:
        table.drop_column("fingerprint")
    _count_accounts(0)


def downgrade() -> None:
    """Puts everything in again."""
    _count_accounts(-1)
    op.add_column("classifications", sa.Column("fingerprint", sa.String(), nullable=False, server_default=""))
    op.execute(
        "UPDATE classifications SET fingerprint = (SELECT t.fingerprint FROM tracks t WHERE "
        "t.account_id = classifications.account_id AND t.track_id = classifications.track_id) WHERE is_current"
    )
    op.drop_column("classifications", "is_current")
    op.drop_index(_LISTED[0], table_name=_LISTED[1])
    op.create_index(*_BY_TIME)
    op.drop_index(_RELEASES[0], table_name=_RELEASES[1])
    op.create_index(*_RELEASES)


def _count_accounts(target: int) -> None:
    """Has PostgreSQL count (-1) or not count (0) how many rows each account has."""
    if op.get_context().dialect.name == "postgresql":
        for table in _OF_ACCOUNTS:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN account_id SET STATISTICS {target}")
