"""Access tokens that only their issuer can read: it is asked (RFC 7662), and its answer kept for a while."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog

from gateway.identity.issuer_keys import Fetch, unreachable
from gateway.identity.tokens import AccessToken, InvalidToken, Issuer

log = structlog.get_logger("identity")

LONGEST_S = 60.0
"""A token that was revoked counts no longer than this."""
_MOST_KEPT = 10_000
_MOST_AT_ONCE = 16


class Introspection:
    """One question a token at a time, and a bounded number of tokens at once."""

    def __init__(
        self,
        issuer: Issuer,
        url: str,
        login: tuple[str, str],
        fetch: Fetch,
        monotonic: Callable[[], float],
    ) -> None:
        """`login`: client id and secret of this gateway, sent as HTTP Basic (RFC 6749 2.3.1)."""
        self._issuer = issuer
        self._url = url
        self._login = login
        self._fetch = fetch
        self._monotonic = monotonic
        self._places = asyncio.Semaphore(_MOST_AT_ONCE)
        self._known: dict[bytes, tuple[float, AccessToken | None]] = {}
        """By hash of the token: until when it holds, and what was said; None: it is not active."""
        self._flights: dict[bytes, asyncio.Task[AccessToken | None]] = {}

    async def token(self, text: str, now: datetime) -> AccessToken:
        """Raises `InvalidToken`, or `OVERLOADED` when the issuer does not answer."""
        key = sha256(text.encode("utf-8", "surrogatepass")).digest()
        until, token = self._known.get(key, (float("-inf"), None))
        if self._monotonic() >= until:
            flight = self._flights.get(key)
            if flight is None:
                flight = self._flights[key] = asyncio.create_task(self._ask(key, text, now))
            await asyncio.wait([flight])
            token = flight.result()
        if token is None or now.timestamp() >= token.expires_at + self._issuer.skew_s:
            raise InvalidToken("not active")
        return token

    async def _ask(self, key: bytes, text: str, now: datetime) -> AccessToken | None:
        try:
            async with self._places:
                said = await self._said(self._fetch(self._url, form={"token": text}, login=self._login))
        finally:
            del self._flights[key]
        token = None
        if said.get("active") is True:
            try:
                token = self._token_of(said, now)
            except InvalidToken as error:
                log.info("introspected_token_refused", why=str(error))
        left_s = LONGEST_S if token is None else min(token.expires_at - now.timestamp(), LONGEST_S)
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[key] = (self._monotonic() + left_s, token)
        return token

    def _token_of(self, said: dict[str, Any], now: datetime) -> AccessToken:
        """The issuer that vouches need not name itself or us, but may name nobody else."""
        if said.get("iss", self._issuer.url) != self._issuer.url:
            raise InvalidToken("another issuer")
        if "aud" in said and not self._issuer.is_for_us(said["aud"]):
            raise InvalidToken("another audience")
        if "cnf" in said:
            raise InvalidToken("bound to a key of its sender")
        return self._issuer.token_of(said, now)

    async def _said(self, answering: Awaitable[Any]) -> dict[str, Any]:
        try:
            answer = await answering
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            said = json.loads(answer.body)
            if not isinstance(said, dict):
                raise ValueError("no object")
        except (OSError, ValueError, RecursionError) as error:
            log.warning("token_not_introspected", error=type(error).__name__)
            raise unreachable() from error
        return said
