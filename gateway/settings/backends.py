"""What may stand under `backends`: one class a type of provider."""

from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, JsonValue, field_validator, model_validator

from gateway.prompt.tokens import LEAST_PROMPT_TOKENS
from gateway.settings.strict import Strict

ANTHROPIC_URL = "https://api.anthropic.com"


class Baa(Strict):
    """The business associate agreement with whoever runs a backend."""

    expires: date


class PriceSettings(Strict):
    """Of a million tokens, in whatever currency the quotas count."""

    input_per_million: float = Field(ge=0)
    output_per_million: float = Field(ge=0)


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


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False


def _retries(given: object) -> object:
    """A bare number is the most of them."""
    return {"most": given} if isinstance(given, int) and not isinstance(given, bool) else given


class BackendSettings(Strict):
    on_premises: bool = False
    region: str = ""
    baa: Baa | None = None
    retention_days: int | None = Field(None, ge=0)
    """For so long the provider keeps what it is sent, by contract; 0: not at all."""
    price: PriceSettings | None = None
    """For quotas of cost."""
    timeout_s: float = Field(60, gt=0)
    concurrency: int = Field(32, ge=1)
    """Calls at once; those above it wait, the urgent first."""
    queue: int = Field(128, ge=0)
    """Callers that may wait for one; those above it are told to come again."""
    retries: Annotated[RetrySettings, BeforeValidator(_retries)] = RetrySettings()
    breaker: BreakerSettings = BreakerSettings()
    hedge_after_s: float | None = Field(None, gt=0)
    hedge_with: str | None = None

    @property
    def missing_extra(self) -> str:
        """The extra of this package that the type needs and that is not installed; empty: none."""
        return ""


class StreamSettings(BackendSettings):
    """Of a model whose answer comes in pieces; `timeout_s` holds for a whole call."""

    first_byte_s: float = Field(30, gt=0)
    """From the request sent to the first byte of the answer: the model reads the prompt."""
    idle_s: float = Field(20, gt=0)
    """Between two pieces of the answer."""


class HttpSettings(StreamSettings):
    connect_s: float = Field(5, gt=0)
    proxy: str | None = Field(None, pattern=r"^http://[^\s/]+$", repr=False)
    """`http://HOST:PORT` or `http://NAME:PASSWORD@HOST:PORT`; the environment's is not used unasked."""


class RunnableSettings(StreamSettings):
    """Of what LangChain calls a runnable."""

    mode: Literal["stream", "invoke"] = "stream"
    """With invoke, the answer comes at once: `first_byte_s` and `idle_s` have no effect."""
    input: Literal["messages", "text", "fields"] = "messages"
    """A system and a human message, one text, or `{system, user}` for a template with these variables."""
    prompt_tokens: int | None = Field(None, ge=LEAST_PROMPT_TOKENS)
    """The most that the runnable takes; longer records are shortened to it."""


class ExtractiveSettings(BackendSettings):
    type: Literal["extractive"]
    on_premises: Literal[True] = True


class AzureSettings(Strict):
    endpoint: str = Field(pattern=r"^https?://[^\s?]+$")
    """`https://NAME.openai.azure.com`"""
    deployment: str = Field(pattern=r"^[\w.-]+$")
    api_version: str = Field("2024-10-21", pattern=r"^[\w.-]+$")


_NOT_EXTRA = frozenset({"messages", "model", "stream", "stream_options", "response_format", "n", "store"})


