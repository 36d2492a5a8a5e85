import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from langdesign_chassis.testing import serving


async def violations(echo, request, **options):
    async with serving(echo.register, echo.name) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await echo.call(served.channel, request, timeout=5, **options)
    error = caught.value
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    bad = error_details_pb2.BadRequest()
    assert any(packed.Unpack(bad) for packed in status.details)
    return [violation.field for violation in bad.field_violations], error.details()


async def test_a_wrong_request_names_its_field(echo, request_of, kind):
    request = request_of()
    request.mask_threshold = 7
    fields, text = await violations(echo, request, kind=kind)
    assert fields == ["mask_threshold"]
    assert "mask_threshold: " in text


async def test_every_wrong_field_is_named_with_its_place(echo, request_of):
    request = request_of("good", "", "x" * 401)
    request.image.blob = "not a digest"
    fields, _ = await violations(echo, request)
    assert fields == ["image.blob", "expressions[1]", "expressions[2]"]


async def test_a_missing_choice_is_named(echo, request_of):
    request = request_of()
    request.image.ClearField("data")
    fields, _ = await violations(echo, request)
    assert fields == ["image.source"]


async def test_a_handler_never_sees_a_wrong_request(echo, request_of):
    await violations(echo, request_of(""))
    assert echo.seen == []


@pytest.mark.parametrize("blank", [64, 1000])
async def test_however_much_is_wrong_the_caller_is_told_so(echo, request_of, blank):
    """A client may report an error of its own above 8 KiB of metadata, by chance, and above 16 KiB does."""
    wrong = blank + (blank > 64)  # that there are too many is wrong, too
    for _ in range(20):
        fields, text = await violations(echo, request_of(*[""] * blank))
        assert "expressions[0]" in fields
        assert 20 < len(fields) <= wrong
        assert "expressions[0]: must be at least 1 characters; expressions[1]: " in text
        assert text.endswith(f"; and {wrong - 5} more")


async def test_what_is_left_out_is_counted(echo, request_of):
    async with serving(echo.register, echo.name) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await echo.call(served.channel, request_of(*[""] * 300), timeout=5)
    status = status_pb2.Status.FromString(dict(caught.value.trailing_metadata())["grpc-status-details-bin"])
    bad = error_details_pb2.BadRequest()
    assert any(packed.Unpack(bad) for packed in status.details)
    *told, rest = bad.field_violations
    assert (rest.field, rest.description) == ("", f"and {301 - len(told)} more")
