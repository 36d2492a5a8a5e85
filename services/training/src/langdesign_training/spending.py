"""What runs may spend on language models: the deployment decides, and a caller can only ask for less."""

import math
from collections.abc import Mapping, Sequence

from langdesign_chassis import errors

from langdesign_training.settings import SpendingSettings

_OWN = {
    "llm_model": "llm_model",
    "llm_read_price": "llm_read_price",
    "llm_write_price": "llm_write_price",
    "dataset.judging.endpoint": "judge_endpoint",
    "dataset.judging.model": "judge_model",
    "dataset.judging.input_price": "judge_read_price",
    "dataset.judging.output_price": "judge_write_price",
    # What bounds a request before its price is known, and how it is made: as the recipe has it.
    "dataset.judging.answer_tokens": "",
    "dataset.judging.limit_field": "",
    "dataset.judging.picture_tokens": "",
    "dataset.judging.attempts": "",
    "dataset.judging.concurrency": "",
    "dataset.judging.failures": "",
    "dataset.judging.seconds": "",
}
"""Setting of the service by the recipe's setting that it decides; empty where the recipe's value stays."""
_CEILINGS = {
    "llm_tokens": "llm_tokens",
    "llm_dollars": "llm_dollars",
    "dataset.budget.dollars": "judge_dollars",
}
"""Setting of the service by the recipe's setting that it is the ceiling of."""
_NO_BOUND = {"llm_tokens": 0.0, "llm_dollars": 0.0}  # values that mean "as much as it takes"


def check_spending(overrides: Mapping[str, str], spending: SpendingSettings) -> None:
    """Check that a caller changes nothing that the deployment decides, and asks for no more than it allows.

    Raises:
        errors.InvalidArgument: it does; the message names the setting and its ceiling.

    """
    for name, value in overrides.items():
        if name in _OWN:
            raise errors.InvalidArgument(
                f"{name} is for the deployment to decide", field="overrides", hint=_have_it_set(name)
            )
        ceiling = getattr(spending, _CEILINGS[name]) if name in _CEILINGS else 0
        if ceiling and not 0 <= _asked(name, value) <= ceiling:
            raise errors.InvalidArgument(
                f"{name} is {value}, and the most that this deployment allows is {ceiling}",
                field="overrides",
                hint=f"ask for at most {ceiling}, or have the operator raise {_variable(_CEILINGS[name])}",
            )


def spending_options(spending: SpendingSettings) -> Sequence[str]:
    """Return the arguments that tell a run's program what the deployment decides."""
    words = []
    for name, own in _OWN.items():
        value = getattr(spending, own) if own else ""
        words += ["--own", f"{name}={value}" if value else name]
    for name, own in _CEILINGS.items():
        if ceiling := getattr(spending, own):
            words += ["--ceiling", f"{name}={ceiling}"]
    return words


def _asked(name: str, value: str) -> float:
    """Return what is asked for; infinity where it is no bound, or no number."""
    try:
        asked = float(value)
    except ValueError:
        return math.inf
    return math.inf if asked == _NO_BOUND.get(name) else asked


def _have_it_set(name: str) -> str:
    own = _OWN[name]
    return f"leave it out, or have the operator set {_variable(own)}" if own else "leave it out"


def _variable(setting: str) -> str:
    return f"TRAINING_SPENDING_{setting.upper()}"