class OpenAiSettings(HttpSettings):
    type: Literal["openai"]
    model: str
    base_url: str | None = Field(None, pattern=r"^https?://[^\s?]+$")
    """With `/v1`."""
    azure: AzureSettings | None = None
    """In place of `base_url`."""
    api_key: str | None = Field(None, repr=False)
    max_tokens: int = Field(1500, ge=16)
    context_tokens: int | None = Field(None, ge=1024)
    """What the model holds, prompt and answer together: a longer record is shortened before it is sent."""
    structured_output: bool = True
    """Ask for JSON by `response_format`; off for servers that refuse it."""
    temperature: float | None = Field(None, ge=0, le=2)
    extra_body: dict[str, JsonValue] = Field(default_factory=dict)
    """Sent as it is, for what one server alone knows: `{chat_template_kwargs: {enable_thinking: false}}`."""

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if (self.base_url is None) == (self.azure is None):
            raise ValueError("needs either base_url or azure")
        return self

    @field_validator("extra_body")
    @classmethod
    def _leaves_ours_alone(cls, given: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if ours := sorted(_NOT_EXTRA & given.keys()):
            raise ValueError(f"may not hold {', '.join(ours)}")
        return given


def _dated(given: object) -> object:
    """YAML reads 2026-10-21 without quotes as a date."""
    return given.isoformat() if isinstance(given, date) else given


AnthropicVersion = Annotated[Literal["2026-10-21", "2023-06-01"], BeforeValidator(_dated)]
Safety = Literal["OFF", "BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE"]
Effort = Literal["low", "medium", "high", "xhigh", "max"]


class AnthropicSettings(HttpSettings):
    type: Literal["anthropic"]
    model: str
    base_url: str = Field(ANTHROPIC_URL, pattern=r"^https?://[^\s?]+$")
    """Without `/v1`."""
    api_key: str | None = Field(None, repr=False)
    auth: Literal["bearer", "x-api-key"] = "bearer"
    version: AnthropicVersion = "2026-10-21"
    """`anthropic-version`"""
    max_tokens: int = Field(1500, ge=16, le=128_000)
    """More than 21,333 is only for answers that are streamed, as all of ours are."""
    context_tokens: int | None = Field(None, ge=1024)
    structured_output: bool = True
    """Ask for JSON by `output_config.format`; off for servers that refuse it."""
    prompt_caching: bool = True
    temperature: float | None = Field(None, ge=0, le=1)
    """Of version 2023-06-01 only."""
    effort: Effort | None = None
    watch_life: bool = False
    """Ask once a day how long the model will live (`/v1/models`), and warn before it ends."""
    residency: bool = True
    """With a `region`: ask that the answer be computed there, and take none that was not."""


class VertexSettings(HttpSettings):
    """Gemini, or Claude where the model's name says so."""

    type: Literal["vertex"]
    model: str = Field(pattern=r"^[\w.@-]+$")
    project: str = Field(pattern=r"^[a-z0-9][a-z0-9.:-]*$")
    location: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    """`us-central1`, `us`, `eu` ...; `global` only with `residency: false`."""
    residency: bool = True
    base_url: str = Field("", pattern=r"^(https?://[^\s?]+)?$")
    """Of a private endpoint, in place of Google's for the location."""
    api_version: str = Field("v1", pattern=r"^v[0-9a-z]+$")
    credentials: Literal["default", "metadata"] = "default"
    """default: GOOGLE_APPLICATION_CREDENTIALS, gcloud's file, the metadata server, in this order."""
    credentials_file: Path | None = None
    """Of a service account, in place of those."""
    access_token: str | None = Field(None, repr=False)
    """A fixed one, in place of any that is fetched: it ends within the hour."""
    quota_project: str = Field("", pattern=r"^[a-z0-9.:-]*$")
    max_tokens: int = Field(1500, ge=16, le=128_000)
    context_tokens: int | None = Field(None, ge=1024)
    structured_output: bool = True
    temperature: float | None = Field(None, ge=0, le=2)
    safety: Literal[
        "OFF", "BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE"
    ] = "OFF"
    """Of Gemini: from where on its filter blocks. Its defaults stop at self-harm, sexual health and doses."""
    thinking: int | Literal["least", "model", "minimal", "low", "medium", "high"] = "least"
    """Of Gemini: tokens, a level, as little as the model allows, or the model's own default."""
    version: AnthropicVersion = "2026-10-21"
    """Of Claude: `anthropic_version`"""
    prompt_caching: bool = True
    """Of Claude."""
    effort: Effort | None = None
    """Of Claude."""

    @property
    def missing_extra(self) -> str:
        return "" if self.access_token or _is_installed("google.auth") else "vertex"

    @property
    def is_claude(self) -> bool:
        return self.model.startswith("claude")

    @model_validator(mode="before")
    @classmethod
    def _is_where_it_says(cls, given: object) -> object:
        """The location is the region that rules see, unless the file names one."""
        if isinstance(given, dict) and not given.get("region") and isinstance(given.get("location"), str):
            return {**given, "region": given["location"]}
        return given

    @model_validator(mode="after")
    def _suits_the_model(self) -> Self:
        others = {"safety", "thinking"} if self.is_claude else {"version", "prompt_caching", "effort"}
        unsuited = sorted(others & self.model_fields_set)
        if unsuited:
            whose = "Gemini's" if self.is_claude else "Claude's"
            raise ValueError(f"{unsuited[0]} is {whose}, the model is {self.model}")
        return self


class OllamaSettings(HttpSettings):
    type: Literal["ollama"]
    model: str
    base_url: str = Field("http://127.0.0.1:11434", pattern=r"^https?://[^\s?]+$")
    api_key: str | None = Field(None, repr=False)
    """Of a proxy in front."""
    first_byte_s: float = Field(300, gt=0)
    """With the time to load the model, which may be minutes."""
    timeout_s: float = Field(360, gt=0)
    max_tokens: int = Field(1500, ge=16)
    min_context: int = Field(8192, ge=1024)
    max_context: int = Field(32768, ge=1024)
    """`num_ctx` is `min_context`, doubled as often as prompt and answer need, up to this."""
    structured_output: bool = True
    temperature: float | None = Field(0, ge=0, le=2)
    keep_alive: str | int = "30m"
    think: bool | Literal["low", "medium", "high"] = False
    allow_remote: bool = False
    """Models that Ollama has somewhere else answered (`-cloud`)."""
    check_input: bool = True
    """Take no answer where `prompt_eval_count` says that the prompt was cut."""


class LangChainSettings(RunnableSettings):
    type: Literal["langchain"]
    model: str = ""
    """For the record, where the runnable does not name what answered."""
    runnable: str = Field(pattern=r"^[\w.]+:\w+$")

    @property
    def missing_extra(self) -> str:
        return "" if _is_installed("langchain_core") else "langchain"


class LangServeSettings(RunnableSettings, HttpSettings):
    type: Literal["langserve"]
    model: str = ""
    """For the record, where the runnable does not name what answered."""
    url: str = Field(pattern=r"^https?://[^\s?]+$")
    """Without `/stream` or `/invoke`."""
    api_key: str | None = Field(None, repr=False)
    """Sent as a bearer token, for what stands before LangServe."""


_Backends = (
    ExtractiveSettings
    | OpenAiSettings
    | AnthropicSettings
    | VertexSettings
    | OllamaSettings
    | LangChainSettings
    | LangServeSettings
)
AnyBackend = Annotated[_Backends, Field(discriminator="type")]
BACKEND_TYPES = frozenset(get_args(kind.model_fields["type"].annotation)[0] for kind in get_args(_Backends))
