"""A store of designs on SQLite and on a real Postgres, and a caller of it."""

import hashlib
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from langdesign_database import open_transactions
from langdesign_database.testing import empty_database  # noqa: F401 - a fixture
from langdesign_design.nodes import Node, NodeState, Remarks, Result
from langdesign_design.sql_store import SqlDesignStore
from langdesign_design.store import Call
from langdesign_design.tables import MIGRATIONS

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
RESULT = Result(width=4, height=3, pixels="sha256:p", patch="sha256:d", thumbnail="sha256:t", report=b"r")


def opened(address):
    return open_transactions(address, migrations=MIGRATIONS, setting="DESIGN_DATABASE", exclusive=False)


@pytest.fixture
async def transactions(address):
    async with opened(address) as found:
        yield found


@pytest.fixture(scope="session")
def opened_store():
    """Opens a store, as often as a test likes."""

    @asynccontextmanager
    async def open_one(address):
        async with opened(address) as found:
            yield SqlDesignStore(found)

    return open_one


@pytest.fixture
def store(transactions):
    return SqlDesignStore(transactions)


def new_node(design, parent="", *, state=NodeState.RUNNING, **fields):
    """Returns a node as the service drafts it."""
    ready = {"result": RESULT} if state is NodeState.READY else {}
    known = {"id": uuid.uuid4().hex, "depth": 0, "revision": 0, "create_time": NOW, "update_time": NOW}
    return Node(**{**known, "design": design, "parent": parent, "state": state, **ready, **fields})


def new_root(**fields):
    return new_node(uuid.uuid4().hex, state=NodeState.READY, **fields)


class Caller:
    """A tenant's user of the store, whose calls have keys of their own unless they are given one."""

    def __init__(self, store, tenant="acme"):
        self.store, self.tenant = store, tenant

    def call(self, method, key=None, of=""):
        fingerprint = hashlib.sha256(f"{method} {of}".encode()).digest()
        return Call(tenant=self.tenant, key=key or uuid.uuid4().hex, method=method, fingerprint=fingerprint)

    async def design(self, title="a room", key=None, **fields):
        """Creates a design; returns it and its root."""
        return await self.store.create_design(self.call("CreateDesign", key), title, new_root(**fields))

    async def begin(self, parent, *, key=None, **fields):
        """Creates a running child."""
        node = new_node(parent.design, parent.id, **fields)
        (made,) = await self.store.create_nodes(self.call("CreateNodes", key, parent.id), [node])
        return made

    async def edit(self, parent, **fields):
        """Creates a child that is ready."""
        return await self.finish(await self.begin(parent, **fields))

    async def finish(self, node, edit=b"done"):
        return await self.store.finish(self.tenant, node.design, node.id, edit, RESULT)

    async def chain(self, root, length):
        """Creates a path below a root in one call; returns its nodes, the root first."""
        nodes = [root]
        for _ in range(length):
            nodes.append(await self.edit(nodes[-1]))
        return nodes

    async def remark(self, node, etag="", key=None, **said):
        call = self.call("UpdateNode", key, node.id)
        return await self.store.remark(call, node.design, node.id, Remarks(**said), etag)

    async def delete(self, node, key=None):
        return await self.store.delete_node(self.call("DeleteNode", key, node.id), node.design, node.id)

    async def undelete(self, node, key=None):
        return await self.store.undelete_node(self.call("UndeleteNode", key, node.id), node.design, node.id)

    async def get(self, thing):
        """Returns a node or a design as it is now."""
        if isinstance(thing, Node):
            return await self.store.node(self.tenant, thing.design, thing.id)
        return await self.store.design(self.tenant, thing.id)

    async def all_nodes(self, design, *, deleted=False, size=1000):
        """Returns all nodes of all pages."""
        found, token = [], ""
        while True:
            page = await self.store.list_nodes(self.tenant, design.id, size, token, deleted=deleted)
            found += page.items
            if not (token := page.next_token):
                return found

    async def found(self, query, design=""):
        page = await self.store.search(self.tenant, design, query, 50, "")
        return [node.id for node in page.items]


@pytest.fixture
def caller(store):
    return Caller(store)


@pytest.fixture
def other(store):
    """A caller of another tenant."""
    return Caller(store, "umbra")


@pytest.fixture(scope="session")
def drafts():
    """What makes nodes and callers, for tests that need more than one."""
    return type(
        "Drafts",
        (),
        {"node": staticmethod(new_node), "root": staticmethod(new_root), "caller": Caller, "result": RESULT},
    )
