"""Agents on a language model: any endpoint of the OpenAI chat-completions protocol."""

from .settings import Budget, Endpoint, Limits
from .spending import Usage
from .writer import LanguageModelWriter

__all__ = ["Budget", "Endpoint", "LanguageModelWriter", "Limits", "Usage"]
