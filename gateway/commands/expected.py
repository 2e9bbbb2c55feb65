"""Replies held against expected ones, without what differs from run to run: our ids, the revision of the
policy, and the present time.

An expected file holds the reply in this comparable form, so that it can be read and reviewed.
"""

import base64
import binascii
import difflib
import json
import re
from datetime import datetime, timedelta

_CHANGING = (
    (
        re.compile(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"),
        "<uuid>",
    ),
    (re.compile(r"\b01[0-9A-HJKMNP-TV-Z]{16}[A-Z]{0,2}\b"), "<id>"),
    (re.compile(r"\bhttps?://(?:127\.0\.0\.1|localhost):\d+"), "<address>"),
    (re.compile(r"(?<=/policy/)[0-9a-f]{12}\b"), "<revision>"),  # another operator's file, the same answer
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d UTC\b"), "<time>"),  # when the summary was made
    (re.compile(r"\b\d{1,2}-year-old\b"), "<age>"),  # of today, where no encounter gives the day
)
_TIMESTAMP = re.compile(
    r"\b(\d{4})-?(\d\d)-?(\d\d)T?(\d\d):?(\d\d):?(\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?(?![\d.])"
)
_SLACK = timedelta(seconds=10)
_CARRIED = re.compile(r"(<[\w:]*Document(?:\s[^>]*)?>)([A-Za-z0-9+/=\s]{200,})(</)")


def comparable(reply: bytes, until: datetime) -> str:
    """The reply's segments, indented JSON, or elements, one a line, ended by LF.

    The latest time in it that is not after `until` is taken for the time at which it was made: that one,
    and those within seconds of it, become `<time>`. Every other time is content and stays. (It need not be
    the present: a message sent again gets the reply of the first time.)
    """
    text = reply.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    if text.lstrip().startswith("{"):
        text = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    elif text.lstrip().startswith("<"):
        text = re.sub(r">\s*<", ">\n<", _CARRIED.sub(_opened, text))
    for pattern, mark in _CHANGING:
        text = pattern.sub(mark, text)
    times = [time for match in _TIMESTAMP.finditer(text) if (time := _time(match))]
    made_at = max((time for time in times if time <= until + _SLACK), default=until)

    def without_present(match: re.Match[str]) -> str:
        time = _time(match)
        return "<time>" if time and abs(time - made_at) <= _SLACK else match[0]

    text = _TIMESTAMP.sub(without_present, text)
    return "".join(line.rstrip() + "\n" for line in text.split("\n") if line.strip())


def difference(expected: str, got: str) -> list[str]:
    """Lines of a unified diff; empty when both are the same."""
    return list(
        difflib.unified_diff(
            expected.splitlines(), got.splitlines(), "expected", "received", lineterm="", n=1
        )
    )


def _opened(match: re.Match[str]) -> str:
    """A document that was carried in base64, as text."""
    try:
        carried = base64.b64decode(match[2]).decode("utf-8", "replace")
    except binascii.Error:
        return match[0]
    return f"{match[1]}\n{carried}\n{match[3]}"


def _time(match: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second, zone = match.groups()
    offset = "+00:00" if zone in (None, "Z") else f"{zone[:3]}:{zone[-2:]}"
    try:
        return datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second}{offset}")
    except ValueError:
        return None
