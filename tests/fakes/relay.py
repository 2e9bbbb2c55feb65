"""A relay that gives a Vertex URL the form of the Gemini API and passes every other byte on as it is."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_VERTEX_PATH = re.compile(rb"\A(POST )/v1/projects/[^ ]+?/models/")


@asynccontextmanager
async def gemini_relay(port: int, path: bytes) -> AsyncIterator[str]:
    """The URL of a relay to `port`, where models stand below `path`. It expects that a request begins a
    read, as it does where none is sent before the answer to the last."""
    open_connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_connections.add(task)
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(
                _copy(reader, upstream_writer, lambda part: _VERTEX_PATH.sub(rb"\1" + path, part)),
                _copy(upstream_reader, writer, bytes),
            )
        except OSError:
            writer.close()
        finally:
            open_connections.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in open_connections:
            task.cancel()
        await asyncio.gather(*open_connections, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change) -> None:  # type: ignore[no-untyped-def]
    try:
        while part := await reader.read(65536):
            writer.write(change(part))
            await writer.drain()
    finally:
        writer.close()
