"""The operator's limits, quotas and prices as the values that admission and spending work with."""

from collections.abc import Iterator
from datetime import tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.policy.limits import Limit, Per, Rate
from gateway.policy.quotas import Measure, Quota
from gateway.policy.windows import Unit
from gateway.settings.backends import AnyBackend, RunnableSettings
from gateway.settings.limits import LimitSettings, QuotaSettings
from gateway.settings.schema import Settings
from gateway.spending import BackendTerms

MILLION = 1_000_000
_UNBOUNDED_OUTPUT = 4096
"""Tokens that a runnable is taken to write, which takes no bound of ours."""

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def limits_at_the_door(settings: Settings) -> tuple[Limit, ...]:
    """Those that hold for a message of which no more is known than who sent it and where."""
    return tuple(limit_of(each) for each in settings.policy.limits if each.per != "model")


def spending_of(
    settings: Settings,
) -> tuple[tuple[Quota, ...], tzinfo, tuple[Limit, ...], dict[str, BackendTerms]]:
    """Quotas, the zone of their windows, the limits of models, what calls of backends come to."""
    return (
        tuple(quota for given in settings.policy.quotas for quota in quotas_of(given)),
        ZoneInfo(settings.gateway.time_zone),
        tuple(limit_of(each) for each in settings.policy.limits if each.per == "model"),
        {name: _terms(backend) for name, backend in settings.backends.items()},
    )


def limit_of(given: LimitSettings) -> Limit:
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


def quotas_of(given: QuotaSettings) -> Iterator[Quota]:
    """One for each measure."""
    for measure, text in (
        (Measure.REQUESTS, given.requests),
        (Measure.TOKENS, given.tokens),
        (Measure.COST, given.cost),
    ):
        if text is not None:
            number, _, unit = text.partition("/")
            yield Quota(
                id=given.id,
                per=Per(given.per),
                measure=measure,
                most=int(Decimal(number) * (MILLION if measure is Measure.COST else 1)),
                unit=Unit(unit),
                of=frozenset(given.of),
                warn_at=given.warn_at,
                is_denied_on_store_error=given.on_store_error == "deny",
            )


def _terms(backend: AnyBackend) -> BackendTerms:
    if backend.type == "extractive":
        return BackendTerms()
    price = backend.price
    return BackendTerms(
        input_price=price.input_per_million if price else 0,
        output_price=price.output_per_million if price else 0,
        most_output=_UNBOUNDED_OUTPUT if isinstance(backend, RunnableSettings) else backend.max_tokens,
    )
