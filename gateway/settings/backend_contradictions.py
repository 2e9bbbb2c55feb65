"""What the keys of one backend say of one another. Reads plain values of any shape."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from gateway.prompt.tokens import LEAST_PROMPT_TOKENS
from gateway.settings.backends import ANTHROPIC_URL
from gateway.settings.file import Path as KeyPath
from gateway.settings.strict import LOOPBACK_HOSTS

Contradiction = tuple[KeyPath, str]


def of_backend(here: KeyPath, backend: object) -> Iterator[Contradiction]:
    """Each with the path at which it is to be mended."""
    if not isinstance(backend, dict):
        return
    yield from _room(here, backend)
    kind = backend.get("type")
    if kind == "anthropic":
        yield from _anthropic(here, backend)
    elif kind == "vertex":
        yield from _vertex(here, backend)
    elif kind == "ollama":
        yield from _ollama(here, backend)


def in_production(here: KeyPath, backend: object) -> Iterator[Contradiction]:
    """A patient's record and our key are sent to it."""
    if not isinstance(backend, dict):
        return
    azure = backend.get("azure")
    places = {(*here, key): backend.get(key) for key in ("base_url", "url")}
    places[(*here, "azure", "endpoint")] = azure.get("endpoint") if isinstance(azure, dict) else None
    for path, url in places.items():
        if isinstance(url, str) and url.startswith("http://") and not _is_loopback(url):
            yield path, "must be https off loopback in production"


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname
    except ValueError:  # brackets that do not match
        return False
    return host in LOOPBACK_HOSTS


def _anthropic(here: KeyPath, backend: Mapping[str, Any]) -> Iterator[Contradiction]:
    if backend.get("base_url", ANTHROPIC_URL) == ANTHROPIC_URL and backend.get("api_key") is None:
        yield (*here, "api_key"), f"is missing: {ANTHROPIC_URL} answers nobody without"
    yield from _sampling(here, backend)


def _vertex(here: KeyPath, backend: Mapping[str, Any]) -> Iterator[Contradiction]:
    if backend.get("location") == "global" and backend.get("residency", True) is not False:
        yield (*here, "location"), "global is no promise of residency: name a region, or say residency: false"
    if backend.get("access_token") is not None and backend.get("credentials_file") is not None:
        yield (*here, "access_token"), "stands in place of credentials_file: give one of them"
    if str(backend.get("model")).startswith("claude"):
        yield from _sampling(here, backend)


def _sampling(here: KeyPath, backend: Mapping[str, Any]) -> Iterator[Contradiction]:
    if backend.get("temperature") is not None and str(backend.get("version")) != "2023-06-01":
        yield (*here, "temperature"), "is refused from version 2026-10-21 on: leave it out, or say 2023-06-01"


def _ollama(here: KeyPath, backend: Mapping[str, Any]) -> Iterator[Contradiction]:
    allows_remote = backend.get("allow_remote") is True
    if str(backend.get("model")).endswith(("-cloud", ":cloud")) and not allows_remote:
        yield (*here, "model"), "is a cloud model, content would leave for ollama.com: say allow_remote: true"
    if allows_remote and backend.get("on_premises") is True:
        yield (*here, "allow_remote"), "contradicts on_premises: a remote model does not stand there"
    smallest, largest = backend.get("min_context", 8192), backend.get("max_context", 32768)
    if isinstance(smallest, int) and isinstance(largest, int) and smallest > largest:
        yield (*here, "min_context"), "is more than max_context"
    answer = backend.get("max_tokens", 1500)
    if isinstance(largest, int) and isinstance(answer, int) and _is_too_small(largest, answer):
        yield (*here, "max_tokens"), f"leaves no room for a record in a context of {largest} tokens"


def _room(here: KeyPath, backend: Mapping[str, Any]) -> Iterator[Contradiction]:
    whole, answer = backend.get("context_tokens"), backend.get("max_tokens", 1500)
    if isinstance(whole, int) and isinstance(answer, int) and _is_too_small(whole, answer):
        yield (*here, "context_tokens"), f"leaves no room for a record beside an answer of {answer} tokens"


def _is_too_small(context_tokens: int, answer_tokens: int) -> bool:
    left = context_tokens - answer_tokens
    return left < answer_tokens or left < LEAST_PROMPT_TOKENS
