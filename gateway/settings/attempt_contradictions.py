"""What the keys about retries, breakers and second calls say of one another."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from gateway.settings.file import Path as KeyPath
from gateway.settings.schema import Settings

Contradiction = tuple[KeyPath, str]

_OF_CALLS = frozenset(
    {"concurrency", "queue", "retries", "breaker", "hedge_after_s", "hedge_with", "timeout_s"}
)


def of_attempts(here: KeyPath, backend: object, backends: object) -> Iterator[Contradiction]:
    """Of one backend; reads plain values of any shape."""
    if not isinstance(backend, dict):
        return
    yield from _grows(here, backend, "retries", "first_wait_s", "longest_wait_s")
    yield from _grows(here, backend, "breaker", "open_s", "longest_open_s")
    after_s, other = backend.get("hedge_after_s"), backend.get("hedge_with")
    if other is not None and after_s is None:
        yield (*here, "hedge_after_s"), "is needed with hedge_with"
    if isinstance(other, str) and isinstance(backends, dict) and other not in backends:
        yield (*here, "hedge_with"), f"there is no backend {other}"
    timeout_s = backend.get("timeout_s")
    if _is_number(after_s) and _is_number(timeout_s) and after_s >= timeout_s:
        yield (*here, "hedge_after_s"), "is not before timeout_s: no second call would ever begin"


def attempts_without_effect(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    for name, backend in settings.backends.items():
        if backend.type == "extractive":
            for key in sorted(_OF_CALLS & backend.model_fields_set):
                yield ("backends", name, key), "has no effect: this backend runs within the gateway"
    for alias, model in settings.models.items():
        for number, version in model.versions.items():
            named = [*(target.backend for target in version.targets), *version.fallback]
            for name in named:
                other = settings.backends[name].hedge_with
                if other is not None and other not in named:
                    path = ("models", alias, "versions", number)
                    yield path, f"names {name} without {other}: no second call goes to it here"


def _grows(
    here: KeyPath, backend: Mapping[str, Any], key: str, first: str, longest: str
) -> Iterator[Contradiction]:
    given = backend.get(key)
    if not isinstance(given, dict):
        return
    begin, end = given.get(first), given.get(longest)
    if _is_number(begin) and _is_number(end) and begin > end:
        yield (*here, key, longest), f"is less than {first}"


def _is_number(given: object) -> TypeGuard[float]:
    return isinstance(given, int | float) and not isinstance(given, bool)
