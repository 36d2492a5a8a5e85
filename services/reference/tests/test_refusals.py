"""An endpoint that refuses for good: said once, counted, in the answer, and left alone.

The bodies are those that OpenAI, Azure, vLLM and llama.cpp send.
"""

import json
import logging
import urllib.request

import pytest
from langdesign.reference.v1 import reference_pb2 as pb
from langdesign.reference.v1 import reference_pb2_grpc
from langdesign_chassis.environment import load
from langdesign_chassis.errors import StartError
from langdesign_chassis.settings import TelemetrySettings
from langdesign_chassis.testing import serving, test_settings
from langdesign_reference.settings import ReferenceSettings
from langdesign_reference.wiring import SERVICE, register

KEY = "sk-proj-Abc123Def456"
OPENAI_KEY = json.dumps(
    {
        "error": {
            "message": f"Incorrect API key provided: {KEY}. You can find your API key at https://example.org.",
            "type": "invalid_request_error",
            "param": None,
            "code": "invalid_api_key",
        }
    }
)
OPENAI_PARAMETER = json.dumps(
    {
        "error": {
            "message": "Unsupported parameter: 'max_tokens' is not supported with this model.",
            "type": "invalid_request_error",
            "param": "max_tokens",
            "code": "unsupported_parameter",
        }
    }
)
VLLM_MODEL = json.dumps(
    {
        "object": "error",
        "message": "The model `llama` does not exist.",
        "type": "NotFoundError",
        "param": None,
        "code": 404,
    }
)
LLAMA_CPP_KEY = json.dumps(
    {"error": {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}}
)
AZURE_ACCESS = json.dumps(
    {"error": {"code": "403", "message": "Access denied due to Virtual Network rules."}}
)
NO_CREDIT = json.dumps(
    {"error": {"message": "You exceeded your current quota.", "type": "insufficient_quota", "code": None}}
)
AZURE_FILTER = json.dumps(
    {
        "error": {
            "message": "The prompt triggered Azure OpenAI's content management policy.",
            "type": None,
            "param": "prompt",
            "code": "content_filter",
            "status": 400,
        }
    }
)
LLAMA_CPP_LENGTH = json.dumps(
    {
        "error": {
            "code": 400,
            "message": "the request exceeds the available context size",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 5000,
            "n_ctx": 4096,
        }
    }
)
VLLM_LENGTH = json.dumps(
    {
        "error": {
            "message": "This model's maximum context length is 2048 tokens, you requested 2310.",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        }
    }
)
AZURE_FORM = json.dumps(
    {
        "error": {
            "message": "Invalid parameter: 'response_format' of type 'json_schema' is not supported.",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }
    }
)


async def ask(stub, instruction="Remove the harp"):
    return await stub.PlanEdit(pb.PlanEditRequest(instruction=instruction))


def errors(caplog):
    return [record for record in caplog.records if record.levelno == logging.ERROR]


@pytest.mark.parametrize("options", [{"llm_api_key": KEY}])
@pytest.mark.parametrize(
    ("status", "body", "shown"),
    [
        (401, OPENAI_KEY, "401 Unauthorized"),
        (400, OPENAI_PARAMETER, "400 Bad Request"),
        (404, VLLM_MODEL, "404 Not Found"),
        (401, LLAMA_CPP_KEY, "401 Unauthorized"),
        (403, AZURE_ACCESS, "403 Forbidden"),
        (429, NO_CREDIT, "429 Too Many Requests"),
        (404, "<html>no such page</html>", "404 Not Found"),
        (405, "", "405 Method Not Allowed"),
        (301, "{}", "301 Moved Permanently"),
        (499, "{}", "499"),
    ],
)
async def test_a_refusal_is_shown_once_and_said_with_every_plan(stub, endpoint, caplog, status, body, shown):
    endpoint.sends(body, status)
    answers = [await ask(stub, f"Remove the harp {number}") for number in range(4)]

    assert [answer.language_model_refusal for answer in answers] == [shown] * 4
    assert all(answer.plan.reader == pb.READER_PARSER for answer in answers)
    (record,) = errors(caplog)
    assert record.status == shown
    assert KEY not in str(vars(record))
    assert len(record.said) <= 300
    forms = 3 if status == 400 else 1  # a 400 may be about the form of the answer
    assert len(endpoint.requests) == forms


async def test_the_log_tells_what_the_server_says(stub, endpoint, caplog):
    endpoint.sends(VLLM_MODEL, 404)
    await ask(stub)
    assert "does not exist" in errors(caplog)[0].said


