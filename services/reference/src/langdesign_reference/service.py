"""Builds the service from its settings."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import grpc
import httpx2
import openai
from cachetools import TTLCache
from langdesign.reference.v1 import reference_pb2_grpc
from langdesign_chassis import Runtime, remaining
from purgatory import AsyncCircuitBreakerFactory

from langdesign_reference.budget import TokenBudget
from langdesign_reference.language_model import LanguageModel
from langdesign_reference.lexicon import LANGUAGES, load_lexicon
from langdesign_reference.plan import Plan
from langdesign_reference.planner import Key, Planner
from langdesign_reference.prompts import load_prompt
from langdesign_reference.servicer import ReferenceServicer
from langdesign_reference.settings import ReferenceSettings
from langdesign_reference.transport import BoundedTransport

NAME = "langdesign.reference.v1.ReferenceService"
_WARM_UP = 60.0  # seconds for a prompt's first reading, which a small machine needs seconds for


async def register(server: grpc.aio.Server, runtime: Runtime, settings: ReferenceSettings) -> None:
    """Add the servicer. The language model may come later: until then the parser reads alone."""
    model = await runtime.enter(open_model(settings))
    if model is not None and settings.llm_warm_up:
        await runtime.enter(_meanwhile(model.warm_up(_WARM_UP)))
    servicer = ReferenceServicer(new_planner(settings, model))
    reference_pb2_grpc.add_ReferenceServiceServicer_to_server(servicer, server)


def new_planner(settings: ReferenceSettings, model: LanguageModel | None) -> Planner:
    """Return a planner with an empty cache."""
    lexicons = {language: load_lexicon(language) for language in LANGUAGES}
    cache: TTLCache[Key, Plan] = TTLCache(settings.cache_entries, settings.cache_seconds)
    return Planner(lexicons, model, cache, confirmation=settings.llm_confirmation)


@contextlib.asynccontextmanager
async def open_model(settings: ReferenceSettings) -> AsyncIterator[LanguageModel | None]:
    """Open the language model of the settings, None without an endpoint; close its connections at the end."""
    if not settings.llm_base_url:
        yield None
        return
    transport = BoundedTransport(settings.llm_max_bytes)
    async with httpx2.AsyncClient(transport=transport, timeout=None) as http:
        client = openai.AsyncOpenAI(
            base_url=settings.llm_base_url,
            api_key=settings.llm_api_key.get_secret_value(),
            max_retries=0,
            timeout=None,  # the reader bounds the whole call, not each read
            http_client=http,
        )
        yield LanguageModel(
            client,
            settings.llm_model,
            {language: load_prompt(language) for language in LANGUAGES},
            confidence=settings.llm_confidence,
            naming_confidence=settings.llm_naming_confidence,
            timeout=lambda: _seconds(settings),
            max_tokens=settings.llm_max_tokens,
            budget=TokenBudget(settings.llm_tokens_per_minute),
            breaker=AsyncCircuitBreakerFactory(settings.llm_failures, settings.llm_rest),
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
