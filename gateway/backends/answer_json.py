"""Reading what a provider sent, whatever its shape: only `object_of` raises, a wrong type reads as absent."""

from collections.abc import Mapping, Sequence

import orjson

from gateway.backends.failed_answers import plain_code
from gateway.backends.failure import BackendFailure, Cause

Json = Mapping[str, object]


def object_of(data: bytes, what: str) -> Json:
    """Raises `BackendFailure(GARBLED)` unless `data` is one JSON object."""
    found = json_or_none(data)
    if not isinstance(found, dict):
        raise BackendFailure(Cause.GARBLED, f"{what} is not a JSON object")
    return found


def json_or_none(data: bytes) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


def at(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def object_at(value: object, *keys: str) -> Json:
    found = at(value, *keys)
    return found if isinstance(found, dict) else {}


def list_at(value: object, *keys: str) -> Sequence[object]:
    found = at(value, *keys)
    return found if isinstance(found, list) else ()


def text_at(value: object, *keys: str) -> str:
    found = at(value, *keys)
    return found if isinstance(found, str) else ""


def code_at(value: object, *keys: str) -> str:
    """A provider's own code; empty for what may be a sentence that quotes us."""
    return plain_code(at(value, *keys))


def count_at(value: object, *keys: str) -> int:
    found = at(value, *keys)
    return found if isinstance(found, int) and found > 0 else 0
