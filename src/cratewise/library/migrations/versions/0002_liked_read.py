"""How far a first reading of the liked songs has come, so that it can go on there; and whether playlists were read."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns; what was read before was read to the end."""
    op.add_column("accounts", sa.Column("liked_read", sa.Integer(), server_default="0", nullable=False))
    op.add_column("accounts", sa.Column("playlists_seen", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Drops the columns."""
    op.drop_column("accounts", "playlists_seen")
    op.drop_column("accounts", "liked_read")
