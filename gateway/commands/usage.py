"""`ehr-gateway usage`: every limit and quota, how far each partner, listener, key and model has used it."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.commands.opened import opened
from gateway.commands.terminal import print_columns
from gateway.policy.limits import Per
from gateway.policy.quotas import Balance, Measure, Quotas
from gateway.settings import Settings, load
from gateway.settings.limits import LimitSettings
from gateway.settings.to_limits import MILLION, spending_of
from gateway.store.quota_table import QuotaReader

_HEADING = ("ID", "PER", "WHO", "ALLOWED", "SPENT", "HELD", "LEFT", "RESETS AT")


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    per: str
    who: str
    """The partner, listener, key or model; `each` for a limit, which counts every one by itself."""
    allowed: str
    spent: float | None = None
    """None: of a limit, which only the running gateway counts, in memory."""
    held: float | None = None
    left: float | None = None
    began_at: str = ""
    resets_at: str = ""
    warns: bool = False


def usage(config: Path, data_dir: Path | None, partner: str, *, as_json: bool) -> int:
    """Exit code. Reads beside a running gateway; without a store, nothing was spent."""
    reader = opened(config, data_dir, _reader_if_there)
    if reader is None:
        return os.EX_NOINPUT
    settings = load(config)[0]
    lines = [*_of_limits(settings.policy.limits), *_of_quotas(settings, *reader)]
    if partner:
        lines = [each for each in lines if each.per == Per.PARTNER and each.who in (partner, "each")]
    if as_json:
        print(json.dumps([asdict(each) for each in lines], indent=2))
    elif lines:
        print_columns([_HEADING, *map(_cells, lines)])
    else:
        print("no limits, no quotas")
    return os.EX_OK


def _reader_if_there(data_dir: Path) -> tuple[QuotaReader | None]:
    try:
        return (QuotaReader.of(data_dir),)
    except FileNotFoundError:
        return (None,)


def _of_limits(limits: Iterable[LimitSettings]) -> Iterator[Line]:
    for limit in limits:
        allowed = [] if limit.requests is None else [f"{limit.requests.replace('/', ' requests/')}"]
        if limit.burst is not None:
            allowed.append(f"burst {limit.burst}")
        if limit.concurrency is not None:
            allowed.append(f"{limit.concurrency} at once")
        for who in limit.of or ("each",):
            yield Line(limit.id, limit.per, who, ", ".join(allowed))


def _of_quotas(settings: Settings, reader: QuotaReader | None) -> Iterator[Line]:
    given, zone, _, _ = spending_of(settings)
    quotas, now = Quotas(given, zone), time.time()
    for per, names in _named(settings):
        for name in names:
            quotas.of(((per, name),))
    if reader is not None:
        quotas.restore(reader.spent(), reader.holds(), now)
    order = {quota: place for place, quota in enumerate(given)}
    for balance in sorted(quotas.balances(now), key=lambda each: (order[each.quota], each.subject)):
        yield _line(balance, ZoneInfo(settings.gateway.time_zone))


def _named(settings: Settings) -> tuple[tuple[Per, Iterable[str]], ...]:
    """All that can be counted and have names in the file; keys are shown once they were used."""
    return (
        (Per.PARTNER, settings.partners),
        (Per.LISTENER, [listener.name for listener in settings.listeners]),
        (Per.MODEL, settings.models),
    )


def _line(balance: Balance, zone: ZoneInfo) -> Line:
    quota = balance.quota
    unit = MILLION if quota.measure is Measure.COST else 1

    def shown(amount: int) -> float:
        return amount / unit if unit > 1 else amount

    return Line(
        id=quota.id,
        per=quota.per.value,
        who=balance.subject,
        allowed=f"{shown(quota.most):.15g} {quota.measure}/{quota.unit}",
        spent=shown(balance.spent),
        held=shown(balance.held),
        left=shown(balance.left),
        began_at=_time(balance.began_at, zone),
        resets_at=_time(balance.ends_at, zone),
        warns=balance.is_near_its_end,
    )


def _time(seconds: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).isoformat(timespec="minutes")


def _cells(line: Line) -> tuple[str, ...]:
    amounts = ["-" if each is None else f"{each:.15g}" for each in (line.spent, line.held, line.left)]
    amounts[2] += " !" if line.warns else ""
    return (line.id, line.per, line.who, line.allowed, *amounts, line.resets_at or "-")
