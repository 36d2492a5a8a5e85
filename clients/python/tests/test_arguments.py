"""Whatever a caller gives, the answer is of the promised family, and says which argument is wrong."""

import asyncio
import math
import re
from contextlib import contextmanager

import langdesign_client as lc
import numpy as np
import pytest
from google.rpc import code_pb2
from langdesign.editing.v1 import editing_pb2_grpc
from langdesign.reference.v1 import reference_pb2, reference_pb2_grpc
from langdesign_client import edit_requests
from langdesign_client.errors import InvalidInputError, LangDesignError


@pytest.fixture
def client():
    """Where nobody listens: what is told here was told before any call."""
    with lc.Client(lc.Connection(addresses=lc.everywhere("127.0.0.1:1"))) as made:
        yield made


@contextmanager
def refused(told):
    with pytest.raises(InvalidInputError) as wrong:
        yield
    assert re.search(told, wrong.value.line), wrong.value.line


WRONG = {
    "region, text": ({"region": "the bed"}, "region is of type str.*Expression"),
    "region, numbers": ({"region": (2, 2, 6, 6)}, "region is of type tuple"),
    "region, a box of fractions": ({"region": lc.Box(1.5, 0, 4, 4)}, "x is 1.5; give a whole number"),
    "region, a box beyond all pictures": ({"region": lc.Box(2**40, 0, 4, 4)}, "x is 1099511627776"),
    "region, the path of a mask": ({"region": lc.Mask("mask.png")}, "png is 'mask.png'; give bytes"),
    "region, no text": ({"region": lc.Expression(5)}, "expression is 5; give text"),
    "plan, a dict": ({"plan": {"edits": []}}, "plan is of type dict; give a Plan"),
    "options, a dict": ({"options": {"seed": 1}}, "options is of type dict; give EditOptions"),
    "options, an empty dict": ({"options": {}}, "options is of type dict"),
    "seed, too large": ({"options": lc.EditOptions(seed=2**63)}, f"seed is {2**63}.*to {2**63 - 1}"),
    "seed, a fraction": ({"options": lc.EditOptions(seed=1.5)}, "seed is 1.5; give a whole number"),
    "seed, text": ({"options": lc.EditOptions(seed="1")}, "seed is '1'"),
    "preserve, unknown": (
        {"options": lc.EditOptions(preserve="hard")},
        "'hard' is none of the values of Preserve; choose from none, attention, latent, strict",
    ),
    "result format, a number": ({"options": lc.EditOptions(result_format=2)}, "2 is none of the values"),
    "sampler, unknown": (
        {"options": lc.EditOptions(editor=lc.InstructPix2PixOptions(sampler="heun"))},
        "'heun' is none.*euler-ancestral",
    ),
    "editor, a dict": (
        {"options": lc.EditOptions(editor={"steps": 3})},
        "options.editor is of type dict; give InstructPix2PixOptions",
    ),
    "image, none": ({"image": None}, "the picture is of type NoneType; give its encoded bytes"),
    "image, empty": ({"image": b""}, "the picture is empty; give the whole file"),
    "image, a pointer": (
        {"image": b"version https://git-lfs.github.com/spec/v1\nsize 1\n"},
        "the picture is a Git LFS pointer.*git lfs pull",
    ),
    "image, an array": ({"image": np.zeros((8, 8, 3))}, "the picture is of type ndarray"),
    "instruction, a number": ({"instruction": 5}, "instruction is 5; give text"),
    "instruction, half a character": ({"instruction": "red \udc80"}, "instruction is .*give text"),
    "key, a number": ({"idempotency_key": 5}, "idempotency_key is 5"),
    "timeout, text": ({"timeout": "5"}, "timeout is '5'; give seconds, a number above 0"),
    "timeout, none": ({"timeout": None}, "timeout is None"),
    "timeout, no number": ({"timeout": math.nan}, "timeout is nan"),
    "timeout, endless": ({"timeout": math.inf}, "timeout is inf"),
    "timeout, nothing": ({"timeout": 0}, "timeout is 0"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_argument_of_an_edit_is_named_before_any_call(client, picture, case):
    given, told = WRONG[case]
    with refused(told):
        list(client.edit(**{"image": picture, "instruction": "Make it red", **given}))


OTHER_CALLS = {
    "letters for expressions": (
        lambda c, p: c.segment(p, "the bed"),
        "expressions is 'the bed'; give a list",
    ),
    "numbers for expressions": (
        lambda c, p: c.segment(p, [1]),
        r"expressions is \[1\]; give a list, each text",
    ),
    "a threshold in words": (
        lambda c, p: c.segment(p, ["the bed"], mask_threshold="half"),
        "mask_threshold is 'half'; give a number",
    ),
    "an operation by number": (lambda c, p: list(c.watch_edit(5)), "operation_id is 5; give text"),
    "candidates in words": (
        lambda c, p: list(c.create_nodes("designs/a/nodes/b", "x", candidates="two")),
        "candidates is 'two'",
    ),
    "a region of a node": (
        lambda c, p: list(c.create_nodes("designs/a/nodes/b", "x", region="the bed")),
        "region is of type str",
    ),
    "a time-out of a call": (lambda c, p: c.refer("x", timeout="soon"), "timeout is 'soon'"),
}


@pytest.mark.parametrize("case", OTHER_CALLS)
def test_a_wrong_argument_of_other_calls_is_named_too(client, picture, case):
    call, told = OTHER_CALLS[case]
    with refused(told):
        call(client, picture)


class PlanReader(reference_pb2_grpc.ReferenceServiceServicer):
    def PlanEdit(self, request, context):
        return reference_pb2.PlanEditResponse(plan=reference_pb2.Plan(language="en"))


CONNECTIONS = {
    "a misspelt service": (
        {"addresses": {"editting": "127.0.0.1:7004"}},
        "no service 'editting'; did you mean editing",
    ),
    "another service": (
        {"addresses": {"kitchen": "127.0.0.1:7004"}},
        "no service 'kitchen'; choose from instruction",
    ),
    "one address for a mapping": ({"addresses": "127.0.0.1:7004"}, "addresses is of type str.*everywhere"),
    "no address": ({"addresses": {"editing": None}}, "None is no address for the editing service"),
    "a time-out in words": ({"timeout": "5"}, "timeout is '5'"),
    "no time": ({"timeout": 0}, "timeout is 0"),
    "a missing file by its name": ({"ca": "/absent.pem"}, "/absent.pem is not a file"),
    "a file by number": ({"ca": 3}, "ca is of type int; give the path"),
}


@pytest.mark.parametrize("case", CONNECTIONS)
def test_a_wrong_connection_is_refused(case):
    given, told = CONNECTIONS[case]
    with refused(told):
        lc.Connection(**given)


def test_values_of_words_do_as_well_as_their_members(client, picture):
    told = edit_requests.options_message(
        lc.EditOptions(
            preserve="latent",
            result_format="webp",
            editor=lc.InstructPix2PixOptions(sampler="dpm-solver-plus-plus"),
        )
    )
    assert told == edit_requests.options_message(
        lc.EditOptions(
            preserve=lc.Preserve.LATENT,
            result_format=lc.ImageFormat.WEBP,
            editor=lc.InstructPix2PixOptions(sampler=lc.Sampler.DPM_SOLVER_PLUS_PLUS),
        )
    )


def test_one_asynchronous_client_serves_one_event_loop_after_another(serve_in_threads):
    address = serve_in_threads(
        lambda server: reference_pb2_grpc.add_ReferenceServiceServicer_to_server(PlanReader(), server)
    )
    client = lc.AsyncClient(lc.Connection(addresses={"reference": address}))

    async def ask():
        plan = await client.refer("Make the bed red.")
        return plan.language

    assert [asyncio.run(ask()) for _ in range(3)] == ["en"] * 3


@pytest.mark.parametrize("code", [code_pb2.INTERNAL, code_pb2.DEADLINE_EXCEEDED, code_pb2.CANCELLED])
def test_an_edit_that_fails_says_which_operation_it_was(serve_in_threads, editor, picture, code):
    failing = editor(failure=(code, "it broke; look into the log"))
    address = serve_in_threads(
        lambda server: editing_pb2_grpc.add_EditingServiceServicer_to_server(failing, server)
    )
    with (
        lc.Client(lc.Connection(addresses={"editing": address})) as client,
        pytest.raises(LangDesignError) as failed,
    ):
        list(client.edit(picture, "Make it red", region=lc.Whole()))
    assert failed.value.operation_id in failing.operations
    assert failed.value.line == "it broke; look into the log"


def test_an_edit_that_never_began_names_no_operation(client, picture):
    with pytest.raises(LangDesignError) as failed:
        list(client.edit(picture, "Make it red", region=lc.Whole(), timeout=0.2))
    assert failed.value.operation_id == ""


def test_a_token_travels_unencrypted_in_a_network_that_is_said_to_be_trusted_and_in_no_other():
    addresses = lc.everywhere("gateway:8081")
    with refused("the token would travel unencrypted to gateway:8081.*--trusted-network"):
        lc.Connection(addresses=addresses, token="t")
    assert lc.Connection(addresses=addresses, token="t", trusted_network=True).metadata
    assert lc.Connection(addresses=addresses, token="t", tls=True).metadata


@pytest.mark.parametrize("kind", [lc.Client, lc.AsyncClient])
@pytest.mark.parametrize("given", ["127.0.0.1:8080", {"editing": "127.0.0.1:7004"}])
def test_a_client_of_something_else_than_a_connection_says_what_to_give(kind, given):
    with pytest.raises(lc.InvalidInputError, match="connection is of type") as caught:
        kind(given)
    assert "Connection(addresses=" in caught.value.hint
