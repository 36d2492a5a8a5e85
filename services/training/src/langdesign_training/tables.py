"""The table of runs; `migrations` make it."""

from pathlib import Path

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

MIGRATIONS = Path(__file__).with_name("migrations")
METADATA = MetaData()

RUNS = Table(
    "runs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("tenant", Text, nullable=False),
    # The idempotency key of the call that created it, and a digest of its request.
    Column("key", String(128), nullable=False),
    Column("fingerprint", LargeBinary(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("recipe", String(64), nullable=False),
    Column("overrides", JSON, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("stage", String(64), nullable=False),
    Column("share", Float, nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("model_version", String(160), nullable=False),
    Column("failure", Text, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("interruptions", JSON, nullable=False),
    # Microseconds since 1970.
    Column("create_time", BigInteger, nullable=False, index=True),
    Column("start_time", BigInteger),
    Column("end_time", BigInteger),
    UniqueConstraint("tenant", "key", name="one_run_for_each_key"),
)

# Changes of the registry that were made, so that one that is asked for again is made once.
CALLS = Table(
    "calls",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("fingerprint", LargeBinary(32), nullable=False),
    Column("response", LargeBinary, nullable=False),
    Column("create_time", BigInteger, nullable=False, index=True),
)
