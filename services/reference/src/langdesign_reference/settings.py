"""Settings of the reference service, read once from the environment at start."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ReferenceSettings(BaseSettings):
    """Settings of this service; the chassis has its own."""

    model_config = SettingsConfigDict(env_prefix="REFERENCE_", frozen=True, use_attribute_docstrings=True)

    llm_base_url: str = ""
    """OpenAI chat-completions endpoint, such as http://127.0.0.1:7010/v1; empty: the parser reads alone."""
    llm_model: str = "SmolLM2-135M-Instruct.Q4_1"
    """Name of the model at the endpoint."""
    llm_api_key: SecretStr = SecretStr("none")
    """Key for the endpoint."""
    llm_confidence: float = Field(default=0.2, gt=0, lt=1)
    """Share of the model's plans that are right, 0..1, as `langdesign bench references` measures it."""
    llm_naming_confidence: float = Field(default=0.5, gt=0, lt=1)
    """Share of things that the model names rightly, 0..1, as measured by the same benchmark."""
    llm_timeout: float = Field(default=3.0, gt=0)
    """Seconds that an answer may take; then the parser reads alone."""
    llm_confirmation: float = Field(default=0.12, gt=0)
    """Seconds to wait where the parser is surer than the model can be, which then only names a thing."""
    llm_max_tokens: int = Field(default=160, ge=32)
    """Tokens of one answer."""
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
    cache_entries: int = Field(default=10_000, ge=1)
    """Plans that are kept."""
    cache_seconds: float = Field(default=3600.0, gt=0)
    """How long a plan is kept."""
