"""The HTTP bodies of the bench: a FHIR bundle of 56 KB and a C-CDA of 50 KB inside Epic's ProcessDocument."""

import base64

import orjson

_KINDS = ("Observation", "Condition", "MedicationRequest", "Procedure", "Immunization")


def fhir_bundle(size: int = 56 * 1024) -> bytes:
    """A collection Bundle with resources of the kinds that records hold most, until it is large enough."""
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:2.16.840.1.113883.19.5", "value": "B1"}],
        "name": [{"family": "Benchley", "given": ["Bertha"]}],
        "gender": "female",
        "birthDate": "1958-03-14",
    }
    entries = [{"fullUrl": "urn:uuid:00000000-0000-0000-0000-000000000000", "resource": patient}]
    while len(orjson.dumps(entries)) < size - 100:
        entries.append(_entry(len(entries)))
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _entry(number: int) -> dict[str, object]:
    subject = {"reference": "urn:uuid:00000000-0000-0000-0000-000000000000"}
    coding = {"system": "http://snomed.info/sct", "code": str(10_000_000 + number)}
    concept = {
        "coding": [{**coding, "display": f"Finding number {number}"}],
        "text": f"Finding number {number}",
    }
    day = f"2026-03-{number % 28 + 1:02d}"
    kind = _KINDS[number % len(_KINDS)]
    resource: dict[str, object] = {"resourceType": kind, "id": f"r{number}"}
    if kind == "Observation":
        loinc = {
            "coding": [{"system": "http://loinc.org", "code": f"{2000 + number}-1"}],
            "text": f"Analyte {number}",
        }
        high_low = [{"coding": [{"code": "H" if number % 10 == 0 else "N"}]}]
        value = {
            "value": number + 0.5,
            "unit": "mmol/L",
            "system": "http://unitsofmeasure.org",
            "code": "mmol/L",
        }
        limits = [{"low": {"value": 1.0, "unit": "mmol/L"}, "high": {"value": 200.0, "unit": "mmol/L"}}]
        resource |= {
            "status": "final",
            "code": loinc,
            "subject": subject,
            "effectiveDateTime": f"{day}T08:30:00Z",
        }
        resource |= {"valueQuantity": value, "interpretation": high_low, "referenceRange": limits}
    elif kind == "Condition":
        active = {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
            ]
        }
        resource |= {"clinicalStatus": active, "code": concept, "subject": subject, "onsetDateTime": day}
    elif kind == "MedicationRequest":
        dosage = [{"text": "one tablet twice daily", "route": {"text": "oral"}}]
        resource |= {"status": "active", "intent": "order", "medicationCodeableConcept": concept}
        resource |= {"subject": subject, "authoredOn": day, "dosageInstruction": dosage}
    elif kind == "Procedure":
        resource |= {"status": "completed", "code": concept, "subject": subject, "performedDateTime": day}
    else:
        resource |= {
            "status": "completed",
            "vaccineCode": concept,
            "patient": subject,
            "occurrenceDateTime": day,
        }
    return {"fullUrl": f"urn:uuid:00000000-0000-0000-0000-{number:012d}", "resource": resource}


def process_document(size: int = 50 * 1024) -> bytes:
    """Epic NoteReader's ProcessDocument with a C-CDA of that size."""
    document = base64.b64encode(_ccda(size)).decode()
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        '<ProcessDocument xmlns="urn:epic-com:Common.2013.Services"><SessionID>bench</SessionID>'
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


def _ccda(size: int) -> bytes:
    rows: list[str] = []
    entries: list[str] = []
    number = 0
    while sum(map(len, rows)) + sum(map(len, entries)) < size - 2500:
        number += 1
        rows.append(
            f'<tr><td ID="a{number}">Analyte {number}</td><td>{number}.5 mmol/L</td><td>normal</td></tr>'
        )
        entries.append(
            '<entry><organizer classCode="BATTERY" moodCode="EVN">'
            f'<templateId root="2.16.840.1.113883.10.20.22.4.1" extension="2015-08-01"/><id extension="o{number}"/>'
            f'<code code="24323-8" codeSystem="2.16.840.1.113883.6.1" displayName="Panel"/>'
            '<statusCode code="completed"/><component><observation classCode="OBS" moodCode="EVN">'
            '<templateId root="2.16.840.1.113883.10.20.22.4.2" extension="2015-08-01"/>'
            f'<id extension="r{number}"/><code code="{2000 + number}-1" codeSystem="2.16.840.1.113883.6.1"'
            f' displayName="Analyte {number}"><originalText><reference value="#a{number}"/></originalText></code>'
            '<statusCode code="completed"/><effectiveTime value="20260314083000+0000"/>'
            f'<value xsi:type="PQ" value="{number}.5" unit="mmol/L"/>'
            '<interpretationCode code="N" codeSystem="2.16.840.1.113883.5.83"/>'
            "<referenceRange><observationRange><text>1.0-200.0</text></observationRange></referenceRange>"
            "</observation></component></organizer></entry>"
        )
    section = (
        '<component><section><templateId root="2.16.840.1.113883.10.20.22.2.3.1" extension="2015-08-01"/>'
        '<code code="30954-2" codeSystem="2.16.840.1.113883.6.1"/><title>Results</title><text><table><tbody>'
        f"{''.join(rows)}</tbody></table></text>{''.join(entries)}</section></component>"
    )
    return f"{_HEADER}{section}</structuredBody></component></ClinicalDocument>".encode()
