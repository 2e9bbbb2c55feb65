"""Each entry's seal holds the one before it: nobody without the key can change, remove or reorder one
unseen. Pure.

What was cut off at the end, a chain alone cannot tell: signed checkpoints outside the database can.
"""

import hmac
from dataclasses import dataclass

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.audit.entries import Entry
from gateway.values import carrier

BEGINNING = bytes(32)
"""The seal before the first entry."""


@carrier
class Sealed:
    """One row of the audit, as it is stored."""

    number: int
    """1, 2, 3 ... without gaps."""
    at: float
    """Seconds since 1970, UTC, when it was written."""
    entry: bytes
    """JSON."""
    mac: bytes


@carrier
class Head:
    """The last entry."""

    number: int = 0
    mac: bytes = BEGINNING


def sealed(key: bytes, head: Head, at: float, entry: Entry) -> Sealed:
    """`entry` as the next one after `head`."""
    written = orjson.dumps(entry)
    number = head.number + 1
    return Sealed(number, at, written, _mac(key, head.mac, number, at, written))


def continues(key: bytes, before: bytes, row: Sealed) -> bool:
    """`row` is as it was written after the entry whose seal is `before`."""
    return hmac.compare_digest(row.mac, _mac(key, before, row.number, row.at, row.entry))


def _mac(key: bytes, before: bytes, number: int, at: float, entry: bytes) -> bytes:
    return hmac.digest(key, b"%b%d %r %b" % (before, number, at, entry), "sha256")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed word on how long the audit was: kept beside the database, or carried elsewhere."""

    number: int
    mac: str
    """Hexadecimal."""
    at: str
    """ISO 8601, UTC."""
    signature: str = ""
    """Ed25519 over the other three, hexadecimal."""

    def signed_words(self) -> bytes:
        return f"{self.number} {self.mac} {self.at}".encode()


class Signer:
    """Signs checkpoints. Whoever holds the public key can verify them, and cannot make one."""

    def __init__(self, audit_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(hmac.digest(audit_key, b"checkpoints", "sha256"))

    @property
    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def checkpoint(self, head: Head, at: str) -> Checkpoint:
        unsigned = Checkpoint(head.number, head.mac.hex(), at)
        signature = self._key.sign(unsigned.signed_words()).hex()
        return Checkpoint(unsigned.number, unsigned.mac, unsigned.at, signature)


def is_genuine(checkpoint: Checkpoint, public_key: bytes) -> bool:
    try:
        signature = bytes.fromhex(checkpoint.signature)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, checkpoint.signed_words())
    except (InvalidSignature, ValueError):
        return False
    return True
