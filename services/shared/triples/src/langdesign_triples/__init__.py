"""Caption, instruction and edited caption, written for a context by agents and checked.

`LanguageModelWriter` and its settings load their client only when they are asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .checking import Complaint, check
from .context import Context, list_contexts, load_context
from .diversity import DiversityReport, diversity
from .duplicates import NearDuplicates
from .errors import InvalidContext, InvalidTriples, TriplesError, VocabularyExhausted
from .grammar import GrammarWriter
from .triple import Change, SubjectKind, Triple, read_triples, write_triples

if TYPE_CHECKING:
    from .language_model import (
        Account,
        Budget,
        Charge,
        Endpoint,
        LanguageModelWriter,
        Limits,
        Pace,
        Usage,
        remove_spools,
    )

__all__ = [
    "Account",
    "Budget",
    "Change",
    "Charge",
    "Complaint",
    "Context",
    "DiversityReport",
    "Endpoint",
    "GrammarWriter",
    "InvalidContext",
    "InvalidTriples",
    "LanguageModelWriter",
    "Limits",
    "NearDuplicates",
    "Pace",
    "SubjectKind",
    "Triple",
    "TriplesError",
    "Usage",
    "VocabularyExhausted",
    "check",
    "diversity",
    "list_contexts",
    "load_context",
    "read_triples",
    "remove_spools",
    "write_triples",
]

_LATE = frozenset(
    {
        "Account",
        "Budget",
        "Charge",
        "Endpoint",
        "LanguageModelWriter",
        "Limits",
        "Pace",
        "Usage",
        "remove_spools",
    }
)


def __getattr__(name: str) -> Any:
    """Return what needs a client of language models."""
    if name in _LATE:
        return getattr(import_module(".language_model", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
