"""Which code serves which type of backend in the operator's file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from gateway.attempts.limits import BackendLimits, BreakerLimits, RetryLimits
from gateway.backends.extractive import ExtractiveBackend
from gateway.interfaces import Backend
from gateway.prompt.templates import prepare
from gateway.settings import Settings
from gateway.settings.backends import (
    AnthropicSettings,
    BackendSettings,
    ExtractiveSettings,
    HttpSettings,
    LangChainSettings,
    LangServeSettings,
    OllamaSettings,
    OpenAiSettings,
    RunnableSettings,
    StreamSettings,
    VertexSettings,
)

if TYPE_CHECKING:
    from gateway.backends.anthropic import AnthropicModel
    from gateway.backends.google_endpoint import GoogleEndpoint
    from gateway.backends.http import Deadlines, Sender
    from gateway.backends.http_backend import Credentials
    from gateway.backends.wire import Wire

OverHttp = OpenAiSettings | AnthropicSettings | VertexSettings | OllamaSettings | LangServeSettings

FirstByte = Callable[[str, float], None]
"""Told the name of a backend and the seconds until the first byte of an answer."""


def backends_of(settings: Settings, on_first_byte: FirstByte | None = None) -> dict[str, Backend]:
    """Raises `ValueError`, which names the key, for a runnable that cannot be loaded.

    What a type needs is imported in its own function: httpx alone costs a tenth of a second at the start.
    """
    backends: dict[str, Backend] = {}
    for name, backend in settings.backends.items():
        if backend.missing_extra:
            continue  # the policy knows it as not available
        if isinstance(backend, ExtractiveSettings):
            backends[name] = ExtractiveBackend(name)
        elif isinstance(backend, LangChainSettings):
            backends[name] = _langchain(name, backend)
        else:
            backends[name] = _over_http(name, backend, on_first_byte)
    if any(not backend.repeatable for backend in backends.values()):
        prepare()
    return backends


def _wire(name: str, backend: OverHttp) -> Wire:
    """A new provider is one row here and one file in `gateway/backends`."""
    if isinstance(backend, OpenAiSettings):
        return _openai(name, backend)
    if isinstance(backend, AnthropicSettings):
        return _anthropic(name, backend)
    if isinstance(backend, VertexSettings):
        return _vertex(name, backend)
    if isinstance(backend, OllamaSettings):
        return _ollama(name, backend)
    return _langserve(name, backend)


def limits_of(settings: Settings) -> dict[str, BackendLimits]:
    return {
        name: BackendLimits(
            provider=backend.type,
            timeout_s=backend.timeout_s,
            concurrency=backend.concurrency,
            queue=backend.queue,
            retries=RetryLimits(**backend.retries.model_dump()),
            breaker=BreakerLimits(**backend.breaker.model_dump()),
            hedge_after_s=backend.hedge_after_s,
            hedge_with=backend.hedge_with or "",
        )
        for name, backend in settings.backends.items()
        if not backend.missing_extra
    }


def _openai(name: str, backend: OpenAiSettings) -> Wire:
    from gateway.backends.openai import Azure, OpenAiModel, OpenAiWire

    azure = backend.azure
    model = OpenAiModel(
        base_url=backend.base_url or "",
        model=backend.model,
        api_key=backend.api_key,
        max_tokens=backend.max_tokens,
        structured_output=backend.structured_output,
        temperature=backend.temperature,
        extra_body=backend.extra_body,
        azure=Azure(azure.endpoint, azure.deployment, azure.api_version) if azure else None,
    )
    return OpenAiWire(name, model)


def _anthropic(name: str, backend: AnthropicSettings) -> Wire:
    from gateway.backends.anthropic import AnthropicWire

    return AnthropicWire(name, _anthropic_model(backend))


def _anthropic_model(backend: AnthropicSettings) -> AnthropicModel:
    from gateway.backends.anthropic import AnthropicModel, Auth

    return AnthropicModel(
        model=backend.model,
        base_url=backend.base_url,
        api_key=backend.api_key,
        version=backend.version,
        auth=Auth(backend.auth),
        max_tokens=backend.max_tokens,
        structured_output=backend.structured_output,
        caches_prompt=backend.prompt_caching,
        temperature=backend.temperature,
        effort=backend.effort,
        inference_geo=backend.region if backend.residency and not backend.on_premises else "",
    )


def watched_lives(settings: Settings) -> dict[str, tuple[AnthropicModel, Sender]]:
    """The models whose providers are asked how long they will live, each with a connection for it."""
    return {
        name: (_anthropic_model(backend), _sender(name, backend))
        for name, backend in settings.backends.items()
        if isinstance(backend, AnthropicSettings) and backend.watch_life
    }


def _sender(name: str, backend: OverHttp, on_first_byte: FirstByte | None = None) -> Sender:
    from gateway.backends.http import Sender
    from gateway.backends.transport import PooledTransport

    told = None if on_first_byte is None else partial(on_first_byte, name)
    return Sender(name, _deadlines(backend), PooledTransport(proxy=backend.proxy), told)


def _vertex(name: str, backend: VertexSettings) -> Wire:
    from gateway.backends.google_endpoint import GoogleEndpoint

    endpoint = GoogleEndpoint(backend.project, backend.location, backend.base_url, backend.api_version)
    return _vertex_claude(name, backend, endpoint) if backend.is_claude else _gemini(name, backend, endpoint)


def _gemini(name: str, backend: VertexSettings, endpoint: GoogleEndpoint) -> Wire:
    from gateway.backends.vertex import VertexModel, VertexWire

    model = VertexModel(
        endpoint=endpoint,
        model=backend.model,
        max_tokens=backend.max_tokens,
        structured_output=backend.structured_output,
        temperature=backend.temperature,
        thinking=backend.thinking,
        safety_threshold=backend.safety,
        quota_project=backend.quota_project,
        access_token=backend.access_token,
    )
    return VertexWire(name, model)


def _vertex_claude(name: str, backend: VertexSettings, endpoint: GoogleEndpoint) -> Wire:
    from gateway.backends.anthropic import AnthropicModel
    from gateway.backends.vertex_claude import VertexClaudeModel, VertexClaudeWire

    claude = AnthropicModel(
        model=backend.model,
        version=backend.version,
        max_tokens=backend.max_tokens,
        structured_output=backend.structured_output,
        caches_prompt=backend.prompt_caching,
        temperature=backend.temperature,
        effort=backend.effort,
    )
    return VertexClaudeWire(
        name, VertexClaudeModel(endpoint, claude, backend.quota_project, backend.access_token)
    )


def _google_credentials(backend: VertexSettings) -> Credentials | None:
    if backend.access_token:
        return None
    from gateway.backends.google_credentials import GoogleCredentials, GoogleTokens

    fetch = GoogleTokens(backend.credentials, backend.credentials_file, backend.proxy)
    return GoogleCredentials(fetch, monotonic)


def _ollama(name: str, backend: OllamaSettings) -> Wire:
    from gateway.backends.ollama import OllamaModel, OllamaWire

    model = OllamaModel(
        model=backend.model,
        base_url=backend.base_url,
        api_key=backend.api_key,
        max_tokens=backend.max_tokens,
        min_context=backend.min_context,
        max_context=backend.max_context,
        structured_output=backend.structured_output,
        temperature=backend.temperature,
        keep_alive=backend.keep_alive,
        think=backend.think,
        allow_remote=backend.allow_remote,
        checks_input=backend.check_input,
    )
    return OllamaWire(name, model)


def _langserve(name: str, backend: LangServeSettings) -> Wire:
    from gateway.backends.langserve import LangServeRunnable, LangServeWire
    from gateway.backends.runnables import InputForm

    runnable = LangServeRunnable(
        url=backend.url,
        input_form=InputForm(backend.input),
        streams=backend.mode == "stream",
        headers={"authorization": f"Bearer {backend.api_key}"} if backend.api_key else {},
    )
    return LangServeWire(name, runnable)


def _langchain(name: str, backend: LangChainSettings) -> Backend:
    from gateway.backends.answered import Configured
    from gateway.backends.langchain import LangChainBackend, load_runnable
    from gateway.backends.runnables import InputForm

    try:
        runnable = load_runnable(backend.runnable)
    except ValueError as error:
        raise ValueError(f"backends.{name}.runnable: {error}") from error
    return LangChainBackend(
        runnable,
        Configured(name, backend.model or backend.runnable, backend.region, _prompt_tokens(backend)),
        _deadlines(backend),
        InputForm(backend.input),
        streams=backend.mode == "stream",
    )


def _over_http(name: str, backend: OverHttp, on_first_byte: FirstByte | None) -> Backend:
    from gateway.backends.answered import Configured
    from gateway.backends.http_backend import HttpBackend

    sender = _sender(name, backend, on_first_byte)
    configured = Configured(name, backend.model, backend.region, _prompt_tokens(backend))
    credentials = _google_credentials(backend) if isinstance(backend, VertexSettings) else None
    return HttpBackend(_wire(name, backend), sender, configured, credentials)


def _deadlines(backend: StreamSettings) -> Deadlines:
    from gateway.backends.http import Deadlines

    comes_at_once = isinstance(backend, RunnableSettings) and backend.mode == "invoke"
    return Deadlines(
        connect_s=backend.connect_s if isinstance(backend, HttpSettings) else backend.timeout_s,
        first_byte_s=backend.timeout_s if comes_at_once else backend.first_byte_s,
        idle_s=backend.idle_s,
        total_s=backend.timeout_s,
    )


def _prompt_tokens(backend: BackendSettings) -> int | None:
    """What the model's context leaves for the prompt; None: nobody says how large it is."""
    if isinstance(backend, OllamaSettings):
        from gateway.backends.ollama import TEMPLATE_TOKENS

        return backend.max_context - backend.max_tokens - TEMPLATE_TOKENS
    if isinstance(backend, OpenAiSettings | AnthropicSettings | VertexSettings) and backend.context_tokens:
        return backend.context_tokens - backend.max_tokens
    if isinstance(backend, RunnableSettings):
        return backend.prompt_tokens
    return None
