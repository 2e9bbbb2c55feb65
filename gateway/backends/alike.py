"""Events of a stream that are the same bytes but for one string, read without parsing the rest again.

Servers write one for each token: hundreds of the same, in an answer of a page.
"""

import re
from functools import cache

import orjson

_TRIES = 4
"""The first events differ from those that follow; what differs each time is not looked at for ever."""

_LONGEST_BYTES = 4096
"""Of an event that is learned from: a longer one is no token's, and has nothing like it."""


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
        length = len(data)
        if not self._around or length < self._around:
            return None
        if not (data.startswith(self._before) and data.endswith(self._after)):
            return None
        try:
            # With the quotes that bound it. As long as it is one string, all around it means what it meant.
            text: str = orjson.loads(data[len(self._before) - 1 : length - len(self._after) + 1])
        except orjson.JSONDecodeError:
            return None
        return text

    def learn(self, data: bytes, text: str) -> None:
        """From an event in which `text` is all that is not the same in others like it."""
        if not self._tries or len(data) > _LONGEST_BYTES:
            return
        self._tries -= 1
        found = self._string.search(data)
        if found is None or data.count(self._key) != 1 or orjson.loads(found.group(1)) != text:
            return
        self._before, self._after = data[: found.start(1) + 1], data[found.end(1) - 1 :]
        self._around = len(self._before) + len(self._after)


@cache
def _string_at(key: str) -> "re.Pattern[bytes]":
    """A string with its quotes."""
    return re.compile(rb'"%b"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")' % re.escape(key).encode())
