"""When the language model is left alone: what counts as a failure of its endpoint, and what does not."""

import asyncio
from collections import Counter

import pytest
from langdesign_reference.language_model import LanguageModel
from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.metrics import ReferenceMetrics
from langdesign_reference.plan import Reader
from langdesign_reference.planner import Planner, Trust
from langdesign_reference.prompts import load_namings, load_prompt
from langdesign_reference.settings import ReferenceSettings
from langdesign_reference.wiring import new_endpoint
from prometheus_client import CollectorRegistry

FAILURES = 2
HASTY, PATIENT = 0.001, 60.0  # seconds for a confirmation
SURE, UNSURE = "Remove the harp", "Frobnicate the harp"
SETTINGS = ReferenceSettings(llm_failures=FAILURES, llm_rest=3600.0)
PLAN = (
    '{"wish": false, "edits": [{"do": "remove", "what": [{"words": "the harp", "english": "the harp"}],'
    ' "where": [], "keep": [], "english": "Remove the harp."}]}'
)


class NoCache(dict):
    def __setitem__(self, key, value):
        """Keeps nothing."""


class Endpoint:
    """A client whose endpoint never answers until it `says` something.

    Attributes:
        asked: Calls so far, "naming" or "reading".
        content: The answer; None while it hangs.
    """

    def __init__(self) -> None:
        self.asked = Counter()
        self.content = None
        self.called = asyncio.Event()

    async def complete(self, request):
        naming = "name" in request["response_format"]["json_schema"]["schema"]["properties"]
        self.asked["naming" if naming else "reading"] += 1
        self.called.set()
        if self.content is None:
            await asyncio.Event().wait()
        return {"choices": [{"message": {"content": self.content}}]}


@pytest.fixture
def endpoint():
    return Endpoint()


@pytest.fixture
def planner(endpoint):
    """Makes planners of one model, which is asked a sure parser's thing only; none of them keeps a plan."""
    model = LanguageModel(
        new_endpoint(endpoint, SETTINGS),
        load_prompt(),
        load_namings(),
        confidence=0.5,
        naming_confidence=0.5,
        timeout=lambda: 60.0,
        metrics=ReferenceMetrics(CollectorRegistry()),
    )

    def make(confirmation):
        trust = Trust(floor=0.5, sure=1.0, confirmation=confirmation)
        return Planner({"en": load_lexicon("en")}, model, NoCache(), trust)

    return make


async def cancelled(planner, endpoint):
    """Asks for a plan, and goes away once the model is asked."""
    endpoint.called.clear()
    caller = asyncio.create_task(planner.plan(SURE))
    async with asyncio.timeout(10):
        await endpoint.called.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller


async def test_a_model_that_never_confirms_is_left_alone_and_no_longer_waited_for(planner, endpoint):
    hasty = planner(HASTY)
    for _ in range(FAILURES + 3):
        plan = await hasty.plan(SURE)
        assert (plan.reader, plan.agreed) == (Reader.PARSER, None)
    assert endpoint.asked["naming"] == FAILURES


async def test_a_model_that_is_too_slow_to_confirm_still_reads_what_the_parser_cannot(planner, endpoint):
    hasty = planner(HASTY)
    for _ in range(FAILURES):
        await hasty.plan(SURE)
    endpoint.content = PLAN
    plan = await hasty.plan(UNSURE, language="en")
    assert (plan.reader, endpoint.asked["reading"]) == (Reader.LANGUAGE_MODEL, 1)


async def test_callers_that_go_away_are_no_failures_of_the_endpoint(planner, endpoint):
    patient = planner(PATIENT)
    for _ in range(FAILURES + 1):
        await cancelled(patient, endpoint)
    endpoint.content = '{"name": "the harp"}'
    assert (await patient.plan(SURE)).reader is Reader.BOTH


async def test_a_caller_that_goes_away_does_not_excuse_the_failures_before(planner, endpoint):
    hasty, patient = planner(HASTY), planner(PATIENT)
    await hasty.plan(SURE)
    await cancelled(patient, endpoint)
    for _ in range(FAILURES + 3):
        await hasty.plan(SURE)
    assert endpoint.asked["naming"] == FAILURES + 1
