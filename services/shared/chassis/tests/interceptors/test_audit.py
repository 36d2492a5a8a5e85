import asyncio
import json
import logging
import subprocess
import sys

import grpc
import pytest
from langdesign.design.v1 import design_pb2, design_pb2_grpc
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign_chassis import audit, errors
from langdesign_chassis.callstate import BEHALF_KEY
from langdesign_chassis.errors import StartError
from langdesign_chassis.settings import AuditSettings
from langdesign_chassis.testing import serving, test_settings

SECRET = "paint over the Picasso"


class Designs(design_pb2_grpc.DesignServiceServicer):
    """Answers as a design service does, without designs."""

    async def CreateDesign(self, request, context):
        return design_pb2.CreateDesignResponse(design={"name": "designs/7", "title": request.title})

    async def GetDesign(self, request, context):
        return design_pb2.GetDesignResponse()

    async def DeleteDesign(self, request, context):
        raise errors.NotFound("there is no such design")

    async def CreateNodes(self, request, context):
        for number in (1, 1, 2):
            yield design_pb2.CreateNodesResponse(node={"name": f"designs/7/nodes/{number}", "note": SECRET})


class Edits(editing_pb2_grpc.EditingServiceServicer):
    """Starts an edit that has no end."""

    async def Edit(self, request, context):
        yield editing_pb2.EditResponse(operation_id="op-1")
        await asyncio.Event().wait()


@pytest.fixture
def lines(tmp_path):
    """Sends the audit log to a file; returns what reads it."""
    path = tmp_path / "audit.jsonl"
    audit.configure(AuditSettings(to=str(path)), "design")
    yield lambda: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    logger = logging.getLogger(audit.LOGGER)
    for handler in logger.handlers:
        handler.close()
    logger.handlers.clear()
    logger.propagate = True


def register(server, runtime):
    design_pb2_grpc.add_DesignServiceServicer_to_server(Designs(), server)
    editing_pb2_grpc.add_EditingServiceServicer_to_server(Edits(), server)


def served(**settings):
    return serving(
        register,
        "langdesign.design.v1.DesignService",
        settings=test_settings(**settings),
        scopes={"/langdesign.editing.v1.EditingService/Edit": "design"},
    )


def new_design(**values):
    return design_pb2.CreateDesignRequest(
        **{"idempotency_key": "key-1", "title": SECRET, "image": {"data": b"PICTURE"}, **values}
    )


def new_nodes():
    return design_pb2.CreateNodesRequest(
        idempotency_key="key-2", parent="designs/7/nodes/0", instruction=SECRET, candidates=2
    )


async def test_a_change_is_told_with_who_what_when_and_how_it_ended(lines, issuer, tmp_path):
    async with served(auth=issuer.settings(tmp_path)) as design:
        stub = design_pb2_grpc.DesignServiceStub(design.channel)
        metadata = (*issuer.metadata("acme", "design", sub="maria"), ("x-request-id", "r-5"))
        await stub.CreateDesign(new_design(), metadata=metadata)

    (line,) = lines()
    assert line["log"] == "audit"
    assert line["service"] == "design"
    assert line["method"] == "/langdesign.design.v1.DesignService/CreateDesign"
    assert (line["subject"], line["tenant"], line["code"]) == ("maria", "acme", "OK")
    assert (line["request_id"], len(line["trace_id"])) == ("r-5", 32)
    assert line["asked"] == {"idempotency_key": ["key-1"]}
    assert line["answered"] == {"design.name": ["designs/7"]}
    assert line["time"].endswith("+00:00")
    assert "on_behalf" not in line


async def test_lines_hold_neither_words_nor_pictures_nor_tokens(lines, issuer, tmp_path):
    token = issuer.token("acme", "design")
    async with served(auth=issuer.settings(tmp_path)) as design:
        stub = design_pb2_grpc.DesignServiceStub(design.channel)
        metadata = (("authorization", f"Bearer {token}"),)
        await stub.CreateDesign(new_design(), metadata=metadata)
        async for _ in stub.CreateNodes(new_nodes(), metadata=metadata):
            pass

    text = json.dumps(lines())
    assert len(lines()) == 2
    for kept_out in (SECRET, "PICTURE", token):
        assert kept_out not in text


async def test_words_are_told_where_the_policy_says_so(lines):
    async with served(audit=AuditSettings(instructions=True)) as design:
        stub = design_pb2_grpc.DesignServiceStub(design.channel)
        await stub.CreateDesign(new_design())

    assert lines()[0]["texts"] == {"title": [SECRET]}


async def test_a_stream_is_one_line_at_its_end_with_all_that_it_made(lines):
    async with served() as design:
        stub = design_pb2_grpc.DesignServiceStub(design.channel)
        responses = [response async for response in stub.CreateNodes(new_nodes())]

    assert len(responses) == 3
    (line,) = lines()
    assert line["asked"]["parent"] == ["designs/7/nodes/0"]
    assert line["answered"] == {"node.name": ["designs/7/nodes/1", "designs/7/nodes/2"]}


