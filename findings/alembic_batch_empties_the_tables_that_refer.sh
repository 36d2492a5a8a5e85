#!/usr/bin/env bash
# alembic 1.20.1 with SQLAlchemy 2.1.9 on SQLite: batch_alter_table("designs"), of a table that others refer to with ON DELETE CASCADE, on
# connections with PRAGMA foreign_keys=ON, as applications open them.
#
# Expected: a column becomes NOT NULL, and nothing else changes: what was in the tables is in them, what the columns were they are.
# Seen: the table is made anew, filled, and the old one dropped; to SQLite that deletes its rows first, which takes along whatever refers
# to them. All nodes of all designs are gone, while the designs are there, and the migration succeeds. The new table is made from what
# SQLAlchemy can read of the old one: AUTOINCREMENT is gone (numbers of deleted rows are given again), COLLATE NOCASE is ("Oak" is
# no longer "oak"), and so are triggers; only a CHECK without a name is warned about.
#
# So foreign keys are off during migrations and checked after them (PRAGMA foreign_key_check), and a test migrates tables with rows in.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check alembic==1.20.1 sqlalchemy==2.1.9
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import warnings

import sqlalchemy
from alembic.migration import MigrationContext
from alembic.operations import Operations

warnings.simplefilter("error")
DESIGNS = "CREATE TABLE designs (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE)"
SCHEMA = (
    DESIGNS,
    "CREATE TABLE nodes (id INTEGER PRIMARY KEY, design INTEGER NOT NULL REFERENCES designs (id) ON DELETE CASCADE)",
    "CREATE TRIGGER noted AFTER DELETE ON designs BEGIN SELECT 1; END",
    "INSERT INTO designs (name) VALUES ('oak'), ('lamp')",
    "INSERT INTO nodes (design) VALUES (1), (1), (2)",
)
ASKED = {
    "designs": "SELECT count(*) FROM designs",
    "nodes": "SELECT count(*) FROM nodes",
    "triggers": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'",
    "named Oak": "SELECT count(*) FROM designs WHERE name = 'Oak'",
    "after the last one": None,
}


def looked_at(connection):
    seen = {name: connection.exec_driver_sql(query).scalar() for name, query in ASKED.items() if query}
    connection.exec_driver_sql("DELETE FROM designs WHERE id = 2")
    added = connection.exec_driver_sql("INSERT INTO designs (name) VALUES ('sofa')")
    return seen | {"after the last one": added.lastrowid}


def migrated(foreign_keys, migrate=True):
    """Return what is there of a small database after a migration of one column."""
    engine = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.StaticPool)
    with engine.connect() as connection:
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={foreign_keys}")
        for statement in SCHEMA:
            connection.exec_driver_sql(statement)
        if migrate:
            operations = Operations(MigrationContext.configure(connection))
            with operations.batch_alter_table("designs") as table:
                table.alter_column("name", nullable=False)
        return looked_at(connection)


seen = {name: migrated(*options) for name, options in {"before": ("ON", False), "ON": ("ON",), "OFF": ("OFF",)}.items()}
for name in ASKED:
    print(f"{name:20}", ", ".join(f"{state}: {seen[state][name]}" for state in seen))
lost = {"triggers": 0, "named Oak": 0, "after the last one": 2}
before = {"designs": 2, "nodes": 3, "triggers": 1, "named Oak": 1, "after the last one": 3}
assert seen["before"] == before
assert seen["ON"] == before | lost | {"nodes": 0}, "more is kept now"
assert seen["OFF"] == before | lost
PYTHON
echo "seen: as described"
