"""The Patient of a reply: as much as tells whose summary it is, and only what is valid FHIR."""

import re

from gateway.clinical import Name, Patient
from translators.fhir.document_parts import Resource
from translators.fhir.narrative import plain

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_URI = re.compile(r"[a-z][a-z0-9+.-]{1,20}:\S{1,500}")
_UNKNOWN = {
    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
    "valueCode": "unknown",
}


def minimal_patient(patient: Patient) -> Resource:
    made: Resource = {"resourceType": "Patient"}
    identifiers = [
        {"system": each.system, "value": each.value} if _URI.fullmatch(each.system) else {"value": each.value}
        for each in patient.identifiers
        if each.value.strip()
    ]
    if identifiers:
        made["identifier"] = identifiers
    names = [name for name in map(_name, patient.names[:1]) if name]
    made["name"] = names or [{"extension": [_UNKNOWN]}]
    if patient.sex in ("female", "male", "other", "unknown"):
        made["gender"] = patient.sex
    if _DATE.fullmatch(patient.birth_date):
        made["birthDate"] = patient.birth_date
    return made


def _name(name: Name) -> Resource:
    given = [part for each in name.given if (part := plain(each).strip())]
    parts = {
        "text": plain(name.text).strip(),
        "family": plain(name.family).strip(),
        "given": given,
        "prefix": [plain(name.prefix).strip()] if name.prefix.strip() else [],
        "suffix": [plain(name.suffix).strip()] if name.suffix.strip() else [],
    }
    return {key: value for key, value in parts.items() if value}
