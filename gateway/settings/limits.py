"""What may stand under `policy.limits` and `policy.quotas`."""

from typing import Literal, Self, TypeVar

from pydantic import Field, model_validator

from gateway.settings.strict import Name, Strict

_Given = TypeVar("_Given", bound="LimitSettings | QuotaSettings")
_AMOUNT = r"^[1-9][0-9]*/(minute|hour|day|month)$"


class LimitSettings(Strict):
    id: Name
    per: Literal["partner", "listener", "key", "model"]
    of: tuple[Name, ...] = ()
    """The partners, listeners or models that it is for; empty: each, counted by itself."""
    requests: str | None = Field(None, pattern=r"^[1-9][0-9]*/(second|minute|hour|day)$")
    burst: int | None = Field(None, ge=1)
    """So many may come at once after a pause; without it, as many as `requests` says."""
    concurrency: int | None = Field(None, ge=1)
    """Messages in work at once."""

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.requests is None and self.concurrency is None:
            raise ValueError("needs requests, concurrency or both")
        if self.burst is not None and self.requests is None:
            raise ValueError("burst is of requests")
        return _of_names(self)


class QuotaSettings(Strict):
    """All that is given must hold. Minutes, hours, days and months are those of `gateway.time_zone`."""

    id: Name
    per: Literal["partner", "listener", "key", "model"]
    of: tuple[Name, ...] = ()
    requests: str | None = Field(None, pattern=_AMOUNT)
    """Summaries that were asked of a model."""
    tokens: str | None = Field(None, pattern=_AMOUNT)
    """Read and written."""
    cost: str | None = Field(None, pattern=r"^[0-9]+(\.[0-9]{1,6})?/(minute|hour|day|month)$")
    """In the currency of the backends' prices."""
    warn_at: float = Field(0.8, gt=0, le=1)
    """The share of the quota from which on it warns."""
    on_store_error: Literal["deny", "allow"] = "deny"
    """While what was spent cannot be written down."""

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.requests is None and self.tokens is None and self.cost is None:
            raise ValueError("needs requests, tokens, cost or several of them")
        return _of_names(self)


def _of_names(given: _Given) -> _Given:
    if given.of and given.per == "key":
        raise ValueError("of names partners, listeners or models; keys have no names here")
    return given
