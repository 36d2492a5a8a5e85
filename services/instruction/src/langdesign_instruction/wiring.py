"""Builds the service from its settings."""

import grpc
from langdesign.instruction.v1 import instruction_pb2_grpc
from langdesign_chassis import Runtime, errors
from langdesign_triples import Budget, Context, Endpoint, InvalidContext, Limits, list_contexts
from langdesign_triples.errors import Unpriced

from langdesign_instruction.accounts import Accounts, Allowance
from langdesign_instruction.desk import Agents, Desk, Shelf
from langdesign_instruction.servicer import InstructionServicer
from langdesign_instruction.settings import InstructionSettings

SERVICE = "langdesign.instruction.v1.InstructionService"


async def register(server: grpc.aio.Server, runtime: Runtime, settings: InstructionSettings) -> None:
    """Add the servicer. The language model is asked only when a caller orders it."""
    desk = Desk(_contexts(settings), _agents(settings), Shelf(settings.spool, settings.spool_days))
    await desk.tidy()
    servicer = InstructionServicer(desk, language_model=settings.writer == "language_model")
    instruction_pb2_grpc.add_InstructionServiceServicer_to_server(servicer, server)


def _contexts(settings: InstructionSettings) -> tuple[Context, ...]:
    try:
        return list_contexts(settings.contexts)
    except InvalidContext as error:
        raise errors.StartError(str(error), hint="or name another folder by INSTRUCTION_CONTEXTS") from error


def _agents(settings: InstructionSettings) -> Agents | None:
    endpoint, limits = _endpoint(settings), _limits(settings)
    if endpoint is None:
        return None
    budget = Budget(settings.budget_tokens, settings.budget_dollars)
    allowance = Allowance(Budget(settings.tenant_tokens, settings.tenant_dollars), settings.tenant_hours)
    try:
        for bound in (budget, allowance.budget):
            bound.check(endpoint)
    except Unpriced as error:
        raise errors.StartError(
            "INSTRUCTION_BUDGET_DOLLARS and INSTRUCTION_TENANT_DOLLARS bound nothing without prices",
            hint="give INSTRUCTION_LLM_READ_PRICE and INSTRUCTION_LLM_WRITE_PRICE, or, for an endpoint that "
            "costs nothing, set both bounds to 0",
        ) from error
    accounts = Accounts(settings.spool / "tenants", endpoint, limits, allowance)
    return Agents(endpoint, limits, budget, accounts)


def _endpoint(settings: InstructionSettings) -> Endpoint | None:
    if settings.llm_base_url:
        return Endpoint(
            base_url=settings.llm_base_url,
            model=settings.llm_model,
            api_key=settings.llm_api_key.get_secret_value(),
            read_price=settings.llm_read_price,
            write_price=settings.llm_write_price,
            temperature=settings.llm_temperature,
            limit_field=settings.llm_limit_field,
        )
    if settings.writer == "language_model":
        raise errors.StartError(
            "INSTRUCTION_WRITER is language_model, and there is none",
            hint="give its address as INSTRUCTION_LLM_BASE_URL, or let the grammar write",
        )
    return None


def _limits(settings: InstructionSettings) -> Limits:
    return Limits(
        concurrency=settings.llm_concurrency,
        requests_per_minute=settings.llm_requests_per_minute,
        tokens_per_minute=settings.llm_tokens_per_minute,
        batch=settings.llm_batch,
        answer_tokens=settings.llm_answer_tokens,
        timeout=settings.llm_timeout,
        tries=settings.llm_tries,
        first_wait=settings.llm_first_wait,
        longest_wait=settings.llm_longest_wait,
        corrections=settings.llm_corrections,
        patience=settings.llm_patience,
    )
