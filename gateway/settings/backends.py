"""What may stand under `backends`: one class a type of provider."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gateway.settings.strict import Strict


class Baa(Strict):
    """The business associate agreement with whoever runs a backend."""

    expires: date


class BackendSettings(Strict):
    on_premises: bool = False
    region: str = ""
    baa: Baa | None = None
    timeout_s: float = Field(60, gt=0)


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
