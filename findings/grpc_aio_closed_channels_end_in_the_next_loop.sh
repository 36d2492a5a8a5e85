#!/usr/bin/env bash
# grpcio 1.85.1, grpc.aio: a call under way, `await channel.close()`, the event loop is closed, and another loop begins.
#
# Expected: close() "cancels all active calls" and is awaited: afterwards the channel has nothing more to say, and its loop can be closed,
# as after the closing of one of asyncio's own servers or streams has been awaited.
# Seen: the end of the cancelled call is delivered later, by a queue that all loops of the process share. It is the next loop, in which
# other code runs, that finds it, cannot pass it on, and gives its own exception handler "Event loop is closed", out of
# PollerCompletionQueue. Cancelling the call and awaiting it before close(), which raises CancelledError as it should, does not prevent
# it, nor does one turn of the loop; it is a race that close() mostly loses. A channel whose calls had ended is silent. It takes a call
# that something still holds, as a fixture or a failed test's traceback does. A test suite that fails on what its loops are told
# blames the test after the one that left the call.
#
# So calls are let end, or the loop lives a moment on after close() (0.2 s here), before it is closed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check grpcio==1.85.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import asyncio
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

import grpc


class Service(grpc.GenericRpcHandler):
    def service(self, _):
        def slept(request, context):
            time.sleep(float(request))
            return request

        return grpc.unary_unary_rpc_method_handler(slept)


server = grpc.server(ThreadPoolExecutor(8))
server.add_generic_rpc_handlers((Service(),))
target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
server.start()


kept = []


async def leave(cancelled=False, ended=False, pause=None):
    channel = grpc.aio.insecure_channel(target)
    call = channel.unary_unary("/edits/edit")(b"0.3")
    kept.append((channel, call))
    await asyncio.sleep(0.1)
    if cancelled:
        call.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await call
    if ended:
        await call
    await channel.close()
    if pause is not None:
        await asyncio.sleep(pause)


async def work(reported):
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(repr(context.get("exception"))))
    async with grpc.aio.insecure_channel(target) as channel:
        for _ in range(5):
            await channel.unary_unary("/edits/edit")(b"0.05")


def in_a_loop(work):
    loop = asyncio.new_event_loop()
    kept.append(loop)
    loop.run_until_complete(work)
    loop.close()


ways = {
    "closed": {},
    "cancelled, awaited, closed": {"cancelled": True},
    "closed, one turn": {"pause": 0},
    "ended, closed": {"ended": True},
    "closed, 0.2 s": {"pause": 0.2},
}
seen = {}
for name, way in ways.items():
    seen[name] = []
    for _ in range(8):
        in_a_loop(leave(**way))
        in_a_loop(work(seen[name]))
    print(f"{name}: of eight next loops {len(seen[name])} are told {set(seen[name]) or 'anything'}")
server.stop(0)
told = {"RuntimeError('Event loop is closed')"}
for name in ("closed", "cancelled, awaited, closed", "closed, one turn"):
    assert set(seen[name]) == told, "a closed channel is silent now"
assert seen["ended, closed"] == seen["closed, 0.2 s"] == []
PYTHON
echo "seen: as described"
