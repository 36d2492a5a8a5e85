"""Agents on a language model: any endpoint of the OpenAI chat-completions protocol."""

from .account import Account, Charge
from .pacing import Pace
from .settings import Budget, Endpoint, Limits
from .spending import Usage
from .spool import remove_spools
from .writer import LanguageModelWriter

__all__ = [
    "Account",
    "Budget",
    "Charge",
    "Endpoint",
    "LanguageModelWriter",
    "Limits",
    "Pace",
    "Usage",
    "remove_spools",
]
