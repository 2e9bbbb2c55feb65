"""Events of a stream that are the same bytes but for one string, read without parsing the rest again.

Servers write one for each token: hundreds of the same, in an answer of a page.
"""

import re

import orjson

_TRIES = 4
"""The first events differ from those that follow; what differs each time is not looked at for ever."""


class AlikeEvents:
    """Learns from an event that was parsed what those like it look like."""

    def __init__(self, key: str) -> None:
        """`key` is what the string stands under."""
        self._key = f'"{key}"'.encode()
        self._string = _string_at(key)
        self._before = self._after = b""
        self._around = 0
        self._tries = _TRIES

    def text_of(self, data: bytes) -> str | None:
        """The string of an event like the one that was learned; None: parse it."""
        if not self._around or len(data) < self._around:
            return None
        if not (data.startswith(self._before) and data.endswith(self._after)):
            return None
        try:
            # One string and nothing else: so what is around it means what it meant there.
            found = orjson.loads(b'"%b"' % data[len(self._before) : len(data) - len(self._after)])
        except orjson.JSONDecodeError:
            return None
        return found if isinstance(found, str) else None

    def learn(self, data: bytes, text: str) -> None:
        """From an event in which `text` is all that is not the same in others like it."""
        if not self._tries:
            return
        self._tries -= 1
        found = self._string.search(data)
        if found is None or data.count(self._key) != 1 or orjson.loads(b'"%b"' % found.group(1)) != text:
            return
        self._before, self._after = data[: found.start(1)], data[found.end(1) :]
        self._around = len(self._before) + len(self._after)


def _string_at(key: str) -> "re.Pattern[bytes]":
    """What stands between the quotes."""
    return re.compile(rb'"%b"\s*:\s*"((?:[^"\\]|\\.)*)"' % re.escape(key).encode())
