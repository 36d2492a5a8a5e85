"""Runs a module of a service as a program of its own; tests give an ``ORDER``."""

import os
import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    os.environ.clear()
    os.environ.update(ORDER["environment"])  # noqa: F821 - given by who runs this file
    sys.argv = ORDER["arguments"]  # noqa: F821
    sys.path.insert(0, str(Path(__file__).parent))
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
