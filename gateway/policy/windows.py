"""Minutes, hours, days and months on the wall clock of a time zone. Pure."""

from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum


class Unit(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


def window_at(unit: Unit, now: float, zone: tzinfo) -> tuple[float, float]:
    """Its first moment and the first after it, in seconds since 1970. A day may have 23 hours, or 25."""
    local = datetime.fromtimestamp(now, zone)
    if unit is Unit.MINUTE:
        began_at = now - local.second - local.microsecond / 1e6
        return round(began_at), round(began_at) + 60
    if unit is Unit.HOUR:
        began_at = now - local.minute * 60 - local.second - local.microsecond / 1e6
        return round(began_at), round(began_at) + 3600
    if unit is Unit.DAY:
        return _midnight(local.date(), zone), _midnight(local.date() + timedelta(days=1), zone)
    first = local.date().replace(day=1)
    return _midnight(first, zone), _midnight((first + timedelta(days=31)).replace(day=1), zone)


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime.combine(day, time(), zone).timestamp()
