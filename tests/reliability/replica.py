"""A replica of the editing service with an engine of fixed cost: the real chassis around no picture work.

The tests run it as a process with an ``ORDER``: its environment, its arguments (``engine`` for the bare
engine on plain gRPC), its priority.
"""

import asyncio
import os
from typing import ClassVar

import grpc
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.editing.v1 import editing_pb2_grpc
from langdesign_chassis import Runtime, run
from langdesign_chassis.declaring import Settings
from langdesign_chassis.environment import load

SERVICE = pb.DESCRIPTOR.services_by_name["EditingService"].full_name


class ReplicaSettings(Settings, frozen=True):
    """Settings of a replica."""

    env_prefix: ClassVar[str] = "REPLICA_"

    listen: str = "127.0.0.1:0"
    cost: float = 0.03
    engine_addr: str | None = None


class FixedCostEngine(editing_pb2_grpc.EditingServiceServicer):
    """Every call costs the same. ``Edit`` tells each step as it begins; ``steps`` counts them all."""

    def __init__(self, cost):
        self.cost = cost
        self.steps = 0
        self.running = 0

    async def Edit(self, request, context):
        self.running += 1
        try:
            steps = request.options.instruct_pix2pix.steps or 1
            for step in range(1, steps + 1):
                self.steps += 1
                if request.options.preview_every:
                    yield pb.EditResponse(event=pb.EditEvent(preview=pb.PreviewEvent(step=step, steps=steps)))
                await asyncio.sleep(self.cost)
            yield pb.EditResponse(event=pb.EditEvent(result=pb.ResultEvent(image=request.image)))
        finally:
            self.running -= 1

    async def GetEdit(self, request, context):
        await asyncio.sleep(self.cost)
        return pb.GetEditResponse(operation_id=request.operation_id, state=pb.EDIT_STATE_SUCCEEDED)


class Relay(editing_pb2_grpc.EditingServiceServicer):
    """Passes every call on to an engine behind a channel, as the services do with Triton."""

    def __init__(self, channel):
        self.engine = editing_pb2_grpc.EditingServiceStub(channel)

    async def Edit(self, request, context):
        async for event in self.engine.Edit(request):
            yield event

    async def GetEdit(self, request, context):
        return await self.engine.GetEdit(request)


async def register(server: grpc.aio.Server, runtime: Runtime, settings: ReplicaSettings) -> None:
    if settings.engine_addr is None:
        servicer = FixedCostEngine(settings.cost)
    else:
        servicer = Relay(runtime.channel(settings.engine_addr, forward_identity=False))
    editing_pb2_grpc.add_EditingServiceServicer_to_server(servicer, server)


async def serve_bare_engine(settings: ReplicaSettings) -> None:
    server = grpc.aio.server()
    editing_pb2_grpc.add_EditingServiceServicer_to_server(FixedCostEngine(settings.cost), server)
    server.add_insecure_port(settings.listen)
    await server.start()
    await server.wait_for_termination()


def main(environment: dict[str, str], arguments: list[str], priority: int) -> None:
    os.environ.update(environment)
    if priority < os.getpriority(os.PRIO_PROCESS, 0):
        os.setpriority(os.PRIO_PROCESS, 0, priority)
    if arguments == ["engine"]:
        asyncio.run(serve_bare_engine(load(ReplicaSettings)))
    else:
        run(
            "editing",
            register,
            settings=ReplicaSettings,
            services=[SERVICE],
            listen="127.0.0.1:0",
            arguments=[],
        )


if __name__ == "__main__":
    main(**globals()["ORDER"])
