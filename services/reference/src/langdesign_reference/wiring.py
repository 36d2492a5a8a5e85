"""Builds the service from its settings."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import grpc
import httpx2
from cachetools import TTLCache
from langdesign.reference.v1 import reference_pb2_grpc
from langdesign_chassis import Runtime, remaining
from purgatory import AsyncCircuitBreakerFactory

from langdesign_reference.budget import TokenBudget
from langdesign_reference.chat import ChatClient
from langdesign_reference.endpoint import ChatEndpoint
from langdesign_reference.errors import LanguageModelDeclined, LanguageModelRefused
from langdesign_reference.language_model import LanguageModel
from langdesign_reference.lexicon import LANGUAGES, load_lexicon
from langdesign_reference.metrics import ReferenceMetrics
from langdesign_reference.plan import Plan
from langdesign_reference.planner import Key, Planner, Trust
from langdesign_reference.prompts import load_namings, load_prompt
from langdesign_reference.reading import read
from langdesign_reference.refusals import Refusals
from langdesign_reference.servicer import ReferenceServicer
from langdesign_reference.settings import ReferenceSettings
from langdesign_reference.transport import BoundedTransport

SERVICE = "langdesign.reference.v1.ReferenceService"
_WARM_UP = 60.0  # seconds for a prompt's first reading, which a small machine needs seconds for


async def register(server: grpc.aio.Server, runtime: Runtime, settings: ReferenceSettings) -> None:
    """Add the servicer. The language model may come later: until then the parser reads alone."""
    metrics = ReferenceMetrics(runtime.registry)
    model = await runtime.enter(open_model(settings, metrics))
    if model is not None and settings.llm_warm_up:
        trusted = settings.llm_confidence >= settings.confidence_floor
        await runtime.enter(_meanwhile(model.warm_up(_WARM_UP, reading=trusted)))
    servicer = ReferenceServicer(new_planner(settings, model), metrics)
    reference_pb2_grpc.add_ReferenceServiceServicer_to_server(servicer, server)


def new_planner(settings: ReferenceSettings, model: LanguageModel | None) -> Planner:
    """Return a planner with an empty cache."""
    lexicons = {language: load_lexicon(language) for language in LANGUAGES}
    for lexicon in lexicons.values():
        read("sofa", lexicon)  # what is read once is read now, not while somebody waits
    cache: TTLCache[Key, Plan] = TTLCache(settings.cache_entries, settings.cache_seconds)
    trust = Trust(settings.confidence_floor, settings.llm_sure, settings.llm_confirmation)
    return Planner(lexicons, model, cache, trust)


@contextlib.asynccontextmanager
async def open_model(
    settings: ReferenceSettings, metrics: ReferenceMetrics
) -> AsyncIterator[LanguageModel | None]:
    """Open the language model of the settings, None without an endpoint; close its connections at the end."""
    if not settings.llm_base_url:
        yield None
        return
    transport = BoundedTransport(settings.llm_max_bytes)
    # Without a timeout of its own: the reader bounds the whole call, not each read.
    async with httpx2.AsyncClient(transport=transport, timeout=None) as http:
        client = ChatClient(http, settings.llm_base_url, settings.llm_api_key.get_secret_value())
        yield LanguageModel(
            new_endpoint(client, settings),
            load_prompt(),
            load_namings(),
            confidence=settings.llm_confidence,
            naming_confidence=settings.llm_naming_confidence,
            timeout=lambda: _seconds(settings),
            metrics=metrics,
        )


def new_endpoint(client: ChatClient, settings: ReferenceSettings) -> ChatEndpoint:
    """Return the endpoint of a client's, with nothing counted against it yet."""
    return ChatEndpoint(
        client,
        settings.llm_model,
        parameters=settings.llm_parameters,
        answer_tokens=settings.llm_answer_tokens,
        budget=TokenBudget(settings.llm_tokens_per_minute),
        breaker=AsyncCircuitBreakerFactory(
            settings.llm_failures, settings.llm_rest, exclude=[LanguageModelRefused, LanguageModelDeclined]
        ),
        refusals=Refusals(settings.llm_refusal_rest, settings.llm_api_key.get_secret_value()),
    )


@contextlib.asynccontextmanager
async def _meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do some work in the background until the end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def _seconds(settings: ReferenceSettings) -> float:
    """Seconds for the model; the parser's answer still has to reach a caller whose deadline is near."""
    left = remaining()
    return settings.llm_timeout if left is None else max(0.001, min(settings.llm_timeout, left * 0.8))
