"""The Patient of a reply: as much as tells whose summary it is, and only what is valid FHIR."""

import re

from gateway.clinical import Identifier, Name, Patient
from translators.fhir.document_parts import Resource
from translators.fhir.narrative import folded

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_URI = re.compile(r"[a-z][a-z0-9+.-]{1,20}:[!-~]{1,500}")
_UNKNOWN = {
    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
    "valueCode": "unknown",
}


def minimal_patient(patient: Patient) -> Resource:
    made: Resource = {"resourceType": "Patient"}
    identifiers = [each for each in map(_identifier, patient.identifiers) if each]
    if identifiers:
        made["identifier"] = identifiers
    names = [name for name in map(_name, patient.names[:1]) if name]
    made["name"] = names or [{"extension": [_UNKNOWN]}]
    if patient.sex in ("female", "male", "other", "unknown"):
        made["gender"] = patient.sex
    if _DATE.fullmatch(patient.birth_date):
        made["birthDate"] = patient.birth_date
    return made


def _identifier(identifier: Identifier) -> Resource:
    value = folded(identifier.value)
    if not value:
        return {}
    system = identifier.system
    return {"system": system, "value": value} if _URI.fullmatch(system) else {"value": value}


def _name(name: Name) -> Resource:
    parts = {
        "text": folded(name.text),
        "family": folded(name.family),
        "given": [part for each in name.given if (part := folded(each))],
        "prefix": [part for part in [folded(name.prefix)] if part],
        "suffix": [part for part in [folded(name.suffix)] if part],
    }
    return {key: value for key, value in parts.items() if value}
