"""A person's word: corrections of genres, changes to the genres themselves, and songs pinned to playlists."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_account_id_accounts")
    return sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Makes the tables, and what finds an artist's and an album's songs."""
    for name in ("artist_key", "album_key"):
        op.create_index(op.f(f"ix_tracks_{name}"), "tracks", [name], unique=False)
    op.create_table(
        "corrections",
        sa.Column("correction_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("genre", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        _of_account("corrections"),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_corrections")),
    )
    keys = ["account_id", "kind", "key"]
    op.create_index(op.f("ix_corrections_account_id_kind_key"), "corrections", keys, unique=False)
    op.create_table(
        "genre_changes",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("genre", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("merged_into", sa.String(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("counts_as", sa.String(), nullable=False),
        sa.Column("counts_as_family", sa.String(), nullable=False),
        _of_account("genre_changes"),
        sa.PrimaryKeyConstraint("account_id", "genre", name=op.f("pk_genre_changes")),
    )
    op.create_table(
        "pins",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("genre", sa.String(), nullable=False),
        sa.Column("is_in", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        _of_account("pins"),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.track_id"], name=op.f("fk_pins_track_id_tracks")),
        sa.PrimaryKeyConstraint("account_id", "track_id", "genre", name=op.f("pk_pins")),
    )


def downgrade() -> None:
    """Drops all of it."""
    op.drop_table("pins")
    op.drop_table("genre_changes")
    op.drop_table("corrections")
    for name in ("artist_key", "album_key"):
        op.drop_index(op.f(f"ix_tracks_{name}"), table_name="tracks")
