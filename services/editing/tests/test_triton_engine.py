import pytest
from langdesign_chassis import errors
from langdesign_editing.triton_engine import engine_error


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("INVALID_PARAMETERS", errors.InvalidArgument),
        ("INVALID_IMAGE", errors.InvalidArgument),
        ("INVALID_MASK", errors.InvalidArgument),
        ("QUEUE_FULL", errors.ResourceExhausted),
        ("DEADLINE_EXCEEDED", errors.DeadlineExceeded),
        ("ENGINE_STOPPED", errors.Unavailable),
        ("CANCELLED", errors.Unavailable),
        ("INTERNAL", RuntimeError),
        ("SOMETHING_NEW", RuntimeError),
    ],
)
def test_each_reason_of_the_engine_is_an_error_of_the_service(reason, kind):
    error = engine_error(reason, "steps: is 300; choose a value from 1 to 200")
    assert type(error) is kind
    if isinstance(error, errors.Retryable):
        assert error.retry_after
        assert "idempotency_key" in error.mend
