"""Access tokens for Google Cloud: one fetch at a time, ahead of their end, on a thread of its own.

google-auth blocks for seconds, and by itself lets each waiter fetch a token for itself.
"""

import asyncio
import math
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.transport import verifying_tls

EARLY_S = 225.0
"""As google-auth's own `REFRESH_THRESHOLD`."""
_PAUSE_S = 10.0
"""After a fetch that failed while the old token still lives."""
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


@dataclass(frozen=True, slots=True)
class Token:
    value: str = field(repr=False)
    lives_s: float
    """From when it was fetched; infinite where its end is not known."""


class GoogleCredentials:
    """Headers for a call. While a token lives nobody waits: it is used while the next one is fetched."""

    def __init__(
        self, fetch: Callable[[], Token], monotonic: Callable[[], float], timeout_s: float = 15
    ) -> None:
        """`fetch` blocks and raises `BackendFailure` only; `timeout_s` is how long a call waits for it."""
        self._fetch = fetch
        self._monotonic = monotonic
        self._timeout_s = timeout_s
        self._token = ""
        self._ends_at = -math.inf
        self._renew_at = -math.inf
        self._flight: asyncio.Task[None] | None = None

    async def headers(self) -> Mapping[str, str]:
        """Raises `BackendFailure`: no call was made yet."""
        now = self._monotonic()
        if now >= self._renew_at:
            flight = self._begun_flight()
            if now >= self._ends_at:
                await self._landed(flight)
        return {"authorization": f"Bearer {self._token}"}

    def _begun_flight(self) -> "asyncio.Task[None]":
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._renew())
            self._flight.add_done_callback(_look_at_failure)
        return self._flight

    async def _landed(self, flight: "asyncio.Task[None]") -> None:
        try:
            async with asyncio.timeout(self._timeout_s):
                await asyncio.shield(flight)  # the others who wait are not cancelled with this one
        except TimeoutError as error:
            raise BackendFailure(Cause.NO_CONNECTION, "no access token in time") from error
        except BackendFailure as failure:
            # One of its own for each who waits: a raised exception collects the frames it passes.
            raise BackendFailure(failure.cause, failure.detail) from failure

    def refused(self, headers: Mapping[str, str]) -> None:
        """The provider did not accept them: the clocks disagree, the machine slept, or it was revoked."""
        if headers.get("authorization") == f"Bearer {self._token}":
            self._ends_at = self._renew_at = -math.inf

    async def _renew(self) -> None:
        try:
            token = await asyncio.wrap_future(_on_own_thread(self._fetch))
        except BackendFailure:
            self._renew_at = min(self._monotonic() + _PAUSE_S, self._ends_at)
            raise
        now = self._monotonic()
        self._token = token.value
        self._ends_at = now + token.lives_s
        # Half its life for a token that is short-lived, or every call would fetch the next.
        self._renew_at = now + max(token.lives_s - EARLY_S, token.lives_s / 2)


def _on_own_thread(fetch: Callable[[], Token]) -> "Future[Token]":
    """Not in a pool: a fetch that hangs must not take a place there, nor hold up the end of the process."""
    fetched: Future[Token] = Future()

    def run() -> None:
        try:
            fetched.set_result(fetch())
        except BaseException as error:
            fetched.set_exception(error)

    threading.Thread(target=run, name="google-token", daemon=True).start()
    return fetched


def _look_at_failure(flight: "asyncio.Task[None]") -> None:
    """Whoever waits raises it; asyncio complains when nobody does."""
    if not flight.cancelled():
        flight.exception()


class GoogleTokens:
    """Fetches tokens by google-auth: blocks, and loads the credentials on the first call."""

    def __init__(
        self,
        source: Literal["default", "metadata"] = "default",
        credentials_file: Path | None = None,
        proxy: str | None = None,
        request_timeout_s: float = 10,
    ) -> None:
        """`default`: GOOGLE_APPLICATION_CREDENTIALS, gcloud's file, the metadata server, in this order.
        A service account's `credentials_file` comes before either. `proxy` is not for the metadata server,
        which is part of the machine."""
        self._source = source
        self._file = credentials_file
        self._proxy = proxy
        self._request_timeout_s = request_timeout_s
        self._credentials: Any = None

    def __call__(self) -> Token:
        from google.auth import exceptions
        from google.auth.transport.requests import Request

        try:
            with _session(self._proxy) as session:
                self._credentials = self._credentials or self._loaded()
                self._credentials.refresh(partial(Request(session), timeout=self._request_timeout_s))
        except exceptions.GoogleAuthError as error:
            raise BackendFailure(_cause_of(error), f"google-auth: {type(error).__name__}") from None
        except (ValueError, KeyError, TypeError, OSError) as error:  # the file is missing or is none
            # `from None` here and above: their texts quote the file and the token server's answer.
            raise BackendFailure(Cause.CREDENTIALS, f"google-auth: {type(error).__name__}") from None
        return Token(self._credentials.token, _left_s(self._credentials.expiry))

    def _loaded(self) -> Any:
        import google.auth
        from google.auth import compute_engine
        from google.oauth2 import service_account

        if self._file is not None:
            return service_account.Credentials.from_service_account_file(str(self._file), scopes=_SCOPES)
        if self._source == "metadata":
            return compute_engine.Credentials(scopes=_SCOPES)
        return google.auth.default(scopes=_SCOPES)[0]


def _session(proxy: str | None) -> Any:
    """Trusts whom the connections to models trust, and uses no proxy of the environment unasked."""
    import requests
    from requests.adapters import HTTPAdapter

    tls = verifying_tls()  # not the shared one: urllib3 writes into it

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
            super().init_poolmanager(*arguments, **named, ssl_context=tls)

        def proxy_manager_for(self, *arguments: Any, **named: Any) -> Any:
            return super().proxy_manager_for(*arguments, **named, ssl_context=tls)

    session = requests.Session()
    session.trust_env = False
    session.proxies = {"https": proxy} if proxy else {}
    session.mount("https://", Adapter())
    return session


def _cause_of(error: Any) -> Cause:
    """Nobody was reached, or somebody said no."""
    from google.auth.exceptions import TimeoutError as GoogleTimeout
    from google.auth.exceptions import TransportError

    unreached = (TransportError, GoogleTimeout)
    if isinstance(error, unreached) or isinstance(error.__cause__, unreached) or error.retryable:
        return Cause.NO_CONNECTION
    return Cause.CREDENTIALS


def _left_s(expiry: datetime | None) -> float:
    """`expiry` is UTC without a zone, reckoned by google-auth from our own clock."""
    return math.inf if expiry is None else (expiry.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
