"""What failed answers have in common whichever provider gave them: statuses, headers, codes. Pure."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from gateway.backends.failure import Cause

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}\Z")
_MOST_SECONDS = 24 * 3600.0

_CAUSES = {
    401: Cause.CREDENTIALS,
    402: Cause.SPEND_LIMIT,
    403: Cause.CREDENTIALS,
    404: Cause.UNKNOWN_MODEL,
    408: Cause.SERVER_ERROR,
    409: Cause.SERVER_ERROR,
    413: Cause.CONTEXT_EXCEEDED,
    425: Cause.SERVER_ERROR,
    429: Cause.RATE_LIMITED,
    503: Cause.OVERLOADED,
    529: Cause.OVERLOADED,
}


def cause_of_status(status: int) -> Cause:
    """Where the provider's own code says nothing better."""
    return _CAUSES.get(status) or (Cause.SERVER_ERROR if status >= 500 else Cause.BAD_REQUEST)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, at most a day: of `retry-after-ms`, else `retry-after` as seconds or as a date.

    A date is compared with the answer's own `date`, so that the two clocks need not agree.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    given = headers.get("retry-after", "")
    seconds = _number(given)
    if seconds is not None:
        return _bounded(seconds)
    try:
        wait = parsedate_to_datetime(given) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):  # TypeError: one of them names no zone
        return None
    return _bounded(wait.total_seconds())


def may_retry(headers: Mapping[str, str]) -> bool | None:
    """What the provider says itself by `x-should-retry`; None: nothing."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def plain_code(value: object) -> str:
    """A provider's code where it looks like one; empty for what might be a sentence that quotes us."""
    return value if isinstance(value, str) and _CODE.match(value) else ""


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number == number else None  # not NaN


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), _MOST_SECONDS)
