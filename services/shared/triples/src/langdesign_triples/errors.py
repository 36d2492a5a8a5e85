"""The error family of this library; every message says what is wrong and what to do.

TriplesError
├── InvalidContext       a context's folder is missing, incomplete, or says something that cannot be
├── InvalidTriples       a file of triples cannot be read or written
├── VocabularyExhausted  a context's words give no triple that was not written before
└── LanguageModelError   a language model gives no triples
    ├── Refused          the endpoint refuses the request, for a reason that no second try helps
    ├── Unreachable      the endpoint does not answer, or fails, again and again
    ├── Unpriced         a bound in dollars is given and no prices, so that it bounds nothing
    ├── BudgetSpent      the tokens or the money that may be spent are spent
    ├── AllowanceSpent   what all jobs of one payer may spend in a span of time is spent, until the next one
    ├── Unproductive     answers come, and the checks accept none of them
    ├── SpoolUnwritable  the disk does not take what is asked and answered
    ├── SpoolBusy        another writer is at the same job
    └── InvalidSpool     what an earlier run left cannot be read, or is of another job
"""

# ruff: noqa: N818 - the root of the family carries the suffix; its members are read as sentences


class TriplesError(Exception):
    """Base of every error that this library raises on purpose."""


class InvalidContext(TriplesError):
    """A context's folder is missing, incomplete, or says something that cannot be."""


class InvalidTriples(TriplesError):
    """A file of triples cannot be read or written."""


class VocabularyExhausted(TriplesError):
    """A context's words give no triple that was not written before."""


class LanguageModelError(TriplesError):
    """A language model gives no triples."""


class Refused(LanguageModelError):
    """The endpoint refuses the request, for a reason that no second try helps."""


class Unreachable(LanguageModelError):
    """The endpoint does not answer, or fails, again and again."""


class BudgetSpent(LanguageModelError):
    """The tokens or the money that may be spent are spent."""


class Unpriced(LanguageModelError):
    """A bound in dollars is given and no prices, so that it bounds nothing."""


class AllowanceSpent(LanguageModelError):
    """What all jobs of one payer may spend in a span of time is spent, until the next one.

    Attributes:
        seconds: until the next span begins, > 0.

    """

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Unproductive(LanguageModelError):
    """Answers come, and the checks accept none of them."""


class SpoolUnwritable(LanguageModelError):
    """The disk does not take what is asked and answered."""


class SpoolBusy(LanguageModelError):
    """Another writer is at the same job."""


class InvalidSpool(LanguageModelError):
    """What an earlier run left cannot be read, or is of another job."""
