"""Promises 8 and 15: an update of every service, or of the weights, and the way back fail no call.

Real programs, two replicas of each at addresses of their own behind names, Postgres, and the embedded family
in a real Triton. A version is what differs between two deployments: settings, sampling advice, and weights,
which are signed artifacts. The training service has one replica, whose runs are processes beside it, and the
gateway is shown with the design service.
"""

import io
import itertools
import json
import shutil
import uuid
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from langdesign.design.v1 import design_pb2, design_pb2_grpc
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign.instruction.v1 import instruction_pb2, instruction_pb2_grpc
from langdesign.media.v1 import media_pb2
from langdesign.reference.v1 import reference_pb2, reference_pb2_grpc
from langdesign.segmentation.v1 import segmentation_pb2, segmentation_pb2_grpc
from langdesign_chassis import channel
from langdesign_command import samples
from langdesign_registry import Provenance, create_keys, package, sign, verify
from PIL import Image

from .rollouts import Load, WrongAnswerError, cluster

ROOT = Path(__file__).parents[2]
FAMILY = ROOT / "deploy/models/mini"
REPOSITORY = ROOT / "services/model_server/model_repository"
STEPS = {1: 2, 2: 3}  # that each version's sampling advice says
INSTRUCTION = "make the bed red"
IMAGE = media_pb2.Image(data=samples.bedroom())
PATIENCE = 120  # s that a call may take on a machine that does other things

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """The environment of a model server by version, and the folder of each artifact."""
    folder = tmp_path_factory.mktemp("weights")
    keys, environment, artifacts = create_keys(folder / "keys"), {}, {}
    for version, steps in STEPS.items():
        edit = folder / f"edit-{version}"
        shutil.copytree(FAMILY / "edit", edit)
        advice = json.loads((edit / "sampling.json").read_text())
        (edit / "sampling.json").write_text(json.dumps(advice | {"steps": steps}))
        artifacts[version] = folder / f"artifact-{version}"
        card = f"# interior, {steps} steps\n"
        package(edit, FAMILY / "segment", None, card, Provenance(model="interior"), artifacts[version])
        sign(artifacts[version], keys.private)
        environment[version] = {
            "EDIT_MODEL_DIR": str(artifacts[version] / "edit"),
            "SEGMENT_MODEL_DIR": str(artifacts[version] / "segment"),
            "MODEL_VERSION": f"interior@{version}",
            "MODEL_DIGEST": verify(artifacts[version], public_key=keys.public, digest=None).digest,
            "MODEL_PUBLIC_KEY": str(keys.public),
            "MODEL_SERVER_CONNECTION_AGE": "8",
        }
    return environment, artifacts


@pytest.fixture
async def running(tmp_path, weights, postgres):
    """The workloads by stem, version 1 of each."""
    environment, artifacts = weights
    blobs, drain = str(tmp_path / "blobs"), {"LANGDESIGN_DRAIN_DELAY": "2", "LANGDESIGN_DRAIN_GRACE": "40"}
    operations, designs = postgres.new_database(), postgres.new_database()
    async with cluster(tmp_path) as them:
        triton = await them.model_servers([REPOSITORY / "edit", REPOSITORY / "segment"], environment)

        async def services(stem, **own):
            """Starts a service whose versions differ in what a version's artifact says."""
            versions = {
                version: {**drain, **{name: value.format(artifacts[version]) for name, value in own.items()}}
                for version in STEPS
            }
            return await them.services(stem, versions)

        reference = await services("reference", REFERENCE_LLM_BASE_URL="")
        segmentation = await services(
            "segmentation",
            TRITON_ADDR=triton.target,
            SEGMENTATION_BLOBS=blobs,
            SEGMENTATION_THRESHOLDS="{}/segment/thresholds.json",
            SEGMENTATION_CONFIG="{}/segment/config.json",
        )
        editing = await services(
            "editing",
            TRITON_ADDR=triton.target,
            REFERENCE_ADDR=reference.target,
            SEGMENTATION_ADDR=segmentation.target,
            EDITING_BLOBS=blobs,
            EDITING_OPERATIONS=operations,
            EDITING_SAMPLING="{}/edit/sampling.json",
        )
        design = await services(
            "design",
            EDITING_ADDR=editing.target,
            DESIGN_DATABASE=designs,
            DESIGN_BLOBS=blobs,
            DESIGN_SHARED_BLOBS="true",
        )
        instruction = await services(
            "instruction",
            INSTRUCTION_CONTEXTS=str(ROOT / "contexts"),
            INSTRUCTION_SPOOL=str(tmp_path / "spool"),
        )
        yield {
            "model server": triton,
            "reference": reference,
            "segmentation": segmentation,
            "editing": editing,
            "design": design,
            "instruction": instruction,
        }


def expect(holds, answer):
    """Fails a call whose answer is not as it should be."""
    if not holds:
        raise WrongAnswerError(str(answer))


