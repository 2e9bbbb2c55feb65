"""One HTTP client a backend: httpx as the interface, aiohttp's connections beneath.

httpx's own pool is quadratic in the calls in flight: 9.8 ms of CPU a call at 64, 0.27 ms this way.
"""

from collections.abc import Mapping

import httpx
from httpx_aiohttp import AiohttpTransport

from gateway.errors import ErrorKind, GatewayError

_MOST_ANSWER_BYTES = 8 * 1024 * 1024


class JsonSender:
    """Posts JSON and takes the answer's bytes; what they mean is the backend's."""

    def __init__(self, name: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._name = name
        self._client = httpx.AsyncClient(transport=transport or AiohttpTransport(), follow_redirects=False)

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], timeout_s: float
    ) -> tuple[int, bytes]:
        """(status, body). Raises `GatewayError` when no whole answer came."""
        try:
            async with self._client.stream(
                "POST",
                url,
                content=body,
                headers={"content-type": "application/json", **headers},
                timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 10)),
            ) as response:
                answer = bytearray()
                async for chunk in response.aiter_bytes():
                    answer += chunk
                    if len(answer) > _MOST_ANSWER_BYTES:
                        raise GatewayError(ErrorKind.BACKEND_UNAVAILABLE, f"{self._name} answers without end")
                return response.status_code, bytes(answer)
        except httpx.ConnectTimeout as error:
            # httpx-aiohttp says so of a refused connection too; either way nothing was asked yet.
            raise GatewayError(ErrorKind.BACKEND_UNAVAILABLE, f"{self._name}: no connection") from error
        except httpx.TimeoutException as error:
            raise GatewayError(ErrorKind.BACKEND_TIMEOUT, f"{self._name}: {type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise GatewayError(
                ErrorKind.BACKEND_UNAVAILABLE, f"{self._name}: {type(error).__name__}"
            ) from error

    async def close(self) -> None:
        await self._client.aclose()
