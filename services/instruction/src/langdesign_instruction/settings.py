"""Settings of the instruction service, read once from the environment at start."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from langdesign_chassis.declaring import SecretStr, Settings
from msgspec import Meta


class InstructionSettings(Settings, frozen=True):
    """Settings of this service; the chassis has its own."""

    env_prefix: ClassVar[str] = "INSTRUCTION_"

    contexts: Path = Path("contexts")
    """Folder that holds a folder for each context."""
    writer: Literal["grammar", "language_model"] = "grammar"
    """Who writes for requests that do not say."""
    llm_base_url: str = ""
    """OpenAI chat-completions endpoint, such as https://api.openai.com/v1; empty: only the grammar writes."""
    llm_model: str = "gpt-5-mini"
    """Name of the model at the endpoint."""
    llm_api_key: SecretStr = SecretStr("none")
    """Key for the endpoint."""
    llm_read_price: Annotated[float, Meta(ge=0)] = 0.0
    """US dollars for a million tokens of prompts."""
    llm_write_price: Annotated[float, Meta(ge=0)] = 0.0
    """US dollars for a million tokens of answers."""
    llm_temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    """Temperature; without it the endpoint's own, since some models refuse to be told."""
    llm_limit_field: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"
    """Name by which the endpoint knows the bound of an answer; older ones know max_tokens alone."""
    llm_concurrency: Annotated[int, Meta(ge=1, le=256)] = 4
    """Requests to the endpoint at once, of one stream."""
    llm_requests_per_minute: Annotated[float, Meta(gt=0)] = 120.0
    """Requests that all streams of a tenant together send in a minute."""
    llm_tokens_per_minute: Annotated[float, Meta(gt=0)] = 200_000.0
    """Tokens that all streams of a tenant together use in a minute."""
    llm_batch: Annotated[int, Meta(ge=1, le=50)] = 5
    """Triples that one request asks for."""
    llm_answer_tokens: Annotated[int, Meta(ge=64)] = 2000
    """Tokens of one answer."""
    llm_timeout: Annotated[float, Meta(gt=0)] = 60.0
    """Seconds that one request may take, whole."""
    llm_tries: Annotated[int, Meta(ge=1)] = 5
    """Tries of one request where the endpoint fails."""
    llm_first_wait: Annotated[float, Meta(gt=0)] = 1.0
    """Seconds before the second try; doubled before each one after."""
    llm_longest_wait: Annotated[float, Meta(gt=0)] = 60.0
    """Seconds between two tries; an endpoint that asks for more ends the stream."""
    llm_corrections: Annotated[int, Meta(ge=0)] = 2
    """How often an answer is sent back with what is wrong in it."""
    llm_patience: Annotated[int, Meta(ge=1)] = 12
    """Answers in a row of which nothing is accepted, after which the stream ends."""
    budget_tokens: Annotated[int, Meta(ge=0)] = 2_000_000
    """Tokens that one job may use, read and written together; 0 means no bound."""
    budget_dollars: Annotated[float, Meta(ge=0)] = 10.0
    """US dollars that one job may cost at the prices above; 0 means no bound, as a free endpoint needs."""
    tenant_tokens: Annotated[int, Meta(ge=0)] = 10_000_000
    """Tokens that all jobs of a tenant together may use in a span of time; 0 means no bound."""
    tenant_dollars: Annotated[float, Meta(ge=0)] = 50.0
    """US dollars that they may cost in it; 0 means no bound, as a free endpoint needs."""
    tenant_hours: Annotated[float, Meta(gt=0)] = 24.0
    """Length of that span; spans begin at multiples of it since 1970 UTC, so that 24 are days."""
    spool: Path = Path(".langdesign/triples")
    """Folder for what language models were asked and answered, and for what each tenant spent."""
    spool_days: Annotated[float, Meta(gt=0)] = 30.0
    """Days after which what nobody has touched is removed from it; an order then cannot be taken up again."""
