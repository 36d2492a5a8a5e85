"""The service over real gRPC, on a real database, beside a real editing service; the engine is a stand-in."""

import importlib.util
import io
import uuid
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import grpc
import numpy as np
import pytest
from langdesign.design.v1 import design_pb2 as pb
from langdesign.design.v1 import design_pb2_grpc
from langdesign.editing.v1 import editing_pb2
from langdesign.media.v1 import media_pb2
from langdesign_chassis.testing import Issuer, serving, test_settings
from langdesign_design import wiring
from langdesign_design.settings import DesignSettings
from langdesign_editing import wiring as editing_wiring
from langdesign_editing.settings import EditingSettings
from langdesign_media import mask_to_png
from PIL import Image

WIDTH, HEIGHT = 32, 24


def _load(name):
    spec = importlib.util.spec_from_file_location(
        f"design_service_tests_{name}", Path(__file__).with_name(f"{name}.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


engine_module, load_module, programs_module = _load("engine"), _load("load"), _load("programs")


class Caller:
    """A caller of the service, and what it does often."""

    def __init__(self, channel, metadata=None):
        self.stub = design_pb2_grpc.DesignServiceStub(channel)
        self.metadata = metadata

    async def call(self, method, request, **options):
        """Calls a method; returns its response, or all of them."""
        call = getattr(self.stub, method)(request, metadata=self.metadata, **options)
        return [response async for response in call] if hasattr(call, "__aiter__") else await call

    async def create_design(self, photo, title="a room", key=None):
        request = pb.CreateDesignRequest(
            idempotency_key=key or uuid.uuid4().hex, title=title, image=media_pb2.Image(data=photo)
        )
        return await self.call("CreateDesign", request)

    async def edit(self, parent, **fields):
        """Edits a node; returns the nodes as they ended, the events, and all responses."""
        responses = await self.call("CreateNodes", edit_request(parent, **fields))
        return ended(responses)

    async def edit_one(self, parent, **fields):
        (node,) = await self.edit(parent, **fields)
        return node

    async def node(self, name):
        return (await self.call("GetNode", pb.GetNodeRequest(name=name))).node

    async def nodes(self, design):
        return list((await self.call("ListNodes", pb.ListNodesRequest(parent=design))).nodes)

    async def pixels(self, name):
        response = await self.call("GetPicture", pb.GetPictureRequest(name=name))
        return decoded(response.image.data)


def edit_request(
    parent, *, key=None, region=None, seed=0, steps=2, options=None, instruction="paint it", **fields
):
    """Returns a request for an edit inside a box, unless a region is given."""
    chosen = {"seed": seed, "preview_every": 1, "instruct_pix2pix": {"steps": steps}, **(options or {})}
    return pb.CreateNodesRequest(
        idempotency_key=key or uuid.uuid4().hex,
        parent=parent,
        instruction=instruction,
        region=region or box_region(),
        options=editing_pb2.EditOptions(**chosen),
        **fields,
    )


def box_region(x=4, y=5, width=8, height=6):
    return editing_pb2.Region(box=media_pb2.Box(x=x, y=y, width=width, height=height))


def mask_region(mask):
    return editing_pb2.Region(mask=media_pb2.Mask(png=mask_to_png(mask)))


def ended(responses):
    """Returns the nodes of a stream as they were told last, in the order in which they were begun."""
    nodes = {}
    for response in responses:
        if response.HasField("node"):
            nodes[response.node.name] = response.node
    return list(nodes.values())


def decoded(data):
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def png(pixels):
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue()


@pytest.fixture(scope="session")
def helpers():
    """What the tests of this folder share, without a module of its own name."""
    return type(
        "Helpers",
        (),
        {
            name: staticmethod(value)
            for name, value in {
                "edit_request": edit_request,
                "box_region": box_region,
                "mask_region": mask_region,
                "ended": ended,
                "decoded": decoded,
                "png": png,
                "caller": Caller,
                "load": load_module.Load,
                "painted": engine_module.painted,
            }.items()
        },
    )


@pytest.fixture(scope="session")
def programs():
    """Starts services in processes of their own."""
    return programs_module


@pytest.fixture(scope="session")
def pixels():
    return np.random.default_rng(11).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


@pytest.fixture(scope="session")
def photo(pixels):
    return png(pixels)


@pytest.fixture
def engine():
    return engine_module.PaintingEngine()


class Stack:
    """Starts services in this process on a folder's files; `design` and `editing` may be started again."""

    def __init__(self, folder, engine):
        self.folder, self.engine = folder, engine
        self.issuer = None

    def authenticated(self):
        """Have both services ask for tokens."""
        self.issuer = Issuer()
        token = self.issuer.token(None, "editing reference segmentation tenants")
        (self.folder / "token").write_text(token)
        return self

    def chassis(self):
        return (
            test_settings() if self.issuer is None else test_settings(auth=self.issuer.settings(self.folder))
        )

    @asynccontextmanager
    async def editing(self, **values):
        own = EditingSettings(**{"decoders": 1, "blobs": str(self.folder / "blobs"), **values})

        async def register(server, runtime):
            await editing_wiring.register_with(self.engine, server, runtime, own)

        async with serving(register, editing_wiring.SERVICE, settings=self.chassis()) as served:
            yield served

    @asynccontextmanager
    async def design(self, editing, **values):
        own = DesignSettings(
            **{
                "editing_addr": editing,
                "database": f"sqlite:///{self.folder}/design.sqlite",
                "blobs": str(self.folder / "blobs"),
                "token": self.folder / "token" if self.issuer else None,
                "decoders": 1,
                **values,
            }
        )

        async def register(server, runtime):
            await wiring.register(server, runtime, own)

        async with serving(register, wiring.SERVICE, settings=self.chassis()) as served:
            yield served

    def caller(self, served, tenant="acme"):
        if self.issuer is None:
            return Caller(served.channel)
        return Caller(served.channel, self.issuer.metadata(tenant, "design editing reference segmentation"))


@pytest.fixture
def stack(tmp_path, engine):
    return Stack(tmp_path, engine)


@pytest.fixture
async def designer(stack):
    """A caller of the service without authentication."""
    async with AsyncExitStack() as services:
        editing = await services.enter_async_context(stack.editing())
        design = await services.enter_async_context(stack.design(editing.address))
        yield stack.caller(design)


@pytest.fixture
async def root(designer, photo):
    """The root of a new design."""
    return (await designer.create_design(photo)).root


@pytest.fixture
def refused():
    """Checks that a call fails, by code and words."""

    async def check(work, code, *words):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await work
        assert caught.value.code() is code, caught.value.details()
        for word in words:
            assert word in caught.value.details() + str(caught.value.trailing_metadata())
        return caught.value

    return check