async def test_a_stream_that_its_caller_leaves_is_told_with_what_it_made(lines):
    async with served() as design:
        stub = editing_pb2_grpc.EditingServiceStub(design.channel)
        request = editing_pb2.EditRequest(
            idempotency_key="key-3", image={"data": b"PICTURE"}, instruction=SECRET
        )
        call = stub.Edit(request)
        await call.read()
        call.cancel()

    (line,) = lines()  # the service has drained
    assert (line["code"], line["answered"]) == ("CANCELLED", {"operation_id": ["op-1"]})


async def test_a_change_that_fails_is_told_and_a_read_is_not(lines):
    async with served() as design:
        stub = design_pb2_grpc.DesignServiceStub(design.channel)
        await stub.GetDesign(design_pb2.GetDesignRequest(name="designs/7"))
        with pytest.raises(grpc.aio.AioRpcError):
            await stub.DeleteDesign(design_pb2.DeleteDesignRequest(idempotency_key="key-4", name="designs/9"))
        with pytest.raises(grpc.aio.AioRpcError):
            await stub.CreateDesign(design_pb2.CreateDesignRequest(title=SECRET))

    told = [(line["code"], line.get("asked")) for line in lines()]
    assert told == [
        ("NOT_FOUND", {"name": ["designs/9"], "idempotency_key": ["key-4"]}),
        ("INVALID_ARGUMENT", None),
    ]


async def test_a_refused_call_is_told_reads_too(lines, issuer, tmp_path):
    async with served(auth=issuer.settings(tmp_path)) as design:
        stub = design_pb2_grpc.DesignServiceStub(design.channel)
        wanted = design_pb2.GetDesignRequest(name="designs/7")
        for metadata in ((), issuer.metadata("acme", "editing", sub="eve")):
            with pytest.raises(grpc.aio.AioRpcError):
                await stub.GetDesign(wanted, metadata=metadata)

    told = [(line["code"], line["subject"]) for line in lines()]
    assert told == [("UNAUTHENTICATED", None), ("PERMISSION_DENIED", "eve")]


async def test_a_forged_token_names_nobody(lines, issuer, tmp_path):
    forger = type(issuer)()
    async with served(auth=issuer.settings(tmp_path)) as design:
        stub = design_pb2_grpc.DesignServiceStub(design.channel)
        with pytest.raises(grpc.aio.AioRpcError):
            await stub.CreateDesign(new_design(), metadata=forger.metadata("acme", "design", sub="admin"))

    (line,) = lines()
    assert (line["code"], line["subject"], line["tenant"]) == ("UNAUTHENTICATED", None, None)


async def test_a_service_that_calls_for_a_tenant_is_told_as_itself(lines, issuer, tmp_path):
    async with served(auth=issuer.settings(tmp_path)) as design:
        stub = design_pb2_grpc.DesignServiceStub(design.channel)
        own = issuer.metadata(None, "design tenants", sub="design-service")
        await stub.CreateDesign(new_design(), metadata=(*own, (BEHALF_KEY, b"acme")))

    (line,) = lines()
    assert (line["subject"], line["tenant"], line["on_behalf"]) == ("design-service", "acme", True)


async def test_a_method_that_nobody_declared_is_told(lines, echo):
    async with serving(echo.register, echo.name) as other:
        await echo.call(other.channel, kind="StreamStream")

    assert [line["method"] for line in lines()] == [f"/{echo.name}/StreamStream"]


async def test_hostile_values_neither_break_a_line_nor_fill_the_log(lines):
    async with served() as design:
        stub = design_pb2_grpc.DesignServiceStub(design.channel)
        name = 'designs/1\n{"log":"audit","subject":"admin"}' + "x" * 100_000
        with pytest.raises(grpc.aio.AioRpcError):
            await stub.DeleteDesign(design_pb2.DeleteDesignRequest(idempotency_key="k", name=name))

    (line,) = lines()
    assert line["asked"]["name"] == [name[:256]]


async def test_it_can_be_switched_off(lines):
    async with served(audit=AuditSettings(to="off")) as design:
        await design_pb2_grpc.DesignServiceStub(design.channel).CreateDesign(new_design())

    assert lines() == []


def test_a_file_that_cannot_be_written_is_told_at_the_start(tmp_path):
    with pytest.raises(StartError, match="LANGDESIGN_AUDIT_TO"):
        audit.configure(AuditSettings(to=str(tmp_path)), "design")
    with pytest.raises(ValueError, match="does not exist"):
        AuditSettings(to=str(tmp_path / "nowhere" / "audit.jsonl"))


def test_on_stdout_lines_stay_apart_from_the_process_s_own_log():
    program = (
        "import logging; from langdesign_chassis import audit, logs;"
        "from langdesign_chassis.settings import AuditSettings, TelemetrySettings;"
        "logs.configure(TelemetrySettings(level='error'), 'design');"
        "audit.configure(AuditSettings(), 'design');"
        "logging.getLogger(audit.LOGGER).info('call', extra={'log': 'audit'})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["log"] == "audit"
    assert done.stderr == ""
