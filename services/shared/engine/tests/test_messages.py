"""Requests and events as tensors and JSON, and metrics carried to a metric system."""

import json
import threading

import numpy as np
import pytest
from langdesign_edits import ReportedError
from langdesign_engine import (
    EngineMetrics,
    EngineOptions,
    ImageMissing,
    InvalidMasks,
    MetricsExport,
    QueueFull,
    check_message,
    error_message,
    event_message,
    submit_message,
    wants_check,
)

WAIT = 30.0


def _tensors(**fields):
    parameters = json.dumps({"name": "x", "steps": 2, "preview_every": 1, **fields})
    return {
        "IMAGE": np.full((40, 64, 4), 200, np.uint8),
        "PARAMETERS": np.array([parameters.encode()], object),
    }


def test_a_request_in_tensors_is_answered_in_tensors(start):
    tensors = _tensors()
    alone = start().submit(start().stepper.read_request(**_stated(tensors))).result(WAIT).image
    ticket = submit_message(start(), tensors)
    tensors["IMAGE"][:] = 0  # a server may reuse the memory
    answers = [event_message(event) for event in ticket.events()]
    events = [json.loads(answer["EVENT"].item()) for answer in answers]
    assert [event["kind"] for event in events] == ["started", "preview", "result"]
    assert [answer["IMAGE"].shape for answer in answers] == [(0, 0, 0), (5, 8, 3), (5, 8)]
    np.testing.assert_allclose(answers[-1]["IMAGE"], alone, err_msg="the picture as it was submitted")
    assert events[-1]["checkpoint"] == "tiny"
    assert events[-1]["timings"]["denoise"] > 0


def _stated(tensors):
    return {"image": tensors["IMAGE"].copy(), "masks": None, "parameters": tensors["PARAMETERS"].item()}


@pytest.mark.parametrize("width", [1, 61, 64])
def test_masks_arrive_as_they_were_packed_whatever_the_width(editor, start, monkeypatch, width):
    read, seen = editor.read_request, []
    monkeypatch.setattr(editor, "read_request", lambda *stated: seen.append(stated[1]) or read(*stated))
    masks = np.random.default_rng(width).random((2, 40, width)) < 0.5
    tensors = _tensors() | {"IMAGE": np.zeros((40, width, 3), np.uint8), "MASKS": np.packbits(masks, axis=2)}
    submit_message(start(), tensors).result(WAIT)
    np.testing.assert_array_equal(seen[0], masks * 255)
    tensors["MASKS"] = np.zeros((2, 40, width // 8 + 2), np.uint8)
    with pytest.raises(InvalidMasks, match=f"a picture {width} px wide") as refused:
        submit_message(start(), tensors)
    told = json.loads(error_message(refused.value)["EVENT"].item())
    assert (told["reason"], told["field"]) == ("INVALID_MASKS", "masks")


def test_the_caller_may_name_a_tenant_and_a_deadline(editor, start, gate):
    editor.before = held = gate("encode")
    engine = start(slots=1, tenant_queue_limit=1)
    submit_message(engine, _tensors())
    assert held.reached.wait(WAIT)
    submit_message(engine, _tensors(), '{"tenant": "a", "timeout_ms": 60000}')
    with pytest.raises(QueueFull):
        submit_message(engine, _tensors(), '{"tenant": "a"}')
    submit_message(engine, _tensors(), '{"tenant": "b"}')
    held.opened.set()


def test_parameters_alone_are_checked_while_every_slot_and_place_is_taken(editor, start, gate):
    editor.before = held = gate("encode")
    engine = start(slots=1, queue_limit=1)
    submit_message(engine, _tensors())
    assert held.reached.wait(WAIT)
    submit_message(engine, _tensors())
    parameters = {"PARAMETERS": _tensors(name="a chair-shaped lamp")["PARAMETERS"]}
    answer = check_message(engine, parameters)
    waiting = engine.metrics().queue_length
    held.opened.set()
    assert json.loads(answer["EVENT"].item()) == {
        "kind": "checked",
        "instructions": [
            {"field": "name", "tokens": 3, "token_limit": 8, "unknown_words": ["chair-shaped"]},
        ],
    }
    assert answer["IMAGE"].size == 0
    assert waiting == 1, "a check does not queue"
    with pytest.raises(ReportedError, match="choose 200 or fewer"):
        check_message(engine, {"PARAMETERS": _tensors(steps=201)["PARAMETERS"]})


def test_an_edit_without_a_picture_is_told_to_send_it(start):
    with pytest.raises(ImageMissing, match="send it") as refused:
        submit_message(start(), {"PARAMETERS": _tensors()["PARAMETERS"]})
    assert (refused.value.reason, refused.value.field) == ("INVALID_ARRAYS", "image")


@pytest.mark.parametrize(
    ("caller", "wanted"),
    [
        ("", False),
        ("{}", False),
        ('{"tenant": "a"}', False),
        ('{"check": false}', False),
        ('{"check": true, "tenant": "a"}', True),
    ],
)
def test_the_caller_says_whether_it_wants_a_check(caller, wanted):
    assert wants_check(caller) is wanted


def test_failures_of_the_caller_name_the_field_and_others_tell_nothing_inner(start):
    with pytest.raises(ReportedError) as refused:
        submit_message(start(), _tensors(steps=201))
    assert json.loads(error_message(refused.value)["EVENT"].item()) == {
        "kind": "error",
        "reason": "TOO_MANY_STEPS",
        "message": "steps: is too many; choose 200 or fewer",
        "field": "steps",
    }
    full = json.loads(error_message(QueueFull("wait"))["EVENT"].item())
    assert full == {"kind": "error", "reason": "QUEUE_FULL", "message": "wait"}
    inner = json.loads(error_message(RuntimeError("at 0x7f in /secret"))["EVENT"].item())
    assert inner["reason"] == "INTERNAL"
    assert "secret" not in inner["message"]


def test_options_are_read_from_json():
    text = '{"slots": 2, "row_buckets": [3, 6], "resolutions": [[512, 512]], "compile_cache": "cache.bin"}'
    options = EngineOptions.from_json(text)
    assert (options.slots, list(options.row_buckets), options.compile_cache.name) == (2, [3, 6], "cache.bin")
    with pytest.raises(TypeError, match="slotz"):
        EngineOptions.from_json('{"slotz": 2}')


def test_figures_are_carried_over_as_increments_and_values():
    class Series:
        def __init__(self):
            self.value, self.calls = 0.0, 0

        def increment(self, amount):
            assert amount > 0
            self.value, self.calls = self.value + amount, self.calls + 1

        def set(self, value):
            self.value = value

    series, readings, done = {}, iter((1, 4, 4)), threading.Event()

    def read():
        count = next(readings, None)
        if count is None:
            done.set()
        return EngineMetrics(steps=count or 4, slots_used=2, outcomes=(("failed", 3),))

    def new_series(name, kind, description, labels):
        assert description
        return series.setdefault((name, *labels), Series())

    export = MetricsExport(read, new_series, interval=0.001)
    assert done.wait(WAIT)
    export.close()
    steps = series[("langdesign_engine_steps_total",)]
    assert (steps.value, steps.calls) == (4, 2)
    assert series[("langdesign_engine_slots_used",)].value == 2
    assert series["langdesign_engine_edits_total", ("outcome", "failed")].value == 3