class Callers:
    """One call of every service, as their callers make it.

    Attributes:
        versions: Which weights made each edit, and in how many steps.
    """

    def __init__(self, channels):
        self._channels, self._keys, self.versions = channels, itertools.count(), []

    async def begin(self):
        """Makes the design that nodes are added to."""
        self._design = design_pb2_grpc.DesignServiceStub(self._channels["design"])
        request = design_pb2.CreateDesignRequest(idempotency_key=uuid.uuid4().hex, image=IMAGE)
        self._root = (await self._design.CreateDesign(request, timeout=PATIENCE)).root.name

    async def read(self):
        stub = reference_pb2_grpc.ReferenceServiceStub(self._channels["reference"])
        request = reference_pb2.PlanEditRequest(instruction=INSTRUCTION, caption=f"{next(self._keys)}")
        expect((await stub.PlanEdit(request, timeout=PATIENCE)).plan.edits, "no edits")

    async def segment(self):
        stub = segmentation_pb2_grpc.SegmentationServiceStub(self._channels["segmentation"])
        request = segmentation_pb2.SegmentRequest(image=IMAGE, expressions=["the bed"])
        found = (await stub.Segment(request, timeout=PATIENCE)).segments[0]
        expect(found.verdict == segmentation_pb2.VERDICT_FOUND, found.verdict)

    async def write(self):
        stub = instruction_pb2_grpc.InstructionServiceStub(self._channels["instruction"])
        request = instruction_pb2.GenerateTriplesRequest(context="interior", count=3, seed=next(self._keys))
        written = [answer async for answer in stub.GenerateTriples(request, timeout=PATIENCE)]
        expect(len(written) == 3, written)

    async def edit(self):
        stub = editing_pb2_grpc.EditingServiceStub(self._channels["editing"])
        request = editing_pb2.EditRequest(
            idempotency_key=uuid.uuid4().hex, image=IMAGE, instruction=INSTRUCTION
        )
        request.options.preview_every = 1
        told = [answer.event async for answer in stub.Edit(request, timeout=PATIENCE)]
        previews = [event.preview.steps for event in told if event.HasField("preview")]
        result = told[-1].result
        expect(not result.no_op_reason, told[-1])
        self.versions.append((result.checkpoint.rpartition("@")[0], previews[-1]))

    async def design(self):
        request = design_pb2.CreateNodesRequest(
            parent=self._root, idempotency_key=uuid.uuid4().hex, instruction=INSTRUCTION
        )
        answers = [answer async for answer in self._design.CreateNodes(request, timeout=PATIENCE)]
        node = next(answer.node for answer in reversed(answers) if answer.HasField("node"))
        expect(node.state == design_pb2.NODE_STATE_READY, node.failure or node)
        picture = await self._design.GetPicture(
            design_pb2.GetPictureRequest(name=node.name, max_side=64), timeout=PATIENCE
        )
        expect(Image.open(io.BytesIO(picture.image.data)).width == 64, "a picture of another size")


@pytest.fixture
async def callers(running):
    async with AsyncExitStack() as stack:
        channels = {
            stem: await stack.enter_async_context(channel(workload.target))
            for stem, workload in running.items()
            if stem != "model server"
        }
        callers = Callers(channels)
        await callers.begin()
        yield callers


async def test_every_service_is_updated_and_rolled_back_under_load(running, callers, figure):
    calls = {
        "read": callers.read,
        "segment": callers.segment,
        "write": callers.write,
        "edit": callers.edit,
        "design": callers.design,
    }
    services = [workload for stem, workload in running.items() if stem != "model server"]
    async with Load(calls) as load:
        await load.more(2)
        for version in (2, 1):
            for workload in services:
                await workload.roll(version)
            await load.more(2)
    print(*load.failed, sep="\n")
    total = sum(load.succeeded.values())
    figure(
        f"promise 8: two replicas of {len(services)} services, each updated and rolled back one by one: "
        f"{len(load.failed)} of {total + len(load.failed)} calls failed ({load.succeeded})",
        rollout_failed=len(load.failed),
    )
    assert load.failed == []
    assert {steps for _, steps in callers.versions} == set(STEPS.values())


async def test_new_weights_are_rolled_out_and_back_under_load(running, callers, figure):
    async with Load({"edit": callers.edit, "design": callers.design, "segment": callers.segment}) as load:
        await load.more(2)
        seen = []
        for version in (2, 1):
            await running["model server"].roll(version)
            for stem in ("segmentation", "editing"):  # their advice comes with the weights
                await running[stem].roll(version)
            before = len(callers.versions)
            await load.more(3)
            seen.append(set(callers.versions[before + 1 :]))
    print(*load.failed, sep="\n")
    total = sum(load.succeeded.values())
    made = {name: [one for one, _ in callers.versions].count(name) for name, _ in callers.versions}
    figure(
        f"promise 15: two model servers went from interior@1 to interior@2 and back under load, with their "
        f"advice on sampling: {len(load.failed)} of {total + len(load.failed)} calls failed; edits by {made}",
        rollout_failed=len(load.failed),
    )
    assert load.failed == []
    assert seen == [{("interior@2", STEPS[2])}, {("interior@1", STEPS[1])}]
