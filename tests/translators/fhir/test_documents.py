"""Compositions, reports and the documents that resources carry."""

from base64 import b64encode
from typing import Any

import pytest

from gateway.clinical import FactKind, FactStatus, Name, Patient, Reading, UnreadReason
from gateway.errors import GatewayError
from tests.translators.fhir.exchange import (
    Json,
    bundle_of,
    coded,
    only_fact,
    only_unread,
    read,
    reading_of,
)
from translators.attachments import CDA, Attachments
from translators.fhir.to_request import Selection, read_content


def narrative(text: str, status: str = "generated") -> Json:
    return {"status": status, "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p></div>'}


def attachment(text: str | bytes, media_type: str = "text/plain", **elements: Any) -> Json:
    payload = text if isinstance(text, bytes) else text.encode()
    return {"contentType": media_type, "data": b64encode(payload).decode()} | elements


def section(code: str, title: str, **elements: Any) -> Json:
    return {"title": title, "code": coded(title, code)} | elements


def composition(*sections: Json, **elements: Any) -> Json:
    return {
        "resourceType": "Composition",
        "id": "c",
        "status": "final",
        "type": coded("Discharge summary", "18842-5"),
        "date": "2026-03-14",
        "section": list(sections),
    } | elements


def test_each_section_is_a_note_and_repeats_its_entries() -> None:
    problem = {"resourceType": "Condition", "id": "p", "code": coded("Asthma")}
    reading = reading_of(
        composition(
            section("11450-4", "Problems", text=narrative("Asthma"), entry=[{"reference": "Condition/p"}]),
            section(
                "8648-8",
                "Course",
                text=narrative("Uneventful."),
                section=[section("1-8", "Day 1", text=narrative("Slept."))],
            ),
        ),
        problem,
    )
    assert [
        (note.text, note.section, note.title, note.status, note.repeats_facts) for note in reading.notes
    ] == [
        ("Asthma", "11450-4", "Problems", FactStatus.FINAL, True),
        ("Uneventful.", "8648-8", "Course", FactStatus.FINAL, False),
        ("Slept.", "1-8", "Day 1", FactStatus.FINAL, False),
    ]
    assert [note.origin.rpartition("resource.")[2] for note in reading.notes] == [
        "section[0]",
        "section[1]",
        "section[1].section[0]",
    ]
    assert {note.time for note in reading.notes} == {"2026-03-14"}


def test_a_narrative_called_additional_does_not_only_repeat() -> None:
    text = narrative("Asthma, worse at night", "additional")
    reading = reading_of(
        composition(section("11450-4", "Problems", text=text, entry=[{"reference": "Condition/p"}])),
        {"resourceType": "Condition", "id": "p", "code": coded("Asthma")},
    )
    assert [note.repeats_facts for note in reading.notes] == [False]


def test_the_section_decides_what_a_condition_is() -> None:
    past = {"resourceType": "Condition", "id": "p", "code": coded("Breast cancer")}
    document = composition(section("11348-0", "Past illness", entry=[{"reference": "Condition/p"}]))
    assert [fact.category for fact in reading_of(past, document).facts] == ["past-history"]


def test_entries_that_were_not_sent_are_counted() -> None:
    document = composition(
        section("11450-4", "Problems", entry=[{"reference": "Condition/p"}, {"reference": "#x"}])
    )
    assert only_unread(document).what == "2 entries of Problems, which were not sent"


@pytest.mark.parametrize(
    ("code", "text"),
    [("48765-2", "known allergies"), ("11450-4", "known problems"), ("10160-0", "known medications")],
)
def test_an_empty_section_of_nothing_known_is_a_negated_fact(code: str, text: str) -> None:
    empty = section(code, "S", emptyReason={"coding": [{"code": "nilknown"}]})
    fact = only_fact(composition(empty))
    assert (fact.text, fact.negated) == (text, True)


@pytest.mark.parametrize(
    ("reason", "unread"),
    [
        ("unavailable", UnreadReason.NO_INFORMATION),
        ("notasked", UnreadReason.NO_INFORMATION),
        ("withheld", UnreadReason.MASKED),
    ],
)
def test_a_section_empty_for_another_reason_is_listed(reason: str, unread: UnreadReason) -> None:
    empty = section("48765-2", "Allergies", emptyReason={"coding": [{"code": reason}]})
    assert only_unread(composition(empty)).reason is unread


def test_a_document_entered_in_error_takes_its_entries_with_it() -> None:
    problem = {"resourceType": "Condition", "id": "p", "code": coded("Asthma")}
    patient = {"resourceType": "Patient", "id": "1"}
    document = bundle_of(composition(status="entered-in-error"), patient, problem, type="document")
    reading = read(document).reading
    assert reading.is_empty()
    assert [each.reason for each in reading.unread] == [UnreadReason.WITHDRAWN]


def test_in_a_collection_only_the_composition_itself_is_withdrawn() -> None:
    problem = {"resourceType": "Condition", "id": "p", "code": coded("Asthma")}
    reading = reading_of(composition(status="entered-in-error"), problem)
    assert [fact.text for fact in reading.facts] == ["Asthma"]
    assert [each.reason for each in reading.unread] == [UnreadReason.WITHDRAWN]


def reference(*contents: Json, **elements: Any) -> Json:
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "docStatus": "final",
        "type": coded("Discharge summary", "18842-5"),
        "date": "2026-03-14T10:00:00Z",
        "content": [{"attachment": each} for each in contents],
    } | elements


