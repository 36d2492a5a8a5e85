"""Promise 18: what belongs to another tenant is NOT_FOUND, on every method."""

import asyncio
from dataclasses import dataclass

import grpc
import pytest
from langdesign.design.v1 import design_pb2 as pb
from langdesign.editing.v1 import editing_pb2
from langdesign.media.v1 import media_pb2
from langdesign_media import digest

METHODS = [method.name for method in pb.DESCRIPTOR.services_by_name["DesignService"].methods]
HELD = editing_pb2.Region(box=media_pb2.Box(x=1, y=1, width=3, height=3))


def updated(request, *paths):
    request.update_mask.paths[:] = paths
    return request


@dataclass
class Names:
    """Names of what a tenant has."""

    design: str
    node: str
    other: str
    blob: str


CASES = {
    "CreateDesign": lambda it: pb.CreateDesignRequest(image=media_pb2.Image(blob=it.blob)),
    "GetDesign": lambda it: pb.GetDesignRequest(name=it.design),
    "UpdateDesign": lambda it: updated(pb.UpdateDesignRequest(design=pb.Design(name=it.design)), "title"),
    "DeleteDesign": lambda it: pb.DeleteDesignRequest(name=it.design),
    "UndeleteDesign": lambda it: pb.UndeleteDesignRequest(name=it.design),
    "WatchDesign": lambda it: pb.WatchDesignRequest(name=it.design),
    "ExportDesign": lambda it: pb.ExportDesignRequest(name=it.design),
    "PlanNode": lambda it: pb.PlanNodeRequest(parent=it.node, instruction="paint it", region=HELD),
    "CreateNodes": lambda it: pb.CreateNodesRequest(parent=it.node, instruction="paint it", region=HELD),
    "CancelNode": lambda it: pb.CancelNodeRequest(name=it.node),
    "GetNode": lambda it: pb.GetNodeRequest(name=it.node),
    "ListNodes": lambda it: pb.ListNodesRequest(parent=it.design),
    "SearchNodes": lambda it: pb.SearchNodesRequest(parent=it.design, query="paint"),
    "UpdateNode": lambda it: updated(pb.UpdateNodeRequest(node=pb.Node(name=it.node)), "note"),
    "DeleteNode": lambda it: pb.DeleteNodeRequest(name=it.node),
    "UndeleteNode": lambda it: pb.UndeleteNodeRequest(name=it.node),
    "GetPicture": lambda it: pb.GetPictureRequest(name=it.node),
    "BatchGetThumbnails": lambda it: pb.BatchGetThumbnailsRequest(parent="designs/-", names=[it.node]),
    "CompareNodes": lambda it: pb.CompareNodesRequest(base=it.node, other=it.other),
    "MergeNodes": lambda it: pb.MergeNodesRequest(base=it.node, other=it.other),
    "ReplayNode": lambda it: pb.ReplayNodeRequest(name=it.node, validate_only=True),
}
NAMES_NOTHING = {"ListDesigns", "ImportDesign"}
"""Methods whose requests can name nothing of anybody's."""


def of(method, names):
    """Returns a valid request of a method, with a key of its own where it has one."""
    request = CASES[method](names)
    if "idempotency_key" in request.DESCRIPTOR.fields_by_name:
        request.idempotency_key = f"promise-{method}"
    return request


async def furnished(caller, photo):
    """Gives a tenant a design with two branches; returns their names."""
    root = (await caller.create_design(photo)).root
    node = await caller.edit_one(root.name, region=HELD)
    apart = editing_pb2.Region(box=media_pb2.Box(x=20, y=15, width=4, height=4))
    other = await caller.edit_one(root.name, region=apart, seed=1)
    return Names(root.name.split("/nodes/")[0], node.name, other.name, digest(photo))


@pytest.fixture
def database(request, tmp_path):
    """Address of an empty database, a file unless a test asks for Postgres."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path}/design.sqlite"
    return request.getfixturevalue("postgres").new_database()


@pytest.fixture
async def tenants(stack, photo, database):
    """Two tenants' callers, and the names of what the first has."""
    stack.authenticated()
    async with stack.editing() as editing, stack.design(editing.address, database=database) as design:
        acme, rival = stack.caller(design, "acme"), stack.caller(design, "rival")
        yield acme, rival, await furnished(acme, photo)


async def code_of(caller, method, request):
    """Returns the code of a call; of a stream that goes on, OK at its first response."""
    call = getattr(caller.stub, method)(request, metadata=caller.metadata, timeout=20)
    try:
        if not hasattr(call, "read"):
            await call
        elif method == "WatchDesign" and await call.read() is not grpc.aio.EOF:
            call.cancel()
            return grpc.StatusCode.OK
        else:
            async for _ in call:
                pass
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def test_every_method_has_a_case():
    assert set(CASES) | NAMES_NOTHING == set(METHODS)
    assert not set(CASES) & NAMES_NOTHING


