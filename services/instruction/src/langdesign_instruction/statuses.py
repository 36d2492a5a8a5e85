"""The statuses that failures stand for; callers are told nothing of the deployment."""

from collections.abc import Callable
from functools import partial

from langdesign_chassis import errors
from langdesign_triples import InvalidContext, TriplesError, VocabularyExhausted
from langdesign_triples.errors import (
    AllowanceSpent,
    BudgetSpent,
    InvalidSpool,
    Refused,
    SpoolBusy,
    SpoolUnwritable,
    Unpriced,
    Unproductive,
    Unreachable,
)

from langdesign_instruction.errors import InstructionError, NoLanguageModel, StrangeToken, UnknownContext

_KEPT = "what came is kept: send the request again with the last resume_token"


def order_error(error: InstructionError | InvalidContext) -> errors.Error:
    """Return the status of an order that cannot be taken."""
    if isinstance(error, UnknownContext):
        return errors.NotFound("there is no such context", hint="choose one that ListContexts names")
    if isinstance(error, NoLanguageModel):
        return errors.FailedPrecondition(
            "this deployment has no language model", hint="let the grammar write", reason="NO_LANGUAGE_MODEL"
        )
    if isinstance(error, StrangeToken):
        return errors.InvalidArgument(
            str(error),
            field="resume_token",
            hint="send the token of this very request, or none to begin anew",
        )
    return errors.InvalidArgument(
        str(error), field="subjects", hint="choose subjects that ListContexts names"
    )


def writing_error(error: TriplesError) -> Exception:
    """Return the status of a stream that ends before its count; an unforeseen error stays what it is."""
    if isinstance(error, AllowanceSpent):
        return errors.ResourceExhausted(
            str(error), hint=f"try again then; {_KEPT}", retry_after=error.seconds, reason="ALLOWANCE_SPENT"
        )
    for kind, status in _STATUSES.items():
        if isinstance(error, kind):
            return status()
    return error


_STATUSES: dict[type[TriplesError], Callable[[], errors.Error]] = {
    VocabularyExhausted: partial(
        errors.FailedPrecondition,
        "the context's words give no more new triples",
        hint="ask for fewer, or for more subjects",
        reason="VOCABULARY_EXHAUSTED",
    ),
    BudgetSpent: partial(
        errors.FailedPrecondition,
        "the budget leaves nothing for another request to the language model",
        hint=f"give a larger budget, within the deployment's own; {_KEPT}",
        reason="BUDGET_SPENT",
    ),
    Unpriced: partial(
        errors.FailedPrecondition,
        "this deployment's language model has no prices, so that a budget in dollars bounds nothing",
        hint="bound the tokens, and leave the dollars out",
        reason="NO_PRICES",
    ),
    Refused: partial(
        errors.FailedPrecondition,
        "the language model's endpoint refuses the deployment's requests",
        hint="tell its operators, whose log says why; or let the grammar write",
        reason="LANGUAGE_MODEL_REFUSES",
    ),
    Unproductive: partial(
        errors.FailedPrecondition,
        "the checks accept nothing of what the language model writes",
        hint="let the grammar write, or another model",
        reason="LANGUAGE_MODEL_UNPRODUCTIVE",
    ),
    Unreachable: partial(
        errors.Unavailable, "the language model gives no answer", hint=f"try again later; {_KEPT}"
    ),
    SpoolBusy: partial(
        errors.Unavailable,
        "another stream of this very order is open",
        hint="read that one, or close it",
        retry_after=1.0,
    ),
    SpoolUnwritable: partial(
        errors.Unavailable,
        "the deployment cannot keep what the language model answers",
        hint=f"tell its operators; {_KEPT}",
    ),
    InvalidSpool: partial(
        errors.DataLoss,
        "what this order had so far is not there or damaged",
        hint="begin anew with another seed",
    ),
}
