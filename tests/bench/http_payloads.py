"""The HTTP bodies of the bench: a FHIR bundle of 56 KB and a C-CDA of 50 KB inside Epic's ProcessDocument.

Both are about as dense as the records of test systems: 1.1 KB a resource, 1.4 KB a coded entry. `MARK`
stands where each request gets a number of its own, so that none is taken for a resend.
"""

import base64

import orjson

MARK = b"@NUMBER@"

_KINDS = ("Observation", "Condition", "MedicationRequest", "Procedure", "Immunization")
_PATIENT = "urn:uuid:00000000-0000-0000-0000-000000000000"

Json = dict[str, object]


def fhir_bundle(size: int = 56 * 1024) -> bytes:
    """A collection Bundle with resources of the kinds that records hold most, until it is large enough."""
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:2.16.840.1.113883.19.5", "value": MARK.decode()}],
        "name": [{"family": "Benchley", "given": ["Bertha"]}],
        "gender": "female",
        "birthDate": "1958-03-14",
    }
    entries: list[Json] = [{"fullUrl": _PATIENT, "resource": patient}]
    while len(orjson.dumps(entries)) < size - 100:
        entries.append(_entry(len(entries)))
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _entry(number: int) -> Json:
    kind = _KINDS[number % len(_KINDS)]
    content = {
        "Observation": _observation,
        "Condition": _condition,
        "MedicationRequest": _medication_request,
        "Procedure": _procedure,
        "Immunization": _immunization,
    }[kind](number, f"2026-03-{number % 28 + 1:02d}")
    resource = {"resourceType": kind, "id": f"r{number}", **_around(number, kind), **content}
    return {"fullUrl": f"urn:uuid:00000000-0000-0000-0000-{number:012d}", "resource": resource}


def _around(number: int, kind: str) -> Json:
    """What stands in every stored resource beside its content."""
    uuid = f"00000000-0000-4000-8000-{number:012d}"
    profile = f"http://hl7.org/fhir/us/core/StructureDefinition/us-core-{kind.lower()}"
    text = (
        f'<div xmlns="http://www.w3.org/1999/xhtml"><p><b>{kind} {number}</b></p><p>Recorded on the ward, checked'
        " against the list that the patient brought, and confirmed by the pharmacy.</p></div>"
    )
    return {
        "meta": {"versionId": "3", "lastUpdated": "2026-03-14T09:31:07.118+00:00", "profile": [profile]},
        "text": {"status": "generated", "div": text},
        "identifier": [{"use": "official", "system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid}"}],
        "patient" if kind == "Immunization" else "subject": {
            "reference": _PATIENT,
            "display": "Bertha Benchley",
        },
        "encounter": {"display": "Admission of March 2026 to the cardiology ward, fourth floor east"},
    }


def _concept(number: int, system: str = "http://snomed.info/sct") -> Json:
    text = f"Finding number {number}"
    return {"coding": [{"system": system, "code": str(10_000_000 + number), "display": text}], "text": text}


def _observation(number: int, day: str) -> Json:
    flag = "H" if number % 10 == 0 else "N"
    quantity = {"unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"}
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "laboratory", "display": "Laboratory"}]}],
        "code": _concept(number, "http://loinc.org"),
        "effectiveDateTime": f"{day}T08:30:00Z",
        "issued": f"{day}T09:12:44.000Z",
        "valueQuantity": {"value": number + 0.5, **quantity},
        "interpretation": [{"coding": [{"code": flag}]}],
        "referenceRange": [{"low": {"value": 1.0, **quantity}, "high": {"value": 200.0, **quantity}}],
    }


def _condition(number: int, day: str) -> Json:
    status = "http://terminology.hl7.org/CodeSystem/condition-"
    return {
        "clinicalStatus": {"coding": [{"system": f"{status}clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{status}ver-status", "code": "confirmed"}]},
        "category": [{"coding": [{"system": f"{status}category", "code": "problem-list-item"}]}],
        "code": _concept(number),
        "onsetDateTime": day,
        "recordedDate": day,
    }


def _medication_request(number: int, day: str) -> Json:
    dosage = {
        "text": "one tablet twice daily with food",
        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
        "route": {"text": "oral"},
        "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
    }
    return {
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": _concept(number, "http://www.nlm.nih.gov/research/umls/rxnorm"),
        "authoredOn": day,
        "requester": {"display": "Dr. Ann Attending"},
        "dosageInstruction": [dosage],
    }


