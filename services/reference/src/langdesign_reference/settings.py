"""Settings of the reference service, read once from the environment at start."""

from typing import Annotated, Any, ClassVar

from langdesign_chassis.declaring import Check, SecretStr, Settings
from msgspec import Meta, field

_OURS = frozenset({"messages", "model", "response_format", "stream", "n"})


def _leaves_ours(given: dict[str, Any]) -> dict[str, Any]:
    if taken := sorted(_OURS & given.keys()):
        raise ValueError(f"{', '.join(taken)}: set by the service itself; leave it out")
    return given


class ReferenceSettings(Settings, frozen=True):
    """Settings of this service; the chassis has its own."""

    env_prefix: ClassVar[str] = "REFERENCE_"

    confidence_floor: Annotated[float, Meta(ge=0, le=1)] = 0.5
    """Confidence below which a reading is not acted on, and a language model not asked for any. At a half an
    edit is as likely wrong as right, and a wrong one costs more than being asked again."""
    llm_base_url: str = ""
    """OpenAI chat-completions endpoint, such as http://127.0.0.1:7010/v1; empty: the parser reads alone."""
    llm_model: str = "SmolLM2-135M-Instruct.Q4_1"
    """Name of the model at the endpoint."""
    llm_api_key: SecretStr = SecretStr("none")
    """Key for the endpoint."""
    llm_parameters: Annotated[dict[str, Any], Check(_leaves_ours)] = field(default_factory=dict)
    """What to send besides, as JSON, such as {"temperature": 0}. Nothing by default: some endpoints refuse a
    temperature, others a seed or a bound of tokens."""
    llm_confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.2
    """Share of the model's plans that are right, 0..1, as `langdesign bench references` measures it. Where it
    is at least the parser's confidence, the model leads."""
    llm_naming_confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.5
    """Share of things that the model names rightly, 0..1, as measured by the same benchmark."""
    llm_timeout: Annotated[float, Meta(gt=0)] = 3.0
    """Seconds that an answer may take; then the parser reads alone."""
    llm_sure: Annotated[float, Meta(ge=0, le=1)] = 0.8
    """Confidence from which the parser needs no confirmation: a name would change it by little."""
    llm_confirmation: Annotated[float, Meta(gt=0)] = 0.12
    """Seconds to wait where the parser is surer than the model can be, which then only names a thing."""
    llm_answer_tokens: Annotated[int, Meta(ge=32)] = 400
    """Tokens that the budget counts for one answer."""
    llm_max_bytes: Annotated[int, Meta(ge=1024)] = 1024 * 1024
    """Bytes of one HTTP response; a longer one is cut off."""
    llm_tokens_per_minute: Annotated[int, Meta(ge=1)] = 1_000_000
    """Tokens that may be used in a minute; above it the parser reads alone."""
    llm_warm_up: bool = True
    """Whether the endpoint is to read every prompt once at the start, so that it may keep them."""
    llm_failures: Annotated[int, Meta(ge=1)] = 5
    """Failures in a row, late answers too, after which the model is left alone; readings and names apart."""
    llm_rest: Annotated[float, Meta(gt=0)] = 15.0
    """Seconds for which it is then left alone."""
    llm_refusal_rest: Annotated[float, Meta(gt=0)] = 600.0
    """Seconds for which it is left alone after a refusal: a wrong key, an unknown model."""
    cache_entries: Annotated[int, Meta(ge=1)] = 10_000
    """Plans that are kept."""
    cache_seconds: Annotated[float, Meta(gt=0)] = 3600.0
    """How long a plan is kept."""
