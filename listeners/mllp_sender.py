"""The other direction of MLLP: one kept connection to a partner, one message at a time."""

import asyncio
import contextlib
from dataclasses import dataclass

from gateway.errors import ErrorKind, GatewayError
from listeners.mllp_framing import FrameReader, framed


@dataclass(frozen=True, slots=True)
class SenderTimeouts:
    """Seconds."""

    connect_s: float = 10
    answer_s: float = 30


class MllpSender:
    """Sends payloads to one address. Never sends a payload twice by itself: that is its caller's choice."""

    def __init__(self, host: str, port: int, timeouts: SenderTimeouts | None = None) -> None:
        self._host = host
        self._port = port
        self._timeouts = timeouts or SenderTimeouts()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def exchange(self, payload: bytes) -> bytes:
        """The answer to `payload`. Raises `BACKEND_UNAVAILABLE` when it cannot have arrived, and
        `BACKEND_TIMEOUT` when it may have, but no answer came."""
        reader, writer = await self._connected()
        frames = FrameReader()
        try:
            async with asyncio.timeout(self._timeouts.answer_s):
                writer.write(framed(payload))
                await writer.drain()
                while True:
                    received = await reader.read(65536)
                    if not received:
                        raise ConnectionResetError("closed")
                    for frame in frames.feed(received):
                        return frame.payload
        except (OSError, TimeoutError) as error:
            # What comes late on this connection would be taken for the answer to the next message.
            await self.close()
            raise GatewayError(ErrorKind.BACKEND_TIMEOUT, f"no answer: {type(error).__name__}") from error

    async def close(self) -> None:
        if self._streams is not None:
            _, writer = self._streams
            self._streams = None
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is not None and self._streams[0].at_eof():
            await self.close()  # the partner hung up while nothing was to be said
        if self._streams is None:
            try:
                async with asyncio.timeout(self._timeouts.connect_s):
                    self._streams = await asyncio.open_connection(self._host, self._port)
            except (OSError, TimeoutError) as error:
                raise GatewayError(
                    ErrorKind.BACKEND_UNAVAILABLE, f"cannot connect: {type(error).__name__}"
                ) from error
        return self._streams
