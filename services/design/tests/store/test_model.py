"""Random changes of a design against a small model of a tree."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "edit", "end", "delete", "undelete", "favour", "purge"]), st.integers(0, 99)
    ),
    min_size=1,
    max_size=25,
)


class Model:
    """What the store has to hold: nodes in the order of their making, each a dict of what is checked."""

    def __init__(self, root):
        self.nodes = {root.id: {"parent": "", "ready": True, "bin": 0, "favourite": False}}
        self.root, self.deletions = root.id, 0

    def path(self, node):
        path = []
        while node:
            path.append(node)
            node = self.nodes[node]["parent"]
        return path[::-1]

    def add(self, node, parent, *, ready):
        self.nodes[node] = {"parent": parent, "ready": ready, "bin": 0, "favourite": False}

    def delete(self, node):
        self.deletions += 1
        gone = {one for one, state in self.nodes.items() if node in self.path(one) and not state["bin"]}
        for one in gone:
            self.nodes[one]["bin"] = self.deletions
        return gone

    def undelete(self, node):
        call = self.nodes[node]["bin"]
        together = {one for one, state in self.nodes.items() if call and state["bin"] == call}
        back = {one for one in {*together, *self.path(node)} if self.nodes[one]["bin"]}
        for one in back:
            self.nodes[one]["bin"] = 0
        return back

    def purge(self):
        gone = {one for one, state in self.nodes.items() if state["bin"]}
        self.nodes = {one: state for one, state in self.nodes.items() if one not in gone}
        return gone

    @property
    def cover(self):
        shown = [
            (state["favourite"], number, node) for number, (node, state) in enumerate(self.nodes.items())
        ]
        return max(one for one in shown if self.nodes[one[2]]["ready"] and not self.nodes[one[2]]["bin"])[2]


class Walk:
    """Does each step on the store and on the model, and compares them."""

    def __init__(self, caller, design, root):
        self.caller, self.design, self.model = caller, design, Model(root)
        self.by_id, self.revision = {root.id: root}, 1

    async def step(self, kind, number):
        nodes = list(self.model.nodes)
        node = nodes[number % len(nodes)]
        await getattr(self, kind)(node, self.model.nodes[node])

    async def begin(self, node, state):
        if state["ready"] and not state["bin"]:
            made = await self.caller.begin(self.by_id[node])
            self.by_id[made.id] = made
            self.model.add(made.id, node, ready=False)

    async def edit(self, node, state):
        if state["ready"] and not state["bin"]:
            made = await self.caller.edit(self.by_id[node])
            self.by_id[made.id] = made
            self.model.add(made.id, node, ready=True)

    async def end(self, node, state):
        await self.caller.finish(self.by_id[node])
        state["ready"] = True

    async def delete(self, node, _state):
        if node != self.model.root:
            assert set(await self.caller.delete(self.by_id[node])) == self.model.delete(node)

    async def undelete(self, node, _state):
        assert set(await self.caller.undelete(self.by_id[node])) == self.model.undelete(node)

    async def favour(self, node, state):
        if not state["bin"]:
            await self.caller.remark(self.by_id[node], favourite=not state["favourite"])
            state["favourite"] = not state["favourite"]

    async def purge(self, _node, _state):
        later = datetime.now(UTC) + timedelta(days=1)
        purged = set(await self.caller.store.purge(later))
        assert purged & set(self.by_id) == self.model.purge()  # designs of other walks are there too

    async def check(self):
        caller, model = self.caller, self.model
        there, binned = [await caller.all_nodes(self.design, deleted=deleted) for deleted in (False, True)]
        assert [node.id for node in there] == [one for one, state in model.nodes.items() if not state["bin"]]
        assert [node.id for node in binned] == [one for one, state in model.nodes.items() if state["bin"]]
        for node in there + binned:
            path = await caller.store.path(caller.tenant, node.design, node.id)
            assert [one.id for one in path] == model.path(node.id)
            assert node.depth == len(path) - 1
            assert (node.state == "ready", node.favourite) == tuple(
                model.nodes[node.id][name] for name in ("ready", "favourite")
            )
        design = await caller.get(self.design)
        assert (design.node_count, design.cover) == (len(there), model.cover)
        changes = await caller.store.changes(caller.tenant, design.id, self.revision)
        changed = {node.id for node in there + binned if node.revision > self.revision}
        assert {change.item.id for change in changes} - {design.id} == changed
        assert design.revision >= self.revision
        self.revision = design.revision


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_random_changes_leave_the_tree_that_a_model_says(kind, tmp_path, request, opened_store, drafts):
    address = f"sqlite:///{tmp_path}/design.sqlite"
    if kind == "postgres":
        address = request.getfixturevalue("postgres").new_database()

    async def walk(store, steps):
        caller = drafts.caller(store)
        walk = Walk(caller, *await caller.design())
        for step in steps:
            await walk.step(*step)
            if step[0] != "begin":
                await walk.check()
        await walk.check()

    with asyncio.Runner() as runner:
        context = opened_store(address)
        store = runner.run(context.__aenter__())

        @settings(
            max_examples=12 if kind == "sqlite" else 5,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(STEPS)
        def check(steps):
            runner.run(walk(store, steps))

        try:
            check()
        finally:
            runner.run(context.__aexit__(None, None, None))
