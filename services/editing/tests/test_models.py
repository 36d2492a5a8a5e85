"""Which of the served models edits, and what each family of editors is asked by."""

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_chassis.declaring import SettingsError
from langdesign_editing.families import FAMILIES
from langdesign_editing.settings import EditingSettings

BOTH = "edit=instruct_pix2pix,inpaint=inpainting"
PIX2PIX, INPAINTING = ({family: {"steps": 3}} for family in ("instruct_pix2pix", "inpainting"))


@pytest.fixture
async def editing(start, tmp_path):
    """The service with two models, of which the first has advice."""
    advice = tmp_path / "sampling.json"
    advice.write_text('{"steps": 12, "guidance_scale": 2.5}')
    async with start(settings=EditingSettings(decoders=1, models=BOTH, sampling=str(advice))) as service:
        yield service


@pytest.fixture
def ask(photo, box):
    """Makes a request to a model, with options."""

    def request(model="", **options):
        return pb.EditRequest(
            idempotency_key="k1",
            image=media_pb2.Image(data=photo),
            instruction="a red chair",
            region=box,
            model=model,
            options=pb.EditOptions(preview_every=0, **options),
        )

    return request


async def parameters(editing, request):
    """Edits; returns the model that was called, and with what."""
    await editing.edit(request)
    return editing.engine.requests[-1].model, editing.engine.requests[-1].parameters


async def test_each_model_is_edited_with_as_its_own_checkpoint_advises(start, ask, tmp_path, photo):
    for name, steps in (("edit", 12), ("inpaint", 7)):
        (tmp_path / name).write_text(f'{{"steps": {steps}, "working_size": {64 * steps}}}')
    files = f"edit={tmp_path}/edit, inpaint={tmp_path}/inpaint"
    async with start(settings=EditingSettings(decoders=1, models=BOTH, sampling=files)) as editing:
        told = (await parameters(editing, ask("inpaint")))[1]
        assert (told["steps"], told["feather"]) == (7, 7)
        listed = (await editing.stub.GetServedModels(pb.GetServedModelsRequest())).models
        assert [model.advised.feather for model in listed] == [12, 7]


@pytest.mark.parametrize("files", ["edit=a.json,paint=b.json", "edit=a.json,edit=b.json", "edit="])
def test_advice_for_what_is_not_served_ends_the_start_with_what_is(files):
    with pytest.raises(SettingsError, match="write NAME=FILE of edit, inpaint"):
        EditingSettings(models=BOTH, sampling=files)


def test_every_family_of_the_contract_has_its_options_and_their_fields():
    editors = pb.EditOptions.DESCRIPTOR.oneofs_by_name["editor"].fields
    assert {field.name for field in editors} == set(FAMILIES)
    for field in editors:
        names = {name for name in FAMILIES[field.name].options.__annotations__ if name != "family"}
        assert names == {one.name for one in field.message_type.fields}


async def test_models_are_listed_the_default_first_with_what_an_edit_takes_for_what_is_left_out(editing, ask):
    listed = (await editing.stub.GetServedModels(pb.GetServedModelsRequest())).models
    assert [model.name for model in listed] == ["edit", "inpaint"]
    assert [model.advised.WhichOneof("editor") for model in listed] == ["instruct_pix2pix", "inpainting"]
    for number, model in enumerate(listed):
        own = getattr(model.advised, model.advised.WhichOneof("editor"))
        told = {field.name: value for field, value in own.ListFields()}
        assert told.keys() >= {"steps", "guidance_scale"}
        request = ask(model.name)
        request.idempotency_key = f"k{number}"
        _, used = await parameters(editing, request)
        assert used.items() >= {**told, "feather": model.advised.feather}.items()


async def test_the_first_model_is_the_default_and_is_sampled_as_its_checkpoint_advises(editing, ask):
    model, asked = await parameters(editing, ask())
    assert model == "edit"
    assert (asked["steps"], asked["guidance_scale"], asked["image_guidance_scale"]) == (12, 2.5, 1.5)


async def test_another_model_is_called_with_what_its_own_family_understands(editing, ask):
    model, asked = await parameters(editing, ask("inpaint", seed=7, feather=3))
    assert model == "inpaint"
    assert asked == {
        "instruction": "a red chair",
        "steps": 20,
        "guidance_scale": 7.5,
        "seed": 7,
        "sampler": "euler_ancestral",
        "preserve": "strict",
        "feather": 3,
        "preview_every": 0,
    }


async def test_options_of_its_family_reach_a_model(editing, ask):
    options = {"steps": 5, "guidance_scale": 3.0, "sampler": pb.SAMPLER_DPM_SOLVER_PLUS_PLUS}
    _, asked = await parameters(editing, ask("inpaint", inpainting=options))
    assert (asked["steps"], asked["guidance_scale"], asked["sampler"]) == (5, 3.0, "dpmpp_2m")


@pytest.mark.parametrize(
    ("model", "options", "field", "said"),
    [
        ("paint", {}, "model", "the model paint is not served; there are edit, inpaint"),
        ("inpaint", PIX2PIX, "options.instruct_pix2pix", "send options.inpainting, or choose a model of"),
        ("", INPAINTING, "options.inpainting", "choose a model of inpainting: inpaint"),
        ("inpaint", {"preserve": pb.PRESERVE_ATTENTION}, "options.preserve", "strict, latent or none"),
    ],
)
async def test_what_no_model_can_do_is_refused_before_any_work(editing, ask, model, options, field, said):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await editing.edit(ask(model, **options))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    status = status_pb2.Status.FromString(dict(caught.value.trailing_metadata())["grpc-status-details-bin"])
    bad, info = error_details_pb2.BadRequest(), error_details_pb2.ErrorInfo()
    for detail in status.details:
        detail.Unpack(bad), detail.Unpack(info)
    assert said in f"{caught.value.details()}; {info.metadata['hint']}"
    assert [violation.field for violation in bad.field_violations] == [field]
    assert not editing.engine.requests


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ("", "NAME=FAMILY"),
        ("edit", "with one of instruct_pix2pix, inpainting"),
        ("edit=flux", "with one of instruct_pix2pix, inpainting"),
        ("edit=inpainting,edit=inpainting", "names no further model"),
        ("e" * 65 + "=inpainting", "names no further model"),
    ],
)
def test_a_list_of_models_that_makes_no_sense_ends_the_start(models, said):
    with pytest.raises(SettingsError, match=said):
        EditingSettings(models=models)
