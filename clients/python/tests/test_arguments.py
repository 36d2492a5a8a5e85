"""Whatever a caller gives, the answer is of the promised family, and says which argument is wrong."""

import asyncio
import inspect
import math
import re
from contextlib import contextmanager
from dataclasses import replace

import langdesign_client as lc
import numpy as np
import pytest
from google.rpc import code_pb2
from langdesign.editing.v1 import editing_pb2_grpc
from langdesign.reference.v1 import reference_pb2, reference_pb2_grpc
from langdesign_client import edit_requests, readings
from langdesign_client.errors import InvalidInputError, LangDesignError
from langdesign_client.references import plan_message


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
    "candidates that are none": (
        lambda c, p: c.create_nodes("designs/a/nodes/b", "x", candidates=None),
        "candidates is None; give a whole number, at least 1",
    ),
    "a truth in words": (
        lambda c, p: lc.nodes.replay("designs/a/nodes/b", validate_only="no"),
        "validate_only is 'no'; give True or False",
    ),
    "a truth by number": (
        lambda c, p: lc.nodes.update("designs/a/nodes/b", hidden=1),
        "hidden is 1; give True or False",
    ),
    "a truth for a number": (
        lambda c, p: c.edit(p, "x", options=lc.EditOptions(seed=True)),
        "seed is True; give a whole number",
    ),
    "no call": (lambda c, p: c.call(None), "call is of type NoneType; give what a function"),
    "pages for a call": (lambda c, p: c.call(lc.designs.list_designs()), "call is of type function"),
    "an answer for a stream": (
        lambda c, p: list(c.stream(lc.designs.get("designs/a"))),
        "call is of type Unary.*one answer comes by `call`",
    ),
    "no pages": (lambda c, p: list(c.list(None)), "listing is of type NoneType"),
    "an archive by number": (lambda c, p: lc.designs.import_archive(5), "archive is of type int"),
    "a budget in numbers": (
        lambda c, p: lc.triples.generate("interior", 1, budget=5),
        r"budget is of type int; give Budget\(",
    ),
    "a revision in words": (
        lambda c, p: c.watch_design("designs/a", "two"),
        "after_revision is 'two'; give a whole number",
    ),
    "a time-out of a call": (lambda c, p: c.refer("x", timeout="soon"), "timeout is 'soon'"),
}


@pytest.mark.parametrize("case", OTHER_CALLS)
def test_a_wrong_argument_of_other_calls_is_named_too(client, picture, case):
    call, told = OTHER_CALLS[case]
    with refused(told):
        call(client, picture)


EDIT = lc.PlannedEdit("remove", "region", (lc.Reference("the bed", 0, 7, "target"),), "remove the bed")
PLAN = lc.Plan((EDIT,), 1.0, "parser", None, "en")
PLANS = {
    "no edits": (replace(PLAN, edits=None), "edits of the plan is of type NoneType; give a list"),
    "one edit for a list": (replace(PLAN, edits=EDIT), "edits of the plan is of type PlannedEdit"),
    "an edit in words": (replace(PLAN, edits=["remove"]), "an item of edits of the plan is of type str"),
    "no references": (
        replace(PLAN, edits=(replace(EDIT, references=None),)),
        "references of an edit is of type NoneType; give a list of Reference",
    ),
    "no corrections": (replace(PLAN, corrections=None), "corrections of the plan is of type NoneType"),
    "an operation by number": (
        replace(PLAN, edits=(replace(EDIT, operation=5),)),
        "operation is 5; give text",
    ),
    "a wish in words": (replace(PLAN, wish="no"), "wish is 'no'; give True or False"),
}


@pytest.mark.parametrize("case", PLANS)
def test_a_wrong_part_of_a_plan_is_named(client, picture, case):
    plan, told = PLANS[case]
    with refused(told):
        client.edit(picture, "x", plan=plan)
    assert list(plan_message(PLAN).edits)


def _ways():
    """Every function that makes a call, with arguments that it takes."""
    given = {"image": b"\x89PNG\r\n\x1a\n", "expressions": ["a"], "archive": b"zip", "names": ["a"]}
    given |= {"count": 1, "kind": "specialise"}
    for module in (
        lc.designs,
        lc.nodes,
        lc.edits,
        lc.models,
        readings,
        lc.references,
        lc.runs,
        lc.segments,
        lc.triples,
    ):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith(("_", "read_"))
            if own and not name.endswith("_message"):
                known = inspect.signature(function).parameters.values()
                needed = {
                    one.name: given.get(one.name, "x")
                    for one in known
                    if one.default is inspect.Parameter.empty
                }
                yield from (
                    pytest.param(function, needed, one.name, id=f"{name}-{one.name}") for one in known
                )


@pytest.mark.parametrize(("function", "needed", "name"), list(_ways()))
def test_no_argument_of_any_call_can_be_just_anything(function, needed, name):
    def ask(arguments):
        call = function(**arguments)
        return call("") if callable(call) else call  # a listing asks by page

    assert ask(needed)
    with pytest.raises(InvalidInputError):
        ask(needed | {name: object()})


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
    "a file of another kind": ({"ca": __file__}, "ca is .*, which is no PEM file"),
    "TLS in words": ({"tls": "no"}, "tls is 'no'; give True or False"),
    "TLS by number": ({"tls": 1}, "tls is 1; give True or False"),
    "trust in words": (
        {"addresses": {"editing": "example.com:80"}, "token": "secret", "trusted_network": "no"},
        "trusted_network is 'no'; give True or False",
    ),
    "a token by number": ({"token": 5}, "token is of type int; give text"),
    "a token with the end of its line": ({"token": "secret\n"}, "token has a space, a line break"),
    "a token beyond ASCII": ({"token": "gehéim"}, "token has .* a character beyond ASCII"),
    "a URL": (
        {"addresses": {"editing": "http://127.0.0.1:7804"}},
        "an address is HOST:PORT without a scheme: write 127.0.0.1:7804$",
    ),
    "a URL without a port": (
        {"addresses": {"editing": "https://example.com/edit"}},
        r"without a scheme: write example.com:443, with TLS \(--tls\)",
    ),
    "a path": ({"addresses": {"editing": "example.com/edit:80"}}, "write HOST:PORT, such as"),
}


@pytest.mark.parametrize("case", CONNECTIONS)
def test_a_wrong_connection_is_refused(case):
    given, told = CONNECTIONS[case]
    with refused(told):
        lc.Connection(**given)


def test_a_token_that_is_refused_is_told_nobody():
    with pytest.raises(InvalidInputError) as caught:
        lc.Connection(token="secret\n")
    assert "secret" not in caught.value.line


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"attempts": "3"}, "attempts is '3'; give a whole number, at least 0"),
        ({"attempts": True}, "attempts is True"),
        ({"attempts": -1}, "attempts is -1"),
        ({"first": "soon"}, "first is 'soon'; give seconds"),
        ({"longest": None}, "longest is None"),
    ],
)
def test_a_wrong_policy_is_refused(given, told):
    with refused(told):
        lc.ResumePolicy(**given)


def test_everywhere_is_an_address():
    with refused("address is of type int; give HOST:PORT"):
        lc.everywhere(5)


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
