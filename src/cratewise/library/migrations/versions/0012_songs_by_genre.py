"""Songs are found by their genre alone: no list of one genre was read in the order of liking from this index."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BY_GENRE = "ix_songs_account_id_family_genre"
_BY_GENRE_AND_TIME = "ix_songs_account_id_family_genre_added_at"


def upgrade() -> None:
    """Leaves the time out of the index."""
    op.drop_index(_BY_GENRE_AND_TIME, table_name="songs")
    op.create_index(_BY_GENRE, "songs", ["account_id", "family", "genre"])


def downgrade() -> None:
    """Puts the time in again."""
    op.drop_index(_BY_GENRE, table_name="songs")
    op.create_index(_BY_GENRE_AND_TIME, "songs", ["account_id", "family", "genre", "added_at"])
