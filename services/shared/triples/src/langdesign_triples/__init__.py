"""Caption, instruction and edited caption, written for a context by agents and checked."""

from .checking import Complaint, check
from .context import Context, list_contexts, load_context
from .errors import InvalidContext, InvalidTriples, TriplesError, VocabularyExhausted
from .grammar import GrammarWriter
from .triple import Change, SubjectKind, Triple, read_triples, write_triples

__all__ = [
    "Change",
    "Complaint",
    "Context",
    "GrammarWriter",
    "InvalidContext",
    "InvalidTriples",
    "SubjectKind",
    "Triple",
    "TriplesError",
    "VocabularyExhausted",
    "check",
    "list_contexts",
    "load_context",
    "read_triples",
    "write_triples",
]