@pytest.mark.parametrize("database", ["sqlite", "postgres"], indirect=True)
async def test_what_belongs_to_another_tenant_is_not_found_on_every_method(tenants, database, photo, figure):
    acme, rival, theirs = tenants
    own = (await rival.create_design(photo, key="own")).root.name.split("/nodes/")[0]
    mixed = Names(
        own, *(f"{own}/nodes/{name.split('/')[-1]}" for name in (theirs.node, theirs.other)), digest(b"none")
    )
    before = await acme.nodes(theirs.design)
    asked, answered = 0, []
    for method in sorted(CASES):
        if method != "CreateDesign":  # the rival has the same picture; its own blob of it is no secret
            code = await code_of(rival, method, of(method, theirs))
            answered += [method] * (code is not grpc.StatusCode.NOT_FOUND)
        if "node" in of(method, theirs).DESCRIPTOR.full_name.lower() or method == "CreateDesign":
            code = await code_of(rival, method, of(method, mixed))
            own_design_alone = method in {"ListNodes", "SearchNodes"}
            right = grpc.StatusCode.OK if own_design_alone else grpc.StatusCode.NOT_FOUND
            answered += [f"{method} of an own design"] * (code is not right)
        asked += 1
    assert await acme.nodes(theirs.design) == before
    for method in sorted(CASES):  # the same requests are good ones for whom the things belong to
        code = await code_of(acme, method, of(method, theirs))
        good = {grpc.StatusCode.OK, grpc.StatusCode.FAILED_PRECONDITION}
        assert code in good, (method, code)
    figure(
        f"promise 18, {database.split(':')[0]}: {asked} of {len(METHODS)} methods of designs name things; "
        f"{len(answered)} not NOT_FOUND for others",
        methods=asked,
        open=len(answered),
    )
    assert answered == []


async def test_lists_and_searches_over_everything_hold_nothing_of_other_tenants(tenants):
    _, rival, _ = tenants
    assert not (await rival.call("ListDesigns", pb.ListDesignsRequest())).designs
    assert not (await rival.call("ListDesigns", pb.ListDesignsRequest(deleted=True))).designs
    found = await rival.call("SearchNodes", pb.SearchNodesRequest(parent="designs/-", query="paint"))
    assert not found.nodes


async def test_one_tenants_idempotency_keys_are_no_others(tenants, photo):
    acme, rival, _ = tenants
    one = await acme.create_design(photo, key="the same")
    other = await rival.create_design(photo, key="the same")
    assert one.design.name != other.design.name


async def test_an_edit_runs_for_its_tenant_under_the_services_own_token(stack, photo, engine, helpers):
    stack.authenticated()
    async with stack.editing() as editing, stack.design(editing.address) as design:
        metadata = stack.issuer.metadata("acme", "design")  # no scope for editing
        caller = helpers.caller(design.channel, metadata)
        root = (await caller.create_design(photo)).root
        node = await caller.edit_one(root.name)
        assert node.state == pb.NODE_STATE_READY
        request = pb.PlanNodeRequest(parent=root.name, instruction="paint it", region=HELD)
        # A plan is part of a call, and is made under its caller's token.
        assert await code_of(caller, "PlanNode", request) is grpc.StatusCode.PERMISSION_DENIED


async def test_tenants_take_turns_however_much_one_of_them_asks_for(stack, photo, engine, helpers):
    stack.authenticated()
    async with stack.editing() as editing, stack.design(editing.address, concurrency=2) as design:
        busy, other = stack.caller(design, "busy"), stack.caller(design, "other")
        roots = [(await caller.create_design(photo)).root.name for caller in (busy, other)]
        engine.hold()
        many = helpers.edit_request(roots[0], candidates=6)
        asked = [asyncio.create_task(busy.call("CreateNodes", many))]
        await engine.until(lambda engine: engine.running == 2)
        call = other.stub.CreateNodes(helpers.edit_request(roots[1], seed=100), metadata=other.metadata)
        assert (await call.read()).node.state == pb.NODE_STATE_RUNNING
        engine.go_on()
        async for response in call:
            assert response.node.state != pb.NODE_STATE_FAILED
        await asyncio.gather(*asked)
    assert engine.begun.index(100) <= 3  # two were begun before it was asked for
    assert sorted(engine.done) == [0, 1, 2, 3, 4, 5, 100]


async def test_a_node_that_another_tenant_cancels_goes_on(tenants, engine, helpers):
    acme, rival, names = tenants
    engine.hold()
    running = asyncio.create_task(acme.call("CreateNodes", helpers.edit_request(names.node, seed=7)))
    await engine.until(lambda engine: engine.running)
    (name,) = [node.name for node in await acme.nodes(names.design) if node.state == pb.NODE_STATE_RUNNING]
    request = pb.CancelNodeRequest(idempotency_key="stop", name=name)
    assert await code_of(rival, "CancelNode", request) is grpc.StatusCode.NOT_FOUND
    engine.go_on()
    (node,) = helpers.ended(await running)
    assert node.state == pb.NODE_STATE_READY
