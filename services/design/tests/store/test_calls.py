"""Calls that are done once, etags, revisions, tenants, and edits under way."""

import asyncio

import pytest
from langdesign_chassis import errors
from langdesign_design.nodes import Design, NodeState


async def test_an_equal_call_is_done_once(caller):
    design, root = await caller.design(key="a")
    assert (await caller.design(key="a"))[0].id == design.id
    first, again = [await caller.begin(root, key="b") for _ in range(2)]
    assert first == again
    node = await caller.finish(first)
    assert await caller.begin(root, key="b") == node  # as it is now
    gone = await caller.delete(node, key="c")
    assert await caller.delete(node, key="c") == gone
    assert await caller.undelete(node, key="d") == gone
    assert await caller.undelete(node, key="d") == gone
    assert await caller.delete(node, key="c") == gone  # and stays where it is
    assert (await caller.get(node)).delete_time is None


async def test_equal_calls_at_once_are_done_once(caller):
    design, root = await caller.design()
    made = await asyncio.gather(*(caller.begin(root, key="k") for _ in range(10)))
    assert len({node.id for node in made}) == 1
    assert (await caller.get(design)).node_count == 2
    assert (await caller.get(design)).revision == 2


async def test_another_call_under_a_key_is_refused(caller, other):
    _, root = await caller.design(key="k")
    with pytest.raises(errors.AlreadyExists):
        await caller.begin(root, key="k")
    await other.design(key="k")  # keys are each tenant's own


async def test_a_call_that_failed_is_not_remembered(caller):
    _, root = await caller.design()
    running = await caller.begin(root)
    with pytest.raises(errors.FailedPrecondition):
        await caller.begin(running, key="k")
    await caller.finish(running)
    await caller.begin(running, key="k")


async def test_remarks_change_what_they_say_and_nothing_else(caller):
    _, root = await caller.design()
    node = await caller.remark(await caller.edit(root), title="t", note="n", favourite=True, hidden=True)
    assert (node.title, node.note, node.favourite, node.hidden) == ("t", "n", True, True)
    node = await caller.remark(node, note="")
    assert (node.title, node.note, node.favourite, node.hidden) == ("t", "", True, True)


async def test_of_two_changes_with_one_etag_the_second_is_aborted(caller):
    _, root = await caller.design()
    first, second = await asyncio.gather(
        *(caller.remark(root, title=title, etag=str(root.revision)) for title in ("a", "b")),
        return_exceptions=True,
    )
    assert sorted([isinstance(first, errors.Aborted), isinstance(second, errors.Aborted)]) == [False, True]
    now = await caller.get(root)
    assert now.title in {"a", "b"}
    await caller.remark(root, title="c", etag=str(now.revision))


async def test_changes_tell_each_item_once_as_it_is_now(caller):
    design, root = await caller.design()
    node = await caller.begin(root)
    node = await caller.finish(node)
    told = await caller.store.changes("acme", design.id, 0)
    assert [change.item.id for change in told] == [root.id, node.id, design.id]
    assert [change.revision for change in told] == [1, 3, 3]
    assert told[-1].item == await caller.get(design)
    assert await caller.store.changes("acme", design.id, 3) == []
    await caller.delete(node)
    (gone, design_now) = await caller.store.changes("acme", design.id, 3)
    assert gone.item.delete_time is not None
    assert isinstance(design_now.item, Design)


async def test_a_follower_misses_nothing_while_many_write(caller):
    design, root = await caller.design()
    seen, known, writing = {}, 0, True

    async def follow():
        nonlocal known
        while writing or known < (await caller.get(design)).revision:
            for change in await caller.store.changes("acme", design.id, known):
                assert change.revision > known
                seen[change.item.id] = change.item
            known = max([known, *(item.revision for item in seen.values())])

    async def write():
        for _ in range(6):
            await caller.remark(await caller.edit(root), favourite=True)

    follower = asyncio.create_task(follow())
    await asyncio.gather(*(write() for _ in range(4)))
    writing = False
    await follower
    for node in await caller.all_nodes(design):
        assert seen[node.id] == node
    assert seen[design.id] == await caller.get(design)


