"""When a genre was last changed, and that it was changed back: the later word counts, also when a file is imported."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the time; it is not known of what was changed before."""
    op.add_column("genre_changes", sa.Column("said_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drops it, and what was changed back."""
    op.execute("DELETE FROM genre_changes WHERE name = '' AND merged_into = '' AND NOT is_hidden")
    op.drop_column("genre_changes", "said_at")
