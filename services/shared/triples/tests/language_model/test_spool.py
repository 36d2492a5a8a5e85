"""What was paid for is never lost, and never asked again."""

import asyncio
import errno
import json
import os
import signal
import sys
from contextlib import aclosing
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from langdesign_triples.errors import InvalidSpool, SpoolBusy, SpoolUnwritable
from langdesign_triples.language_model import remove_spools

INTERIOR = Path(__file__).parents[5] / "contexts" / "interior"
CHILD = """
import asyncio, sys
from pathlib import Path
from langdesign_triples import Endpoint, LanguageModelWriter, Limits, load_context

async def main():
    limits = Limits(concurrency=2, batch=2, requests_per_minute=60_000, tokens_per_minute=60_000_000)
    endpoint = Endpoint(sys.argv[1], "tester")
    writer = LanguageModelWriter(load_context(Path(sys.argv[2])), endpoint, Path(sys.argv[3]), limits=limits)
    async for triple in writer.triples(10_000):
        print(triple.input, triple.edit, sep="|", flush=True)

asyncio.run(main())
"""


async def test_the_same_job_again_is_read_and_not_asked(new_writer, gathered, service):
    first = await gathered(new_writer(), 12)
    asked = len(service.requests)
    again, longer = await gathered(new_writer(), 12), await gathered(new_writer(), 20)

    assert again == first
    assert longer[:12] == first
    assert len(longer) == 20
    assert await gathered(new_writer(), 5) == first[:5]
    assert await gathered(new_writer(), 12, after=7) == first[7:]
    wishes = [request["messages"][-1]["content"] for request in service.requests[asked:]]
    assert sum(int(wish.split()[1]) for wish in wishes) == 8


@pytest.fixture
def run_until_killed(service, tmp_path):
    """Runs the job in a process of its own, kills it after some triples, and returns what it printed."""

    def run(count):
        arguments = [sys.executable, "-c", CHILD, service.url, str(INTERIOR), str(tmp_path / "spool.jsonl")]
        with Popen(arguments, stdout=PIPE, text=True) as child:
            told = [child.stdout.readline().strip() for _ in range(count)]
            child.send_signal(signal.SIGKILL)
        return told

    return run


async def test_after_kill_9_nothing_that_was_given_is_lost_or_asked_again(
    new_writer, gathered, run_until_killed, tmp_path
):
    first = await asyncio.to_thread(run_until_killed, 3)
    second = await asyncio.to_thread(run_until_killed, 9)
    with (tmp_path / "spool.jsonl").open("ab") as spool:
        spool.write(b'{"answered": 99, "read": 1')  # what a kill in the middle of a write leaves
    triples = await gathered(new_writer(), 60)

    assert [f"{one.input}|{one.edit}" for one in triples][:9] == second
    assert second[:3] == first
    assert len({(one.input, one.edit) for one in triples}) == 60
    lines = [json.loads(line) for line in (tmp_path / "spool.jsonl").read_bytes().splitlines()]
    slots = [slot for line in lines if "triples" in line for slot, _ in line["triples"]]
    assert len(slots) == len(set(slots))


async def test_requests_of_a_killed_run_that_were_never_answered_are_counted(new_writer, gathered, tmp_path):
    await gathered(new_writer(), 5)
    with (tmp_path / "spool.jsonl").open("a") as spool:
        spool.write('{"asked": 77, "read": 1000, "written": 2000}\n')
    writer = new_writer()
    spent = writer.spent

    await gathered(writer, 5)

    assert spent.tokens == 0
    assert writer.spent.read % 700 == 300  # 1000 of the lost one, and 700 for each answer
    assert writer.spent.written % 300 == 2000 % 300


async def test_a_job_has_one_writer_at_a_time(new_writer, gathered):
    async with aclosing(new_writer(batch=1).triples(5)) as triples:
        await anext(triples)

        with pytest.raises(SpoolBusy, match="Another writer"):
            await gathered(new_writer(), 5)


@pytest.mark.parametrize("other", [{"seed": 5}, {"subjects": ("chair",)}])
async def test_the_spool_of_another_job_is_refused(new_writer, gathered, other):
    await gathered(new_writer(), 2)

    with pytest.raises(InvalidSpool, match="of another job"):
        await gathered(new_writer(seed=other.get("seed", 0)), 2, other.get("subjects", ()))


@pytest.mark.parametrize("damage", [b"\x00\x00\n", b"[]\n", b'{"answered": 1}\n', b'{"unpaid": 999}\n'])
async def test_a_damaged_line_is_named(new_writer, gathered, tmp_path, damage):
    await gathered(new_writer(concurrency=1), 2)
    path = tmp_path / "spool.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], damage, *lines[1:]]))

    with pytest.raises(InvalidSpool, match=r"spool\.jsonl, line 2 is damaged; move the file away"):
        await gathered(new_writer(), 2)


async def test_triples_that_the_reader_has_and_the_spool_lacks_are_an_error(new_writer, gathered, service):
    with pytest.raises(InvalidSpool, match="holds 0 triples, and 4 were given"):
        await gathered(new_writer(), 9, after=4)

    assert service.requests == []


async def test_a_full_disk_ends_the_run_and_room_lets_it_go_on(new_writer, gathered, until, monkeypatch):
    first = await gathered(new_writer(), 3)

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        found, message = await until(SpoolUnwritable, new_writer(), 30)

    assert found == first
    assert "No space left on device" in message
    assert (await gathered(new_writer(), 30))[:3] == first


async def test_spools_that_nobody_touched_for_long_are_removed(new_writer, gathered, tmp_path):
    for name in ("old", "read", "new"):
        await gathered(new_writer(spool=tmp_path / f"{name}.jsonl"), 1)
    for name in ("old", "read"):
        os.utime(tmp_path / f"{name}.jsonl", (1000.0, 1000.0))
    (tmp_path / "other.json").write_text("{}")
    os.utime(tmp_path / "other.json", (1000.0, 1000.0))
    await gathered(new_writer(spool=tmp_path / "read.jsonl"), 1)

    assert remove_spools(tmp_path, 2000.0) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"read.jsonl", "new.jsonl", "other.json"}
    assert remove_spools(tmp_path / "none", 2000.0) == 0


async def test_a_spool_in_use_is_never_removed(new_writer, tmp_path):
    path = tmp_path / "used.jsonl"
    async with aclosing(new_writer(spool=path).triples(2)) as triples:
        await anext(triples)
        os.utime(path, (1000.0, 1000.0))
        assert remove_spools(tmp_path, 2000.0) == 0
    assert path.exists()
