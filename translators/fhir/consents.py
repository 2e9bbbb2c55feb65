"""Consent resources (R4): what the patient permits or denies. What cannot be read of one denies."""

import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

import orjson

from gateway.clinical import Consent
from gateway.errors import GatewayError
from translators.fhir.bundle import Entry, Graph
from translators.fhir.elements import child, children, string
from translators.fhir.json_guard import Element

_NOT_IN_FORCE = frozenset({"draft", "proposed", "rejected", "inactive", "entered-in-error"})
_OTHER_SCOPES = frozenset({"adr", "research", "treatment"})
_PRIVACY = "patient-privacy"
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_WHOSE = frozenset({"patient", "subject", "identifier", "text", "contained"})
_READ = frozenset({"id", "type", "period", "purpose", "securityLabel", "provision"})
"""Of a provision. A permit that anything else narrows would be wider if it were read without it."""


def read_consents(graph: Graph) -> list[Consent]:
    return [consent for entry in graph.entries if entry.type == "Consent" for consent in _consents(entry)]


def _consents(entry: Entry) -> Iterator[Consent]:
    reference, sha256 = _reference(entry), _sha256(entry.resource)
    try:
        read = _of(entry)
    except (GatewayError, ValueError, LookupError):
        read = (Consent(permits=False, origin=entry.origin),)
    for consent in read:
        yield replace(consent, reference=reference, sha256=sha256)


def _reference(entry: Entry) -> str:
    """`Consent/c1/_history/2`; empty for one without an id, which only its origin names."""
    meta = entry.resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else ""
    if not _ID.fullmatch(entry.id):
        return ""
    is_versioned = type(version) is str and _ID.fullmatch(version)
    return f"Consent/{entry.id}" + (f"/_history/{version}" if is_versioned else "")


def _sha256(resource: Element) -> str:
    """Of its JSON, keys sorted and without blanks; whose it is stays out, as hashes of little are guessed."""
    what = {name: value for name, value in resource.items() if name not in _WHOSE}
    return sha256(orjson.dumps(what, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _of(entry: Entry) -> tuple[Consent, ...]:
    resource = entry.resource
    if string(resource, "status") in _NOT_IN_FORCE:
        return ()
    scope = child(resource, "scope")
    scopes = {string(coding, "code") for coding in children(scope, "coding")} if scope else set()
    if scopes and scopes <= _OTHER_SCOPES:
        return ()
    provision = child(resource, "provision")
    if string(resource, "status") != "active" or scopes != {_PRIVACY} or provision is None:
        raise ValueError
    base = _provision(provision, entry.origin)
    nested = [_provision(each, entry.origin) for each in children(provision, "provision")]
    if any("provision" in each for each in children(provision, "provision")):
        raise ValueError
    if base.permits:
        return (base, *(each for each in nested if not each.permits))
    # A denial with exceptions for purposes; any other exception is not read, and the denial stays.
    plain = [each for each in nested if each.permits and each.purposes and not each.sensitivity]
    unless = {purpose for each in plain if not (each.start or each.end) for purpose in each.purposes}
    denial = Consent(
        permits=False,
        purposes=base.purposes,
        sensitivity=base.sensitivity,
        start=base.start,
        end=base.end,
        unless_purposes=tuple(sorted(unless)),
        origin=entry.origin,
    )
    excepted = Consent(
        permits=True, purposes=tuple(sorted(unless)), start=base.start, end=base.end, origin=entry.origin
    )
    return (denial, *((excepted,) if unless else ()), *(each for each in nested if not each.permits))


def _provision(provision: Element, origin: str) -> Consent:
    kind = string(provision, "type")
    if kind not in ("permit", "deny"):
        raise ValueError
    if kind == "permit" and not provision.keys() <= _READ:
        raise ValueError
    period = child(provision, "period") or {}
    return Consent(
        permits=kind == "permit",
        purposes=tuple(_codes(provision, "purpose")),
        sensitivity=tuple(_codes(provision, "securityLabel")),
        start=string(period, "start"),
        end=string(period, "end"),
        origin=origin,
    )


def _codes(provision: Element, name: str) -> list[str]:
    codes = [string(coding, "code") for coding in children(provision, name)]
    if not all(codes):
        raise ValueError
    return codes
