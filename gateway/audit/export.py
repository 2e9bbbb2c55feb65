"""Entries as FHIR R4 AuditEvent resources, in the shape of IHE's Basic Audit Log Patterns (BALP 1.1).

BALP has no profile for operations or refusals: its PatientQuery skeleton is used with the subtype
`operation`, and the outcome says how it ended.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from gateway.audit.chain import Sealed
from gateway.audit.entries import Entry, Event

Json = dict[str, Any]

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_EVENT_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
_REST = "http://hl7.org/fhir/restful-interaction"
_OBJECT_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_BALP_ENTITY = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"

_KINDS: Mapping[str, tuple[str, str, str, str, str]] = {
    # event -> (system and code of the type, its display, subtype, action)
    Event.START: (_DCM, "110100", "Application Activity", "operation", "E"),
    Event.DECISION: (_EVENT_TYPE, "rest", "RESTful Operation", "operation", "E"),
    Event.REFUSALS: (_EVENT_TYPE, "rest", "RESTful Operation", "operation", "E"),
    Event.DISPATCH: (_LIFECYCLE, "transmit", "Transmit", "operation", "E"),
    Event.OUTCOME: (_EVENT_TYPE, "rest", "RESTful Operation", "operation", "E"),
    Event.RETURN: (_LIFECYCLE, "transmit", "Transmit", "operation", "E"),
    Event.LOOK: (_LIFECYCLE, "access", "Access", "read", "R"),
    Event.CONNECTIONS: (_DCM, "110126", "Node Authentication", "operation", "E"),
    Event.KEY: (_DCM, "110137", "User Security Attributes Changed", "update", "U"),
    Event.DELETION: (_LIFECYCLE, "destroy", "Destroy/Delete", "delete", "D"),
}
_SUCCESS, _MINOR, _SERIOUS = "0", "4", "8"


def audit_event(row: Sealed, gateway: str) -> Json:
    """`gateway`: the name under which this gateway observes, `gateway.name` of the operator's file."""
    entry: Entry = orjson.loads(row.entry)
    system, kind, display, interaction, action = _KINDS[entry["event"]]
    return {
        "resourceType": "AuditEvent",
        "id": f"{gateway}-{row.number}".replace("_", "-")[:64],
        "type": {"system": system, "code": kind, "display": display},
        "subtype": [
            {"system": _REST, "code": interaction},
            *([{"display": entry["type"]}] if "type" in entry else []),
        ],
        "action": action,
        **({"period": _period(entry)} if "first_at" in entry else {}),
        "recorded": datetime.fromtimestamp(row.at, UTC).isoformat(timespec="milliseconds"),
        "outcome": _outcome(entry),
        **({"outcomeDesc": entry["error"]} if "error" in entry else {}),
        **({"purposeOfEvent": _purposes(entry)} if "purpose_of_use" in entry else {}),
        "agent": _agents(entry, gateway),
        "source": {"observer": {"display": gateway}},
        "entity": _entities(entry, row),
    }


def _outcome(entry: Entry) -> str:
    if "error" in entry:
        return _SERIOUS if entry["error"] in ("internal", "store-unavailable") else _MINOR
    return _MINOR if entry.get("answer") == "undeliverable" else _SUCCESS


def _period(entry: Entry) -> Json:
    return {"start": entry["first_at"], "end": entry["last_at"]}


def _purposes(entry: Entry) -> list[Json]:
    return [{"coding": [{"system": _ACT_REASON, "code": code}]} for code in entry["purpose_of_use"]]


def _agents(entry: Entry, gateway: str) -> list[Json]:
    """Source, destination, and whoever asked, who is never left out (BALP: one requestor)."""
    asker = entry.get("partner") or entry.get("user") or "unknown"
    source: Json = {
        "type": {"coding": [{"system": _DCM, "code": "110153", "display": "Source Role ID"}]},
        "who": {"display": asker},
        "requestor": True,
    }
    if "peer" in entry:
        source["network"] = {"address": entry["peer"], "type": "2"}
    destination: Json = {
        "type": {"coding": [{"system": _DCM, "code": "110152", "display": "Destination Role ID"}]},
        "who": {"display": entry.get("backend") or gateway},
        "requestor": False,
    }
    return [source, destination]


def _entities(entry: Entry, row: Sealed) -> list[Json]:
    entities: list[Json] = []
    if "message" in entry:
        entities.append(
            {
                "what": {"identifier": {"value": entry["message"]}},
                "type": {"system": _BALP_ENTITY, "code": "XrequestId"},
            }
        )
    if "patient" in entry:
        entities.append(
            {
                "what": {"identifier": {"value": entry["patient"]}},
                "type": {"system": _ENTITY_TYPE, "code": "1", "display": "Person"},
                "role": {"system": _OBJECT_ROLE, "code": "1", "display": "Patient"},
            }
        )
    entities.append(
        {
            "type": {"system": _ENTITY_TYPE, "code": "4", "display": "Other"},
            "detail": [*_details(entry), {"type": "seal", "valueBase64Binary": _base64(row.mac)}],
        }
    )
    return entities


def _details(entry: Entry) -> list[Json]:
    """Whatever else the entry says, by its own names."""
    shown = (
        "event",
        "message",
        "patient",
        "peer",
        "partner",
        "user",
        "type",
        "purpose_of_use",
        "error",
        "first_at",
        "last_at",
    )
    return [
        {"type": name, "valueString": value if isinstance(value, str) else orjson.dumps(value).decode()}
        for name, value in entry.items()
        if name not in shown
    ]


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
