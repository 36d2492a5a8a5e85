"""What a caller orders, and the token with which an order goes on."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass

from langdesign_triples import Budget, Context

from langdesign_instruction.errors import StrangeToken


@dataclass(frozen=True)
class Order:
    """An order of triples.

    Attributes:
        context: For which they are written.
        subjects: Only these; empty means all.
        count: How many in all.
        seed: The same one gives the same triples, or goes on with the same job.
        language_model: Whether agents on a language model write, and not the grammar.
        budget: What may be spent on them.
        tenant: Who orders.

    """

    context: Context
    subjects: tuple[str, ...]
    count: int
    seed: int
    language_model: bool
    budget: Budget
    tenant: str

    @property
    def job(self) -> str:
        """Hex digest of all that makes its triples others than another order's; not of how many they are."""
        subjects = sorted(set(self.subjects))
        parts = [self.tenant, self.context.digest, subjects, self.seed, self.language_model]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def resume_token(order: Order, delivered: int) -> str:
    """Return the token that goes on with an order after so many triples."""
    return base64.urlsafe_b64encode(f"{order.job}:{delivered}".encode()).decode()


def read_token(order: Order, token: str) -> int:
    """Return how many triples of an order were delivered.

    Raises:
        StrangeToken: it is none of this order's.

    """
    try:
        text = base64.b64decode(token, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise StrangeToken("resume_token is no token of this service") from error
    job, _, delivered = text.partition(":")
    if job != order.job or not delivered.isdecimal() or not 0 < int(delivered) <= order.count:
        raise StrangeToken("resume_token is of another request")
    return int(delivered)