def _procedure(number: int, day: str) -> Json:
    period = {"start": f"{day}T10:00:00Z", "end": f"{day}T10:40:00Z"}
    return {"status": "completed", "code": _concept(number), "performedPeriod": period}


def _immunization(number: int, day: str) -> Json:
    given = {"status": "completed", "vaccineCode": _concept(number, "http://hl7.org/fhir/sid/cvx")}
    return given | {
        "occurrenceDateTime": f"{day}T11:00:00Z",
        "primarySource": True,
        "lotNumber": f"L{number}",
    }


def process_document(size: int = 50 * 1024) -> bytes:
    """Epic NoteReader's ProcessDocument with a C-CDA of that size."""
    document = base64.b64encode(_ccda(size)).decode()
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<ProcessDocument xmlns="urn:epic-com:Common.2013.Services"><SessionID>{MARK.decode()}</SessionID>'
        "<WorkType>1</WorkType><OrganizationID>BENCH</OrganizationID>"
        f"<Document>{document}</Document></ProcessDocument></s:Body></s:Envelope>"
    ).encode()


_HEADER = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.10.20.22.1.2" extension="2015-08-01"/>
<id root="2.16.840.1.113883.19.5" extension="bench"/>
<code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>Continuity of care</title>
<effectiveTime value="20260314093000+0000"/><confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
<recordTarget><patientRole><id root="2.16.840.1.113883.19.5" extension="B1"/>
<patient><name><given>Bertha</given><family>Benchley</family></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19580314"/></patient>
</patientRole></recordTarget><component><structuredBody>"""

_AUTHOR = (
    '<author><templateId root="2.16.840.1.113883.10.20.22.4.119"/><time value="20260314093000+0000"/>'
    '<assignedAuthor><id extension="1234" root="2.16.840.1.113883.4.6"/><code code="207R00000X"'
    ' codeSystem="2.16.840.1.113883.6.101" displayName="Internal Medicine"/><addr use="WP"><streetAddressLine>1'
    " Load Street</streetAddressLine><city>Testville</city><state>OH</state><postalCode>44101</postalCode></addr>"
    '<telecom use="WP" value="tel:+1-216-555-0102"/></assignedAuthor></author>'
)


def _ccda(size: int) -> bytes:
    rows: list[str] = []
    entries: list[str] = []
    while sum(map(len, rows)) + sum(map(len, entries)) < size - 2200:
        rows.append(_row(len(rows) + 1))
        entries.append(_result(len(rows)))
    section = (
        '<component><section><templateId root="2.16.840.1.113883.10.20.22.2.3.1" extension="2015-08-01"/>'
        '<code code="30954-2" codeSystem="2.16.840.1.113883.6.1"/><title>Results</title><text><table><tbody>'
        f"{''.join(rows)}</tbody></table></text>{''.join(entries)}</section></component>"
    )
    return f"{_HEADER}{section}</structuredBody></component></ClinicalDocument>".encode()


def _row(number: int) -> str:
    return (
        f'<tr styleCode="xRowGroup"><td ID="a{number}">Analyte {number}</td><td><content styleCode="xmono">'
        f"{number}.5 mmol/L</content></td><td>normal</td><td>1.0-200.0</td><td>March 14, 2026 8:30 AM</td></tr>"
    )


def _result(number: int) -> str:
    return (
        '<entry><organizer classCode="BATTERY" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.1"/>'
        f'<templateId root="2.16.840.1.113883.10.20.22.4.1" extension="2015-08-01"/><id extension="o{number}"/>'
        '<code code="24323-8" codeSystem="2.16.840.1.113883.6.1" displayName="Panel"/>'
        '<statusCode code="completed"/><component><observation classCode="OBS" moodCode="EVN">'
        '<templateId root="2.16.840.1.113883.10.20.22.4.2" extension="2015-08-01"/>'
        f'<id extension="r{number}"/><code code="{2000 + number}-1" codeSystem="2.16.840.1.113883.6.1"'
        f' displayName="Analyte {number}"><originalText><reference value="#a{number}"/></originalText></code>'
        '<statusCode code="completed"/><effectiveTime value="20260314083000+0000"/>'
        f'<value xsi:type="PQ" value="{number}.5" unit="mmol/L"/>'
        f'<interpretationCode code="N" codeSystem="2.16.840.1.113883.5.83"/>{_AUTHOR}'
        "<referenceRange><observationRange><text>1.0-200.0</text></observationRange></referenceRange>"
        "</observation></component></organizer></entry>"
    )
