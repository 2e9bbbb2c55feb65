"""HL7 timestamps (v2 DT, TM, TS, DTM and CDA TS share one form) as ISO 8601, precision and offset as sent."""

import re

# YYYY[MM[DD[HH[MM[SS[.S+]]]]]][+/-ZZZZ]; HL7 v2.8.2 2A.3.22 DTM, CDA R2 TS literal form.
_TIMESTAMP = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d+)?)?)?)?)?)?([+-]\d{4}|Z)?", re.ASCII
)
_TIME = re.compile(r"(\d\d)(?:(\d\d)(?:(\d\d)(\.\d+)?)?)?([+-]\d{4}|Z)?", re.ASCII)


def to_iso(timestamp: str) -> str | None:
    """`20260314093015.5-0600` as `2026-03-14T09:30:15.5-06:00`; None when it is not a timestamp.

    Nothing is invented: no offset where none was sent, no time where only a date was, and an hour
    without minutes becomes `T09:00` only because ISO 8601 as FHIR uses it has no bare hour.
    """
    match = _TIMESTAMP.fullmatch(timestamp.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if not _in_range(month, 1, 12) or not _in_range(day, 1, 31) or year == "0000":
        return None
    if not _in_range(hour, 0, 23) or not _in_range(minute, 0, 59) or not _in_range(second, 0, 60):
        return None
    date = "-".join(part for part in (year, month, day) if part)
    if hour is None:
        return date
    return f"{date}T{_clock(hour, minute, second, fraction)}{_zone(offset)}"


def time_to_iso(time: str) -> str | None:
    """An HL7 TM value, `0930` as `09:30`; None when it is not one."""
    match = _TIME.fullmatch(time.strip())
    if match is None:
        return None
    hour, minute, second, fraction, offset = match.groups()
    if not _in_range(hour, 0, 23) or not _in_range(minute, 0, 59) or not _in_range(second, 0, 60):
        return None
    return _clock(hour, minute, second, fraction) + _zone(offset)


def _in_range(digits: str | None, low: int, high: int) -> bool:
    return digits is None or low <= int(digits) <= high


def _clock(hour: str, minute: str | None, second: str | None, fraction: str | None) -> str:
    seconds = f":{second}{fraction or ''}" if second else ""
    return f"{hour}:{minute or '00'}{seconds}"


def _zone(offset: str | None) -> str:
    if not offset or offset == "Z":
        return offset or ""
    return f"{offset[:3]}:{offset[3:]}"
