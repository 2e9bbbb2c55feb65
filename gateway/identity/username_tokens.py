"""WS-Security's UsernameToken with a shared secret: its digest, and nonces that were used.

Digest = Base64(SHA-1(nonce + created + password)), Username Token Profile 1.1.1 section 3.1.
"""

import base64
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha1

from gateway.errors import Denial, ErrorKind, GatewayError
from gateway.messages import Claims, PasswordDigest

_ACCEPTED_FOR = timedelta(seconds=300 + 60)
"""From its Created on: the time to live and the skew by which the SOAP translator judges a token's age."""
_MARGIN = timedelta(seconds=1)
"""So that a token is never forgotten in the second in which it ends."""


@dataclass(frozen=True, slots=True)
class UsernameSecret:
    """A user whose secret the gateway has to know in clear, because a digest is made of it."""

    username: str
    password: str = field(repr=False)

    def is_shown(self, claims: Claims) -> bool:
        """As digest or as text. The secret is compared whatever the name, so that time tells neither."""
        secret = self._digest_fits(claims.digest) if claims.digest else self._text_fits(claims.password)
        name = hmac.compare_digest(_bytes(claims.username), _bytes(self.username))
        return secret and name and claims.login == "username-token"

    def _text_fits(self, password: str | None) -> bool:
        return hmac.compare_digest(_bytes(password), _bytes(self.password)) and password is not None

    def _digest_fits(self, given: PasswordDigest) -> bool:
        """Of the password, or of its SHA-1 where the peer keeps only that (WSS4J's "password equivalent")."""
        secret = _bytes(self.password)
        plain = _digest(given, secret)
        equivalent = _digest(given, sha1(secret).digest())  # noqa: S324 - the profile's, not our choice
        sent = _bytes(given.digest)
        return hmac.compare_digest(plain, sent) | hmac.compare_digest(equivalent, sent)


def _digest(given: PasswordDigest, secret: bytes) -> bytes:
    made = sha1(given.nonce + _bytes(given.created) + secret)  # noqa: S324 - the profile's
    return base64.b64encode(made.digest())


def _bytes(text: str | None) -> bytes:
    return (text or "").encode("utf-8", "surrogatepass")


class UsedNonces:
    """Which digests have been accepted, for as long as they could be accepted again.

    Only what was verified is remembered, so strangers cannot fill it; when it is full, nobody gets in.
    """

    def __init__(self, started_at: datetime, most_each: int = 20_000) -> None:
        """A token made before `started_at` may have been used with the gateway of before: it is refused.
        A partner may have `most_each` at once; another's are not touched by them."""
        self._started_at = started_at
        self._most_each = most_each
        self._used: dict[str, dict[tuple[str, bytes], datetime]] = {}

    def take(self, partner: str, username: str, digest: PasswordDigest, now: datetime) -> None:
        """Raises `UNAUTHENTICATED` for one that was used, `OVERLOADED` when there is no room for it."""
        used = self._used.setdefault(partner, {})
        key = (username, digest.nonce)
        if digest.created_at < self._started_at or used.get(key, now) > now:
            raise GatewayError(ErrorKind.UNAUTHENTICATED, "a used nonce", denial=Denial.REPLAYED)
        if len(used) >= self._most_each:
            used = self._used[partner] = {key: until for key, until in used.items() if until > now}
        if len(used) >= self._most_each:
            raise GatewayError(ErrorKind.OVERLOADED, "too many nonces at once", retry_after_s=5)
        used[key] = digest.created_at + _ACCEPTED_FOR + _MARGIN
