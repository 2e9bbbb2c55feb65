"""The few requests that proof of identity needs: keys of issuers, and what they say of a token."""

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.identity.issuer_keys import Fetched

if TYPE_CHECKING:
    import httpx

_TIMEOUT_S = 5.0
_MOST_BYTES = 512 * 1024


class HttpFetch:
    """Follows no redirect, keeps no cookie, reads no proxy from the environment."""

    def __init__(self, ca: Path | None = None, timeout_s: float = _TIMEOUT_S) -> None:
        """`ca`: certificates, PEM, to trust instead of the public ones. Raises `OSError` for it."""
        self._tls = ssl.create_default_context(cafile=ca) if ca else None
        self._timeout_s = timeout_s
        self._client: httpx.AsyncClient | None = None

    async def __call__(
        self, url: str, *, form: Mapping[str, str] | None = None, login: tuple[str, str] | None = None
    ) -> Fetched:
        import httpx  # wanted only where an issuer is asked

        client = self._client = self._client or self._made()
        method = "GET" if form is None else "POST"
        try:
            async with asyncio.timeout(self._timeout_s):
                asked = client.stream(method, url, data=form, auth=httpx.BasicAuth(*login) if login else None)
                async with asked as answer:
                    body = b""
                    async for part in answer.aiter_bytes():
                        body += part
                        if len(body) > _MOST_BYTES:
                            raise OSError("the answer is too large")
                    headers = {name.lower(): value for name, value in answer.headers.items()}
                    return Fetched(answer.status_code, body, headers)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise OSError(type(error).__name__) from error

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    def _made(self) -> "httpx.AsyncClient":
        import httpx

        return httpx.AsyncClient(
            verify=self._tls or True,
            trust_env=False,
            follow_redirects=False,
            timeout=self._timeout_s,
            headers={"Accept": "application/json"},
        )
