import asyncio
import socket

import pytest
from langdesign.editing.v1 import editing_pb2
from langdesign_chassis import channel
from langdesign_design.editing_peer import EditingPeer


@pytest.mark.parametrize("turns", range(8))
async def test_an_edit_that_is_let_go_at_its_beginning_is_cancelled_and_not_failed(turns):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with channel(f"127.0.0.1:{silent.getsockname()[1]}") as peer:
            edit = EditingPeer(peer, None, seconds=30).edit("acme", editing_pb2.EditRequest())
            began = asyncio.create_task(anext(edit))
            for _ in range(turns):  # each is one turn of the event loop
                await asyncio.sleep(0)
            began.cancel()
            with pytest.raises(asyncio.CancelledError):
                await began
