import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from langdesign_chassis import errors, from_rpc
from langdesign_chassis.status import CODES
from langdesign_chassis.testing import serving


async def fail_with(echo, error, **options):
    """Serves a behaviour that raises; returns the caller's AioRpcError."""

    async def behaviour(request):
        raise error

    echo.behaviour = behaviour
    async with serving(echo.register, echo.name) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await echo.call(served.channel, timeout=5, **options)
    return caught.value


def detail(error, kind):
    (value,) = [value for key, value in error.trailing_metadata() if key == "grpc-status-details-bin"]
    for packed in status_pb2.Status.FromString(value).details:
        message = kind()
        if packed.Unpack(message):
            return message
    return None


def leaves(kind):
    return (
        [kind]
        if not kind.__subclasses__()
        else [leaf for sub in kind.__subclasses__() for leaf in leaves(sub)]
    )


@pytest.mark.parametrize("family_member", leaves(errors.Error), ids=lambda kind: kind.__name__)
async def test_every_error_of_the_family_has_its_code_reason_and_hint(echo, family_member):
    error = await fail_with(echo, family_member("it is so", hint="do this"))

    assert error.code() is CODES[family_member]
    assert error.details() == "it is so"
    info = detail(error, error_details_pb2.ErrorInfo)
    assert (info.reason, info.domain, info.metadata["hint"]) == (
        family_member.reason,
        "langdesign",
        "do this",
    )


@pytest.mark.parametrize("family_member", leaves(errors.Error), ids=lambda kind: kind.__name__)
async def test_a_caller_in_another_service_gets_the_same_error_back(echo, family_member):
    error = await fail_with(echo, family_member("it is so", hint="do this", reason="SPECIAL"))
    back = from_rpc(error)

    assert type(back) is family_member
    assert (back.message, back.hint, back.reason) == ("it is so", "do this", "SPECIAL")


async def test_field_violations_and_retry_delays_survive_the_way(echo):
    wrong = await fail_with(echo, errors.InvalidArgument("too big", field="image.data"))
    (violation,) = detail(wrong, error_details_pb2.BadRequest).field_violations
    assert (violation.field, violation.description) == ("image.data", "too big")
    assert from_rpc(wrong).violations == (errors.FieldViolation("image.data", "too big"),)

    full = await fail_with(echo, errors.ResourceExhausted("full", retry_after=1.5))
    assert detail(full, error_details_pb2.RetryInfo).retry_delay.ToMilliseconds() == 1500
    assert from_rpc(full).retry_after == 1.5


async def test_a_subclass_in_a_service_maps_like_its_base(echo):
    class NoTarget(errors.FailedPrecondition):
        reason = "NO_TARGET"

    error = await fail_with(echo, NoTarget("nothing there"))
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert detail(error, error_details_pb2.ErrorInfo).reason == "NO_TARGET"


async def test_the_unexpected_leaves_as_internal_without_its_text_and_is_logged_whole(echo, kind, caplog):
    error = await fail_with(echo, OSError("/secret/path at 10.0.0.7"), kind=kind)

    assert error.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in str(error)
    assert "10.0.0.7" not in str(error)
    # Other loggers speak too: gRPC of a loop that an earlier test closed does so through asyncio.
    (record,) = [record for record in caplog.records if record.getMessage() == "unexpected error"]
    assert "/secret/path at 10.0.0.7" in str(record.exc_info[1])
    assert record.method == f"/{echo.name}/{kind}"


async def test_errors_pass_on_every_kind_of_method(echo, kind):
    error = await fail_with(echo, errors.NotFound("no such thing"), kind=kind)
    assert (error.code(), error.details()) == (grpc.StatusCode.NOT_FOUND, "no such thing")


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAVAILABLE),
        (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.DEADLINE_EXCEEDED),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.RESOURCE_EXHAUSTED),
        (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL),
        (grpc.StatusCode.INTERNAL, grpc.StatusCode.INTERNAL),
    ],
)
async def test_a_dependency_that_fails_for_the_moment_passes_on_without_its_text(echo, code, seen):
    none = grpc.aio.Metadata()
    error = await fail_with(echo, grpc.aio.AioRpcError(code, none, none, "connect to 10.0.0.7:8001 failed"))
    assert error.code() is seen
    assert "10.0.0.7" not in error.details()


def test_every_error_can_be_told_apart_by_its_reason():
    reasons = [kind.reason for kind in leaves(errors.Error)]
    assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize("letter", ["a", "ș", "漢"])
async def test_an_error_of_any_length_reaches_the_caller_as_what_it_is(echo, letter):
    wrong = tuple(errors.FieldViolation(letter * 9000, letter * 9000) for _ in range(90))
    long = errors.InvalidArgument(letter * 90_000, violations=wrong, hint=letter * 9000)

    error = await fail_with(echo, long)

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details().startswith(letter * 300)
    assert error.details().endswith(" ...")
    size = sum(len(key) + len(value) + 32 for key, value in error.trailing_metadata())
    message = 3 * len(error.details().encode())  # as a header it has three characters a byte at most
    assert size + message < 8 * 1024
