"""Promise 9, design's part: whoever is killed amid edits, each ends as one node, and is done once."""

import asyncio

import pytest
from langdesign.design.v1 import design_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_chassis import channel


def creation(photo):
    return pb.CreateDesignRequest(idempotency_key="c", image=media_pb2.Image(data=photo))


@pytest.mark.parametrize("victim", ["design", "editing"])
async def test_killed_amid_an_edit_either_side_leaves_one_ready_node_that_was_edited_once(
    tmp_path, photo, helpers, programs, victim
):
    async with programs.running(tmp_path) as running, channel(running.addresses) as peer:
        caller = helpers.caller(peer)
        root = (await programs.insist(caller, "CreateDesign", creation(photo))).root
        request = helpers.edit_request(root.name, key="e", steps=30)
        call = caller.stub.CreateNodes(request)
        await programs.until_preview(call)
        call.cancel()
        program = running.editing if victim == "editing" else running.designs[0]
        await program.kill()
        await program.start()
        (_, node) = await programs.until_ended(caller, root.name.split("/nodes/")[0])
        assert node.state == pb.NODE_STATE_READY
        joined = helpers.ended(await programs.insist(caller, "CreateNodes", request))
        assert [one.name for one in joined] == [node.name]
        assert running.edits_done() == ["paint it\t0"]


_TOGETHER = 8  # calls at a time; of eighty the service would refuse some


@pytest.mark.parametrize("kills", [2, pytest.param(40, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
async def test_killed_again_and_again_no_edit_is_lost_or_kept_twice(
    tmp_path, photo, helpers, programs, figure, kills
):
    edits = 2 * kills
    async with programs.running(tmp_path) as running, channel(running.addresses) as peer:
        caller = helpers.caller(peer)
        root = (await programs.insist(caller, "CreateDesign", creation(photo))).root
        requests = [
            helpers.edit_request(root.name, key=str(seed), seed=seed, steps=20) for seed in range(edits)
        ]
        places = asyncio.Semaphore(_TOGETHER)

        async def ask(request):
            async with places:
                return await programs.insist(caller, "CreateNodes", request)

        asked = [asyncio.create_task(ask(request)) for request in requests]
        for number in range(kills):
            seen = len(running.edits_done())
            await programs.until(lambda seen=seen: len(running.edits_done()) > seen or seen >= edits)
            program = running.designs[0] if number % 2 else running.editing
            await program.kill()
            await program.start()
        nodes = [helpers.ended(responses)[-1] for responses in await asyncio.gather(*asked)]
        kept = await programs.until_ended(caller, root.name.split("/nodes/")[0])
        anew = len(running.edits_done()) - edits
    ready = {node.name for node in nodes if node.state == pb.NODE_STATE_READY}
    lost, twice = edits - len(ready), len(kept) - 1 - len(ready)
    figure(
        f"promise 9: {kills} kills of design and editing, {edits} edits: {lost} lost, {twice} kept twice, "
        f"{anew} anew",
        lost=lost,
        twice=twice,
    )
    assert (lost, twice) == (0, 0)
    assert {node.name for node in kept} == {root.name, *ready}
