"""Make the tables of operations, of their events and of the replicas that do them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    # Files of before there were migrations: what they hold is forgotten after a day anyway.
    op.execute("DROP TABLE IF EXISTS events")
    op.execute("DROP TABLE IF EXISTS operations")
    op.create_table(
        "replicas",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("expire_time", sa.Double, nullable=False),
    )
    op.create_table(
        "operations",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("key", sa.String(128)),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("replica", sa.String(32), nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("event_count", sa.Integer, nullable=False),
        sa.Column("cancelled", sa.Boolean, nullable=False),
        sa.Column("retryable", sa.Boolean, nullable=False),
        sa.Column("result", sa.String(80)),
        sa.Column("create_time", sa.Double, nullable=False),
        sa.Column("end_time", sa.Double),
        sa.UniqueConstraint("tenant", "key", name="one_operation_for_each_key"),
    )
    op.create_index("ix_operations_state", "operations", ["state"])
    op.create_index("ix_operations_end_time", "operations", ["end_time"])
    op.create_table(
        "events",
        sa.Column(
            "operation", sa.String(32), sa.ForeignKey("operations.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take the tables back to the revision before."""
    op.drop_table("events")
    op.drop_table("operations")
    op.drop_table("replicas")
