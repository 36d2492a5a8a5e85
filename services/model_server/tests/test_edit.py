"""The `edit` model in a real Triton."""

import json
import queue
import time
from pathlib import Path

import numpy as np
import pytest
import tritonclient.grpc as triton_grpc
from langdesign_command.local.triton import shared_memory_prefix

WAIT = 60.0
STEPS = "langdesign_engine_edit_steps_total"


def _tensor(name, array, kind):
    tensor = triton_grpc.InferInput(name, list(array.shape), kind)
    tensor.set_data_from_numpy(array)
    return tensor


def _inputs(image, parameters, masks=None):
    text = parameters if isinstance(parameters, str) else json.dumps(parameters)
    inputs = [_tensor("PARAMETERS", np.array([text.encode()], object), "BYTES")]
    if image is not None:
        inputs.append(_tensor("IMAGE", image, "UINT8"))
    if masks is not None:
        inputs.append(_tensor("MASKS", np.packbits(masks, axis=-1), "UINT8"))
    return inputs


class Call:
    """One decoupled request on a stream of its own."""

    def __init__(self, address, image, parameters, masks=None, caller=None):
        self._answers = queue.Queue()
        self.client = triton_grpc.InferenceServerClient(address)
        self.client.start_stream(lambda result, error: self._answers.put(error or result))
        self.client.async_stream_infer(
            "edit",
            _inputs(image, parameters, masks),
            enable_empty_final_response=True,
            parameters=caller,
        )

    def next(self):
        """Return the next event and picture, or None at the end."""
        answer = self._answers.get(timeout=WAIT)
        if isinstance(answer, Exception):
            raise answer
        if answer.get_response().parameters["triton_final_response"].bool_param:
            return None
        return json.loads(answer.as_numpy("EVENT").item()), answer.as_numpy("IMAGE")

    @property
    def silent(self):
        """Whether nothing has come that was not read."""
        return self._answers.empty()

    def rest(self):
        return list(iter(self.next, None))

    def cancel(self):
        self.client.stop_stream(cancel_requests=True)


@pytest.fixture
def call(triton):
    triton.check()
    calls = []

    def start(*args, address=triton.address, **kwargs):
        calls.append(Call(address, *args, **kwargs))
        return calls[-1]

    yield start
    for one in calls:
        one.cancel()
        one.client.close()


def _picture(height=64, width=64, channels=3):
    return np.random.default_rng(1).integers(0, 256, (height, width, channels), np.uint8)


def _until(condition):
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("channels", [3, 4])
def test_an_edit_streams_its_events_and_keeps_the_size_of_the_image(call, channels):
    image = _picture(72, 100, channels)
    mask = np.zeros((1, 72, 100), np.uint8)
    mask[:, 20:50, 30:70] = 255
    fields = {"instruction": "make the chair red", "steps": 4, "preview_every": 2, "preserve": "strict"}
    events = call(image, {**fields, "feather": 4, "regions": [{}]}, mask).rest()
    assert [event["kind"] for event, _ in events] == ["started", "preview", "result"]
    assert [event["step"] for event, _ in events] == [0, 2, 4]
    assert events[0][1].shape == (0, 0, 0)
    assert events[1][1].shape == (9, 13, 3)
    result, edited = events[2]
    assert edited.shape == image.shape
    assert np.array_equal(edited[:10], image[:10]), "strict keeps what lies outside"
    assert not np.array_equal(edited, image)
    assert set(result["timings"]) == {"queue", "encode", "denoise", "decode"}


def test_a_folder_of_another_family_is_served_by_its_own_editor(inpainter, call):
    image, mask = _picture(72, 100), np.zeros((1, 72, 100), np.uint8)
    mask[:, 24:48, 32:64] = 255
    fields = {"instruction": "a red chair", "steps": 3, "preview_every": 2, "feather": 4}
    events = call(image, fields, mask, address=inpainter.address).rest()
    assert [event["kind"] for event, _ in events] == ["started", "preview", "result"]
    edited = events[-1][1]
    assert np.array_equal(edited[:20], image[:20]), "strict keeps what lies outside"
    assert not np.array_equal(edited, image)
    (refused,) = call(image, fields, address=inpainter.address).rest()
    assert (refused[0]["reason"], refused[0]["field"]) == ("INVALID_ARRAYS", "masks")


