"""Consent resources (R4): what the patient permits or denies. What cannot be read of one denies."""

from collections.abc import Iterator

from gateway.clinical import Consent
from gateway.errors import GatewayError
from translators.fhir.bundle import Entry, Graph
from translators.fhir.elements import child, children, string
from translators.fhir.json_guard import Element

_NOT_IN_FORCE = frozenset({"draft", "proposed", "rejected", "inactive", "entered-in-error"})
_OTHER_SCOPES = frozenset({"adr", "research", "treatment"})
_PRIVACY = "patient-privacy"
_READ = frozenset({"id", "type", "period", "purpose", "securityLabel", "provision"})
"""Of a provision. A permit that anything else narrows would be wider if it were read without it."""


def read_consents(graph: Graph) -> list[Consent]:
    return [consent for entry in graph.entries if entry.type == "Consent" for consent in _consents(entry)]


def _consents(entry: Entry) -> Iterator[Consent]:
    try:
        yield from _of(entry)
    except (GatewayError, ValueError, LookupError):
        yield Consent(permits=False, origin=entry.origin)


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
