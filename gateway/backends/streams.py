"""A provider's answer cut into events, on bytes and without I/O: SSE, NDJSON, or one whole body.

Lines end at LF, CR or CRLF and nowhere else: `str.splitlines` and httpx's `iter_lines` also break at
U+2028, U+2029 and U+0085, which JSON may hold as they are.
"""

from collections.abc import Sequence
from typing import Protocol

from gateway.backends.wire import Framing, StreamEvent

MOST_EVENT_BYTES = 1024 * 1024
MOST_ANSWER_BYTES = 8 * 1024 * 1024

_BOM = b"\xef\xbb\xbf"


class AnswerTooLarge(Exception):
    """An event or the whole answer is larger than any summary can be."""


_PING = b"event: ping"
_PING_LINES = (b"event:ping", b'data:{"type":"ping"}')


def is_heartbeat(piece: bytes) -> bool:
    """Only blank lines, comments of SSE and Anthropic's pings: the connection lives, and nothing is said
    of the model."""
    if piece[:1] not in b":\r\n" and not piece.startswith(_PING):
        return False
    return all(line[:1] in b":" or line.replace(b" ", b"") in _PING_LINES for line in piece.splitlines())


class Splitter(Protocol):
    def feed(self, data: bytes) -> Sequence[StreamEvent]:
        """The events that `data` completes. Raises `AnswerTooLarge`."""
        ...

    def end(self) -> Sequence[StreamEvent]:
        """After the last byte: what was begun and not ended. It may have been cut anywhere."""
        ...


def splitter(
    framing: Framing, most_event_bytes: int = MOST_EVENT_BYTES, most_bytes: int = MOST_ANSWER_BYTES
) -> Splitter:
    if framing is Framing.SSE:
        return SseSplitter(most_event_bytes, most_bytes)
    if framing is Framing.NDJSON:
        return NdjsonSplitter(most_event_bytes, most_bytes)
    return WholeSplitter(most_bytes)


class LineSplitter:
    """Lines without their ends, in whatever pieces the bytes come."""

    def __init__(self, most_line_bytes: int, most_bytes: int) -> None:
        self._most_line_bytes = most_line_bytes
        self._left = most_bytes
        self._open = bytearray()
        self._after_cr = False  # an LF that follows belongs to the line end that was seen already

    def feed(self, data: bytes) -> list[bytes]:
        self._left -= len(data)
        if self._left < 0:
            raise AnswerTooLarge
        if self._after_cr and data.startswith(b"\n"):
            data = data[1:]
            self._after_cr = False
        if not data:
            return []
        self._after_cr = data.endswith(b"\r")
        may_be_too_long = len(self._open) + len(data) > self._most_line_bytes
        lines = data.splitlines()  # of bytes: LF, CR and CRLF only
        if self._open:
            self._open += lines[0]
            lines[0] = bytes(self._open)
            self._open.clear()
        if not data.endswith((b"\n", b"\r")):
            self._open += lines.pop()
        if may_be_too_long and max(len(self._open), *map(len, lines), 0) > self._most_line_bytes:
            raise AnswerTooLarge
        return lines

    def end(self) -> bytes:
        """The last line, if it has no end."""
        line = bytes(self._open)
        self._open.clear()
        return line


class SseSplitter:
    """Events of `text/event-stream` (WHATWG HTML, 9.2.6), and the lines that are none.

    An event without data is handed on too: LangServe's `end` has none. So are runs of lines that are no
    SSE field, as one event with `is_stray`: Vertex writes the JSON of an error between the events.
    """

    def __init__(self, most_event_bytes: int, most_bytes: int) -> None:
        self._lines = LineSplitter(most_event_bytes, most_bytes)
        self._most_event_bytes = most_event_bytes
        self._name = ""
        self._data: list[bytes] = []
        self._stray: list[bytes] = []
        self._event_bytes = 0
        self._is_first_line = True

    def feed(self, data: bytes) -> Sequence[StreamEvent]:
        return self._events(self._lines.feed(data))

    def end(self) -> Sequence[StreamEvent]:
        last = self._lines.end()
        return self._events([last, b""] if last else [b""])

    def _events(self, lines: list[bytes]) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        if lines and self._is_first_line:
            self._is_first_line = False
            lines[0] = lines[0].removeprefix(_BOM)
        for line in lines:
            if line:
                self._read(line)
            elif self._event_bytes:
                self._hand_on(events)
        return events

    def _read(self, line: bytes) -> None:
        if line.startswith(b"data:"):
            self._data.append(line[6:] if line[5:6] == b" " else line[5:])
        elif not self._read_field(line):
            return
        self._event_bytes += len(line)
        if self._event_bytes > self._most_event_bytes:
            raise AnswerTooLarge

    def _read_field(self, line: bytes) -> bool:
        """Another than data. False for what is no part of an event, as comments: they have no name."""
        name, _, value = line.partition(b":")
        if name in (b"", b"id", b"retry"):
            return False
        if name == b"data":  # and no more: an empty line of it
            self._data.append(b"")
        elif name == b"event":
            self._name = value.removeprefix(b" ").decode("utf-8", "replace")
        else:
            self._stray.append(line)
        return True

    def _hand_on(self, events: list[StreamEvent]) -> None:
        self._event_bytes = 0
        if self._data or self._name:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            events.append(StreamEvent(self._name, data))
            self._data.clear()
            self._name = ""
        if self._stray:
            events.append(StreamEvent("", b"\n".join(self._stray), is_stray=True))
            self._stray.clear()


class NdjsonSplitter:
    """One event a line."""

    def __init__(self, most_event_bytes: int, most_bytes: int) -> None:
        self._lines = LineSplitter(most_event_bytes, most_bytes)

    def feed(self, data: bytes) -> Sequence[StreamEvent]:
        return [StreamEvent("", line) for line in self._lines.feed(data) if line.strip()]

    def end(self) -> Sequence[StreamEvent]:
        line = self._lines.end()
        return [StreamEvent("", line)] if line.strip() else []


class WholeSplitter:
    """The body is one event, complete at its end."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._body = bytearray()

    def feed(self, data: bytes) -> Sequence[StreamEvent]:
        self._body += data
        if len(self._body) > self._most_bytes:
            raise AnswerTooLarge
        return ()

    def end(self) -> Sequence[StreamEvent]:
        return [StreamEvent("", bytes(self._body))]
