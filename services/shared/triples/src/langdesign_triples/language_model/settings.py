"""Which language model writes, how fast, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..errors import Unpriced


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint of the OpenAI chat-completions protocol."""

    base_url: str  # such as "https://api.openai.com/v1"
    model: str
    api_key: str = field(default="none", repr=False)
    read_price: float = 0.0  # US dollars for a million tokens of prompts
    write_price: float = 0.0  # US dollars for a million tokens of answers
    temperature: float | None = None  # None leaves it out: some models refuse to be told
    limit_field: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"

    @property
    def priced(self) -> bool:
        """Whether its requests cost money, as far as is said."""
        return bool(self.read_price or self.write_price)


@dataclass(frozen=True, slots=True)
class Limits:
    """How an endpoint is used."""

    concurrency: int = 4  # requests at once, from the first answer on
    requests_per_minute: float = 120.0
    tokens_per_minute: float = 200_000.0
    batch: int = 5  # triples that one request asks for
    answer_tokens: int = 2000  # of one answer
    answer_bytes: int = 256 * 1024  # of one HTTP response
    timeout: float = 60.0  # seconds for one request, whole
    tries: int = 5  # of one request, where the endpoint fails
    first_wait: float = 1.0  # seconds before the second try; doubled for each one after
    longest_wait: float = 60.0  # seconds between tries; an endpoint that asks for more ends the run
    corrections: int = 2  # answers that are sent back with what is wrong in them
    patience: int = 12  # answers in a row of which nothing is accepted


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent; 0 means no bound."""

    tokens: int = 0  # read and written together
    dollars: float = 0.0

    def check(self, endpoint: Endpoint) -> None:
        """Raise `Unpriced` where dollars are bounded and the endpoint has no prices: that bounds nothing."""
        if self.dollars and not endpoint.priced:
            raise Unpriced(
                f"A budget of ${self.dollars:g} bounds nothing where the language model has no prices; give "
                "what a million tokens read and written cost, or take the bound in dollars away (0) and "
                "bound the tokens"
            )

    def within(self, other: Budget) -> Budget:
        """Return the tighter of two budgets, bound by bound."""
        tokens = [one for one in (self.tokens, other.tokens) if one]
        dollars = [one for one in (self.dollars, other.dollars) if one]
        return Budget(min(tokens, default=0), min(dollars, default=0.0))
