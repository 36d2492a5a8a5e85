"""One editing service and one real Triton with two models of different families (tiny, random weights)."""

import io
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from langdesign_chassis.testing import serving
from langdesign_client import (
    AsyncClient,
    Connection,
    EditOptions,
    InpaintingOptions,
    InstructPix2PixOptions,
    InvalidInputError,
    Whole,
)
from langdesign_client import Box as Rectangle
from langdesign_command.local.testing import running_triton
from langdesign_diffusion.checkpoint import EDITOR_CHANNELS, INPAINTER_CHANNELS
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_editing.settings import EditingSettings
from langdesign_editing.wiring import SERVICE, register
from PIL import Image

REPOSITORY = Path(__file__).parents[2] / "services/model_server/model_repository"
CHANNELS = {"edit": EDITOR_CHANNELS, "inpaint": INPAINTER_CHANNELS}
WIDTH, HEIGHT, FEATHER = 50, 37, 4
REGION = Rectangle(8, 9, 20, 12)
KNOBS = {"edit": InstructPix2PixOptions(steps=3), "inpaint": InpaintingOptions(steps=3)}


@pytest.fixture(scope="module")
def triton(tmp_path_factory):
    """Triton with a copy of the model `edit` for each name, over a checkpoint of its own."""
    folder = tmp_path_factory.mktemp("triton")
    for name, channels in CHANNELS.items():
        random_checkpoint("tiny", in_channels=channels).save(folder / "checkpoints" / name)
        shutil.copytree(REPOSITORY / "edit", folder / name)
    variables = {f"{name.upper()}_MODEL_DIR": str(folder / "checkpoints" / name) for name in CHANNELS}
    with running_triton(folder / "triton", [folder / name for name in CHANNELS], variables) as server:
        yield server


@pytest.fixture
async def client(triton):
    triton.check()
    models = "edit=instruct_pix2pix,inpaint=inpainting"
    settings = EditingSettings(triton_addr=triton.address, models=models, decoders=1)

    async def add(server, runtime):
        await register(server, runtime, settings)

    async with (
        serving(add, SERVICE) as served,
        AsyncClient(Connection(addresses={"editing": served.address})) as caller,
    ):
        yield caller


@pytest.fixture
def room():
    return np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


async def edited(client, room, *, region=REGION, editor=None, model=""):
    picture = io.BytesIO()
    Image.fromarray(room).save(picture, "PNG")
    options = EditOptions(seed=1, feather=FEATHER, editor=editor)
    asked = client.edit(picture.getvalue(), "a red chair", region=region, options=options, model=model)
    return [event async for event in asked][-1]


@pytest.mark.parametrize("model", CHANNELS)
async def test_each_model_edits_by_name_and_leaves_every_pixel_outside(client, triton, room, model):
    done = f'model="{model}",version="1"'
    before = triton.metric("nv_inference_request_success", done)
    result = await edited(client, room, editor=KNOBS[model], model=model)
    assert triton.metric("nv_inference_request_success", done) == before + 2  # a check, then the edit
    after = np.asarray(Image.open(io.BytesIO(result.image.data)))
    inside = np.zeros((HEIGHT, WIDTH), bool)
    inside[9 - FEATHER : 21 + FEATHER, 8 - FEATHER : 28 + FEATHER] = True
    np.testing.assert_array_equal(after[~inside], room[~inside])
    assert result.report.outside.changed_share == 0
    assert result.report.inside.changed_share > 0.5
    assert re.fullmatch(r"[\w-]+@sha256:[0-9a-f]{64}", result.checkpoint)


async def test_without_a_name_the_first_model_edits(client, room):
    named = [await edited(client, room, editor=KNOBS[model], model=model) for model in CHANNELS]
    unnamed = await edited(client, room, editor=KNOBS["edit"])
    assert unnamed.image.data == named[0].image.data != named[1].image.data
    assert unnamed.checkpoint == named[0].checkpoint != named[1].checkpoint


async def test_what_another_model_would_do_is_refused_with_a_hint(client, room):
    asked = {
        "there are edit, inpaint": {"model": "paint"},
        "send options.inpainting": {"model": "inpaint", "editor": KNOBS["edit"]},
        "mask of what is to be painted": {"model": "inpaint", "region": Whole()},
    }
    for hint, fields in asked.items():
        with pytest.raises(InvalidInputError) as refused:
            await edited(client, room, **fields)
        assert hint in refused.value.line
