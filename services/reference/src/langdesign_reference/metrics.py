"""Prometheus metrics of the readers."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from langdesign_reference.errors import (
    LanguageModelAway,
    LanguageModelDeclined,
    LanguageModelError,
    LanguageModelNonsense,
    LanguageModelRefused,
    LanguageModelSpent,
)
from langdesign_reference.plan import Reader

_OUTCOMES: dict[type[LanguageModelError], str] = {
    LanguageModelAway: "away",
    LanguageModelDeclined: "declined",
    LanguageModelNonsense: "nonsense",
    LanguageModelRefused: "refused",
    LanguageModelSpent: "spent",
}


class ReferenceMetrics:
    """Plans by who read them, and what became of the questions to the language model.

    Args:
        registry: Where they are registered.

    Attributes:
        refusing: 1 while the language model refuses for good, 0 otherwise.

    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._plans = Counter(
            "langdesign_reference_plans", "Plans made, by who read them.", ("reader",), registry=registry
        )
        self._questions = Counter(
            "langdesign_reference_language_model_questions",
            "Questions to the language model, by question and what came of it.",
            ("question", "outcome"),
            registry=registry,
        )
        self.refusing = Gauge(
            "langdesign_reference_language_model_refusing",
            "1 while the language model refuses for good (a wrong key or model): the parser reads alone.",
            registry=registry,
        )

    def read(self, reader: Reader) -> None:
        """Count a plan."""
        self._plans.labels(reader.value).inc()

    def asked(self, question: str, error: LanguageModelError | None = None) -> None:
        """Count a question that was answered, or ended in an error."""
        self._questions.labels(question, "answered" if error is None else _OUTCOMES[type(error)]).inc()
