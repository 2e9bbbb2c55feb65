"""API keys: their form, and those that were issued by `ehr-gateway keys new`.

A key is 256 random bits. It is kept as its SHA-256: what makes a slow hash necessary for passwords, that
they can be guessed, does not hold for it, and a slow hash would cost every request its time.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256
from zlib import crc32

from gateway.values import carrier

PREFIX = "ehrgw_"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_DIGITS = 43  # 62 ** 43 > 2 ** 256
_SUM_DIGITS = 6
KEY_PATTERN = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_SECRET_DIGITS + _SUM_DIGITS}}}")
"""For secret scanners, who check the last six digits too (`is_key`)."""

_USED_EVERY_S = 60


def new_key(random_bits: Callable[[int], int]) -> str:
    """The prefix, the secret, and the CRC-32 of both by which a scanner tells a key from chance."""
    secret = PREFIX + _base62(random_bits(256), _SECRET_DIGITS)
    return secret + _base62(crc32(secret.encode()), _SUM_DIGITS)


def is_key(text: str) -> bool:
    secret, checksum = text[:-_SUM_DIGITS], text[-_SUM_DIGITS:]
    return bool(KEY_PATTERN.fullmatch(text)) and checksum == _base62(crc32(secret.encode()), _SUM_DIGITS)


def key_hash(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _base62(number: int, digits: int) -> str:
    text = ""
    for _ in range(digits):
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text


@carrier
class IssuedKey:
    """A key as it is kept."""

    id: str
    """The first twelve digits of its hash."""
    sha256: str
    partner: str
    name: str = ""
    created_at: float = 0
    expires_at: float | None = None
    """Seconds since 1970, like all times here."""
    revoked_at: float | None = None
    used_at: float | None = None
    """Within a minute of its last use."""

    @property
    def subject(self) -> str:
        return f"{self.id} {self.name}".strip()

    def holds_at(self, moment: float) -> bool:
        return self.revoked_at is None and (self.expires_at is None or moment < self.expires_at)


class IssuedKeys:
    """Those of the store, looked up by hash. `replace` makes a change of the store count."""

    def __init__(self, keys: Iterable[IssuedKey] = ()) -> None:
        self._keys: dict[str, IssuedKey] = {}
        self._noted_at: dict[str, float] = {}
        self._used: dict[str, float] = {}
        self.replace(keys)

    def replace(self, keys: Iterable[IssuedKey]) -> None:
        self._keys = {key.sha256: key for key in keys}

    def find(self, key_sha256: str, now: datetime) -> IssuedKey | None:
        """By hash, so that the time of the look-up tells nothing of any key."""
        key = self._keys.get(key_sha256)
        moment = now.timestamp()
        if key is None or not key.holds_at(moment):
            return None
        if moment - self._noted_at.get(key.id, 0) >= _USED_EVERY_S:
            self._noted_at[key.id] = self._used[key.id] = moment
        return key

    def take_used(self) -> dict[str, float]:
        """Id -> time of last use, of those used since this was asked last, once a minute each."""
        used, self._used = self._used, {}
        return used