async def test_what_ended_stays_as_it_is(caller):
    _, root = await caller.design()
    done = await caller.edit(root)
    failed = await caller.begin(root)
    failed = await caller.store.fail("acme", root.design, failed.id, b"e", 14, "editing is away")
    assert (failed.state, failed.failure.code, failed.failure.message) == (
        NodeState.FAILED,
        14,
        "editing is away",
    )
    stopped = await caller.begin(root)
    stopped = await caller.store.fail("acme", root.design, stopped.id, b"e", 1, "stopped")
    assert (stopped.state, stopped.failure) == (NodeState.CANCELLED, None)
    for node in (done, failed, stopped):
        place = ("acme", root.design, node.id)
        assert await caller.finish(node, b"x") == node
        assert await caller.store.fail(*place, b"x", 1, "no") == node
        assert await caller.store.told(*place, edit=b"x", mask="m", operation="o") == node


async def test_of_endings_at_once_one_counts(caller):
    design, root = await caller.design()
    node = await caller.begin(root)
    ended = await asyncio.gather(
        *(caller.finish(node, bytes([number])) for number in range(4)),
        *(caller.store.fail("acme", node.design, node.id, b"x", 13, "no") for _ in range(4)),
    )
    assert len({(one.state, one.edit, one.revision) for one in ended}) == 1
    # Whoever came too late changed nothing: revisions have no gaps.
    assert (await caller.get(design)).revision == ended[0].revision == 3


async def test_another_tenants_design_is_not_there(caller, other):
    design, root = await caller.design(instruction="secret words")
    node = await caller.edit(root)
    place = ("umbra", design.id, node.id)
    store, call = caller.store, other.call
    for missing in (
        store.design("umbra", design.id),
        store.list_nodes("umbra", design.id, 9, "", deleted=False),
        store.search("umbra", design.id, "secret", 9, ""),
        store.changes("umbra", design.id, 0),
        store.nodes("umbra", design.id, [node.id]),
        store.node(*place),
        store.path(*place),
        store.told(*place, edit=b"", mask="", operation=""),
        store.finish(*place, b"", root.result),
        store.fail(*place, b"", 1, ""),
        store.rename_design(call("UpdateDesign"), design.id, "mine"),
        store.delete_design(call("DeleteDesign"), design.id),
        store.undelete_design(call("UndeleteDesign"), design.id),
        other.begin(root),
        other.remark(node, title="mine"),
        other.delete(node),
        other.undelete(node),
    ):
        with pytest.raises(errors.NotFound) as caught:
            await missing
        assert caught.value.message in {"there is no such design", "there is no such node"}
    assert (await store.list_designs("umbra", 9, "", deleted=False)).items == []
    assert await other.found("secret") == []
    assert await store.nodes("umbra", "", [node.id, root.id]) == []
    assert (await caller.get(design)).revision == 3
    assert await caller.get(node) == node


async def test_a_node_of_another_design_is_not_there(caller):
    _, root = await caller.design()
    design, _ = await caller.design()
    place = ("acme", design.id, root.id)
    for missing in (caller.store.node(*place), caller.store.path(*place)):
        with pytest.raises(errors.NotFound):
            await missing


async def test_each_running_node_has_one_runner(caller):
    _, root = await caller.design()
    nodes = [(await caller.begin(root)).id for _ in range(6)]
    first = await caller.store.claim("one", 60, 4)
    assert [node.id for _, node in first] == nodes[:4]
    assert {tenant for tenant, _ in first} == {"acme"}
    assert [node.id for _, node in await caller.store.claim("one", 60, 4)] == nodes[4:]
    assert await caller.store.claim("one", 60, 4) == []
    assert set(await caller.store.hold("one", [*nodes, "none"], 60)) == set(nodes)
    await caller.store.finish("acme", root.design, nodes[0], b"", root.result)
    assert set(await caller.store.hold("one", nodes, 60)) == set(nodes[1:])


async def test_leases_that_ended_or_were_given_up_are_free(caller):
    _, root = await caller.design()
    node = await caller.begin(root)
    await caller.store.claim("one", 0.0, 9)
    assert [found.id for _, found in await caller.store.claim("two", 60, 9)] == [node.id]
    assert await caller.store.hold("one", [node.id], 60) == []
    await caller.store.release("one")
    assert await caller.store.hold("two", [node.id], 60) == [node.id]
    await caller.store.release("two")
    assert [found.id for _, found in await caller.store.claim("three", 60, 9)] == [node.id]


async def test_runners_at_once_take_apart(caller):
    _, root = await caller.design()
    nodes = {(await caller.begin(root)).id for _ in range(20)}
    taken = await asyncio.gather(*(caller.store.claim("one", 60, 3) for number in range(8)))
    ids = [node.id for one in taken for _, node in one]
    assert len(ids) == len(set(ids))
    assert set(ids) <= nodes
