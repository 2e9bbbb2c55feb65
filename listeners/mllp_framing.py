"""MLLP framing without I/O: feed bytes, take whole HL7 v2 payloads.

Release 1 blocks, `VT payload FS CR` (HL7 v2 Transport Specification, MLLP R1). Encoding is strict,
decoding tolerates what real senders do wrong, and counts it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

VT = 0x0B
FS = 0x1C
CR = 0x0D
LF = 0x0A
_VT, _FS = bytes((VT,)), bytes((FS,))
_END = bytes((FS, CR))

HEAD_BYTES = 4096
"""Of a payload over the cap this much is kept: enough for its MSH segment."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One payload, or the head of one that was over the cap."""

    payload: bytes
    size: int
    """Bytes received; more than `len(payload)` when it was over the cap."""

    @property
    def is_oversize(self) -> bool:
        return self.size > len(self.payload)


@dataclass(slots=True)
class FramingCounts:
    """What a sender did wrong, since the connection was made."""

    dropped_bytes: int = 0
    """Outside any frame, line ends not counted."""
    abandoned_frames: int = 0
    """Broken off by the VT of the next one."""
    ends_without_cr: int = 0
    separators_in_payload: int = 0
    """FS followed by something that does not end a frame."""
    empty_frames: int = 0
    oversize_frames: int = 0


class FrameReader:
    """Bytes in, frames out, at any split of the stream. Memory is bounded by `max_payload_bytes`."""

    def __init__(self, max_payload_bytes: int = 16 * 1024 * 1024) -> None:
        self.counts = FramingCounts()
        self._max_payload_bytes = max_payload_bytes
        self._held = bytearray()
        self._size = 0
        self._in_frame = False
        self._at_separator = False

    @property
    def in_frame(self) -> bool:
        """A frame has begun and not ended."""
        return self._in_frame

    @property
    def may_have_ended(self) -> bool:
        """The last byte was FS: only the next byte, or silence, tells whether the frame is complete."""
        return self._at_separator

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield each frame that `data` completes. Empty frames are counted, not yielded."""
        at = 0
        if self._at_separator and data:
            self._at_separator = False
            at, frame = self._after_separator(data, 0)
            if frame is not None:
                yield frame
        while at < len(data):
            if not self._in_frame:
                at = self._seek_start(data, at)
                continue
            separator = data.find(_FS, at)
            stop = len(data) if separator < 0 else separator
            at = self._restart_within(data, at, stop)
            self._hold(data, at, stop)
            if separator < 0:
                return
            if stop + 1 == len(data):
                self._at_separator = True
                return
            at, frame = self._after_separator(data, stop + 1)
            if frame is not None:
                yield frame

    def end_by_silence(self) -> Iterator[Frame]:
        """Yield the frame whose FS was followed by nothing for as long as the caller cares to wait."""
        if self._at_separator:
            self._at_separator = False
            self.counts.ends_without_cr += 1
            frame = self._take()
            if frame is not None:
                yield frame

    def _seek_start(self, data: bytes, at: int) -> int:
        start = data.find(_VT, at)
        outside = data[at:] if start < 0 else data[at:start]
        if outside:
            self.counts.dropped_bytes += len(outside.strip(b"\r\n"))
        if start < 0:
            return len(data)
        self._in_frame = True
        return start + 1

    def _restart_within(self, data: bytes, at: int, stop: int) -> int:
        """A VT inside a frame: its sender gave up and began again. Never glue the two."""
        restart = data.rfind(_VT, at, stop)
        if restart < 0:
            return at
        self.counts.abandoned_frames += data.count(_VT, at, stop)
        self._forget()
        self._in_frame = True
        return restart + 1

    def _after_separator(self, data: bytes, at: int) -> tuple[int, Frame | None]:
        """Judge the byte after FS. Anything but CR, LF or VT means that FS stood inside the payload:
        to end there would acknowledge half a message."""
        following = data[at]
        if following == CR:
            return at + 1, self._take()
        if following in (VT, LF):
            self.counts.ends_without_cr += 1
            return at, self._take()
        self.counts.separators_in_payload += 1
        self._hold(_FS, 0, 1)
        return at, None

    def _hold(self, data: bytes, at: int, stop: int) -> None:
        self._size += stop - at
        if self._size <= self._max_payload_bytes:
            self._held += data[at:stop]
        elif len(self._held) < HEAD_BYTES:
            self._held += data[at : at + HEAD_BYTES - len(self._held)]
        else:
            del self._held[HEAD_BYTES:]

    def _take(self) -> Frame | None:
        size, payload = self._size, bytes(self._held)
        self._forget()
        if size > self._max_payload_bytes:
            self.counts.oversize_frames += 1
            return Frame(payload[:HEAD_BYTES], size)
        if not payload.strip():
            self.counts.empty_frames += 1
            return None
        return Frame(payload, size)

    def _forget(self) -> None:
        self._held = bytearray()
        self._size = 0
        self._in_frame = False


def framed(payload: bytes) -> bytes:
    """One MLLP block. Raises `ValueError` for a payload that would break the framing."""
    if VT in payload or FS in payload:
        raise ValueError("an MLLP payload holds neither VT nor FS")
    return b"%c%b%b" % (VT, payload, _END)
