"""Encryption at rest: content sealed by AES-256-GCM under data keys, data keys under the master key.

What is long is deflated before it is sealed. Each start of the gateway makes a data key of its own and
counts its nonces, so no nonce can come twice under one key however often it starts (NIST SP 800-38D
section 8). Changing the master key wraps a handful of data keys again and touches no content.
"""

import base64
import binascii
import hashlib
import hmac
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import ErrorKind, GatewayError

MASTER_KEY_VARIABLE = "EHR_GATEWAY_MASTER_KEY"
OLD_MASTER_KEYS_VARIABLE = "EHR_GATEWAY_OLD_MASTER_KEYS"
_MASTER_KEY_FILE = "master.key"
_NONCE_BYTES = 12

_AS_IT_IS, _DEFLATED = b"\0", b"\1"
_DEFLATED_FROM_BYTES = 8 * 1024
_DEFLATED_TO_BYTES = 64 * 1024
"""A request's JSON shrinks to a tenth in the time that SQLite takes for the pages saved, and the disk is
spared. Less saves no page; more is mostly documents in base64, which shrink little for their time."""
_MEMORY_LEVEL = 6
"""Of zlib, whose own is 8: setting up its tables takes as long as deflating 9 KB, and 64 KB need no more."""


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """The key that seals data keys now, and earlier ones that may still open some."""

    current: bytes
    old: tuple[bytes, ...] = ()

    @classmethod
    def load(cls, data_dir: Path, environment: Mapping[str, str]) -> "MasterKeys":
        """From the environment, else from `master.key`, created with mode 0600. Raises `ValueError`."""
        old = tuple(
            _decoded(each) for each in environment.get(OLD_MASTER_KEYS_VARIABLE, "").split(",") if each
        )
        if MASTER_KEY_VARIABLE in environment:
            return cls(_decoded(environment[MASTER_KEY_VARIABLE]), old)
        return cls(_from_file(data_dir / _MASTER_KEY_FILE), old)

    def by_id(self, key_id: str) -> bytes:
        for key in (self.current, *self.old):
            if master_key_id(key) == key_id:
                return key
        raise GatewayError(
            ErrorKind.STORE_UNAVAILABLE, f"the store was sealed under master key {key_id}, which is not here"
        )


def master_key_id(key: bytes) -> str:
    """What may be written down of a key."""
    return hashlib.sha256(b"ehr-gateway master key" + key).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as the table `data_key` holds it."""

    id: int
    purpose: str
    master_key_id: str
    sealed: bytes


def wrap(master: bytes, key_id: int, purpose: str, key: bytes) -> WrappedKey:
    nonce = os.urandom(_NONCE_BYTES)  # few keys are ever wrapped: chance is enough here
    sealed = nonce + AESGCM(master).encrypt(nonce, key, f"{purpose}:{key_id}".encode())
    return WrappedKey(key_id, purpose, master_key_id(master), sealed)


def unwrap(master_keys: MasterKeys, wrapped: WrappedKey) -> bytes:
    nonce, sealed = wrapped.sealed[:_NONCE_BYTES], wrapped.sealed[_NONCE_BYTES:]
    context = f"{wrapped.purpose}:{wrapped.id}".encode()
    try:
        return AESGCM(master_keys.by_id(wrapped.master_key_id)).decrypt(nonce, sealed, context)
    except InvalidTag as error:
        raise GatewayError(ErrorKind.STORE_UNAVAILABLE, f"data key {wrapped.id} does not open") from error


class KeyRing:
    """Seals under the newest data key, opens under any, and hashes identifiers for look-up."""

    def __init__(
        self, content_keys: dict[int, bytes], sealing_key_id: int | None, lookup_key: bytes, audit_key: bytes
    ) -> None:
        """`sealing_key_id` None: this process only reads. `audit_key` seals the entries of the audit."""
        self._ciphers = {key_id: AESGCM(key) for key_id, key in content_keys.items()}
        self._sealing_key_id = sealing_key_id
        self._lookup_key = lookup_key
        self.audit_key = audit_key
        self._nonces = 0

    def seal(self, plain: bytes, message_id: str, kind: str) -> tuple[int, bytes]:
        """(data key id, form + nonce + ciphertext). Bound to its row: moved to another, it does not open."""
        if self._sealing_key_id is None:
            raise GatewayError(ErrorKind.STORE_UNAVAILABLE, "the store was opened for reading only")
        self._nonces += 1
        nonce = self._nonces.to_bytes(_NONCE_BYTES, "big")
        form, content = _AS_IT_IS, plain
        if _DEFLATED_FROM_BYTES <= len(plain) <= _DEFLATED_TO_BYTES:
            form, content = _DEFLATED, _deflated(plain)
        cipher = self._ciphers[self._sealing_key_id]
        sealed = cipher.encrypt(nonce, content, _context(form, message_id, kind))
        return self._sealing_key_id, form + nonce + sealed

    def open(self, key_id: int, sealed: bytes, message_id: str, kind: str) -> bytes:
        form, nonce = sealed[:1], sealed[1 : 1 + _NONCE_BYTES]
        try:
            opened = self._ciphers[key_id].decrypt(
                nonce, sealed[1 + _NONCE_BYTES :], _context(form, message_id, kind)
            )
        except (InvalidTag, KeyError) as error:
            raise GatewayError(
                ErrorKind.STORE_UNAVAILABLE,
                f"{kind} of message {message_id} does not open under key {key_id}",
            ) from error
        return zlib.decompress(opened) if form == _DEFLATED else opened

    def lookup(self, kind: str, value: str) -> bytes:
        """16 bytes that stand for an identifier in an index: `mrn` or `visit`, case and spaces ignored."""
        plain = f"{kind}:{''.join(value.split()).upper()}".encode()
        return hmac.digest(self._lookup_key, plain, "sha256")[:16]


def _deflated(plain: bytes) -> bytes:
    deflate = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, _MEMORY_LEVEL)
    return deflate.compress(plain) + deflate.flush()


def _context(form: bytes, message_id: str, kind: str) -> bytes:
    return form + f"{message_id}:{kind}".encode()


def new_data_key() -> bytes:
    return AESGCM.generate_key(bit_length=256)


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise ValueError("a master key is 32 bytes in base64") from error
    if len(key) != 32:
        raise ValueError("a master key is 32 bytes in base64")
    return key


def _from_file(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            raise ValueError(f"{path} can be read by others: its mode must be 0600") from None
        return _decoded(path.read_text())
    with os.fdopen(descriptor, "wb") as file:
        key = new_data_key()
        file.write(base64.b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())  # content sealed under a lost key is lost
    directory = os.open(path.parent, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)
    return key
