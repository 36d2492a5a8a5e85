"""Cancelling, deadlines, failures and shutdown."""

import threading
import time

import pytest
from langdesign_engine import Cancelled, DeadlineExceeded, EngineStopped, Phase

WAIT = 10.0
PHASES = ("queue", "encode", "denoise", "decode")


def _hold_in(phase, editor, engine, submit, gate, **fields):
    """Bring an edit into a phase and hold the engine there; return the edit and the gate."""
    name = "blocker" if phase == "queue" else "x"
    editor.before = held = gate("denoise" if phase == "queue" else phase, name)
    blocker = submit(engine, "blocker", steps=1) if phase == "queue" else None
    if blocker:
        assert held.reached.wait(WAIT)
    ticket = submit(engine, "x", steps=50, **fields)
    assert held.reached.wait(WAIT)
    assert ticket.phase is Phase(phase)
    return ticket, held


def _steps_of(editor, name="x"):
    return sum(name in batch for batch in editor.batches)


@pytest.mark.parametrize("phase", PHASES)
def test_promise_11_a_cancel_stops_the_engine_within_one_step(phase, editor, start, submit, gate, figure):
    engine = start(slots=1)
    ticket, held = _hold_in(phase, editor, engine, submit, gate)
    before = _steps_of(editor)
    ticket.cancel()
    if phase == "queue":
        assert ticket.phase is Phase.ENDED, "an edit that waits ends at once"
    held.opened.set()
    with pytest.raises(Cancelled):
        ticket.result(WAIT)
    submit(engine, "after").result(WAIT)
    further = _steps_of(editor) - before
    figure(f"promise 11: cancel in phase {phase}: {further} further steps of the engine", further=further)
    assert further <= 1
    assert engine.metrics().count("cancelled") == 1
    assert engine.metrics().slots_used == 0


@pytest.mark.parametrize("phase", PHASES)
def test_promise_11_a_deadline_stops_the_engine_within_one_step(phase, editor, start, submit, gate, figure):
    engine = start(slots=1)
    ticket, held = _hold_in(phase, editor, engine, submit, gate, timeout=0.3)
    before = _steps_of(editor)
    expiry = threading.Event()
    threading.Timer(0.35, expiry.set).start()
    assert expiry.wait(WAIT)
    held.opened.set()
    with pytest.raises(DeadlineExceeded, match="allow more time"):
        ticket.result(WAIT)
    submit(engine, "after").result(WAIT)
    further = _steps_of(editor) - before
    figure(f"promise 11: deadline in phase {phase}: {further} further steps of the engine", further=further)
    assert further <= 1
    assert engine.metrics().count("deadline_exceeded") == 1


def test_cancelling_one_edit_leaves_the_others_of_its_batch_alone(editor, start, submit, gate):
    engine = start(slots=2)
    editor.before = held = gate("denoise", "x")
    other = submit(engine, "other", steps=6)
    ticket = submit(engine, "x", steps=6)
    assert held.reached.wait(WAIT)
    ticket.cancel()
    held.opened.set()
    assert other.result(WAIT)
    with pytest.raises(Cancelled):
        ticket.result(WAIT)


def test_cancelling_an_edit_that_ended_changes_nothing(start, submit):
    engine = start()
    ticket = submit(engine, "x")
    ticket.result(WAIT)
    ticket.cancel()
    assert ticket.result(WAIT)
    assert engine.metrics().count("cancelled") == 0


def test_following_events_cancels_once_the_caller_is_gone(editor, start, submit, gate):
    editor.before = held = gate("denoise")
    ticket = submit(start(), "x", steps=50)
    asked = []

    def wanted():
        asked.append(True)
        held.opened.set()
        return False

    with pytest.raises(Cancelled):
        list(ticket.events(wanted, poll=0.005))
    assert asked
    assert ticket.steps_done <= 1


@pytest.mark.parametrize("phase", ["encode", "denoise", "preview", "decode"])
def test_an_error_ends_the_edit_that_caused_it_and_no_other(phase, editor, start, submit):
    def fail(at, names):
        if at == phase and "bad" in names:
            raise RuntimeError("no luck")

    editor.before = fail
    engine = start(slots=3)
    tickets = {name: submit(engine, name, preview_every=2) for name in ("good 1", "bad", "good 2")}
    with pytest.raises(RuntimeError, match="no luck"):
        tickets["bad"].result(WAIT)
    assert tickets["good 1"].result(WAIT)
    assert tickets["good 2"].result(WAIT)
    assert submit(engine, "good 3").result(WAIT)
    assert engine.metrics().count("failed") == 1
    assert engine.metrics().count("completed") == 3


def test_closing_drains_what_was_taken_and_refuses_the_rest(editor, start, submit, gate):
    editor.before = held = gate("denoise")
    engine = start(slots=1)
    tickets = [submit(engine, name) for name in "ab"]
    assert held.reached.wait(WAIT)
    closing = threading.Thread(target=engine.close)
    closing.start()
    _until(lambda: _refuses(engine, submit))
    held.opened.set()
    closing.join(WAIT)
    assert not closing.is_alive()
    assert all(ticket.result(WAIT) for ticket in tickets)


def test_closing_without_draining_ends_every_edit_with_the_reason(editor, start, submit, gate):
    editor.before = held = gate("denoise")
    engine = start(slots=1)
    tickets = [submit(engine, name, steps=50) for name in "ab"]
    assert held.reached.wait(WAIT)
    closing = threading.Thread(target=engine.close, kwargs={"drain": False})
    closing.start()
    _until(lambda: _refuses(engine, submit))
    held.opened.set()
    closing.join(WAIT)
    for ticket in tickets:
        with pytest.raises(EngineStopped, match="another replica"):
            ticket.result(WAIT)
    assert _steps_of(editor, "a") == 1


def test_a_drain_that_takes_too_long_is_cut_short(editor, start, submit):
    editor.before = lambda phase, names: threading.Event().wait(0.01) and None
    engine = start(slots=1)
    ticket = submit(engine, "x", steps=200)
    engine.close(timeout=0.05)
    with pytest.raises(EngineStopped):
        ticket.result(WAIT)


def _refuses(engine, submit):
    try:
        submit(engine, "late").cancel()
    except EngineStopped:
        return True
    return False


def _until(condition):
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end
