import base64

import pytest

from gateway.clinical import ClinicalFact, FactKind, Identifier, Patient, Reading
from tests.translators.hl7v2.messages import er7, read, read_payload, told
from translators.attachments import CDA, Attachments


def ed(major: str, subtype: str, encoding: str, content: str) -> str:
    return f"OBX|1|ED|D^Report^L||LAB^{major}^{subtype}^{encoding}^{content}||||||F"


def b64(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


@pytest.mark.parametrize(
    ("major", "subtype", "encoding", "content"),
    [
        ("TEXT", "plain", "Base64", b64("two\nlines")),
        ("TEXT", "", "A", "two\\.br\\lines"),
        ("TEXT", "html", "Base64", b64("<p>two</p><p>lines</p>")),
        ("", "text/html", "Base64", b64("<p>two</p>lines")),
        ("TEXT", "rtf", "Base64", b64(r"{\rtf1 two\par lines}")),
        ("", "text/rtf;charset=UTF8", "base64", b64(r"{\rtf1 two\par lines}")),
        ("TX", "txt", "Hex", b"two\nlines".hex()),
        ("text", "plain", "Base64", b64("two\nlines")[:8] + "\\.br\\" + b64("two\nlines")[8:]),
    ],
)
def test_text_in_any_encoding_is_a_note(major: str, subtype: str, encoding: str, content: str) -> None:
    (note,) = read(ed(major, subtype, encoding, content)).notes
    assert (note.text, note.title, note.origin) == ("two\nlines", "Report", "OBX[1]-5")


@pytest.mark.parametrize(
    ("segment", "reason", "what"),
    [
        (ed("AP", "PDF", "Base64", b64(b"%PDF-1.4")), "binary", "PDF document, 8 bytes"),
        (ed("Image", "PDF", "Base64", b64(b"%PDF-1.4")), "binary", "PDF document, 8 bytes"),
        (ed("IM", "JPEG", "Base64", b64(b"\xff\xd8\xff")), "binary", "JPEG image, 3 bytes"),
        (ed("TEXT", "plain", "Base64", "<no base64>"), "invalid", "text/plain: the content is not Base64"),
        (ed("TEXT", "plain", "Hex", "XY"), "invalid", "text/plain: the content is not Hex"),
        (ed("TEXT", "plain", "", b64("x")), "invalid", "text/plain: the encoding (OBX-5.4) is not declared"),
        (ed("AP", "PDF", "Base64", ""), "no-information", "OBX without a value: Report"),
        ("OBX|1|ED|D^Report^L||||||||F", "no-information", "OBX without a value: Report"),
        (
            "OBX|1|RP|D^Scan^L||http://pacs/x?mrn=1^PACS^image^JPEG||||||F",
            "external",
            "pointer to image/jpeg Scan",
        ),
        ("OBX|1|RP|D^Scan^L||http://pacs/x?mrn=1||||||F", "external", "pointer to a document Scan"),
    ],
)
def test_what_holds_no_text_is_listed_with_its_kind(segment: str, reason: str, what: str) -> None:
    reading = read(segment)
    assert (reading.facts, reading.notes) == ([], [])
    assert told(reading) == [("OBX[1]-5", reason, what)]


def test_a_withdrawn_document_is_not_opened() -> None:
    reading = read(ed("TEXT", "plain", "Base64", b64("wrong patient")).replace("||F", "||W"))
    assert (reading.notes, [each[1] for each in told(reading)]) == ([], ["withdrawn"])


@pytest.mark.parametrize("content", [b"<p>5 \xb5mol</p>", b'<meta charset="windows-1252"><p>5 \xb5mol</p>'])
def test_text_without_a_character_set_is_read_as_messages_are(content: bytes) -> None:
    reading = read(ed("TEXT", "html", "Base64", b64(content)))
    assert reading.notes[0].text == "5 µmol"
    declared = b"charset" in content
    assert [each.code for each in reading.warnings] == ([] if declared else ["charset-assumed"])


class Recorder:
    """Stands for the reader of CDA."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self.payload = b""

    def __call__(self, payload: bytes, origin: str) -> Reading:
        self.payload = payload
        fact = ClinicalFact(
            kind=FactKind.CONDITION, text="Asthma", origin=f"{origin}/section[11450-4]/entry[1]"
        )
        return Reading(patient=self.patient, facts=[fact])


CLINICAL_DOCUMENT = "<ClinicalDocument xmlns='urn:hl7-org:v3'/>"
MULTIPART = (
    "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=HL7\r\n\r\n--HL7\r\n"
    "Content-Type: text/xml\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    f"{b64(CLINICAL_DOCUMENT)}\r\n--HL7--\r\n"
)


@pytest.mark.parametrize(
    ("major", "subtype", "content"),
    [
        ("TEXT", "XML", CLINICAL_DOCUMENT),
        ("application", "cda+xml", CLINICAL_DOCUMENT),
        ("multipart", "x-hl7-cda-level-one", MULTIPART),
    ],
)
def test_a_clinical_document_goes_to_its_own_reader(major: str, subtype: str, content: str) -> None:
    reader = Recorder(Patient())
    reading = read_payload(er7(ed(major, subtype, "Base64", b64(content))), Attachments({CDA: reader}))
    assert reader.payload == CLINICAL_DOCUMENT.encode()
    assert reading.facts[0].origin == "OBX[1]-5/section[11450-4]/entry[1]"


def test_a_document_about_somebody_else_is_not_taken_over() -> None:
    other = Patient(
        identifiers=(Identifier(value="MRN2", system="HOSP", type="MR"),), birth_date="1990-01-01"
    )
    content = ed("TEXT", "XML", "Base64", b64(CLINICAL_DOCUMENT))
    reading = read_payload(er7(content), Attachments({CDA: Recorder(other)}))
    assert (reading.facts, told(reading)) == (
        [],
        [("OBX[1]-5", "invalid", "a document about another patient")],
    )
