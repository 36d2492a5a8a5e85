"""Make the tables of designs, of their nodes and of the calls that changed them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "designs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("cover", sa.String(64), nullable=False),
        sa.Column("node_count", sa.Integer, nullable=False),
        sa.Column("last_number", sa.Integer, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
        sa.Column("delete_time", sa.BigInteger),
        sa.UniqueConstraint("tenant", "id", name="one_tenant_of_a_design"),
        sa.CheckConstraint(
            "node_count >= 1 AND last_number >= node_count AND revision >= 1", name="counts_of_design"
        ),
    )
    op.create_index("ix_designs_tenant", "designs", ["tenant", "update_time", "id"])
    _make_nodes()
    op.create_table(
        "calls",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_calls_create_time", "calls", ["create_time"])


def _make_nodes() -> None:
    blob = sa.String(80)
    op.create_table(
        "nodes",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("design", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("parent", sa.String(64)),
        sa.Column("merged", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("depth", sa.Integer, nullable=False),
        sa.Column("candidates", sa.String(64), nullable=False),
        sa.Column("instruction", sa.Text, nullable=False),
        sa.Column("edit", sa.LargeBinary, nullable=False),
        sa.Column("mask", blob, nullable=False),
        sa.Column("operation", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("pixels", blob),
        sa.Column("picture", blob),
        sa.Column("patch", blob),
        sa.Column("keyframe", blob),
        sa.Column("thumbnail", blob),
        sa.Column("report", sa.LargeBinary),
        sa.Column("failure_code", sa.Integer),
        sa.Column("failure_message", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("favourite", sa.Boolean, nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
        sa.Column("delete_time", sa.BigInteger),
        sa.Column("deletion", sa.String(64), nullable=False),
        sa.Column("runner", sa.String(64)),
        sa.Column("lease_time", sa.BigInteger),
        sa.ForeignKeyConstraint(
            ["tenant", "design"], ["designs.tenant", "designs.id"], name="design_of_node"
        ),
        sa.UniqueConstraint("design", "id", name="one_design_of_a_node"),
        sa.ForeignKeyConstraint(["design", "parent"], ["nodes.design", "nodes.id"], name="parent_of_node"),
        sa.CheckConstraint("depth >= 0 AND (depth = 0) = (parent IS NULL)", name="depth_of_node"),
        sa.CheckConstraint("(delete_time IS NULL) = (deletion = '')", name="deletion_of_node"),
        sa.CheckConstraint("parent IS NOT NULL OR delete_time IS NULL", name="root_outside_the_bin"),
        sa.CheckConstraint("state IN ('running', 'ready', 'failed', 'cancelled')", name="state_of_node"),
        sa.CheckConstraint("(state = 'ready') = (pixels IS NOT NULL)", name="result_of_node"),
        sa.CheckConstraint("(state = 'failed') = (failure_code IS NOT NULL)", name="failure_of_node"),
    )
    root = sa.text("parent IS NULL")
    op.create_index(
        "ix_nodes_root", "nodes", ["design"], unique=True, sqlite_where=root, postgresql_where=root
    )
    op.create_index("ix_nodes_parent", "nodes", ["design", "parent"])
    op.create_index("ix_nodes_design_revision", "nodes", ["design", "revision"])
    op.create_index("ix_nodes_design_number", "nodes", ["design", "number"], unique=True)
    op.create_index("ix_nodes_tenant", "nodes", ["tenant", "create_time", "number", "id"])
    op.create_index("ix_nodes_state", "nodes", ["state", "create_time"])


def downgrade() -> None:
    """Take the tables back to the revision before."""
    op.drop_table("calls")
    op.drop_table("nodes")
    op.drop_table("designs")
