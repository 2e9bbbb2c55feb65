"""Where an issuer's keys come from: a file, or a URL that is asked again when it should be."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

import structlog

from gateway.errors import ErrorKind, GatewayError
from gateway.identity.tokens import KeySet
from gateway.values import carrier

log = structlog.get_logger("identity")

LONGEST_S = 3600.0
"""Keys are kept so long at most, however long their Cache-Control allows: a key that was withdrawn counts
no longer."""
_USUAL_S = 300.0
"""Where Cache-Control says nothing."""
_PAUSE_S = 10.0
"""After a key that is not there, and after a failure: strangers cannot make us ask at will."""

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,;])", re.IGNORECASE)
_NOT_KEPT = re.compile(r"\b(?:no-store|no-cache)\b", re.IGNORECASE)


@carrier
class Fetched:
    status: int
    body: bytes
    headers: Mapping[str, str]
    """Names in lower case."""


class Fetch(Protocol):
    def __call__(
        self, url: str, *, form: Mapping[str, str] | None = None, login: tuple[str, str] | None = None
    ) -> Awaitable[Fetched]:
        """GET, or POST of a form. Raises `OSError` when there was no answer in time."""
        ...


class IssuerKeys(Protocol):
    async def keys(self, kid: str) -> KeySet:
        """With the key of that id if the issuer has it. Raises `OVERLOADED` when nobody can tell."""
        ...


class KeysInFile:
    """Read again when the file changes."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError` or `ValueError`."""
        self._path = path
        self._changed_at = path.stat().st_mtime_ns
        self._keys = KeySet.read(path.read_bytes())

    async def keys(self, kid: str) -> KeySet:
        try:
            changed_at = self._path.stat().st_mtime_ns
            if changed_at != self._changed_at:
                self._keys = KeySet.read(self._path.read_bytes())
                self._changed_at = changed_at
        except (OSError, ValueError) as error:  # it is being written: what was there holds until it is
            log.warning("issuer_keys_not_read", error=type(error).__name__)
        return self._keys


class KeysAtUrl:
    """One request at a time, whoever waits for it."""

    def __init__(self, url: str, fetch: Fetch, monotonic: Callable[[], float]) -> None:
        self._url = url
        self._fetch = fetch
        self._monotonic = monotonic
        self._keys = KeySet(())
        self._good_until = float("-inf")
        self._missed_until = float("-inf")
        """Until then a key that is not there is not asked for again."""
        self._failed_until = float("-inf")
        self._flight: asyncio.Task[KeySet | None] | None = None

    async def keys(self, kid: str) -> KeySet:
        now = self._monotonic()
        is_good = now < self._good_until
        if is_good and (self._keys.has(kid) or now < max(self._missed_until, self._failed_until)):
            return self._keys
        if self._flight is None:
            if now < self._failed_until:
                raise unreachable()
            if is_good:
                self._missed_until = now + _PAUSE_S
            self._flight = asyncio.create_task(self._fetched())
        flight = self._flight
        await asyncio.wait([flight])
        found = flight.result()
        if found is not None:
            return found
        if self._monotonic() < self._good_until:
            return self._keys
        raise unreachable()

    async def _fetched(self) -> KeySet | None:
        """None when the issuer did not give any."""
        try:
            answer = await self._fetch(self._url)
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            self._keys = KeySet.read(answer.body)
        except (OSError, ValueError, RecursionError) as error:
            log.warning("issuer_keys_not_fetched", error=type(error).__name__)
            self._failed_until = self._monotonic() + _PAUSE_S
            return None
        finally:
            self._flight = None
        self._good_until = self._monotonic() + kept_for_s(answer.headers.get("cache-control", ""))
        return self._keys


def kept_for_s(cache_control: str) -> float:
    """Seconds for which keys may be kept. SMART: never longer than Cache-Control says."""
    if _NOT_KEPT.search(cache_control):
        return 0
    stated = _MAX_AGE.search(cache_control)
    return min(float(stated[1]), LONGEST_S) if stated else _USUAL_S


def unreachable() -> GatewayError:
    public = "The issuer of the access token cannot be asked at present"
    return GatewayError(ErrorKind.OVERLOADED, "issuer unreachable", public=public, retry_after_s=10)
