"""The tables of operations; `migrations` make them."""

from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

MIGRATIONS = Path(__file__).with_name("migrations")
METADATA = MetaData()

# A replica is there until its lease ends; what it had under way then goes to another one. Times are seconds
# since 1970, by the clock of the database's server.
REPLICAS = Table(
    "replicas",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("expire_time", Double, nullable=False),
)

OPERATIONS = Table(
    "operations",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("tenant", Text, nullable=False),
    # The idempotency key; NULL once a later attempt took it over. And a digest of its request.
    Column("key", String(128)),
    Column("fingerprint", LargeBinary(32), nullable=False),
    Column("replica", String(32), nullable=False),
    Column("state", SmallInteger, nullable=False, index=True),
    Column("event_count", Integer, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("retryable", Boolean, nullable=False),
    # Digest of the result's blob.
    Column("result", String(80)),
    Column("create_time", Double, nullable=False),
    Column("end_time", Double, index=True),
    UniqueConstraint("tenant", "key", name="one_operation_for_each_key"),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("operation", String(32), ForeignKey("operations.id", ondelete="CASCADE"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    # The contract's event, without pictures.
    Column("message", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
