"""`python -m langdesign_supervisor -- tritonserver FLAGS...`."""

import argparse
import sys
from collections.abc import Sequence

from langdesign_supervisor.supervisor import Supervisor


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command under a supervisor; return the exit code."""
    parser = argparse.ArgumentParser(prog="langdesign_supervisor", description=__doc__)
    parser.add_argument("command", nargs="+", help="the server's program and its flags")
    return Supervisor(parser.parse_args(arguments).command).run()


if __name__ == "__main__":
    sys.exit(main())
