"""Builds the service's parts, in order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from langdesign.training.v1 import training_pb2_grpc
from langdesign_chassis import Runtime
from langdesign_chassis.errors import StartError
from langdesign_database import open_database
from langdesign_registry import Registry

from langdesign_training.calls import CallLog
from langdesign_training.launching import Launcher, LaunchRefused
from langdesign_training.launching.process import ProcessLauncher
from langdesign_training.metrics import RunMetrics
from langdesign_training.registry_servicer import RegistryServicer
from langdesign_training.servicer import TrainingServicer
from langdesign_training.settings import TrainingSettings
from langdesign_training.spending import spending_options
from langdesign_training.store import RunStore
from langdesign_training.supervisor import Supervisor
from langdesign_training.tables import METADATA, MIGRATIONS

SERVICES = ("langdesign.training.v1.TrainingService", "langdesign.training.v1.RegistryService")


async def register(server: grpc.aio.Server, runtime: Runtime, settings: TrainingSettings) -> None:
    """Add the servicers, with the launcher of the settings.

    Raises:
        StartError: the database or the cluster cannot be used.

    """
    await register_with(await runtime.enter(_launcher(settings)), server, runtime, settings)


async def register_with(
    launcher: Launcher, server: grpc.aio.Server, runtime: Runtime, settings: TrainingSettings
) -> None:
    """Add the servicers over any launcher."""
    database = open_database(
        settings.database,
        migrations=MIGRATIONS,
        setting="TRAINING_DATABASE",
        exclusive=True,
        tables=METADATA,
    )
    engine = await runtime.enter(database)
    metrics = RunMetrics(runtime.registry)
    runs = Supervisor(RunStore(engine), launcher, metrics, concurrency=settings.concurrency)
    registry = RegistryServicer(Registry(settings.registry), CallLog(engine))
    training_pb2_grpc.add_TrainingServiceServicer_to_server(
        TrainingServicer(await runtime.enter(runs), settings.recipes, settings.spending), server
    )
    training_pb2_grpc.add_RegistryServiceServicer_to_server(await runtime.enter(registry), server)


@asynccontextmanager
async def _launcher(settings: TrainingSettings) -> AsyncIterator[Launcher]:
    program, options = settings.program, (*settings.options, *spending_options(settings.spending))
    if settings.launcher == "process":
        environment = {"LANGDESIGN_REGISTRY": settings.registry}
        yield ProcessLauncher(settings.runs, program, options, environment, grace=settings.grace)
        return
    # A second and a half to import, and needed with a cluster alone.
    from langdesign_training.launching.api import connected  # noqa: PLC0415
    from langdesign_training.launching.kubernetes import KubernetesLauncher  # noqa: PLC0415

    try:
        async with (
            connected(settings.kubernetes) as api,
            KubernetesLauncher(
                api, settings.kubernetes, program, options, str(settings.runs), settings.registry
            ) as launcher,
        ):
            yield launcher
    except LaunchRefused as refusal:
        raise StartError(
            str(refusal), hint="give the pod an account for it, or set TRAINING_KUBERNETES_CONTEXT"
        ) from refusal
