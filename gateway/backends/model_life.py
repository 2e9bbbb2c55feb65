"""What Anthropic says of the life of a model (`GET /v1/models/{id}`): format both ways, pure."""

from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from gateway.backends.answer_json import json_or_none
from gateway.backends.anthropic import AnthropicModel, key_header
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.wire import Call
from gateway.values import carrier

STAGES = ("active", "deprecated", "retired")


@carrier
class ModelLife:
    stage: str
    """One of `STAGES`."""
    retires: date | None = None

    @property
    def is_ending(self) -> bool:
        return self.stage != "active" or self.retires is not None


def life_call(model: AnthropicModel) -> Call:
    """Without anything of a request."""
    return Call(
        f"{model.base_url.rstrip('/')}/v1/models/{quote(model.model, safe='')}",
        {"accept": "application/json", "anthropic-version": model.version, **key_header(model)},
        b"",
        method="GET",
    )


def read_life(status: int, body: bytes) -> ModelLife:
    """Raises `BackendFailure` for an answer that does not tell."""
    found: Any = json_or_none(body)
    if status != 200 or not isinstance(found, dict) or found.get("lifecycle") not in STAGES:
        raise BackendFailure(Cause.GARBLED, f"HTTP {status} tells nothing of a model's life")
    retires = found.get("retires_at")
    return ModelLife(str(found["lifecycle"]), _day(retires) if isinstance(retires, str) else None)


def _day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
