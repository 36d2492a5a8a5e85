"""A writer that needs no language model: scenes drawn from an ontology, and one change of each in words."""

from .writer import GrammarWriter

__all__ = ["GrammarWriter"]
