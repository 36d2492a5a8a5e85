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


def taken(how, program=TAKEN):
    """Return the MiB that a process keeps of what is gone."""
    done = subprocess.run([sys.executable, "-c", program, how], check=True, capture_output=True, text=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's way")
def test_what_a_large_picture_took_is_given_back_when_it_is_gone():
    assert taken("given back") < 4
    assert taken("kept") > 20  # or else this test would show nothing


LEFT = """
import sys
from langdesign_chassis.memory import give_back_leftovers
import psutil

process = psutil.Process()
before = process.memory_info().rss
blocks = [bytearray(b"x") * 64_000 for _ in range(500)]
blocks[:-1] = []  # the last one lies behind what is free
if sys.argv[1] == "given back":
    give_back_leftovers()
print((process.memory_info().rss - before) >> 20)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's way")
def test_what_lies_free_between_blocks_in_use_is_given_back():
    assert taken("given back", LEFT) < 4
    assert taken("kept", LEFT) > 20  # or else this test would show nothing
