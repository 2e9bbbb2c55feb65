"""What may stand under `backends`: one class a type of provider."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from gateway.settings.strict import Strict


class Baa(Strict):
    """The business associate agreement with whoever runs a backend."""

    expires: date


class RetrySettings(Strict):
    most: int = Field(2, ge=0, le=10)
    first_wait_s: float = Field(0.5, gt=0)
    longest_wait_s: float = Field(8, gt=0)
    budget: float = Field(0.2, ge=0, le=1)
    """Share of the backend's recent calls that may be retries or hedges."""


class BreakerSettings(Strict):
    failures: int = Field(5, ge=1)
    """In a row."""
    rate: float = Field(0.5, gt=0, le=1)
    least_calls: int = Field(20, ge=1)
    window_s: float = Field(30, gt=0)
    open_s: float = Field(5, gt=0)
    longest_open_s: float = Field(20, gt=0)


def _retries(given: object) -> object:
    """A bare number is the most of them."""
    return {"most": given} if isinstance(given, int) and not isinstance(given, bool) else given


class BackendSettings(Strict):
    on_premises: bool = False
    region: str = ""
    baa: Baa | None = None
    timeout_s: float = Field(60, gt=0)
    concurrency: int = Field(32, ge=1)
    """Calls at once; those above it wait, the urgent first."""
    queue: int = Field(128, ge=0)
    """Callers that may wait for one; those above it are told to come again."""
    retries: Annotated[RetrySettings, BeforeValidator(_retries)] = RetrySettings()
    breaker: BreakerSettings = BreakerSettings()
    hedge_after_s: float | None = Field(None, gt=0)
    hedge_with: str | None = None


class ExtractiveSettings(BackendSettings):
    type: Literal["extractive"]
    on_premises: Literal[True] = True


class OpenAiSettings(BackendSettings):
    type: Literal["openai"]
    model: str
    base_url: str = Field(pattern=r"^https?://\S+$")
    api_key: str | None = Field(None, repr=False)
    max_tokens: int = Field(1500, ge=16)
    structured_output: bool = True
    """Ask for JSON by `response_format`; off for servers that refuse it."""


class AnthropicSettings(BackendSettings):
    type: Literal["anthropic"]
    model: str
    api_key: str | None = Field(None, repr=False)
    base_url: str = "https://api.anthropic.com"


class VertexSettings(BackendSettings):
    type: Literal["vertex"]
    model: str
    project: str
    location: str


class OllamaSettings(BackendSettings):
    type: Literal["ollama"]
    model: str
    base_url: str = "http://127.0.0.1:11434"


class LangChainSettings(BackendSettings):
    type: Literal["langchain"]
    runnable: str = Field(pattern=r"^[\w.]+:\w+$")


class LangServeSettings(BackendSettings):
    type: Literal["langserve"]
    url: str


AnyBackend = Annotated[
    ExtractiveSettings
    | OpenAiSettings
    | AnthropicSettings
    | VertexSettings
    | OllamaSettings
    | LangChainSettings
    | LangServeSettings,
    Field(discriminator="type"),
]
