"""The operator's limits as the values that admission works with."""

from gateway.policy.limits import Limit, Per, Rate
from gateway.settings.limits import LimitSettings
from gateway.settings.schema import Settings

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def limits_at_the_door(settings: Settings) -> tuple[Limit, ...]:
    """Those that hold for a message of which no more is known than who sent it and where."""
    return tuple(_limit(each) for each in settings.policy.limits if each.per != "model")


def limits_of_models(settings: Settings) -> tuple[Limit, ...]:
    return tuple(_limit(each) for each in settings.policy.limits if each.per == "model")


def _limit(given: LimitSettings) -> Limit:
    return Limit(
        id=given.id,
        per=Per(given.per),
        of=frozenset(given.of),
        rate=None if given.requests is None else _rate(given.requests, given.burst),
        concurrency=given.concurrency,
    )


def _rate(text: str, burst: int | None) -> Rate:
    number, _, unit = text.partition("/")
    return Rate(int(number), _SECONDS[unit], burst or int(number))
