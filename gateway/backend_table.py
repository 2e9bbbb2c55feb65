"""Which code serves which type of backend in the operator's file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.attempts.limits import BackendLimits, BreakerLimits, RetryLimits
from gateway.backends.extractive import ExtractiveBackend
from gateway.interfaces import Backend
from gateway.settings import Settings
from gateway.settings.backends import HttpSettings, OpenAiSettings

if TYPE_CHECKING:
    from gateway.backends.http_backend import Credentials
    from gateway.backends.wire import Wire


def backends_of(settings: Settings) -> dict[str, Backend]:
    """A new backend is one row here and one file in `gateway/backends`.

    What a row needs is imported in its own function: httpx alone costs a tenth of a second at the start.
    """
    backends: dict[str, Backend] = {}
    for name, backend in settings.backends.items():
        if backend.type == "extractive":
            backends[name] = ExtractiveBackend(name)
        elif isinstance(backend, OpenAiSettings):
            backends[name] = _over_http(name, backend, backend.model, _openai(name, backend))
    return backends


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
        azure=Azure(azure.endpoint, azure.deployment, azure.api_version) if azure else None,
    )
    return OpenAiWire(name, model)


def _over_http(
    name: str, backend: HttpSettings, model: str, wire: Wire, credentials: Credentials | None = None
) -> Backend:
    from gateway.backends.answered import Configured
    from gateway.backends.http import Deadlines, Sender
    from gateway.backends.http_backend import HttpBackend

    deadlines = Deadlines(
        connect_s=backend.connect_s,
        first_byte_s=backend.first_byte_s,
        idle_s=backend.idle_s,
        total_s=backend.timeout_s,
    )
    configured = Configured(backend=name, model=model, region=backend.region)
    return HttpBackend(wire, Sender(name, deadlines), configured, credentials)
