"""Caption, instruction and edited caption, written for a context by agents and checked."""

from .checking import Complaint, check
from .context import Context, list_contexts, load_context
from .diversity import DiversityReport, diversity
from .duplicates import NearDuplicates
from .errors import InvalidContext, InvalidTriples, TriplesError, VocabularyExhausted
from .grammar import GrammarWriter
from .triple import Change, SubjectKind, Triple, read_triples, write_triples

__all__ = [
    "Change",
    "Complaint",
    "Context",
    "DiversityReport",
    "GrammarWriter",
    "InvalidContext",
    "InvalidTriples",
    "NearDuplicates",
    "SubjectKind",
    "Triple",
    "TriplesError",
    "VocabularyExhausted",
    "check",
    "diversity",
    "list_contexts",
    "load_context",
    "read_triples",
    "write_triples",
]
