"""The reference service at the wire, with a language model that behaves as a test asks."""

import asyncio
import time
import unicodedata

import grpc
import pytest
from langdesign.reference.v1 import reference_pb2 as pb
from langdesign.reference.v1 import reference_pb2_grpc
from langdesign_chassis.environment import load
from langdesign_chassis.testing import serving
from langdesign_reference.settings import ReferenceSettings
from langdesign_reference.wiring import SERVICE, register

HARP = pb.Reference(expression="the harp", start=7, end=15, role=pb.ROLE_TARGET, english="the harp")


async def plan(stub, instruction="Remove the harp", **fields):
    response = await stub.PlanEdit(pb.PlanEditRequest(instruction=instruction, **fields))
    return response.plan


def only(found):
    """The one edit of a plan."""
    (edit,) = found.edits
    return edit


def is_the_parsers(found):
    """Whether it is the parser's plan to remove the harp, and the model's part in it nothing."""
    return (
        found.reader == pb.READER_PARSER
        and not found.HasField("agreed")
        and [(edit.operation, list(edit.references)) for edit in found.edits]
        == [(pb.OPERATION_REMOVE, [HARP])]
    )


async def test_when_both_read_the_same_the_plan_says_so_with_more_confidence(stub, endpoint):
    endpoint.reads({})
    found = await plan(stub)

    assert (only(found).operation, only(found).scope) == (pb.OPERATION_REMOVE, pb.SCOPE_REGION)
    assert list(only(found).references) == [HARP]
    assert (found.reader, found.agreed, found.language) == (pb.READER_BOTH, True, "en")
    assert found.confidence > 0.99


async def test_the_thing_is_called_as_the_model_does_and_may_still_be_what_the_parser_knows(stub, endpoint):
    wanted = {"do": "recolour", "what": [("den Schrank", "the cabinet")], "english": "Make the cabinet blue."}
    endpoint.reads(wanted)
    found = await plan(stub, "Kannst du den Schrank blau machen?")

    (reference,) = only(found).references
    assert (found.reader, only(found).instruction) == (pb.READER_BOTH, "Make the cabinet blue.")
    assert (reference.english, list(reference.alternatives)) == (
        "the cabinet",
        ["the wardrobe", "the cupboard"],
    )


async def test_a_trusted_model_wins_a_disagreement_which_the_plan_states(stub, endpoint):
    endpoint.reads({"do": "other", "english": "Tune the harp."})
    found = await plan(stub)

    assert (only(found).operation, only(found).instruction) == (pb.OPERATION_OTHER, "Tune the harp.")
    assert (found.reader, found.HasField("agreed"), found.agreed) == (pb.READER_LANGUAGE_MODEL, True, False)
    assert found.confidence < 0.99


OFTEN_WRONG = pytest.mark.parametrize(
    "options", [{"llm_confidence": 0.3, "llm_confirmation": 5.0, "llm_sure": 1.0}]
)


