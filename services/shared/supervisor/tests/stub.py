"""Stands for the process of a Python model: ignores SIGTERM, as Triton's does; SIGUSR1 lets it compute."""

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

ctypes.CDLL(None).prctl(15, b"triton_python_backend_stub", 0, 0, 0)  # PR_SET_NAME
signal.signal(signal.SIGTERM, signal.SIG_IGN)
computes = []
signal.signal(signal.SIGUSR1, lambda *_: computes.append(True))
Path(sys.argv[1], "stub").write_text(str(os.getpid()))
while True:
    if not computes:
        time.sleep(0.01)
