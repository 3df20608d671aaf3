"""The files that a host's people import lie in the database until their jobs have ended."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "uploads",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["jobs.account_id"], name="fk_uploads_account_id_jobs", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "part", name="pk_uploads"),
    )


def downgrade() -> None:
    """Drops it."""
    op.drop_table("uploads")
