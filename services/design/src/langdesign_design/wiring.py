"""Builds the service's parts, in order."""

from __future__ import annotations

import grpc
from langdesign.design.v1 import design_pb2_grpc
from langdesign_chassis import Runtime
from langdesign_chassis.errors import StartError
from langdesign_database import open_transactions
from langdesign_media import BlobStore, ImageGuard, ProvenancePolicy

from .composing import Composer
from .editing_peer import EditingPeer
from .inputs import Inputs
from .metrics import DesignMetrics
from .node_edits import NodeEdits
from .parts import Parts
from .purging import purging
from .running import Runner
from .servicer import DesignServicer
from .settings import DesignSettings
from .sql_store import SqlDesignStore
from .tables import METADATA, MIGRATIONS
from .watching import Hub

SERVICE = "langdesign.design.v1.DesignService"
_HINT = "start editing, or set EDITING_ADDR to where it listens"


async def register(server: grpc.aio.Server, runtime: Runtime, settings: DesignSettings) -> None:
    """Add the servicer; ready once the editing service is.

    Raises:
        StartError: the database, the blobs or the token cannot be used.

    """
    _check_token(runtime, settings)
    blobs, metrics = _blobs(settings.blobs), DesignMetrics(runtime.registry)
    transactions = await runtime.enter(
        open_transactions(
            settings.database,
            migrations=MIGRATIONS,
            setting="DESIGN_DATABASE",
            exclusive=False,
            tables=METADATA,
        )
    )
    store = SqlDesignStore(transactions)
    guard = await runtime.enter(ImageGuard(workers=settings.decoders))
    channel = runtime.channel(settings.editing_addr)
    runtime.wait_for("editing", channel, hint=_HINT)
    editing = EditingPeer(channel, settings.token, seconds=settings.edit_seconds)
    policy = ProvenancePolicy(settings.provenance != "none", settings.provenance_instructions)
    composer = Composer(blobs, guard, policy=policy)
    inputs = Inputs(composer, blobs, shared=settings.shared_blobs)
    hub = await runtime.enter(Hub(store, editing, metrics, runtime.draining))
    edits = NodeEdits(
        store, editing, composer, inputs, blobs, hub, patience_seconds=settings.patience_seconds
    )
    runner = await runtime.enter(
        Runner(
            store,
            edits,
            hub,
            metrics,
            runtime.draining,
            concurrency=settings.concurrency,
            lease_seconds=settings.lease_seconds,
        )
    )
    await runtime.enter(purging(store, metrics, settings.purge_days))
    parts = Parts(
        store=store,
        blobs=blobs,
        guard=guard,
        composer=composer,
        inputs=inputs,
        editing=editing,
        hub=hub,
        runner=runner,
        edits=edits,
        purge_days=settings.purge_days,
    )
    design_pb2_grpc.add_DesignServiceServicer_to_server(DesignServicer(parts), server)


def _check_token(runtime: Runtime, settings: DesignSettings) -> None:
    if runtime.settings.auth.mode == "off":
        return
    hint = "set it to a file with a token that has the scopes editing, reference, segmentation and tenants"
    if settings.token is None:
        raise StartError(
            "DESIGN_TOKEN is not set, and edits outlive the calls that asked for them", hint=hint
        )
    if not settings.token.is_file():
        raise StartError(f"DESIGN_TOKEN={settings.token} is no file", hint=hint)


def _blobs(location: str) -> BlobStore:
    try:
        return BlobStore.open(location)
    except ValueError as error:
        raise StartError(
            f"DESIGN_BLOBS={location} cannot be opened",
            hint="name a writable folder, or a URL such as s3://bucket/prefix",
        ) from error
