"""Promise 19: no acknowledged commit is lost at kill -9, and concurrent branches never corrupt a tree."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from langdesign_database import open_transactions
from langdesign_design.sql_store import SqlDesignStore
from langdesign_design.tables import DESIGNS, MIGRATIONS, NODES
from sqlalchemy import select, text

WRITER = Path(__file__).with_name("writer.py")


def opened(address):
    return open_transactions(address, migrations=MIGRATIONS, setting="DESIGN_DATABASE", exclusive=False)


class Acknowledged:
    """What writers were told is kept."""

    def __init__(self):
        self.parents, self.ready, self.titles, self.revisions = {}, set(), {}, []

    def read(self, line, writer):
        kind, node, parent, revision = line.split()
        self.revisions.append(int(revision))
        if kind == "said":
            self.titles[node] = max(self.titles.get(node, (0, "")), (int(revision), writer))
        else:
            self.parents[node] = parent
            if kind == "ready":
                self.ready.add(node)


async def write_until_killed(address, design, root, name, kept, most):
    """Kills a process with four writers after so many acknowledgements; reads all that it gave."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(WRITER), address, design, root, name, "4"), stdout=asyncio.subprocess.PIPE
    )
    try:
        count = 0
        async with asyncio.timeout(300):  # a busy machine starts a process slowly
            while line := await process.stdout.readline():
                if not line.endswith(b"\n"):
                    break  # cut by the kill
                kept.read(line.decode(), name)
                count += 1
                if count == most:
                    process.kill()
        assert await process.wait() == -signal.SIGKILL
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def check(transactions, design, kept):
    """Checks a tree against itself; returns its revision, its size, and what was acknowledged and is lost."""
    found, nodes = await transactions.run(read_all, design)
    by_id = {node.id: node for node in nodes}
    for number, node in enumerate(nodes, 1):
        assert node.number == number
        assert (node.parent is None) == (node.id == found.root)
        if node.parent:
            assert by_id[node.parent].number < node.number
            assert by_id[node.parent].state == "ready"
            assert node.depth == by_id[node.parent].depth + 1
    assert found.node_count == found.last_number == len(nodes)
    assert found.cover in by_id
    assert found.revision >= max(node.revision for node in nodes)
    # Each change has a revision of its own. What was kept and not acknowledged are the steps cut by kills.
    assert len(set(kept.revisions)) == len(kept.revisions)
    assert max(kept.revisions) <= found.revision
    return found.revision, len(nodes), lost_of(kept, by_id)


def lost_of(kept, nodes):
    """Returns what was acknowledged and is not in the store."""
    parents = {node: nodes[node].parent for node in kept.parents if node in nodes}
    gone = [node for node, parent in kept.parents.items() if parents.get(node, "none") != parent]
    unready = [node for node in kept.ready if node in nodes and nodes[node].state != "ready"]
    untitled = [
        node
        for node, (revision, _) in kept.titles.items()
        if node in nodes and (nodes[node].revision < revision or not nodes[node].title)
    ]
    return gone + unready + untitled


def read_all(connection, design):
    if connection.dialect.name == "sqlite":
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    found = connection.execute(select(DESIGNS).where(DESIGNS.c.id == design)).one()
    query = select(NODES).where(NODES.c.design == design).order_by(NODES.c.number)
    return found, connection.execute(query).all()


async def kill_loop(address, caller_of, rounds, most):
    """Kills writers again and again: two processes at once on Postgres, one on a file of SQLite.

    Returns the figure, the number of acknowledged commits, and those that were lost.
    """
    kept, processes = Acknowledged(), processes_of(address)
    async with opened(address) as transactions:
        design, root = await caller_of(SqlDesignStore(transactions)).design()
    for number in range(rounds):
        names = [f"{number}-{process}" for process in range(processes)]
        writing = (
            write_until_killed(address, design.id, root.id, name, kept, most + number) for name in names
        )
        await asyncio.gather(*writing)
        async with opened(address) as transactions:
            revision, nodes, lost = await check(transactions, design.id, kept)
        # The first revision is the design's; each writer was cut in one step at most.
        unheard = revision - 1 - len(kept.revisions)
        assert 0 <= unheard <= 4 * processes * (number + 1)
        if lost:
            break
    commits = len(kept.revisions)
    told = (
        f"promise 19, {address.split(':')[0]}: {rounds} rounds of kill -9 with {processes} processes of 4 "
        f"writers: {commits} commits acknowledged, {len(lost)} lost; {nodes} nodes, revision {revision} "
        f"({unheard} unheard), the tree whole"
    )
    return told, commits, lost


def processes_of(address):
    return 1 if address.startswith("sqlite") else 2


async def test_no_acknowledged_commit_is_lost_when_writers_are_killed(address, drafts, figure):
    told, commits, lost = await kill_loop(address, drafts.caller, rounds=2, most=40)
    figure(told, lost=len(lost), commits=commits)
    assert lost == []


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_thirty_rounds_of_kills_lose_no_commit(address, drafts, figure):
    told, commits, lost = await kill_loop(address, drafts.caller, rounds=30, most=60)
    figure(told, lost=len(lost), commits=commits)
    assert lost == []
