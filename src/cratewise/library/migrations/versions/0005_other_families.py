"""Which other families a song may be of. What was said before this is said anew, so that it is known of every song."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.add_column("classifications", sa.Column("others", sa.JSON(), server_default="{}", nullable=False))
    op.execute("UPDATE classifications SET fingerprint = ''")


def downgrade() -> None:
    """Drops it."""
    op.drop_column("classifications", "others")