def test_cancelling_the_stream_stops_the_engine_within_one_step(triton, call):
    running = call(_picture(256, 256), {"instruction": "x", "steps": 200, "preview_every": 1})
    assert running.next()[0]["kind"] == "started"
    seen = running.next()[0]["step"]
    cancelled = triton.metric("langdesign_engine_edits_total", 'outcome="cancelled"')
    running.cancel()
    _until(lambda: triton.metric("langdesign_engine_edits_total", 'outcome="cancelled"') == cancelled + 1)
    after = triton.metric(STEPS)
    assert triton.metric("langdesign_engine_slots_used") == 0
    assert call(_picture(), {"instruction": "y", "steps": 3}).rest()[-1][0]["kind"] == "result"
    _until(lambda: triton.metric(STEPS) >= after + 3)
    assert triton.metric(STEPS) == after + 3, "the cancelled edit took no further step"
    assert seen < 200


def test_a_server_whose_caller_went_away_ends_in_order_and_leaves_nothing(inpainter, call):
    mask = np.ones((1, 512, 512), np.uint8)
    running = call(_picture(512, 512), {"instruction": "x", "steps": 200}, mask, address=inpainter.address)
    assert running.next()[0]["kind"] == "started"
    running.cancel()
    inpainter.terminate()
    assert inpainter.guard.wait(WAIT) == 0
    assert "failed to stop server" not in inpainter.log.read_text()
    assert not list(Path("/dev/shm").glob(f"{shared_memory_prefix(inpainter.ports, inpainter.host)}*"))


def test_a_deadline_given_by_the_caller_ends_the_edit(call):
    parameters = {"instruction": "x", "steps": 200}
    event, _ = call(_picture(256, 256), parameters, caller={"timeout_ms": 200, "tenant": "a"}).rest()[-1]
    assert (event["kind"], event["reason"]) == ("error", "DEADLINE_EXCEEDED")


@pytest.mark.parametrize(
    ("parameters", "reason", "hint"),
    [
        ("{not json", "INVALID_PARAMETERS", "one JSON object"),
        ({"instruction": "x", "steps": 0}, "INVALID_PARAMETERS", "steps"),
        ({"instruction": "x", "colour": 1}, "INVALID_PARAMETERS", "colour"),
        ({"instruction": "x", "regions": [{}]}, "INVALID_ARRAYS", "masks"),
    ],
)
def test_bad_parameters_come_back_as_an_error_event_that_names_the_hint(call, parameters, reason, hint):
    events = call(_picture(), parameters).rest()
    event, image = events[-1]
    assert (event["kind"], event["reason"]) == ("error", reason)
    assert hint in event["message"]
    assert image.size == 0


def test_a_check_needs_no_picture_and_waits_for_no_edit(call):
    running = call(_picture(256, 256), {"instruction": "x", "steps": 200})
    assert running.next()[0]["kind"] == "started"
    fields = {"instruction": "", "regions": [{"instruction": "make the chair red"}, {"instruction": "blue"}]}
    ((event, image),) = call(None, fields, caller={"check": True, "tenant": "a"}).rest()
    assert event == {
        "kind": "checked",
        "instructions": [
            {"field": "regions[0].instruction", "tokens": 4, "token_limit": 75, "unknown_words": []},
            {"field": "regions[1].instruction", "tokens": 1, "token_limit": 75, "unknown_words": []},
        ],
    }
    assert image.size == 0
    assert running.silent, "the edit goes on"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"instruction": "red " * 76}, "instruction"),
        ({"instruction": "red", "regions": [{}, {"instruction": "blue " * 80}]}, "regions[1].instruction"),
        ({"instruction": "red", "steps": 0}, "steps"),
    ],
)
def test_a_check_refuses_what_the_edit_would_refuse_and_names_the_field(call, fields, field):
    ((event, _),) = call(None, fields, caller={"check": True}).rest()
    assert (event["kind"], event["reason"], event["field"]) == ("error", "INVALID_PARAMETERS", field)


def test_an_edit_without_a_picture_is_refused(call):
    ((event, _),) = call(None, {"instruction": "x"}).rest()
    assert (event["reason"], event["field"]) == ("INVALID_ARRAYS", "image")


def test_the_engines_metrics_are_exported(triton, call):
    before = triton.metric(STEPS)
    call(_picture(), {"instruction": "x", "steps": 5}).rest()
    _until(lambda: triton.metric(STEPS) >= before + 5)
    assert triton.metric("langdesign_engine_slots") >= 1
    assert triton.metric("langdesign_engine_step_seconds_total") > 0
    assert triton.metric("langdesign_engine_queue_seconds_total") > 0
    assert triton.metric("langdesign_supervisor_restarts_total", 'model="edit"') == 0


def test_the_shared_memory_api_is_closed(triton):
    with triton_grpc.InferenceServerClient(triton.address) as client:  # noqa: SIM117
        with pytest.raises(triton_grpc.InferenceServerException, match="restricted"):
            client.get_system_shared_memory_status()
