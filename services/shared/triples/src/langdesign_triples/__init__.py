"""Caption, instruction and edited caption, written for a context by agents and checked (no torch, no gRPC)."""

from .errors import InvalidContext, InvalidTriples, TriplesError, VocabularyExhausted
from .triple import Change, SubjectKind, Triple, read_triples, write_triples

__all__ = [
    "Change",
    "InvalidContext",
    "InvalidTriples",
    "SubjectKind",
    "Triple",
    "TriplesError",
    "VocabularyExhausted",
    "read_triples",
    "write_triples",
]
