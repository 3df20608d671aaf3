"""What each source says of songs and artists, and catalogues at hand."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "found_statistics",
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("statistics", sa.JSON(), nullable=True),
        sa.Column("popularity", sa.Integer(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("track_id", "source", name=op.f("pk_found_statistics")),
    )
    op.create_table(
        "found_tags",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", "source", name=op.f("pk_found_tags")),
    )
    op.create_table(
        "catalogue",
        sa.Column("catalogue", sa.String(), nullable=False),
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("release_name", sa.String(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("popularity", sa.Integer(), nullable=True),
        sa.Column("statistics", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("catalogue", "track_id", name=op.f("pk_catalogue")),
    )
    for name in ("track_id", "release_name"):
        op.create_index(op.f(f"ix_catalogue_{name}"), "catalogue", [name], unique=False)


def downgrade() -> None:
    """Drops all of it."""
    op.drop_table("catalogue")
    op.drop_table("found_tags")
    op.drop_table("found_statistics")
