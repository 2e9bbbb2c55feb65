"""`ehr-gateway usage`: every limit and quota, how far each partner, listener, key and model has used it.

What quotas count is on disk; what limits count, the running gateway is asked.
"""

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.commands.opened import opened
from gateway.commands.terminal import print_columns
from gateway.limits_in_use import ask
from gateway.pid_file import running_on
from gateway.policy.limits import Meter, Per, Use
from gateway.policy.quotas import Balance, Measure, Quotas
from gateway.settings import Settings, load
from gateway.settings.limits import LimitSettings
from gateway.settings.to_limits import MILLION, limit_of, spending_of
from gateway.store.quota_table import QuotaReader

_HEADING = ("ID", "PER", "WHO", "ALLOWED", "SPENT", "HELD", "LEFT", "RESETS AT")


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    per: str
    who: str
    """The partner, listener, key or model; `each`: of a limit that nobody has used so far."""
    allowed: str
    spent: float | None = None
    """None: it has none of it, or no gateway runs that counts it."""
    held: float | None = None
    """Of a limit: messages in work."""
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
    limits = settings.policy.limits
    uses = _uses(data_dir or settings.gateway.data_dir) if limits else None
    lines = [*_of_limits(settings, uses), *_of_quotas(settings, *reader)]
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


def _uses(data_dir: Path) -> tuple[Use, ...] | None:
    """What the running gateway says; None, and why, where it says nothing."""
    running = running_on(data_dir)
    why = f"no gateway runs on {data_dir}"
    if running is not None:
        why = f"the gateway on {data_dir} (pid {running.pid}) does not answer"
        try:
            uses = ask(data_dir, running)
        except PermissionError:
            uses, why = None, f"the gateway on {data_dir} runs as another user"
        if uses is not None:
            return uses
    print(f"{why}: how far limits are used is not known", file=sys.stderr)
    return None


def _of_limits(settings: Settings, uses: Sequence[Use] | None) -> Iterator[Line]:
    zone = ZoneInfo(settings.gateway.time_zone)
    named = {per.value: tuple(names) for per, names in _named(settings)}
    for limit in settings.policy.limits:
        if uses is None:
            for who in limit.of or ("each",):
                yield _limit_line(limit, who, None, zone)
            continue
        used = {each.who: each for each in uses if (each.limit, each.per) == (limit.id, limit.per)}
        for who in dict.fromkeys((*(limit.of or named.get(limit.per, ())), *used)) or ("each",):
            yield _limit_line(limit, who, used.get(who) or _unused(limit, who), zone)


def _unused(limit: LimitSettings, who: str) -> Use:
    return Meter(limit_of(limit), who).use(0.0)


def _limit_line(limit: LimitSettings, who: str, use: Use | None, zone: ZoneInfo) -> Line:
    allowed = [] if limit.requests is None else [limit.requests.replace("/", " requests/")]
    if limit.burst is not None:
        allowed.append(f"burst {limit.burst}")
    if limit.concurrency is not None:
        allowed.append(f"{limit.concurrency} at once")
    line = Line(limit.id, limit.per, who, ", ".join(allowed))
    if use is None:
        return line
    return replace(
        line,
        spent=use.spent,
        held=use.running,
        left=use.left,
        resets_at=_time(time.time() + use.full_in_s, zone) if use.full_in_s else "",
        warns=not use.left,
    )


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
