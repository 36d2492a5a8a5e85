"""Branches from a design's nodes at random until it is killed; says each commit that was acknowledged."""

import asyncio
import hashlib
import random
import sys
import uuid
from datetime import UTC, datetime

from langdesign_database import open_transactions
from langdesign_design.nodes import Node, NodeState, Remarks, Result
from langdesign_design.sql_store import SqlDesignStore
from langdesign_design.store import Call
from langdesign_design.tables import MIGRATIONS

RESULT = Result(width=4, height=3, pixels="sha256:p", patch="sha256:d")
TENANT = "acme"


def call():
    return Call(tenant=TENANT, key=uuid.uuid4().hex, method="m", fingerprint=hashlib.sha256().digest())


class Writer:
    def __init__(self, store, design, root, name):
        self.store, self.design, self.name = store, design, name
        self.ready, self.random = [root], random.Random(name)

    async def step(self):
        """Makes a node, ends it, says something about one, and says what was kept."""
        node = self._draft(self.random.choice(self.ready))
        (made,) = await self.store.create_nodes(call(), [node])
        self._say("made", made.id, made.parent, made.revision)
        ready = await self.store.finish(TENANT, self.design, made.id, b"done", RESULT)
        self._say("ready", made.id, made.parent, ready.revision)
        self.ready.append(made.id)
        chosen = self.random.choice(self.ready)
        said = await self.store.remark(call(), self.design, chosen, Remarks(title=self.name), "")
        self._say("said", chosen, "-", said.revision)

    def _draft(self, parent):
        now = datetime.now(UTC)
        times = {"create_time": now, "update_time": now}
        place = {"id": uuid.uuid4().hex, "design": self.design, "parent": parent, "depth": 0, "revision": 0}
        return Node(**place, state=NodeState.RUNNING, **times)

    def _say(self, *words):
        print(*words, flush=True)  # noqa: T201 - what the test reads


async def main(address, design, root, name, count):
    opened = open_transactions(address, migrations=MIGRATIONS, setting="DESIGN_DATABASE", exclusive=False)
    async with opened as transactions:
        store = SqlDesignStore(transactions)
        writers = [Writer(store, design, root, f"{name}-{number}") for number in range(int(count))]
        await asyncio.gather(*(forever(writer) for writer in writers))


async def forever(writer):
    while True:
        await writer.step()


asyncio.run(main(*sys.argv[1:]))
