"""One labelled note as each protocol carries it, read by the real translators."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from xml.sax.saxutils import escape

from gateway.commands.offline import carried_in_soap, offline_translators, request_of
from gateway.interfaces import Translator
from gateway.messages import InboundMessage, Protocol
from gateway.request import SummarizationRequest
from tests.gateway.deidentify.notes import LabelledNote
from tests.gateway.deidentify.personas import Persona

_ESCAPED = str.maketrans(
    {
        "|": r"\F\ ".strip(),
        "^": r"\S\ ".strip(),
        "~": r"\R\ ".strip(),
        "\\": r"\E\ ".strip(),
        "&": r"\T\ ".strip(),
    }
)


@cache
def _translators() -> dict[Protocol, Translator]:
    return offline_translators()


def _read(protocol: Protocol, body: bytes, **more: object) -> SummarizationRequest:
    message = InboundMessage(
        id="1" * 18,
        protocol=protocol,
        listener="test",
        peer="127.0.0.1",
        received_at=datetime(2026, 11, 2, 12, tzinfo=UTC),
        body=body,
        **more,  # type: ignore[arg-type]
    )
    request = request_of(message, _translators()[protocol], "test")[1]
    assert request is not None
    return request


def _er7_head(who: Persona, event: str) -> list[str]:
    name = f"{who.family}^{who.given}^{who.middle}"
    lines = f"{who.street}^{who.unit}^{who.town}^{who.state}^{who.postal_code}^USA^H"
    staff = f"2207^{who.attending[1]}^{who.attending[0]}^^^Dr."
    sex = who.sex[0].upper()
    return [
        f"MSH|^~\\&|FEED|EAST|GW|GW|{who.admitted:%Y%m%d}1200||{event}|M1|P|2.5.1|||AL|NE||UNICODE UTF-8",
        f"PID|1||{who.mrn}^^^EAST^MR||{name}||{who.birth:%Y%m%d}|{sex}|||{lines}||({who.phone[:3]}){who.phone[3:6]}-{who.phone[6:]}^PRN^PH~^NET^Internet^{who.email}",
        f"NK1|1|{who.relative[1]}^{who.relative[0]}|{who.relation}",
        f"PV1|1|I|4W^412^A^EAST^^N^^^{who.facility}||||{staff}||||||||||||{who.visit}^^^EAST^VN|||||||||||||||||||||||||{who.admitted:%Y%m%d}0800",
    ]


def as_document_message(note: LabelledNote) -> SummarizationRequest:
    """MDM^T02: a line an OBX, below TXA."""
    who = note.persona
    segments = [*_er7_head(who, "MDM^T02"), f"TXA|1|PN|TX|{who.admitted:%Y%m%d}1000|||||||||DOC1||||||AU"]
    segments.insert(1, f"EVN|T02|{who.admitted:%Y%m%d}1200")
    segments += [
        f"OBX|{index}|TX|11506-3^Progress note^LN||{line.translate(_ESCAPED)}||||||F"
        for index, line in enumerate(note.text.split("\n"), 1)
    ]
    return _read(Protocol.HL7V2, ("\r".join(segments) + "\r").encode())


def as_comments(note: LabelledNote) -> SummarizationRequest:
    """ORU^R01: a line an NTE, below a result."""
    segments = _er7_head(note.persona, "ORU^R01^ORU_R01")
    segments.append(f"OBR|1|||24323-8^Metabolic panel^LN|||{note.persona.admitted:%Y%m%d}0900")
    segments.append("OBX|1|NM|2823-3^Potassium^LN||4.1|mmol/L|3.5-5.1|N|||F")
    segments += [
        f"NTE|{index}||{line.translate(_ESCAPED)}" for index, line in enumerate(note.text.split("\n"), 1)
    ]
    return _read(Protocol.HL7V2, ("\r".join(segments) + "\r").encode())


def bundle(who: Persona, *documents: dict[str, object]) -> bytes:
    phone = {"system": "phone", "value": f"({who.phone[:3]}) {who.phone[3:6]}-{who.phone[6:]}"}
    mr = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [{"type": mr, "system": "urn:oid:2.16.840.1.113883.19.1", "value": who.mrn}],
        "name": [{"family": who.family, "given": [who.given, who.middle]}],
        "gender": who.sex,
        "birthDate": who.birth.isoformat(),
        "telecom": [phone, {"system": "email", "value": who.email}],
        "address": [
            {
                "line": [who.street, *([who.unit] if who.unit else [])],
                "city": who.town,
                "state": who.state,
                "postalCode": who.postal_code,
            }
        ],
        "contact": [{"name": {"family": who.relative[1], "given": [who.relative[0]]}}],
    }
    encounter = {
        "resourceType": "Encounter",
        "id": "e",
        "identifier": [{"system": "urn:oid:2.16.840.1.113883.19.2", "value": who.visit}],
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/p"},
        "period": {"start": f"{who.admitted.isoformat()}T08:00:00Z"},
        "participant": [{"individual": {"display": f"Dr. {who.attending[0]} {who.attending[1]}"}}],
        "location": [{"location": {"display": who.facility}}],
    }
    entries = [{"resource": each} for each in (*documents, patient, encounter)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def _of_bundle(body: bytes) -> SummarizationRequest:
    headers = {"content-type": "application/fhir+json", "accept": "application/fhir+json"}
    return _read(Protocol.FHIR, body, method="POST", base="/fhir/R4", target="$summarize", headers=headers)


def as_document_reference(note: LabelledNote) -> SummarizationRequest:
    return _of_bundle(document_reference(note))


def document_reference(note: LabelledNote) -> bytes:
    return bundle(
        note.persona,
        {
            "resourceType": "DocumentReference",
            "status": "current",
            "type": {"text": "Progress note"},
            "subject": {"reference": "Patient/p"},
            "content": [
                {
                    "attachment": {
                        "contentType": "text/plain; charset=utf-8",
                        "data": base64.b64encode(note.text.encode()).decode(),
                    }
                }
            ],
        },
    )


def as_composition(note: LabelledNote) -> SummarizationRequest:
    lines = "<br/>".join(map(escape, note.text.split("\n")))
    body = bundle(
        note.persona,
        {
            "resourceType": "Composition",
            "status": "final",
            "type": {"text": "Progress note"},
            "subject": {"reference": "Patient/p"},
            "date": f"{note.persona.admitted.isoformat()}T10:00:00Z",
            "author": [{"display": "Ward"}],
            "title": "Progress note",
            "section": [
                {
                    "title": "Course",
                    "text": {
                        "status": "generated",
                        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{lines}</p></div>',
                    },
                }
            ],
        },
    )
    return _of_bundle(body)


_CDA = """<ClinicalDocument xmlns="urn:hl7-org:v3"><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<id root="2.16.840.1.113883.19.20.8" extension="PN-1"/>
<code code="11506-3" codeSystem="2.16.840.1.113883.6.1" displayName="Progress note"/><title>Progress Note</title>
<effectiveTime value="{day}1200+0000"/><confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
<recordTarget><patientRole><id root="2.16.840.1.113883.19.1" extension="{mrn}"/>
<addr><streetAddressLine>{street}</streetAddressLine>{unit}<city>{town}</city><state>{state}</state>
<postalCode>{code}</postalCode></addr><telecom value="tel:({a}){b}-{c}"/><telecom value="mailto:{email}"/>
<patient><name><given>{given}</given><given>{middle}</given><family>{family}</family></name>
<administrativeGenderCode code="{sex}" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="{birth}"/></patient>
</patientRole></recordTarget>
<author><time value="{day}1200+0000"/><assignedAuthor><id nullFlavor="NI"/><assignedPerson><name>
<given>{staff_given}</given><family>{staff_family}</family></name></assignedPerson></assignedAuthor></author>
<participant typeCode="IND"><associatedEntity classCode="NOK"><associatedPerson><name><given>{kin_given}</given>
<family>{kin_family}</family></name></associatedPerson></associatedEntity></participant>
<componentOf><encompassingEncounter><id root="2.16.840.1.113883.19.2" extension="{visit}"/>
<effectiveTime><low value="{day}0800+0000"/></effectiveTime>
<responsibleParty><assignedEntity><id nullFlavor="NI"/><assignedPerson><name><given>{staff_given}</given>
<family>{staff_family}</family></name></assignedPerson></assignedEntity></responsibleParty>
<location><healthCareFacility><id nullFlavor="NI"/><location><name>{facility}</name></location></healthCareFacility>
</location></encompassingEncounter></componentOf>
<component><structuredBody><component><section>
<code code="8648-8" codeSystem="2.16.840.1.113883.6.1"/><title>Hospital course</title>
<text>{text}</text></section></component></structuredBody></component></ClinicalDocument>"""


def as_clinical_document(note: LabelledNote) -> SummarizationRequest:
    who = note.persona
    document = _CDA.format(
        day=f"{who.admitted:%Y%m%d}",
        mrn=who.mrn,
        street=who.street,
        unit=f"<streetAddressLine>{who.unit}</streetAddressLine>" if who.unit else "",
        town=who.town,
        state=who.state,
        code=who.postal_code,
        a=who.phone[:3],
        b=who.phone[3:6],
        c=who.phone[6:],
        email=who.email,
        given=who.given,
        middle=who.middle,
        family=who.family,
        sex=who.sex[0].upper(),
        birth=f"{who.birth:%Y%m%d}",
        staff_given=who.attending[0],
        staff_family=who.attending[1],
        kin_given=who.relative[0],
        kin_family=who.relative[1],
        visit=who.visit,
        facility=who.facility,
        text="<br/>".join(map(escape, note.text.split("\n"))),
    )
    return _read(
        Protocol.SOAP,
        carried_in_soap(document.encode()),
        method="POST",
        base="/soap/summarize",
        headers={"content-type": "application/soap+xml; charset=utf-8"},
    )


CARRIERS: dict[str, Callable[[LabelledNote], SummarizationRequest]] = {
    "HL7 v2": as_document_message,
    "FHIR": as_document_reference,
    "CDA": as_clinical_document,
    "HL7 v2 ": as_comments,
    "FHIR ": as_composition,
}
"""A space after the name: the protocol's second way."""


def text_of(request: SummarizationRequest, note: LabelledNote) -> str:
    """The text of the request that is the note, character by character."""
    texts = [each.text for each in request.notes]
    texts += [detail.text for fact in request.facts for detail in fact.details]
    return next(text for text in texts if text == note.text)