def test_the_text_of_a_document_is_a_note() -> None:
    reading = read(reference(attachment("No fever.\r\nHome."))).reading
    (note,) = reading.notes
    assert (note.text, note.title, note.section, note.status, note.time, note.origin) == (
        "No fever.\nHome.",
        "Discharge summary",
        "18842-5",
        FactStatus.FINAL,
        "2026-03-14T10:00:00Z",
        "DocumentReference.content[0].attachment",
    )


@pytest.mark.parametrize(
    "media_type", ["application/cda+xml", "x-application/hl7-v2+er7", "application/hl7-v2"]
)
@pytest.mark.parametrize("kind", ["DocumentReference", "Binary"])
def test_cda_and_v2_go_to_their_own_readers(kind: str, media_type: str) -> None:
    carried = attachment("carried", media_type)
    resource = reference(carried) if kind == "DocumentReference" else {"resourceType": "Binary"} | carried
    place = "DocumentReference.content[0].attachment" if kind == "DocumentReference" else "Binary"
    fact = only_fact(resource)
    assert (fact.text, fact.origin) == ("carried", f"{place}/carried")


def test_of_several_formats_the_most_telling_is_read_and_the_others_are_not_missed() -> None:
    pdf, cda = attachment(b"%PDF-1.4", "application/pdf"), attachment("carried", "application/cda+xml")
    reading = read(reference(pdf, attachment("plain"), cda)).reading
    assert [fact.text for fact in reading.facts] == ["carried"]
    assert not reading.notes and not reading.unread


def test_a_format_that_cannot_be_read_gives_way_to_the_next() -> None:
    broken = {"contentType": "text/plain", "data": "!!!"}
    reading = read(reference(broken, attachment("<p>Home</p>", "text/html"))).reading
    assert [note.text for note in reading.notes] == ["Home"]
    assert not reading.unread


NOT_READ: list[tuple[Json, UnreadReason, str]] = [
    (attachment(b"%PDF-1.4", "application/pdf"), UnreadReason.BINARY, "Discharge summary: PDF document"),
    (
        {"contentType": "text/plain", "url": "http://ehr.example/Binary/1"},
        UnreadReason.EXTERNAL,
        "Discharge summary (text/plain): only a link was sent",
    ),
    ({"contentType": "text/plain"}, UnreadReason.NO_INFORMATION, "no content was sent"),
    ({"contentType": "text/plain", "data": "not base64!"}, UnreadReason.INVALID, "not base64"),
    (attachment(b"\xff\xfe", "text/plain"), UnreadReason.INVALID, "Discharge summary: text/plain"),
]


@pytest.mark.parametrize(("carried", "reason", "what"), NOT_READ)
def test_a_document_that_is_not_read_is_named(carried: Json, reason: UnreadReason, what: str) -> None:
    unread = only_unread(reference(carried))
    assert unread.reason is reason
    assert what in unread.what


def test_a_link_is_followed_inside_the_bundle_only() -> None:
    binary = {"resourceType": "Binary", "id": "b", **attachment("Inside.")}
    linked = reference({"contentType": "text/plain", "url": "Binary/b"}, id="d")
    reading = reading_of(binary, linked)
    assert [note.text for note in reading.notes] == ["Inside."]
    assert not reading.unread


def test_a_link_to_anything_but_a_binary_is_not_followed() -> None:
    problem = {"resourceType": "Condition", "id": "c", "code": coded("Asthma"), "data": "Zm9v"}
    linked = reference({"contentType": "text/plain", "url": "Condition/c"}, id="d")
    assert [each.reason for each in reading_of(problem, linked).unread] == [UnreadReason.EXTERNAL]


