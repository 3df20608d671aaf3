"""That a song is pinned no more is kept, so that a file with the older word does not pin it again."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lets a pin say neither."""
    with op.batch_alter_table("pins") as table:
        table.alter_column("is_in", existing_type=sa.Boolean(), nullable=True)


def downgrade() -> None:
    """Forgets those that say neither."""
    op.execute("DELETE FROM pins WHERE is_in IS NULL")
    with op.batch_alter_table("pins") as table:
        table.alter_column("is_in", existing_type=sa.Boolean(), nullable=False)