@pytest.mark.parametrize("options", [{"llm_refusal_rest": 0.01}])
async def test_an_endpoint_that_answers_again_is_no_longer_said_to_refuse(stub, endpoint, caplog):
    endpoint.sends(OPENAI_KEY, 401)
    assert (await ask(stub)).language_model_refusal
    endpoint.reads({})
    while (answer := await ask(stub)).plan.reader != pb.READER_BOTH:
        assert answer.language_model_refusal
    assert answer.language_model_refusal == ""
    assert len(errors(caplog)) == 1


@pytest.mark.parametrize(
    ("status", "body"), [(400, AZURE_FILTER), (400, LLAMA_CPP_LENGTH), (400, VLLM_LENGTH)]
)
async def test_an_instruction_that_is_refused_alone_leaves_the_model_to_the_others(
    stub, endpoint, caplog, status, body
):
    for number in range(7):  # more than failures in a row may be
        endpoint.sends(body, status)
        answer = await ask(stub, f"Remove the harp {number}")
        assert (answer.plan.reader, answer.language_model_refusal) == (pb.READER_PARSER, "")
    endpoint.reads({})
    assert (await ask(stub)).plan.reader == pb.READER_BOTH
    assert errors(caplog) == []


@pytest.mark.parametrize(("taken", "form"), [("json_object", "json_object"), ("text", None)])
async def test_an_endpoint_that_takes_no_schema_is_asked_for_json_and_that_is_remembered(
    stub, endpoint, caplog, taken, form
):
    endpoint.reads({})
    answers = endpoint.answer

    def answer(handler, request):
        asked = request.get("response_format", {"type": "text"})["type"]
        if asked in {"json_schema", "json_object"} and asked != taken:
            endpoint.refuse(handler, AZURE_FORM)
        else:
            answers(handler, request)

    endpoint.answer = answer
    found = [await ask(stub, f"Remove the harp{'.' * number}") for number in range(1, 3)]

    assert [(one.plan.reader, one.language_model_refusal) for one in found] == [(pb.READER_BOTH, "")] * 2
    assert endpoint.requests[-1].get("response_format", {}).get("type") == form
    assert len(endpoint.requests) == 2 + (1 if taken == "json_object" else 2)
    warnings = [one for one in caplog.records if one.levelno == logging.WARNING and hasattr(one, "form")]
    assert [one.form for one in warnings] == [taken]


async def test_nothing_is_sent_that_an_endpoint_may_refuse(stub, endpoint):
    endpoint.reads({})
    await ask(stub)
    (request,) = endpoint.requests
    assert set(request) == {"model", "messages", "response_format"}
    assert request["response_format"]["json_schema"]["strict"] is True


@pytest.mark.parametrize(
    "options", [{"llm_parameters": {"temperature": 0, "chat_template_kwargs": {"a": 1}}}]
)
async def test_what_the_settings_add_is_sent(stub, endpoint):
    endpoint.reads({})
    await ask(stub)
    (request,) = endpoint.requests
    assert (request["temperature"], request["chat_template_kwargs"]) == (0, {"a": 1})


def test_parameters_come_as_json_and_leave_the_services_own_alone(monkeypatch):
    monkeypatch.setenv("REFERENCE_LLM_PARAMETERS", '{"temperature": 0}')
    assert load(ReferenceSettings).llm_parameters == {"temperature": 0}
    monkeypatch.setenv("REFERENCE_LLM_PARAMETERS", '{"model": "other", "messages": []}')
    with pytest.raises(StartError, match="REFERENCE_LLM_PARAMETERS: messages, model: set by"):
        load(ReferenceSettings)


async def test_a_refusal_is_in_the_metrics_and_the_service_serves_on(endpoint):
    settings = ReferenceSettings(llm_base_url=endpoint.url, llm_confidence=0.99)
    chassis = test_settings(telemetry=TelemetrySettings(metrics="127.0.0.1:0"))
    async with serving(
        lambda server, runtime: register(server, runtime, settings), SERVICE, settings=chassis
    ) as served:
        stub = reference_pb2_grpc.ReferenceServiceStub(served.channel)
        endpoint.reads({})
        await ask(stub)
        assert page(served)["langdesign_reference_language_model_refusing"] == 0
        endpoint.sends(OPENAI_KEY, 401)
        await ask(stub, "Remove the harp now")
        figures = page(served)
    asked = 'langdesign_reference_language_model_questions_total{outcome="%s",question="reading"}'
    assert figures["langdesign_reference_language_model_refusing"] == 1
    assert (figures[asked % "answered"], figures[asked % "refused"]) == (1, 1)
    assert figures['langdesign_reference_plans_total{reader="both"}'] == 1
    assert figures['langdesign_reference_plans_total{reader="parser"}'] == 1


def page(served):
    with urllib.request.urlopen(f"http://127.0.0.1:{served.metrics_port}/metrics", timeout=5) as answer:
        lines = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
