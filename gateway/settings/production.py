"""What production forbids: plaintext and anonymous callers off loopback, secrets that everybody knows.

Reads plain values of any shape.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from gateway.settings.backend_contradictions import Contradiction
from gateway.settings.file import Path as KeyPath
from gateway.settings.identity import PROOF_KEYS

LOOPBACK = ("127.0.0.1", "[::1]", "localhost")

_KNOWN_TO_ALL = ("demo", "changeme", "default", "password", "secret", "test", "admin", "example", "")
_HASHES = {sha256(secret.encode()).hexdigest(): secret for secret in _KNOWN_TO_ALL}

_PROVES_NOTHING = (
    "proves nothing on listener {}, which other machines reach: demand client certificates there, or name a"
    " certificate, key, login or token here"
)


def of_listeners(content: object) -> Iterator[Contradiction]:
    for index, listener in enumerate(_listed(_at(content, "listeners"))):
        if not _at(listener, "tls") and _is_reached_from_elsewhere(listener):
            yield ("listeners", index, "tls"), "is needed off loopback in production"


def default_secrets(content: object) -> Iterator[Contradiction]:
    for path, mapping in _mappings(content):
        for key in ("api_key_sha256", "password_sha256"):
            known = _HASHES.get(str(_at(mapping, key)))
            if known is not None:
                yield (*path, key), f"is the hash of {known or 'nothing'}, which everybody can try"
        if _at(mapping, "wsse", "password") in _KNOWN_TO_ALL:
            yield (*path, "wsse", "password"), "is one that everybody can try"


def anonymous(content: object) -> Iterator[Contradiction]:
    """Mappings that believe whoever connects, on listeners that other machines reach.

    Where a listener demands client certificates, the authority that it trusts has vouched for the caller.
    """
    open_listeners = [
        listener
        for listener in _listed(_at(content, "listeners"))
        if _is_reached_from_elsewhere(listener) and _at(listener, "tls", "client_certificate") != "required"
    ]
    for path, mapping in _mappings(content):
        if not isinstance(mapping, dict) or PROOF_KEYS & mapping.keys():
            continue
        believing = [_at(each, "name") for each in open_listeners if _may_use(path[1], mapping, each)]
        if believing:
            yield path, _PROVES_NOTHING.format(believing[0])


def _may_use(partner: str | int, mapping: dict[str, Any], listener: object) -> bool:
    partners = _listed(_at(listener, "partners"))
    is_sender = "sending_application" in mapping or "sending_facility" in mapping
    return (
        (not partners or partner in partners)
        and mapping.get("listener") in (None, _at(listener, "name"))
        and not (is_sender and _at(listener, "protocol") != "mllp")
    )


def _mappings(content: object) -> Iterator[tuple[KeyPath, Any]]:
    partners = _at(content, "partners")
    for name, partner in partners.items() if isinstance(partners, dict) else ():
        for index, mapping in enumerate(_listed(_at(partner, "identify"))):
            yield ("partners", name, "identify", index), mapping


def _is_reached_from_elsewhere(listener: object) -> bool:
    return str(_at(listener, "bind")).rpartition(":")[0] not in LOOPBACK


def _at(content: object, *keys: str) -> Any:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content


def _listed(found: object) -> list[Any]:
    return found if isinstance(found, list) else []
