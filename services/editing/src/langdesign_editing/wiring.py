"""Builds the service's parts, in order."""

import uuid

import grpc
from langdesign.editing.v1 import editing_pb2_grpc
from langdesign_chassis import Runtime
from langdesign_chassis.errors import StartError
from langdesign_database import open_transactions
from langdesign_media import BlobStore, CredentialsUnavailable, ImageGuard, ProvenancePolicy
from langdesign_media.credentials import Signer
from msgspec import structs

from langdesign_editing.backend import Backend
from langdesign_editing.colours import ColourManagedBackend
from langdesign_editing.focusing import FocusedBackend
from langdesign_editing.grounding import Grounder
from langdesign_editing.intake import Intake
from langdesign_editing.keeping import Terms
from langdesign_editing.metrics import OperationMetrics
from langdesign_editing.models import Model, Models, advice_files, served_models
from langdesign_editing.operations import Operations
from langdesign_editing.patience import PatientBackend, PatientFinder
from langdesign_editing.peers import Peers, ReferencePeer, SegmentationPeer
from langdesign_editing.places import Places
from langdesign_editing.provenance import ResultProvenance
from langdesign_editing.reading import InstructionReading
from langdesign_editing.results import Results
from langdesign_editing.sampling import read_sampling
from langdesign_editing.servicer import EditingServicer
from langdesign_editing.settings import EditingSettings
from langdesign_editing.sql_store import SqlOperationStore
from langdesign_editing.tables import METADATA, MIGRATIONS
from langdesign_editing.triton_backend import TritonBackend
from langdesign_editing.workflow import Workflow

SERVICE = "langdesign.editing.v1.EditingService"


async def register(server: grpc.aio.Server, runtime: Runtime, settings: EditingSettings) -> None:
    """Add the servicer, with Triton's models as its engines.

    Raises:
        StartError: The operations' database, or the checkpoint's sampling, cannot be used.

    """
    channel = runtime.channel(settings.triton_addr, forward_identity=False, tls=False)
    triton = TritonBackend(channel, served_models(settings.models))
    await register_with(PatientBackend(triton, settings.patience), server, runtime, settings)


async def register_with(
    backend: Backend, server: grpc.aio.Server, runtime: Runtime, settings: EditingSettings
) -> None:
    """Add the servicer over any backend; ready once the backend and the configured peers are."""
    served = ", ".join(served_models(settings.models))
    runtime.wait_for(
        "triton", backend.ready, hint=f"start Triton with {served}, or set TRITON_ADDR or EDITING_MODELS"
    )
    guard = await runtime.enter(ImageGuard(workers=settings.decoders))
    blobs = _blobs(settings.blobs)
    operations = await _operations(settings, blobs, runtime)
    peers = Peers(_reader(runtime, settings), _finder(runtime, settings, guard))
    models = _models(settings, ColourManagedBackend(backend, guard))
    intake = Intake(guard, blobs, settings.native_factor, models, InstructionReading(peers, models))
    workflow = Workflow(Grounder(peers), models, await _provenance(settings))
    servicer = EditingServicer(models, intake, workflow, operations)
    editing_pb2_grpc.add_EditingServiceServicer_to_server(servicer, server)


def _models(settings: EditingSettings, backend: Backend) -> Models:
    """Return the models, each with what its own file advises."""
    models: list[Model] = []
    served = served_models(settings.models)
    files = advice_files(settings.sampling, served)
    for name, family in served.items():
        sampling = read_sampling(files.get(name))
        if not models and settings.working_size:
            sampling = structs.replace(sampling, working_size=settings.working_size)
        focused = FocusedBackend(backend, sampling.working_size, sampling.size_multiple, sampling.enlargement)
        models.append(Model(name, family, sampling, focused))
    return Models(models)


def _blobs(location: str) -> BlobStore:
    try:
        return BlobStore.open(location)
    except ValueError as error:
        raise StartError(
            f"EDITING_BLOBS={location} cannot be opened",
            hint="name a writable folder, or a URL such as s3://bucket/prefix",
        ) from error


async def _provenance(settings: EditingSettings) -> ResultProvenance:
    """Return what results tell; what signs has signed once, so that no edit fails for its set-up."""
    policy = ProvenancePolicy(settings.provenance != "none", settings.provenance_instructions)
    certificate, key = settings.provenance_certificate, settings.provenance_key
    if settings.provenance != "c2pa" or certificate is None or key is None:
        return ResultProvenance(policy)
    signer = Signer(certificate, key, settings.provenance_algorithm, settings.provenance_timestamps)
    try:
        await signer.try_out()
    except CredentialsUnavailable as error:
        raise StartError(
            "EDITING_PROVENANCE=c2pa, and nothing can be signed",
            hint="the line above says why; EDITING_PROVENANCE=xmp goes without a signature",
        ) from error
    return ResultProvenance(policy, signer)


async def _operations(settings: EditingSettings, blobs: BlobStore, runtime: Runtime) -> Operations:
    opening = open_transactions(
        settings.operations,
        migrations=MIGRATIONS,
        setting="EDITING_OPERATIONS",
        exclusive=False,
        tables=METADATA,
    )
    store = SqlOperationStore(await runtime.enter(opening), replica=uuid.uuid4().hex)
    terms = Terms(
        settings.keep_seconds, settings.keep_count, settings.lease, grace=runtime.settings.drain.grace
    )
    operations = Operations(
        store,
        Results(blobs),
        OperationMetrics(runtime.registry),
        places=Places(settings.concurrency, settings.pixels),
        terms=terms,
        draining=runtime.draining,
    )
    return await runtime.enter(operations)


def _reader(runtime: Runtime, settings: EditingSettings) -> ReferencePeer | None:
    if settings.reference_addr is None:
        return None
    channel = runtime.channel(settings.reference_addr)
    runtime.wait_for("reference", channel)
    return ReferencePeer(channel)


def _finder(runtime: Runtime, settings: EditingSettings, guard: ImageGuard) -> PatientFinder | None:
    if settings.segmentation_addr is None:
        return None
    channel = runtime.channel(settings.segmentation_addr)
    runtime.wait_for("segmentation", channel)
    return PatientFinder(SegmentationPeer(channel, guard), settings.patience)
