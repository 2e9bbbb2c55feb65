"""What may stand under `backends`: one class a type of provider."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

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


class HttpSettings(BackendSettings):
    """Of a backend that is reached over HTTP; `timeout_s` holds for a whole call."""

    connect_s: float = Field(5, gt=0)
    first_byte_s: float = Field(30, gt=0)
    """From the request sent to the first byte of the answer: the model reads the prompt."""
    idle_s: float = Field(20, gt=0)
    """Between two pieces of the answer."""


class ExtractiveSettings(BackendSettings):
    type: Literal["extractive"]
    on_premises: Literal[True] = True


class AzureSettings(Strict):
    endpoint: str = Field(pattern=r"^https?://[^\s?]+$")
    """`https://NAME.openai.azure.com`"""
    deployment: str = Field(pattern=r"^[\w.-]+$")
    api_version: str = Field("2024-10-21", pattern=r"^[\w.-]+$")


class OpenAiSettings(HttpSettings):
    type: Literal["openai"]
    model: str
    base_url: str | None = Field(None, pattern=r"^https?://[^\s?]+$")
    """With `/v1`."""
    azure: AzureSettings | None = None
    """In place of `base_url`."""
    api_key: str | None = Field(None, repr=False)
    max_tokens: int = Field(1500, ge=16)
    structured_output: bool = True
    """Ask for JSON by `response_format`; off for servers that refuse it."""

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if (self.base_url is None) == (self.azure is None):
            raise ValueError("needs either base_url or azure")
        return self


class AnthropicSettings(HttpSettings):
    type: Literal["anthropic"]
    model: str
    api_key: str | None = Field(None, repr=False)
    base_url: str = "https://api.anthropic.com"


class VertexSettings(HttpSettings):
    type: Literal["vertex"]
    model: str
    project: str
    location: str


class OllamaSettings(HttpSettings):
    type: Literal["ollama"]
    model: str
    base_url: str = "http://127.0.0.1:11434"


class LangChainSettings(BackendSettings):
    type: Literal["langchain"]
    runnable: str = Field(pattern=r"^[\w.]+:\w+$")


class LangServeSettings(HttpSettings):
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
