"""Edits outlive a model server that goes away."""

import asyncio
from contextlib import aclosing

import numpy as np
import pytest
from langdesign_chassis import errors
from langdesign_editing import patience
from langdesign_editing.backend import BackendProgress, BackendRequest, Edited, InstructionCheck
from langdesign_editing.patience import PatientBackend, PatientFinder

PIXELS = np.zeros((2, 3, 3), np.uint8)
REQUEST = BackendRequest(PIXELS, (), {"instruction": "red", "steps": 4}, region=None, model="edit")
GONE = errors.Unavailable("it went away")
CHECKED = [InstructionCheck("instruction", 1, 75)]


class Engine:
    """An engine whose attempts end after so many steps, with an error or (None) with a result.

    Attributes:
        attempts: What becomes of each attempt: steps, and the error.
        silent: How often it does not answer a check before it does.
        silence: What a check then raises.
        closed: Attempts that were closed before their end.
    """

    def __init__(self, *attempts, silent=0):
        self.attempts, self.silent = list(attempts), silent
        self.asked, self.closed = 0, 0
        self.silence = GONE

    async def ready(self):
        return True

    async def check(self, model, parameters):
        assert (model, parameters) == (REQUEST.model, REQUEST.parameters)
        self.silent -= 1
        if self.silent >= 0:
            raise self.silence
        return CHECKED

    async def edit(self, request):
        assert not self.asked or self.silent < 0, "it was asked before it answered"
        self.asked += 1
        steps, error = self.attempts.pop(0)
        try:
            for step in range(steps + 1):
                yield BackendProgress(step, 4)
        except GeneratorExit:
            self.closed += 1
            raise
        if error:
            raise error
        yield Edited(PIXELS)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(patience, "_PAUSES", (0.001, 0.002))


async def told(backend):
    return [getattr(event, "step", "result") async for event in backend.edit(REQUEST)]


async def test_an_edit_goes_on_at_the_next_server_and_its_progress_never_goes_back():
    engine = Engine((2, GONE), (4, None), silent=3)
    assert await told(PatientBackend(engine, 5.0)) == [0, 1, 2, 3, 4, "result"]
    assert engine.asked == 2


async def test_an_edit_that_loses_two_servers_fails():
    engine = Engine((2, GONE), (3, GONE))
    with pytest.raises(errors.Unavailable):
        await told(PatientBackend(engine, 5.0))
    assert engine.asked == 2


@pytest.mark.parametrize(
    "error", [errors.InvalidArgument("no"), errors.ResourceExhausted("full", retry_after=1.0), RuntimeError()]
)
async def test_what_would_fail_again_is_not_asked_for_again(error):
    engine = Engine((1, error))
    with pytest.raises(type(error)):
        await told(PatientBackend(engine, 5.0))
    assert engine.asked == 1


async def test_a_server_that_does_not_come_back_in_time_is_unavailable():
    engine = Engine((1, GONE), silent=10**9)
    async with asyncio.timeout(10):
        with pytest.raises(errors.Unavailable):
            await told(PatientBackend(engine, 0.05))
    assert engine.asked == 1


async def test_a_closed_edit_is_closed_at_the_engine_and_not_done_anew():
    engine = Engine((4, None))
    async with aclosing(PatientBackend(engine, 5.0).edit(REQUEST)) as events:
        assert await anext(events) == BackendProgress(0, 4)
    assert (engine.asked, engine.closed) == (1, 1)


async def test_a_check_is_asked_for_again_until_there_is_an_answer():
    engine = Engine(silent=3)
    assert await PatientBackend(engine, 5.0).check(REQUEST.model, REQUEST.parameters) == CHECKED


async def test_a_model_that_hangs_is_asked_again_as_one_that_is_away():
    engine = Engine(silent=2)
    engine.silence = errors.DeadlineExceeded("10 s are over")
    assert await PatientBackend(engine, 5.0).check(REQUEST.model, REQUEST.parameters) == CHECKED
    engine.silent = 10**9
    with pytest.raises(errors.Unavailable):
        await PatientBackend(engine, 0.05).check(REQUEST.model, REQUEST.parameters)


class Finder:
    def __init__(self, *answers):
        self.answers = list(answers)

    async def segment(self, image, expressions, *, width, height):
        assert (image, expressions, width, height) == (b"picture", ["the chair"], 3, 2)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_a_finder_is_asked_again_while_its_model_is_away_and_not_when_it_refuses():
    def ask(finder):
        return PatientFinder(finder, 5.0).segment(b"picture", ["the chair"], width=3, height=2)

    assert await ask(Finder(GONE, GONE, [])) == []
    finder = Finder(GONE, errors.InvalidArgument("no word"), [])
    with pytest.raises(errors.InvalidArgument):
        await ask(finder)
    assert finder.answers == [[]]