@OFTEN_WRONG
async def test_a_model_that_is_often_wrong_is_asked_the_parsers_thing_only(stub, endpoint):
    endpoint.names("the harp")
    found = await plan(stub, "Remove the harp on the left of the piano")
    assert (found.reader, found.agreed) == (pb.READER_PARSER, False)

    found = await plan(stub)
    assert (found.reader, found.agreed) == (pb.READER_BOTH, True)
    assert list(only(found).references) == [HARP]
    schema = endpoint.requests[-1]["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["name"]["enum"] == ["the harp", "nothing"]


@pytest.mark.parametrize("options", [{"llm_confidence": 0.3, "llm_sure": 0.5}])
async def test_a_parser_that_is_sure_needs_no_confirmation(stub, endpoint):
    endpoint.names("the harp")
    assert is_the_parsers(await plan(stub))
    assert endpoint.requests == []


@OFTEN_WRONG
@pytest.mark.parametrize(
    ("instruction", "name", "agreed"),
    [
        ("Add a harp beside the piano", "the piano", True),
        ("Add a harp", "nothing", True),
        ("Make the room brighter", "the room", True),
        ("Make the room brighter", "nothing", True),
        ("Remove the harp", "nothing", False),
        ("Move the harp to the piano", "the piano", False),
    ],
)
async def test_the_thing_is_what_changes_or_where_something_is_added(
    stub, endpoint, instruction, name, agreed
):
    endpoint.names(name)
    found = await plan(stub, instruction)
    assert found.HasField("agreed")
    assert found.agreed == agreed


@OFTEN_WRONG
@pytest.mark.parametrize(
    "content",
    [
        '{"name": "the lamp"}',
        '{"name": "the ha',
        '{"name": ["the harp"]}',
        '"the harp"',
        "{}",
        "7",
        '{"name": ""}',
        "[" * 3000,
        '{"name": "' + "x" * 50_000 + '"}',
    ],
)
async def test_a_name_that_was_not_said_or_half_said_leaves_the_parser_alone(stub, endpoint, content):
    endpoint.says(content)
    assert is_the_parsers(await plan(stub))


@pytest.mark.parametrize("options", [{"llm_confidence": 0.3, "llm_confirmation": 0.2, "llm_sure": 1.0}])
async def test_a_name_that_comes_late_is_not_waited_for(stub, endpoint):
    endpoint.answer = lambda *_: endpoint.released.wait(10)
    found = await plan(stub)
    endpoint.released.set()
    assert is_the_parsers(found)


async def test_the_model_reads_alone_what_the_parser_does_not_know(stub, endpoint):
    endpoint.reads({"do": "other", "english": "Tune the harp."})
    found = await plan(stub, "Frobnicate the harp")

    assert found.reader == pb.READER_LANGUAGE_MODEL
    assert not found.HasField("agreed")
    assert [r.expression for r in only(found).references] == ["the harp"]


@pytest.mark.parametrize("options", [{"llm_confidence": 0.49}, {"llm_base_url": ""}])
@pytest.mark.parametrize("instruction", ["bed -> red", "Frobnicate the harp", "椅子を消してください"])
async def test_what_the_parser_cannot_read_is_not_left_to_a_model_that_is_likelier_wrong(
    stub, endpoint, instruction
):
    endpoint.reads({"what": []})
    found = await plan(stub, instruction)
    assert not any(edit.operation == pb.OPERATION_REMOVE for edit in found.edits)
    assert found.reader in {pb.READER_NONE, pb.READER_PARSER}
    assert endpoint.requests == []


@pytest.mark.parametrize("options", [{"llm_base_url": "", "confidence_floor": 1.0}])
async def test_below_the_floor_of_confidence_nobody_read_an_instruction(stub):
    found = await plan(stub)
    assert (found.reader, list(found.edits), found.confidence) == (pb.READER_NONE, [], 0)


async def test_without_an_endpoint_the_parser_reads_alone(monkeypatch):
    monkeypatch.delenv("REFERENCE_LLM_BASE_URL", raising=False)
    settings = load(ReferenceSettings)
    async with serving(lambda server, runtime: register(server, runtime, settings), SERVICE) as served:
        found = await plan(reference_pb2_grpc.ReferenceServiceStub(served.channel))
    assert is_the_parsers(found)


async def test_equal_requests_ask_the_model_once(stub, endpoint):
    endpoint.reads({})
    first, second, other = await plan(stub), await plan(stub), await plan(stub, caption="a hall")
    assert first == second
    assert list(other.edits) == list(first.edits)
    assert len(endpoint.requests) == 2


async def test_a_plan_made_without_the_model_is_not_kept(stub, endpoint):
    endpoint.sends("{}", 500)
    assert (await plan(stub)).reader == pb.READER_PARSER
    endpoint.reads({})
    assert (await plan(stub)).reader == pb.READER_BOTH


@pytest.mark.parametrize(
    "body",
    [
        "garbage",
        "",
        "null",
        "[]",
        '{"choices": []}',
        '{"choices": [{"message": null}]}',
        '{"choices": [{"message": {"content": null}}]}',
        '{"choices": [{"message": {"content": 7}}]}',
        '{"choices": [{"message": {"content": ["a"]}}]}',
        '{"choices": 3}',
        '{"error": {"message": "no"}}',
        '{"choices": [{"message": {"content": "half',
        "[" * 50_000,
        '{"choices": ' + "9" * 5000 + "}",
    ],
)
async def test_an_endpoint_that_answers_no_completion_leaves_the_parser_alone(stub, endpoint, body):
    endpoint.sends(body)
    assert is_the_parsers(await plan(stub))


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_an_endpoint_that_fails_leaves_the_parser_alone(stub, endpoint, status):
    endpoint.sends("{}", status)
    assert (await plan(stub)).reader == pb.READER_PARSER


@pytest.mark.parametrize(
    "options", [{"llm_base_url": "http://127.0.0.1:1/v1"}], ids=["a port that nobody listens on"]
)
async def test_an_endpoint_that_is_not_there_leaves_the_parser_alone(stub):
    assert (await plan(stub)).reader == pb.READER_PARSER


async def test_an_endpoint_that_sends_elsewhere_is_not_followed(stub, endpoint):
    endpoint.sends("{}", 307, Location=f"{endpoint.url}/elsewhere")
    assert (await plan(stub)).reader == pb.READER_PARSER
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("options", [{"llm_timeout": 0.3}])
@pytest.mark.parametrize("trickle", [False, True], ids=["never answers", "answers a byte now and then"])
async def test_a_model_that_answers_late_or_never_is_not_waited_for(stub, endpoint, trickle):
    def late(handler, _):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not endpoint.released.wait(0.05):
            if trickle:
                handler.wfile.write(b" ")

    endpoint.answer = late
    start = time.monotonic()
    found = await plan(stub)
    endpoint.released.set()
    assert found.reader == pb.READER_PARSER
    assert time.monotonic() - start < 5  # 0.3 s and a generous margin


async def test_a_response_without_end_is_cut_off(stub, endpoint):
    sent = 0

    def endless(handler, _):
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        while not endpoint.released.is_set():
            handler.wfile.write(b" " * 65536)
            sent += 65536

    endpoint.answer = endless
    assert (await plan(stub)).reader == pb.READER_PARSER
    endpoint.released.set()
    assert sent < 64 * 1024 * 1024


async def test_a_compressed_response_is_refused(stub, endpoint):
    endpoint.sends("bomb", Content_Encoding="gzip")
    assert (await plan(stub)).reader == pb.READER_PARSER


@pytest.mark.parametrize("options", [{"llm_failures": 2, "llm_rest": 60.0}])
async def test_after_failures_in_a_row_the_model_is_left_alone(stub, endpoint):
    endpoint.sends("{}", 500)
    for number in range(6):
        assert (await plan(stub, f"Remove the harp {number}")).reader == pb.READER_PARSER
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize(
    "options",
    [
        {
            "llm_confidence": 0.3,
            "llm_confirmation": 0.1,
            "llm_sure": 1.0,
            "llm_failures": 2,
            "llm_rest": 60.0,
        }
    ],
)
async def test_a_model_that_never_confirms_is_left_alone_too(stub, endpoint):
    endpoint.answer = lambda *_: endpoint.released.wait(10)
    for number in range(6):
        assert (await plan(stub, f"Remove the harp {number}")).reader == pb.READER_PARSER
    endpoint.released.set()
    assert len(endpoint.requests) <= 2  # fewer on a machine that is too busy to send one in time


@pytest.mark.parametrize("options", [{"llm_failures": 1, "llm_rest": 0.2}])
async def test_a_model_that_was_left_alone_is_tried_again(stub, endpoint):
    endpoint.sends("{}", 500)
    await plan(stub)
    endpoint.reads({})
    async with asyncio.timeout(10):
        # Each call takes time of its own; the rest ends by itself.
        while (await plan(stub)).reader != pb.READER_BOTH:
            pass


@pytest.mark.parametrize("options", [{"llm_tokens_per_minute": 1}])
async def test_without_tokens_in_the_budget_the_model_is_not_asked(stub, endpoint):
    endpoint.reads({})
    assert (await plan(stub)).reader == pb.READER_PARSER
    assert endpoint.requests == []


@pytest.mark.parametrize(
    ("instruction", "hint"),
    [
        ("", None),
        ("x" * 10_000, None),
        ("🪑🔥🔥", "Remove the blue chair"),
        (" \n\t", "Remove"),
        ("?!...", "Remove"),
    ],
    ids=["empty", "10,000 characters", "emoji", "blank", "punctuation"],
)
async def test_an_instruction_without_words_or_without_end_is_refused(stub, endpoint, instruction, hint):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await plan(stub, instruction)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert endpoint.requests == []
    if hint:
        details = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
        assert hint.encode() in details


async def test_a_language_that_nobody_knows_is_read_by_nobody(stub, endpoint):
    endpoint.sends("{}", 500)
    found = await plan(stub, "椅子を消してください")
    assert (found.reader, found.language, list(found.edits)) == (pb.READER_NONE, "und", [])


async def test_a_language_that_is_given_is_not_guessed(stub, endpoint):
    endpoint.says("{}")
    found = await plan(stub, "Elimină harpa", language="ro-RO")
    assert (found.language, only(found).operation) == ("ro", pb.OPERATION_REMOVE)


@pytest.mark.parametrize(
    ("instruction", "relation"),
    [
        ("Put a lamp on the table", pb.RELATION_ON),
        ("Add a clock above the sofa", pb.RELATION_ABOVE),
        ("Place a rug under the table", pb.RELATION_BELOW),
        ("Add a plant next to the sofa", pb.RELATION_BESIDE),
        ("Place a stool to the left of the bed", pb.RELATION_LEFT),
        ("Put a bench in front of the window", pb.RELATION_IN_FRONT),
        ("Put flowers in the vase", pb.RELATION_INSIDE),
        ("Add a plant opposite the sofa", pb.RELATION_UNSPECIFIED),
        ("Pune o lampă pe masă", pb.RELATION_ON),
        ("Stelle eine Pflanze neben das Sofa", pb.RELATION_BESIDE),
    ],
)
async def test_an_anchor_says_where_the_thing_goes_seen_from_it(stub, endpoint, instruction, relation):
    endpoint.says("{")
    found = await plan(stub, instruction)

    assert [(r.role, r.relation) for r in only(found).references] == [(pb.ROLE_ANCHOR, relation)]


async def test_a_target_has_no_relation(stub, endpoint):
    endpoint.says("{")
    found = await plan(stub, "Remove the lamp on the table")

    assert [r.relation for r in only(found).references] == [pb.RELATION_UNSPECIFIED]


@pytest.mark.parametrize("options", [{"llm_base_url": ""}])
@pytest.mark.parametrize(
    ("instruction", "expression", "english"),
    [
        ("Vopsește pereții în verde.", "pereții", "the walls"),
        ("Fă patul roșu.", "patul", "the bed"),
        ("Streiche die Tür weiß.", "die Tür", "the door"),
        ("Put the cushion on the café chair.", "the café chair", "the café chair"),
    ],
)
async def test_letters_with_marks_of_their_own_are_read_like_composed_ones(
    stub, instruction, expression, english
):
    apart = unicodedata.normalize("NFD", instruction)
    composed, found = only(await plan(stub, instruction)), only(await plan(stub, apart))
    named = found.references[-1]

    assert (named.expression, named.english) == (unicodedata.normalize("NFD", expression), english)
    assert apart[named.start : named.end] == named.expression
    assert (found.operation, found.instruction) == (composed.operation, composed.instruction)


@pytest.mark.parametrize("options", [{"llm_base_url": ""}])
async def test_a_thing_without_an_article_is_named_in_english_with_one(stub):
    found = only(await plan(stub, "sofa blue"))
    assert (found.references[0].expression, found.references[0].english) == ("sofa", "the sofa")
    assert found.instruction == "make the sofa blue"
