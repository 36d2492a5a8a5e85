"""Designers at work."""

import asyncio
import uuid

import grpc
from langdesign.design.v1 import design_pb2 as pb
from langdesign.media.v1 import media_pb2


class Load:
    """Designers at work: each makes a design, edits, remarks and looks, again and again."""

    def __init__(self, caller, photo, helpers):
        self.caller, self.photo, self.helpers = caller, photo, helpers
        self.succeeded, self.failed, self.resumed = 0, [], 0
        self.stopping = asyncio.Event()

    async def call(self, method, request):
        try:
            answer = await self.caller.call(method, request, timeout=30)
        except grpc.aio.AioRpcError as error:
            self.failed.append(f"{method}: {error.code().name} {error.debug_error_string()}")
            return None
        self.succeeded += 1
        return answer

    async def work(self, number):
        image = media_pb2.Image(data=self.photo)
        request = pb.CreateDesignRequest(idempotency_key=f"design {number}", image=image)
        root = (await self.call("CreateDesign", request)).root
        watching = asyncio.create_task(self.watch(root.name.split("/nodes/")[0]))
        while not self.stopping.is_set():
            request = self.helpers.edit_request(root.name, steps=4, seed=number)
            nodes = self.helpers.ended(await self.call("CreateNodes", request) or [])
            for node in nodes:
                assert node.state == pb.NODE_STATE_READY, node.failure
                await self.call("GetPicture", pb.GetPictureRequest(name=node.name, max_side=16))
                said = pb.UpdateNodeRequest(idempotency_key=uuid.uuid4().hex, node=node)
                said.node.favourite, said.node.etag = True, ""
                said.update_mask.paths[:] = ["favourite"]
                await self.call("UpdateNode", said)
        watching.cancel()

    async def watch(self, design):
        """Follows a design as a page does: again, from the last revision, when a replica stops."""
        revision = 0
        while True:
            request = pb.WatchDesignRequest(name=design, after_revision=revision)
            try:
                async for response in self.caller.stub.WatchDesign(request, timeout=60):
                    revision = max(revision, response.revision)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    self.failed.append(f"WatchDesign: {error.code().name} {error.details()}")
                self.resumed += 1
