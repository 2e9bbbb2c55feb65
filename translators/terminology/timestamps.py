"""HL7 timestamps (v2 DT, TM, TS, DTM and CDA TS share one form) as ISO 8601, precision and offset as sent."""

import re

_CLOCK = r"([01]\d|2[0-3])(?:([0-5]\d)(?:([0-5]\d|60)(\.\d+)?)?)?"  # a leap second is the 60th
_ZONE = r"([+-]\d{4}|Z)?"
# YYYY[MM[DD[HH[MM[SS[.S+]]]]]][+/-ZZZZ]; HL7 v2.8.2 2A.3.22 DTM, CDA R2 TS literal form.
_TIMESTAMP = re.compile(
    rf"(?!0000)(\d{{4}})(?:(0[1-9]|1[0-2])(?:(0[1-9]|[12]\d|3[01])(?:{_CLOCK})?)?)?{_ZONE}", re.ASCII
)
_TIME = re.compile(_CLOCK + _ZONE, re.ASCII)


def to_iso(timestamp: str) -> str | None:
    """`20260314093015.5-0600` as `2026-03-14T09:30:15.5-06:00`; None when it is not a timestamp.

    Nothing is invented: no offset where none was sent, no time where only a date was, and an hour
    without minutes becomes `T09:00` only because ISO 8601 as FHIR uses it has no bare hour.
    """
    match = _TIMESTAMP.fullmatch(timestamp.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if day is None:
        return f"{year}-{month}" if month else year
    if hour is None:
        return f"{year}-{month}-{day}"
    return f"{year}-{month}-{day}T{_clock(hour, minute, second, fraction)}{_zone(offset)}"


def time_to_iso(time: str) -> str | None:
    """An HL7 TM value, `0930` as `09:30`; None when it is not one."""
    match = _TIME.fullmatch(time.strip())
    if match is None:
        return None
    hour, minute, second, fraction, offset = match.groups()
    return _clock(hour, minute, second, fraction) + _zone(offset)


def _clock(hour: str, minute: str | None, second: str | None, fraction: str | None) -> str:
    seconds = f":{second}{fraction or ''}" if second else ""
    return f"{hour}:{minute or '00'}{seconds}"


def _zone(offset: str | None) -> str:
    if not offset or offset == "Z":
        return offset or ""
    return f"{offset[:3]}:{offset[3:]}"
