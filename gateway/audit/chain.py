"""Each entry's seal holds the one before it: nobody without the key can change, remove or reorder one
unseen. Pure.

What was cut off at the end, a chain alone cannot tell: signed checkpoints outside the database can.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written."""

    number: int
    what: str


def sealed(key: bytes, head: Head, at: float, entry: Entry) -> Sealed:
    """`entry` as the next one after `head`."""
    written = orjson.dumps(entry)
    number = head.number + 1
    return Sealed(number, at, written, _mac(key, head.mac, number, at, written))


def findings(
    key: bytes, rows: Iterable[Sealed], checkpoints: Sequence["Checkpoint"], pruned: Mapping[int, bytes]
) -> Iterator[Finding]:
    """Everything that does not fit, in order. `rows` by number; `pruned`: what deletions say, the last
    number removed -> its seal."""
    head = Head()
    expected = {each.number: each for each in checkpoints}
    is_first = True
    for row in rows:
        if is_first:
            head = Head(row.number - 1, pruned.get(row.number - 1, BEGINNING))
            if row.number > 1 and head.mac == BEGINNING:
                yield Finding(row.number, f"entries 1 to {row.number - 1} are missing")
                head = Head(row.number, row.mac)
        if row.number > head.number + 1:
            yield Finding(row.number, f"entries {head.number + 1} to {row.number - 1} are missing")
        elif row.number == head.number + 1 and row.mac != _mac(key, head.mac, row.number, row.at, row.entry):
            yield Finding(row.number, "was changed, or is not where it was written")
        head, is_first = Head(row.number, row.mac), False
        checkpoint = expected.pop(row.number, None)
        if checkpoint is not None and checkpoint.mac != row.mac.hex():
            yield Finding(row.number, f"is not what the checkpoint of {checkpoint.at} signed")
    for number in sorted(number for number in expected if number > head.number):
        yield Finding(number, f"is missing: the checkpoint of {expected[number].at} signed it")


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
