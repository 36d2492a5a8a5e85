import subprocess
import sys

import pytest

TAKEN = """
import sys
from langdesign_chassis.memory import give_back_memory
import psutil

if sys.argv[1] == "given back":
    give_back_memory()
process, kept = psutil.Process(), []
before = process.memory_info().rss
for _ in range(2):  # the second time, glibc has learnt that such blocks come
    block = bytearray(b"x") * (24 << 20)
    kept.append(bytearray(b"x") * 100_000)  # what outlives the picture lies behind it
    del block
print((process.memory_info().rss - before) >> 20)
"""


def taken(how):
    """Return the MiB that a process keeps of pictures that are gone."""
    done = subprocess.run([sys.executable, "-c", TAKEN, how], check=True, capture_output=True, text=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's way")
def test_what_a_large_picture_took_is_given_back_when_it_is_gone():
    assert taken("given back") < 4
    assert taken("kept") > 20  # or else this test would show nothing
