"""Songs as they are listed: the releases of one song together, with the genre that counts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_DERIVED = ("release_name", "artist_key", "album_key", "words", "song_id")


def upgrade() -> None:
    """Adds what is derived, empty: it is made when the library is opened (`Library.open`)."""
    op.add_column("tracks", sa.Column("artist_ids", sa.JSON(), server_default="[]", nullable=False))
    for name in _DERIVED:
        op.add_column("tracks", sa.Column(name, sa.String(), server_default="", nullable=False))
    for name in ("isrc", "release_name", "song_id"):
        op.create_index(op.f(f"ix_tracks_{name}"), "tracks", [name], unique=False)
    op.create_table(
        "derived",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_derived")),
    )
    op.create_table(
        "songs",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("song_id", sa.String(), nullable=False),
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("n_releases", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("artist", sa.String(), nullable=False),
        sa.Column("album", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("genre", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("runner_up", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_songs_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.track_id"], name=op.f("fk_songs_track_id_tracks")),
        sa.PrimaryKeyConstraint("account_id", "song_id", name=op.f("pk_songs")),
    )
    op.create_index(op.f("ix_songs_account_id_added_at"), "songs", ["account_id", "added_at"], unique=False)
    op.create_index(
        op.f("ix_songs_account_id_family_genre_added_at"),
        "songs",
        ["account_id", "family", "genre", "added_at"],
        unique=False,
    )
    op.create_index(op.f("ix_songs_account_id_confidence"), "songs", ["account_id", "confidence"], unique=False)


def downgrade() -> None:
    """Drops all of it."""
    op.drop_table("songs")
    op.drop_table("derived")
    for name in ("isrc", "release_name", "song_id"):
        op.drop_index(op.f(f"ix_tracks_{name}"), table_name="tracks")
    for name in ("artist_ids", *_DERIVED):
        op.drop_column("tracks", name)
