"""Large trees: deep paths, long lists, and what they cost."""

import statistics
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from langdesign_chassis import errors
from langdesign_design.nodes import NodeState


async def deep_design(caller, drafts, depth):
    """Imports a chain of nodes; returns the design and the chain."""
    design, chain = uuid.uuid4().hex, []
    for number in range(depth + 1):
        parent = chain[-1].id if chain else ""
        title = f"step {number}"
        chain.append(drafts.node(design, parent, state=NodeState.READY, title=title, edit=b"e" * 400))
    return await caller.store.import_design(caller.call("ImportDesign"), "deep", chain), chain


async def test_a_tree_deeper_than_databases_recurse_is_read_binned_and_purged(caller, drafts):
    design, chain = await deep_design(caller, drafts, 1200)
    path = await caller.store.path("acme", design.id, chain[-1].id)
    assert [node.id for node in path] == [node.id for node in chain]
    gone = await caller.delete(chain[1])
    assert len(gone) == 1200
    assert set(await caller.undelete(chain[-1])) == set(gone)
    await caller.delete(chain[100])
    purged = await caller.store.purge(datetime.now(UTC) + timedelta(days=1))
    assert set(purged) == {node.id for node in chain[100:]}
    await caller.store.delete_design(caller.call("DeleteDesign"), design.id)
    purged = await caller.store.purge(datetime.now(UTC) + timedelta(days=1))
    assert set(purged) == {node.id for node in chain[:100]}


async def test_texts_that_postgres_cannot_keep_are_refused_everywhere(caller, drafts):
    design, root = await caller.design()
    for refused in (
        caller.design("\0"),
        caller.design(key="\0"),
        caller.begin(root, instruction="\0"),
        caller.remark(root, note="\0"),
        caller.store.rename_design(caller.call("UpdateDesign"), design.id, "\0"),
    ):
        with pytest.raises(errors.InvalidArgument, match="cannot be kept"):
            await refused


async def milliseconds(work, times=9):
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - begin) * 1000)
    return statistics.median(taken)


@pytest.mark.long
async def test_what_long_lists_and_deep_paths_cost(address, caller, drafts, figure):
    design, chain = await deep_design(caller, drafts, 999)
    store, costs = caller.store, {}
    costs["list 1,000 nodes"] = await milliseconds(
        lambda: store.list_nodes("acme", design.id, 1000, "", deleted=False)
    )
    for depth in (2, 200, 999):
        costs[f"path at depth {depth}"] = await milliseconds(
            lambda depth=depth: store.path("acme", design.id, chain[depth].id)
        )
    costs["search 1,000 nodes"] = await milliseconds(
        lambda: store.search("acme", design.id, "step 99", 50, "")
    )
    costs["begin and finish one more"] = await milliseconds(lambda: caller.edit(chain[500]))
    said = ", ".join(f"{what} {cost:.1f} ms" for what, cost in costs.items())
    figure(f"design store, {address.split(':')[0]}: {said}")
    assert costs["list 1,000 nodes"] < 1000
