"""Knobs of a family of editors, and the model that edits, from the client and the command to the contract."""

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.editing.v1 import editing_pb2_grpc
from langdesign_client import EditOptions, InpaintingOptions, InstructPix2PixOptions, Sampler
from langdesign_client.edit_requests import edit_request, options_message
from langdesign_command.cli.main import app
from typer.testing import CliRunner

PIX2PIX = InstructPix2PixOptions(7, 4.0, 1.5, Sampler.DPM_SOLVER_PLUS_PLUS, background_lock=True)
SOLVER = pb.SAMPLER_DPM_SOLVER_PLUS_PLUS


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (EditOptions(seed=3), pb.EditOptions(seed=3)),
        (
            EditOptions(editor=PIX2PIX),
            pb.EditOptions(
                instruct_pix2pix=pb.InstructPix2PixOptions(
                    steps=7,
                    guidance_scale=4,
                    image_guidance_scale=1.5,
                    sampler=SOLVER,
                    background_lock=True,
                )
            ),
        ),
        (
            EditOptions(editor=InpaintingOptions(steps=7, sampler=Sampler.DDIM)),
            pb.EditOptions(inpainting=pb.InpaintingOptions(steps=7, sampler=pb.SAMPLER_DDIM)),
        ),
        (EditOptions(editor=InpaintingOptions()), pb.EditOptions(inpainting=pb.InpaintingOptions())),
    ],
)
def test_options_are_said_as_the_contract_says_them(given, asked):
    assert options_message(given) == asked


def test_the_model_is_named_in_the_request(picture):
    assert edit_request(picture, "Paint it", model="inpaint").model == "inpaint"
    assert not edit_request(picture, "Paint it").model


@pytest.fixture
def asked(editor, serve_in_threads, picture_file, tmp_path):
    """Runs `langdesign edit` with further arguments; returns its result, and the request where one came."""

    def run(*arguments):
        servicer = editor()
        address = serve_in_threads(
            lambda server: editing_pb2_grpc.add_EditingServiceServicer_to_server(servicer, server)
        )
        given = ["--image", str(picture_file), "--instruction", "Paint it", "--out", str(tmp_path / "o.png")]
        done = CliRunner().invoke(app, ["--addr", address, "edit", *given, *arguments])
        return done, next(iter(servicer.operations.values()), None)

    return run


KNOBS = ("--steps", "7", "--guidance", "4", "--sampler", "dpm-solver-plus-plus")


def test_the_command_tells_its_knobs_to_instruct_pix2pix_by_default(asked):
    done, request = asked(*KNOBS, "--image-guidance", "1.5")
    assert done.exit_code == 0, done.stderr
    told = {"steps": 7, "guidance_scale": 4, "sampler": SOLVER}
    assert request.options.instruct_pix2pix == pb.InstructPix2PixOptions(**told, image_guidance_scale=1.5)
    assert not request.model


def test_the_command_tells_its_knobs_to_the_family_of_the_model(asked):
    done, request = asked("--model", "inpaint", "--family", "inpainting", *KNOBS)
    assert done.exit_code == 0, done.stderr
    told = {"steps": 7, "guidance_scale": 4, "sampler": SOLVER}
    assert request.options.inpainting == pb.InpaintingOptions(**told)
    assert request.model == "inpaint"


def test_without_knobs_any_model_takes_the_command(asked):
    done, request = asked("--model", "inpaint")
    assert done.exit_code == 0, done.stderr
    assert request.options.WhichOneof("editor") is None
    assert request.model == "inpaint"


@pytest.mark.parametrize(
    ("field", "message", "given", "hint"),
    [
        (
            "options.instruct_pix2pix",
            "the model inpaint is of the family inpainting, not of instruct_pix2pix",
            ("--model", "inpaint", *KNOBS),
            "say with --family which family the model is of",
        ),
        (
            "options.native",
            "image has 900x600 pixels; edited as it is, it has at most 4096 a side and 65,536 in all",
            ("--native",),
            "leave --native out",
        ),
    ],
)
def test_what_the_service_refuses_of_an_option_is_told_with_a_hint_at_its_flag(
    editor, serve_in_threads, picture_file, tmp_path, field, message, given, hint
):
    class Refusing(editor):
        """Answers as the editing service does."""

        def Edit(self, request, context):
            bad = error_details_pb2.BadRequest()
            bad.field_violations.add(field=field, description=message)
            packed = Any()
            packed.Pack(bad)
            code = grpc.StatusCode.INVALID_ARGUMENT
            status = status_pb2.Status(code=code.value[0], message=message, details=[packed])
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            context.abort(code, message)

    address = serve_in_threads(
        lambda server: editing_pb2_grpc.add_EditingServiceServicer_to_server(Refusing(), server)
    )
    told = ["--image", str(picture_file), "--instruction", "Paint it", "--out", str(tmp_path / "o.png")]
    done = CliRunner().invoke(app, ["--addr", address, "edit", *told, *given])
    assert done.exit_code == 2
    assert f"{message}; {hint}" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--family", "inpainting", "--image-guidance", "2"), "leave it out, or leave --family out"),
        (("--family", "flux"), "choose from instruct-pix2pix, inpainting"),
        (("--sampler", "heun"), "choose from euler-ancestral, euler, ddim"),
    ],
)
def test_a_knob_of_another_family_is_a_usage_error_with_a_hint(asked, arguments, hint):
    done, request = asked(*arguments)
    assert done.exit_code == 2
    assert hint in done.stderr
    assert request is None
