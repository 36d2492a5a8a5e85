"""Settings of the reference service, read once from the environment at start."""

from typing import Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_OURS = frozenset({"messages", "model", "response_format", "stream", "n"})


class ReferenceSettings(BaseSettings):
    """Settings of this service; the chassis has its own."""

    model_config = SettingsConfigDict(env_prefix="REFERENCE_", frozen=True, use_attribute_docstrings=True)

    confidence_floor: float = Field(default=0.5, ge=0, le=1)
    """Confidence below which a reading is not acted on, and a language model not asked for any. At a half an
    edit is as likely wrong as right, and a wrong one costs more than being asked again."""
    llm_base_url: str = ""
    """OpenAI chat-completions endpoint, such as http://127.0.0.1:7010/v1; empty: the parser reads alone."""
    llm_model: str = "SmolLM2-135M-Instruct.Q4_1"
    """Name of the model at the endpoint."""
    llm_api_key: SecretStr = SecretStr("none")
    """Key for the endpoint."""
    llm_parameters: dict[str, Any] = {}
    """What to send besides, as JSON, such as {"temperature": 0}. Nothing by default: some endpoints refuse a
    temperature, others a seed or a bound of tokens."""
    llm_confidence: float = Field(default=0.2, gt=0, lt=1)
    """Share of the model's plans that are right, 0..1, as `langdesign bench references` measures it. Where it
    is at least the parser's confidence, the model leads."""
    llm_naming_confidence: float = Field(default=0.5, gt=0, lt=1)
    """Share of things that the model names rightly, 0..1, as measured by the same benchmark."""
    llm_timeout: float = Field(default=3.0, gt=0)
    """Seconds that an answer may take; then the parser reads alone."""
    llm_sure: float = Field(default=0.8, ge=0, le=1)
    """Confidence from which the parser needs no confirmation: a name would change it by little."""
    llm_confirmation: float = Field(default=0.12, gt=0)
    """Seconds to wait where the parser is surer than the model can be, which then only names a thing."""
    llm_answer_tokens: int = Field(default=400, ge=32)
    """Tokens that the budget counts for one answer."""
    llm_max_bytes: int = Field(default=1024 * 1024, ge=1024)
    """Bytes of one HTTP response; a longer one is cut off."""
    llm_tokens_per_minute: int = Field(default=1_000_000, ge=1)
    """Tokens that may be used in a minute; above it the parser reads alone."""
    llm_warm_up: bool = True
    """Whether the endpoint is to read every prompt once at the start, so that it may keep them."""
    llm_failures: int = Field(default=5, ge=1)
    """Failures in a row, late answers too, after which the model is left alone; readings and names apart."""
    llm_rest: float = Field(default=15.0, gt=0)
    """Seconds for which it is then left alone."""
    llm_refusal_rest: float = Field(default=600.0, gt=0)
    """Seconds for which it is left alone after a refusal: a wrong key, an unknown model."""
    cache_entries: int = Field(default=10_000, ge=1)
    """Plans that are kept."""
    cache_seconds: float = Field(default=3600.0, gt=0)
    """How long a plan is kept."""

    @field_validator("llm_parameters")
    @classmethod
    def _leaves_ours(cls, given: dict[str, Any]) -> dict[str, Any]:
        if taken := sorted(_OURS & given.keys()):
            raise ValueError(f"{', '.join(taken)}: set by the service itself; leave it out")
        return given
