"""Access tokens as JWTs (RFC 9068, SMART Backend Services): read and verified against an issuer's keys. Pure.

Refused whatever the issuer: `none` and shared-secret algorithms, critical headers, tokens bound to a key of
the sender (`cnf`), keys that do not fit the algorithm.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import jwt
from jwt.types import Options

from gateway.identity.scopes import Grant, grant_of
from gateway.values import carrier

_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Those that an operator may choose among."""
_MOST_CHARACTERS = 16_384
_LEAST_RSA_BITS = 2048
_SIGNATURE_ONLY: Options = {  # the claims are judged by the message's own time
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
_TYPES = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})


class InvalidToken(Exception):
    """The token does not do. Its text names the check that failed and quotes nothing."""


@carrier
class AccessToken:
    """A token that was verified."""

    issuer: str
    """Its name in the operator's file."""
    client: str
    """`client_id`, else `azp`, else `sub`."""
    subject: str
    """For the audit: the client, with the token's `jti` where it has one."""
    grant: Grant
    expires_at: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are taken, and which of them."""

    name: str
    url: str
    """`iss`, exact."""
    audiences: tuple[str, ...]
    algorithms: tuple[str, ...] = ("RS384", "ES384")
    skew_s: float = 30
    operation_scopes: tuple[str, ...] = ()

    def token_of(self, claims: Mapping[str, Any], now: datetime) -> AccessToken:
        """What the claims say, once their signature or the issuer itself vouches for them. Raises
        `InvalidToken`."""
        moment = now.timestamp()
        expires_at = _number(claims, "exp")
        if expires_at is None or moment >= expires_at + self.skew_s:
            raise InvalidToken("expired")
        for name in ("nbf", "iat"):
            begins_at = _number(claims, name)
            if begins_at is not None and begins_at > moment + self.skew_s:
                raise InvalidToken(f"{name} is in the future")
        client = next((claims[name] for name in ("client_id", "azp", "sub") if claims.get(name)), None)
        if not isinstance(client, str):
            raise InvalidToken("no client")
        jti = claims.get("jti")
        return AccessToken(
            issuer=self.name,
            client=client,
            subject=_printable(f"{client} jti {jti}" if isinstance(jti, str) else client),
            grant=grant_of(_scopes(claims), self.operation_scopes),
            expires_at=expires_at,
        )

    def is_for_us(self, audience: object) -> bool:
        named = audience if isinstance(audience, list) else [audience]
        return any(each in self.audiences for each in named if isinstance(each, str))


class KeySet:
    """An issuer's public keys (RFC 7517), those that can verify."""

    def __init__(self, keys: Iterable[jwt.PyJWK]) -> None:
        self._keys = list(keys)

    @classmethod
    def read(cls, body: bytes) -> "KeySet":
        """Keys that are unknown, too small, shared or not for signatures are left out. Raises
        `ValueError`."""
        content = json.loads(body)
        listed = content.get("keys") if isinstance(content, dict) else None
        if not isinstance(listed, list):
            raise ValueError("no JWK set")
        return cls(key for each in listed if (key := _key(each)) is not None)

    def has(self, kid: str) -> bool:
        return any(key.key_id == kid for key in self._keys)

    def find(self, kid: str, key_type: str) -> jwt.PyJWK:
        """Exactly one must fit. Raises `InvalidToken`."""
        found = [key for key in self._keys if key.key_id == kid and key.key_type == key_type]
        if len(found) != 1:
            raise InvalidToken("no key, or more than one, fits")
        return found[0]


@carrier
class Unverified:
    """What a JWT says of itself."""

    text: str
    kid: str
    algorithm: str
    issuer: str


def read_unverified(text: str) -> Unverified | None:
    """None for what is no JWT at all, which may be a key of another kind. Raises `InvalidToken`."""
    if text.count(".") != 2 or len(text) > _MOST_CHARACTERS:
        return None
    try:
        decoded = jwt.decode_complete(text, options={"verify_signature": False})
    except jwt.PyJWTError:
        return None
    header, claims = decoded["header"], decoded["payload"]
    kid, algorithm, issuer = header.get("kid"), header.get("alg"), claims.get("iss")
    if "crit" in header or str(header.get("typ", "")).lower() not in _TYPES:
        raise InvalidToken("a header that is not understood")
    if not all(isinstance(each, str) and each for each in (kid, algorithm, issuer)):
        raise InvalidToken("kid, alg or iss is missing")
    return Unverified(text, kid, algorithm, issuer)


def verified(token: Unverified, issuer: Issuer, keys: KeySet, now: datetime) -> AccessToken:
    """Raises `InvalidToken`."""
    if token.algorithm not in issuer.algorithms:
        raise InvalidToken("an algorithm that was not agreed")
    key = keys.find(token.kid, _KEY_TYPES[token.algorithm[:2]])
    try:
        claims = jwt.decode(token.text, key.key, algorithms=[token.algorithm], options=_SIGNATURE_ONLY)
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise InvalidToken("the signature") from error
    if claims.get("iss") != issuer.url:
        raise InvalidToken("another issuer")
    if not issuer.is_for_us(claims.get("aud")):
        raise InvalidToken("another audience")
    if "cnf" in claims:
        raise InvalidToken("bound to a key of its sender")
    return issuer.token_of(claims, now)


def _key(content: object) -> jwt.PyJWK | None:
    if not isinstance(content, dict) or content.get("use", "sig") != "sig" or not content.get("kid"):
        return None
    if content.get("kty") not in _KEY_TYPES.values() or "d" in content:  # a private key is no key of others
        return None
    try:
        key = jwt.PyJWK(content)
    except (jwt.PyJWTError, TypeError, ValueError):
        return None
    return None if getattr(key.key, "key_size", 0) < _LEAST_RSA_BITS and key.key_type == "RSA" else key


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidToken(f"{name} is no time")
    return float(value)


def _scopes(claims: Mapping[str, Any]) -> list[str]:
    given = claims.get("scope", claims.get("scp", ""))
    words = given if isinstance(given, list) else str(given).split()
    return [word for word in words if isinstance(word, str)]


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)[:200]
