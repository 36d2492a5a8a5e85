"""The tables of designs; `migrations` make them. Times are microseconds since 1970."""

from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

MIGRATIONS = Path(__file__).with_name("migrations")
METADATA = MetaData()
_BLOB = String(80)  # a content address

DESIGNS = Table(
    "designs",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("root", String(64), nullable=False),
    Column("cover", String(64), nullable=False),
    # Nodes outside the bin, and nodes that there ever were.
    Column("node_count", Integer, nullable=False),
    Column("last_number", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("update_time", BigInteger, nullable=False),
    Column("delete_time", BigInteger),
    Index("ix_designs_tenant", "tenant", "update_time", "id"),
    UniqueConstraint("tenant", "id", name="one_tenant_of_a_design"),
    CheckConstraint(
        "node_count >= 1 AND last_number >= node_count AND revision >= 1", name="counts_of_design"
    ),
)

NODES = Table(
    "nodes",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("design", String(64), nullable=False),
    # Its place among the design's nodes: parents before children.
    Column("number", Integer, nullable=False),
    Column("parent", String(64)),
    Column("merged", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("depth", Integer, nullable=False),
    Column("candidates", String(64), nullable=False),
    Column("instruction", Text, nullable=False),
    Column("edit", LargeBinary, nullable=False),
    Column("mask", _BLOB, nullable=False),
    Column("operation", String(64), nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("pixels", _BLOB),
    Column("picture", _BLOB),
    Column("patch", _BLOB),
    Column("keyframe", _BLOB),
    Column("thumbnail", _BLOB),
    Column("report", LargeBinary),
    Column("failure_code", Integer),
    Column("failure_message", Text),
    Column("title", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("favourite", Boolean, nullable=False),
    Column("hidden", Boolean, nullable=False),
    # Words of instruction, title and note, each after a space, in one case.
    Column("words", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("update_time", BigInteger, nullable=False),
    Column("delete_time", BigInteger),
    Column("deletion", String(64), nullable=False),
    # The replica that sees to its edit, and until when it does without another word.
    Column("runner", String(64)),
    Column("lease_time", BigInteger),
    # A node is of its tenant's design, and its parent of the same one.
    ForeignKeyConstraint(["tenant", "design"], ["designs.tenant", "designs.id"], name="design_of_node"),
    UniqueConstraint("design", "id", name="one_design_of_a_node"),
    # Without a rule for deletes: SQLite's cascades end at a depth of 1,000.
    ForeignKeyConstraint(["design", "parent"], ["nodes.design", "nodes.id"], name="parent_of_node"),
    CheckConstraint("depth >= 0 AND (depth = 0) = (parent IS NULL)", name="depth_of_node"),
    CheckConstraint("(delete_time IS NULL) = (deletion = '')", name="deletion_of_node"),
    CheckConstraint("parent IS NOT NULL OR delete_time IS NULL", name="root_outside_the_bin"),
    CheckConstraint("state IN ('running', 'ready', 'failed', 'cancelled')", name="state_of_node"),
    CheckConstraint("(state = 'ready') = (pixels IS NOT NULL)", name="result_of_node"),
    CheckConstraint("(state = 'failed') = (failure_code IS NOT NULL)", name="failure_of_node"),
    Index(
        "ix_nodes_root",
        "design",
        unique=True,
        sqlite_where=text("parent IS NULL"),
        postgresql_where=text("parent IS NULL"),
    ),
    Index("ix_nodes_parent", "design", "parent"),
    Index("ix_nodes_design_revision", "design", "revision"),
    Index("ix_nodes_design_number", "design", "number", unique=True),
    Index("ix_nodes_tenant", "tenant", "create_time", "number", "id"),
    Index("ix_nodes_state", "state", "create_time"),
)

CALLS = Table(
    "calls",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("fingerprint", LargeBinary(32), nullable=False),
    # Ids of what the call returned, with spaces between.
    Column("answer", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False, index=True),
)