@pytest.mark.parametrize(
    "elements", [{"status": "entered-in-error"}, {"status": "superseded"}, {"docStatus": "entered-in-error"}]
)
def test_a_document_that_does_not_count_any_more_is_withdrawn(elements: Json) -> None:
    assert only_unread(reference(attachment("x"), **elements)).reason is UnreadReason.WITHDRAWN


def test_that_there_is_an_advance_directive_is_told_even_if_it_cannot_be_read() -> None:
    directive = reference(
        attachment(b"%PDF-1.4", "application/pdf"),
        type=coded("Do not resuscitate", "84095-9"),
        category=[coded("Advance directives", "42348-3")],
    )
    reading = read(directive).reading
    assert [(fact.kind, fact.text) for fact in reading.facts] == [(FactKind.DIRECTIVE, "Do not resuscitate")]
    assert [each.reason for each in reading.unread] == [UnreadReason.BINARY]


def test_a_carried_document_knows_the_patient_better_than_a_reference() -> None:
    def about(payload: bytes, origin: str) -> Reading:
        return Reading(patient=Patient(birth_date="1950-01-01", names=(Name(family="Shaw"),)))

    body = reference(attachment("<x/>", CDA), subject={"reference": "Patient/1", "display": "Amy Shaw"})
    carried = read_content(body, Attachments({CDA: about}), Selection()).reading.patient
    assert (carried.birth_date, carried.names[0].family) == ("1950-01-01", "Shaw")
    assert (
        read(reference(attachment("x"), subject=body["subject"])).reading.patient.names[0].text == "Amy Shaw"
    )


def test_a_document_about_somebody_else_is_refused() -> None:
    def about_another(payload: bytes, origin: str) -> Reading:
        return Reading(patient=Patient(birth_date="1950-01-01"))

    patient = {"resourceType": "Patient", "id": "1", "birthDate": "1970-01-02"}
    body = bundle_of(patient, reference(attachment("<x/>", CDA), id="d"))
    with pytest.raises(GatewayError) as raised:
        read_content(body, Attachments({CDA: about_another}), Selection())
    assert raised.value.location == "Bundle.entry[1].resource.content[0].attachment"


def report(**elements: Any) -> Json:
    return {
        "resourceType": "DiagnosticReport",
        "status": "amended",
        "code": coded("Chest X-ray", "36643-5"),
        "effectiveDateTime": "2026-03-14",
    } | elements


def test_a_report_gives_its_conclusion_its_codes_and_its_forms() -> None:
    reading = read(
        report(
            conclusion="No pneumothorax.",
            conclusionCode=[coded("Normal chest")],
            presentedForm=[attachment("Full report"), attachment(b"%PDF", "application/pdf")],
        )
    ).reading
    assert [(note.text, note.origin, note.status) for note in reading.notes] == [
        ("No pneumothorax.", "DiagnosticReport.conclusion", FactStatus.CORRECTED),
        ("Full report", "DiagnosticReport.presentedForm[0]", FactStatus.CORRECTED),
    ]
    assert [(fact.text, fact.value) for fact in reading.facts] == [("Chest X-ray", "Normal chest")]
    assert [each.what for each in reading.unread] == ["Chest X-ray: PDF document, 4 bytes"]


def test_a_report_whose_results_were_not_sent_says_so() -> None:
    unread = only_unread(report(result=[{"reference": "Observation/1"}, {"reference": "Observation/2"}]))
    assert (unread.reason, unread.what) == (
        UnreadReason.EXTERNAL,
        "2 results of Chest X-ray, which were not sent",
    )


def test_a_withdrawn_report_is_no_content() -> None:
    unread = only_unread(report(status="entered-in-error", conclusion="Fracture"))
    assert (unread.reason, "Fracture" in unread.what) == (UnreadReason.WITHDRAWN, False)


def test_an_image_is_named() -> None:
    media = {
        "resourceType": "Media",
        "status": "completed",
        "modality": coded("ECG"),
        "content": attachment(b"\x89PNG", "image/png"),
    }
    assert only_unread(media).what == "ECG: PNG image, 4 bytes"


def test_a_narrative_called_additional_is_kept_as_a_note() -> None:
    plan = {"resourceType": "CarePlan", "status": "active", "text": narrative("Call if worse", "additional")}
    assert [note.text for note in read(plan).reading.notes] == ["Call if worse"]
    plan["text"] = narrative("Care plan", "generated")
    assert not read(plan).reading.notes
