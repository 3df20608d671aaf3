"""How many songs of a run's step were surely sent, so that going on puts nothing back that was taken out meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.add_column("run_steps", sa.Column("n_sent", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Drops it."""
    op.drop_column("run_steps", "n_sent")
