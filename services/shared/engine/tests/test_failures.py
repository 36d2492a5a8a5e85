"""A failing device ends the edits that it touched, and the engine serves on or says that it died."""

import threading

import pytest
from langdesign_engine import Engine, EngineOptions, EngineStopped

WAIT = 10.0


@pytest.mark.parametrize("size", [1, 2])
def test_a_failure_after_states_advanced_ends_the_batch_and_the_engine_serves_on(editor, submit, gate, size):
    failures = [RuntimeError("the device failed")]
    editor.before = held = gate("encode")

    def synchronize():
        if failures:
            raise failures.pop()

    editor.synchronize = synchronize
    with Engine(editor, EngineOptions(slots=2)) as engine:
        tickets = [submit(engine, str(number), steps=1) for number in range(size)]
        held.opened.set()
        for ticket in tickets:
            with pytest.raises(RuntimeError, match="the device failed"):
                ticket.result(WAIT)
        assert submit(engine, "next").result(WAIT)


@pytest.mark.parametrize("fatal", ["encode", "denoise", "decode"])
def test_a_worker_that_dies_ends_its_edits_and_calls_on_death(editor, submit, fatal):
    def die(phase, names):
        if phase == fatal:
            raise SystemExit("gone")

    died = threading.Event()
    editor.before = die
    with Engine(editor, on_death=died.set) as engine:
        with pytest.raises(EngineStopped):
            submit(engine, "x").result(WAIT)
        assert died.wait(WAIT)


def test_options_from_json_are_hashable_and_their_resolutions_positive():
    options = EngineOptions.from_json('{"row_buckets": [3, 6], "resolutions": [[512, 768]]}')
    assert (options.row_buckets, options.resolutions) == ((3, 6), ((512, 768),))
    assert hash(options)
    for wrong in ("[[0, 512]]", "[[512]]"):
        with pytest.raises(ValueError, match="height and a width"):
            EngineOptions.from_json(f'{{"resolutions": {wrong}}}')
