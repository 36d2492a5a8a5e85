"""Trees of nodes in the store: made, read, listed, put into the bin and taken back."""

import asyncio
import base64
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from langdesign_chassis import errors
from langdesign_design.nodes import NodeState

FORGED = (
    "null",
    "[]",
    "{}",
    "[1]",
    '["designs"]',
    '["designs", true, "x"]',
    '["designs", 1e3, "x"]',
    '["designs", 9223372036854775808, "x"]',
    '["designs", 1, "\\u0000"]',
    '["designs", 1, ["x"]]',
    '["designs", 1, 2]',
)


def ids(nodes):
    return [node.id for node in nodes]


async def test_a_design_begins_with_its_root(caller):
    design, root = await caller.design("Das grüne Zimmer")
    assert (design.title, design.root, design.cover, design.node_count) == (
        "Das grüne Zimmer",
        root.id,
        root.id,
        1,
    )
    assert (root.depth, root.parent, root.state) == (0, "", NodeState.READY)
    assert root.revision == design.revision == 1
    assert root.delete_time is None
    assert await caller.get(design) == design
    assert await caller.get(root) == root
    assert abs(design.create_time - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_node_comes_back_with_everything_it_was_given(caller):
    _, root = await caller.design()
    second = await caller.edit(root)
    given = {"group": "g", "instruction": "green sofa", "edit": b"\0\xff", "title": "one", "note": "two"}
    node = await caller.begin(root, merged=second.id, **given)
    assert {name: getattr(node, name) for name in given} == given
    assert (node.merged, node.depth, node.parent, node.result) == (second.id, 1, root.id, None)
    told = await caller.store.told(
        "acme", node.design, node.id, edit=b"plan", mask="sha256:m", operation="op"
    )
    assert (told.edit, told.mask, told.operation) == (b"plan", "sha256:m", "op")
    ready = await caller.finish(node)
    assert (ready.state, ready.edit, ready.mask) == (NodeState.READY, b"done", "sha256:m")
    assert ready.result == root.result


async def test_a_path_goes_from_the_root_to_the_node(caller):
    _, root = await caller.design()
    chain = await caller.chain(root, 4)
    await caller.edit(chain[1])
    path = await caller.store.path("acme", root.design, chain[-1].id)
    assert ids(path) == ids(chain)
    assert [node.depth for node in path] == [0, 1, 2, 3, 4]
    assert ids(await caller.store.path("acme", root.design, root.id)) == [root.id]


async def test_edits_begin_below_ready_nodes_outside_the_bin_only(caller, drafts):
    design, root = await caller.design()
    running = await caller.begin(root)
    with pytest.raises(errors.FailedPrecondition, match="no picture"):
        await caller.begin(running)
    gone = await caller.edit(root)
    await caller.delete(gone)
    with pytest.raises(errors.FailedPrecondition, match="bin"):
        await caller.begin(gone)
    with pytest.raises(errors.NotFound):
        await caller.begin(drafts.node(design.id, "there-is-none"))
    other, other_root = await caller.design()
    with pytest.raises(errors.NotFound):
        await caller.begin(drafts.node(other.id, root.id))
    with pytest.raises(errors.NotFound):  # a parent of another design
        await caller.store.create_nodes(caller.call("CreateNodes"), [drafts.node(other.id, root.id)])
    assert (await caller.get(other)).revision == 1
    assert ids(await caller.all_nodes(other)) == [other_root.id]


async def test_lists_have_parents_before_children_and_page_without_gaps(caller):
    design, root = await caller.design()
    nodes = [root]
    for number in range(11):
        nodes.append(await caller.edit(nodes[number // 2]))
    first = await caller.store.list_nodes("acme", design.id, 5, "", deleted=False)
    await caller.remark(nodes[2], favourite=True)  # what changes meanwhile moves nothing
    late = await caller.edit(root)
    rest = await caller.store.list_nodes("acme", design.id, 50, first.next_token, deleted=False)
    assert rest.next_token == ""
    listed = ids([*first.items, *rest.items])
    assert listed == ids([*nodes, late])
    assert ids(await caller.all_nodes(design, size=1)) == listed
    exact = await caller.store.list_nodes("acme", design.id, len(listed), "", deleted=False)
    assert exact.next_token == ""


async def test_designs_are_listed_last_changed_first(caller):
    designs = [(await caller.design(str(number)))[0] for number in range(5)]
    await caller.store.rename_design(caller.call("UpdateDesign"), designs[1].id, "newest")
    first = await caller.store.list_designs("acme", 2, "", deleted=False)
    rest = await caller.store.list_designs("acme", 2, first.next_token, deleted=False)
    assert [design.title for design in [*first.items, *rest.items]] == ["newest", "4", "3", "2"]


async def test_tokens_that_are_none_are_refused(caller):
    design, _ = await caller.design()
    forged = [base64.urlsafe_b64encode(text.encode()).decode() for text in FORGED]
    for token in ("x", "é", "AAAA", "a" * 512, *forged):
        for refused in (
            caller.store.list_designs("acme", 1, token, deleted=False),
            caller.store.list_nodes("acme", design.id, 1, token, deleted=False),
            caller.store.search("acme", "", "word", 1, token),
        ):
            with pytest.raises(errors.InvalidArgument) as caught:
                await refused
            assert caught.value.violations[0].field == "page_token"


async def test_a_token_of_another_list_or_cut_short_is_refused(caller):
    design, root = await caller.design()
    await caller.edit(root)
    token = (await caller.store.list_nodes("acme", design.id, 1, "", deleted=False)).next_token
    other, _ = await caller.design()
    for refused in (
        caller.store.list_nodes("acme", design.id, 1, token, deleted=True),
        caller.store.list_nodes("acme", other.id, 1, token, deleted=False),
        caller.store.list_nodes("acme", design.id, 1, token[:-4], deleted=False),
        caller.store.list_designs("acme", 1, token, deleted=False),
    ):
        with pytest.raises(errors.InvalidArgument):
            await refused


async def test_the_bin_takes_a_branch_and_gives_it_back(caller):
    design, root = await caller.design()
    chain = await caller.chain(root, 4)
    side = await caller.edit(chain[2])
    assert set(await caller.delete(chain[4])) == {chain[4].id}
    gone = await caller.delete(chain[2])
    assert set(gone) == {chain[2].id, chain[3].id, side.id}
    assert ids(await caller.all_nodes(design)) == ids(chain[:2])
    assert set(ids(await caller.all_nodes(design, deleted=True))) == {*gone, chain[4].id}
    assert (await caller.get(design)).node_count == 2
    assert len({node.deletion for node in await caller.all_nodes(design, deleted=True)}) == 2
    # The last one went alone: it comes back with its ancestors, and they alone.
    assert set(await caller.undelete(chain[4])) == set(ids(chain[2:]))
    assert (await caller.get(side)).delete_time is not None
    assert set(await caller.undelete(side)) == {side.id}
    assert (await caller.get(design)).node_count == 6
    assert await caller.all_nodes(design, deleted=True) == []


async def test_taking_a_node_back_brings_what_its_call_put_there(caller):
    _, root = await caller.design()
    chain = await caller.chain(root, 3)
    await caller.delete(chain[3])
    await caller.delete(chain[1])
    assert set(await caller.undelete(chain[1])) == {chain[1].id, chain[2].id}
    assert (await caller.get(chain[3])).delete_time is not None
    assert await caller.undelete(chain[1]) == []  # it is back


async def test_the_root_stays_out_of_the_bin(caller):
    _, root = await caller.design()
    with pytest.raises(errors.FailedPrecondition, match="root"):
        await caller.delete(root)


async def test_an_edit_that_runs_goes_on_in_the_bin(caller):
    _, root = await caller.design()
    running = await caller.begin(root)
    await caller.delete(running)
    assert (await caller.finish(running)).state is NodeState.READY
    assert (await caller.get(running)).delete_time is not None
    await caller.undelete(running)
    assert (await caller.get(running)).state is NodeState.READY


async def test_a_design_in_the_bin_is_read_and_not_changed(caller):
    design, root = await caller.design()
    node = await caller.edit(root)
    deleted = await caller.store.delete_design(caller.call("DeleteDesign"), design.id)
    assert deleted.delete_time is not None
    assert (await caller.store.list_designs("acme", 9, "", deleted=False)).items == []
    assert [one.id for one in (await caller.store.list_designs("acme", 9, "", deleted=True)).items] == [
        design.id
    ]
    assert ids(await caller.all_nodes(design)) == [root.id, node.id]
    for refused in (
        caller.begin(root),
        caller.remark(node, favourite=True),
        caller.delete(node),
        caller.undelete(node),
        caller.store.rename_design(caller.call("UpdateDesign"), design.id, "new"),
    ):
        with pytest.raises(errors.FailedPrecondition, match="bin"):
            await refused
    back = await caller.store.undelete_design(caller.call("UndeleteDesign"), design.id)
    assert (back.delete_time, back.node_count) == (None, 2)
    await caller.begin(root)


async def test_purging_removes_old_bins_for_good(caller):
    design, root = await caller.design()
    kept, gone = await caller.edit(root), await caller.edit(root)
    below = await caller.edit(gone)
    whole, whole_root = await caller.design()
    await caller.delete(gone)
    await caller.store.delete_design(caller.call("DeleteDesign"), whole.id)
    assert await caller.store.purge(datetime.now(UTC) - timedelta(days=1)) == []
    purged = await caller.store.purge(datetime.now(UTC) + timedelta(days=1))
    assert sorted(purged) == sorted([gone.id, below.id, whole_root.id])
    for missing in (caller.get(gone), caller.get(below), caller.get(whole), caller.undelete(gone)):
        with pytest.raises(errors.NotFound):
            await missing
    assert ids(await caller.all_nodes(design)) == [root.id, kept.id]
    assert (await caller.get(design)).node_count == 2


async def test_purging_keeps_what_was_joined_with_a_node_that_is_gone(caller):
    design, root = await caller.design()
    one, other = await caller.edit(root), await caller.edit(root)
    joined = await caller.edit(one, merged=other.id)
    await caller.delete(other)
    await caller.store.purge(datetime.now(UTC) + timedelta(days=1))
    assert ids(await caller.all_nodes(design)) == [root.id, one.id, joined.id]


async def test_the_cover_is_the_last_favourite_else_the_last_picture(caller):
    design, root = await caller.design()
    one, other = await caller.edit(root), await caller.edit(root)

    async def cover():
        return (await caller.get(design)).cover

    running = await caller.begin(root)
    assert await cover() == other.id
    await caller.store.fail("acme", design.id, running.id, b"", 13, "no")
    assert await cover() == other.id
    await caller.remark(one, favourite=True)
    assert await cover() == one.id
    await caller.delete(one)
    assert await cover() == other.id
    await caller.undelete(one)
    assert await cover() == one.id
    await caller.remark(one, favourite=False)
    assert await cover() == other.id


async def test_an_imported_design_is_as_it_was(caller, drafts):
    design = uuid.uuid4().hex
    root = drafts.node(design, state=NodeState.READY)
    one = drafts.node(design, root.id, state=NodeState.READY, title="mine", favourite=True)
    two = drafts.node(design, one.id, state=NodeState.READY, note="théâtre")
    made = await caller.store.import_design(caller.call("ImportDesign"), "again", [root, one, two])
    assert (made.node_count, made.cover, made.root, made.revision) == (3, one.id, root.id, 1)
    nodes = await caller.all_nodes(made)
    assert ids(nodes) == [root.id, one.id, two.id]
    assert [(node.depth, node.create_time, node.favourite) for node in nodes] == [
        (0, root.create_time, False),
        (1, root.create_time, True),
        (2, root.create_time, False),
    ]
    assert await caller.found("theatre", design) == [two.id]
    assert (await caller.begin(two)).depth == 3


async def test_nodes_come_in_the_order_asked_for_and_those_that_there_are(caller, other):
    design, root = await caller.design()
    node = await caller.edit(root)
    second, second_root = await caller.design()
    _, foreign = await other.design()
    asked = [node.id, "none", foreign.id, second_root.id, root.id]
    assert ids(await caller.store.nodes("acme", "", asked)) == [node.id, second_root.id, root.id]
    assert ids(await caller.store.nodes("acme", design.id, asked)) == [node.id, root.id]
    assert await caller.store.nodes("acme", second.id, []) == []


async def test_branches_made_at_once_keep_the_tree_whole(caller):
    design, root = await caller.design()
    parents = await asyncio.gather(*(caller.edit(root) for _ in range(8)))
    await asyncio.gather(*(caller.edit(parent) for parent in parents for _ in range(3)))
    nodes = await caller.all_nodes(design)
    assert len({node.id for node in nodes}) == len(nodes) == 33
    assert (await caller.get(design)).node_count == 33
    before = {}
    for node in nodes:
        assert node.depth == (before[node.parent] + 1 if node.parent else 0)
        before[node.id] = node.depth
    # One change for each node made and each finished, and the first one.
    assert (await caller.get(design)).revision == 1 + 2 * 32
