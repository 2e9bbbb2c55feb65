"""The SOAP services with the real HL7 v2 translator and the real CDA reader behind them."""

import base64
import time
from collections import Counter

import pytest

from gateway.clinical import FactKind
from gateway.errors import ErrorKind, GatewayError
from gateway.request import SummarizationRequest
from tests.shared_data import shared_data
from tests.translators.soap.exchange import (
    BOTH,
    IDENTITY,
    NOW,
    V11,
    V12,
    a_message,
    an_answer,
    body_of,
    envelope,
    exchange,
    fault_detail,
    note_body,
    submission_body,
    summarize_body,
)
from translators.attachments import CDA, ER7, Attachments
from translators.cda.reader import read_cda
from translators.cda.writer import add_summary
from translators.hl7v2.translator import Hl7v2Translator, read_er7
from translators.soap.translator import SoapTranslator

HEAD = "MSH|^~\\&|EPIC|RIVERSIDE|GW|GW|20260314||{}|C1|P|2.5.1||||||{}\r"
ADMISSION = (
    HEAD.format("ADT^A01", "8859/1") + "PID|1||4711^^^RIV^MR||M\u00fcller^Anna\rAL1|1|DA|^Penicillin \u00b5\r"
)
QUERY = HEAD.format("QBP^Q15^QBP_Q15", "8859/1") + "QPD|Q15^Summary|T1|4711^^^RIV^MR\rRCP|I\r"


@pytest.fixture(scope="module")
def translator() -> SoapTranslator:
    attachments = Attachments({CDA: read_cda, ER7: read_er7})
    return SoapTranslator(IDENTITY, Hl7v2Translator(IDENTITY, attachments), attachments, add_summary)


def request_of(translator: SoapTranslator, service: str, body: str) -> SummarizationRequest:
    message = a_message(service, envelope(V12, body), V12)
    return translator.to_request(message, translator.open(message), "epic")


def test_characters_beyond_ascii_survive_whatever_msh_18_said(translator):
    request = request_of(translator, "iis", submission_body(ADMISSION))
    assert request.patient.names[0].family == "M\u00fcller"
    assert [fact.text for fact in request.facts if fact.kind is FactKind.ALLERGY] == ["Penicillin \u00b5"]


@pytest.mark.parametrize("version", BOTH)
def test_a_query_is_answered_in_the_characters_of_xml(translator, version):
    reply = exchange(a_message("iis", envelope(version, submission_body(QUERY)), version), translator)
    returned = body_of(reply)[0].text
    assert "|RDY^K15^RDY_K15|" in returned and returned.count("\r") > 5 and "\n" not in returned
    assert "No known allergies \\T\\ no <others>" in returned


def test_an_unreadable_message_is_refused_in_its_own_protocol(translator):
    wrong_version = ADMISSION.replace("|2.5.1|", "|9.9|")
    reply = exchange(a_message("iis", envelope(V12, submission_body(wrong_version)), V12), translator)
    assert "\rMSA|AR|C1\r" in body_of(reply)[0].text
    assert "M\u00fcller" not in reply.body.decode()


def test_text_without_a_message_header_is_a_fault(translator):
    reply = exchange(a_message("iis", envelope(V12, submission_body("PID|1||4711\r")), V12), translator)
    assert fault_detail(reply) is not None and b"4711" not in reply.body


def test_an_hl7_message_may_be_one_of_the_documents_to_summarize(translator):
    body = summarize_body(document=ADMISSION.replace("8859/1", "UNICODE UTF-8").encode(), media_type=ER7)
    request = request_of(translator, "summarize", body)
    assert [fact.origin for fact in request.facts] == ["document[1]/AL1[1]"]
    assert request.message_type == "Summarize"


def test_documents_about_two_people_are_refused_with_their_place(translator):
    other = ADMISSION.replace("8859/1", "UNICODE UTF-8").replace("4711", "4712").encode()
    first = summarize_body(document=other.replace(b"4712", b"4711"), media_type=ER7)
    second = summarize_body(document=other, media_type=ER7)
    start, end = second.index("<document"), second.index("</document>") + len("</document>")
    both = first.replace("</document>", "</document>" + second[start:end])
    with pytest.raises(GatewayError) as caught:
        request_of(translator, "summarize", both)
    assert caught.value.kind is ErrorKind.SEVERAL_PATIENTS
    assert caught.value.location == "/Envelope/Body/Summarize/document[2]"


def test_a_real_note_comes_back_as_it_was_with_its_summary_beside_it(translator):
    received = (shared_data("ccda") / "dotimplement+HealthChain/resources/epic_cda.xml").read_bytes()
    message = a_message("notereader", envelope(V11, note_body(received)), soapaction="ProcessDocument")
    opened = translator.open(message)
    request = translator.to_request(message, opened, "epic")
    reply = translator.to_reply(message, opened, an_answer(request), NOW)
    returned = read_cda(base64.b64decode(body_of(reply)[0][0].text))
    assert tuple(returned.facts) == request.facts and returned.patient == request.patient
    kept = {(note.origin, note.text) for note in request.notes}
    added = [note.text for note in returned.notes if (note.origin, note.text) not in kept]
    assert len(added) == 1 and "No known allergies & no <others>" in added[0]


def test_every_real_cda_document_is_summarized_or_the_senders_fault(translator, capsys):
    documents = [
        path for path in shared_data("ccda").rglob("*.xml") if b"ClinicalDocument" in path.read_bytes()[:4096]
    ]
    outcomes: Counter[str] = Counter()
    start = time.perf_counter()
    for path in documents:
        body = note_body(path.read_bytes())
        message = a_message("notereader", envelope(V11, body))
        try:
            request = translator.to_request(message, translator.open(message), "epic")
            outcomes["read, with facts" if request.facts else "read"] += 1
        except GatewayError as error:
            reply = translator.to_error(message, None, error, NOW)
            assert reply.code == "soap:Client", (path, error.kind, error.detail)
            outcomes[error.kind.value] += 1
    with capsys.disabled():
        each = (time.perf_counter() - start) / len(documents) * 1000
        print(f"\nProcessDocument: {len(documents)} CDA documents, {dict(outcomes)}, {each:.1f} ms each")
    assert outcomes["read, with facts"] > 0.8 * len(documents)
