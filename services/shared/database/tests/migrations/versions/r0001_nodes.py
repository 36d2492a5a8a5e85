"""Make the table of nodes, each below another one."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    """Make the table."""
    op.create_table(
        "nodes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent", sa.Integer, sa.ForeignKey("nodes.id", name="below", ondelete="CASCADE")),
    )


def downgrade():
    """Drop it."""
    op.drop_table("nodes")
