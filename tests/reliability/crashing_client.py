"""A caller of editing that dies amid its edits; tests run it as a process with an ``ORDER``."""

import asyncio
import os
import signal

import grpc
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.editing.v1 import editing_pb2_grpc

EDITS = 3


async def main(*, address, requests):
    async with grpc.aio.insecure_channel(address) as channel:
        editing = editing_pb2_grpc.EditingServiceStub(channel)
        calls = [editing.Edit(pb.EditRequest.FromString(request)) for request in requests]
        for call in calls:
            await call.read()
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(**ORDER))  # noqa: F821 - given by who runs this file
