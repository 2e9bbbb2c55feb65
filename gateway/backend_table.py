"""Which code serves which type of backend in the operator's file."""

from gateway.attempts.limits import BackendLimits, BreakerLimits, RetryLimits
from gateway.backends.extractive import ExtractiveBackend
from gateway.interfaces import Backend
from gateway.settings import Settings
from gateway.settings.backends import OpenAiSettings


def backends_of(settings: Settings) -> dict[str, Backend]:
    """A new backend is one row here and one file in `gateway/backends`."""
    backends: dict[str, Backend] = {}
    for name, backend in settings.backends.items():
        if backend.type == "extractive":
            backends[name] = ExtractiveBackend(name)
        elif isinstance(backend, OpenAiSettings):
            backends[name] = _openai(name, backend)
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


def _openai(name: str, backend: OpenAiSettings) -> Backend:
    from gateway.backends.http import JsonSender  # a tenth of a second that only its users pay
    from gateway.backends.openai import OpenAiBackend, OpenAiModel

    model = OpenAiModel(
        base_url=backend.base_url,
        model=backend.model,
        api_key=backend.api_key,
        max_tokens=backend.max_tokens,
        structured_output=backend.structured_output,
        region=backend.region,
        timeout_s=backend.timeout_s,
    )
    return OpenAiBackend(name, model, JsonSender(name))
