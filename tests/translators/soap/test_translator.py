import base64
import time
import timeit

import pytest
from lxml import etree

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Claims, Wish
from gateway.request import Audience, Purpose, Task
from tests.translators.soap.exchange import (
    BOTH,
    DOCUMENT,
    NOW,
    V11,
    V12,
    a_message,
    a_translator,
    an_answer,
    body_of,
    echo_body,
    envelope,
    exchange,
    fault_codes,
    fault_detail,
    note_body,
    summarize_body,
)
from translators.attachments import CDA, ER7
from translators.soap import names
from translators.soap.to_request import carried_document


def asked(body: str, service: str = "summarize", version=V12, **headers: str):
    """The opened message and its request."""
    translator, message = a_translator(), a_message(service, envelope(version, body), version, **headers)
    opened = translator.open(message)
    return opened, translator.to_request(message, opened, "epic")


def refused(body: str, service: str = "summarize") -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        asked(body, service)
    return caught.value


def summarize(content: str) -> str:
    return f'<Summarize xmlns="{names.SUMMARIZE}">{content}</Summarize>'


def document(payload: bytes, media_type: str = "text/plain") -> str:
    return f'<document mediaType="{media_type}">{base64.b64encode(payload).decode()}</document>'


@pytest.mark.parametrize("version", BOTH)
def test_connectivity_is_tested_without_asking_who_calls(version):
    translator = a_translator()
    message = a_message("iis", envelope(version, echo_body("a &lt; b &#13; caf\u00e9")), version)
    opened = translator.open(message)
    assert (opened.wish, opened.claims, opened.duplicate_key) == (Wish.ECHO, Claims(), None)
    reply = translator.to_receipt(message, opened, NOW)
    assert body_of(reply)[0].text == "a < b \r caf\u00e9"
    assert not reply.positive


def test_a_connectivity_test_without_its_text_is_refused_and_a_nil_one_is_not():
    empty = f'<connectivityTest xmlns="{names.IIS}"/>'
    assert fault_detail(exchange(a_message("iis", envelope(V12, empty), V12))).tag == f"{{{names.IIS}}}fault"
    nil = echo_body().replace("<echoBack>Hello", f'<echoBack xmlns:i="{names.XSI}" i:nil="true">')
    assert exchange(a_message("iis", envelope(V12, nil), V12)).status == 200


def test_summarize_takes_every_option():
    options = (
        "<purpose>discharge</purpose><audience>patient</audience><language>de-CH</language>"
        "<maxLength>800</maxLength><model> clinical </model><purposeOfUse>TREAT</purposeOfUse>"
        "<purposeOfUse>ETREAT</purposeOfUse>"
    )
    opened, request = asked(summarize_body(options), authorization="Bearer demo")
    assert (opened.wish, opened.message_type, opened.version) == (Wish.SUMMARIZE, "Summarize", "1.2")
    assert opened.claims == Claims(api_key="demo")
    assert request.task == Task(
        purpose=Purpose.DISCHARGE,
        audience=Audience.PATIENT,
        language="de-CH",
        max_length=800,
        model="clinical",
        purpose_of_use=("TREAT", "ETREAT"),
    )
    assert asked(summarize_body())[1].task == Task()


def test_documents_and_notes_are_read_each_under_its_own_origin():
    _, request = asked(
        summarize(
            document(DOCUMENT, CDA)
            + document(b"MSH|1", ER7)
            + document("caf\u00e9".encode("latin-1"), "text/plain; charset=iso-8859-1")
            + document(b"<p>a</p><p>b</p>", "text/html")
            + document(b"%PDF-1.7", "application/pdf")
            + '<note title="Plan">line one\nline two</note><note> </note>'
        )
    )
    assert [(note.origin, note.text) for note in request.notes] == [
        ("document[1]/section[1]", "No known allergies"),
        ("document[2]/MSH[1]", "MSH|1"),
        ("document[3]", "caf\u00e9"),
        ("document[4]", "a\nb"),
        ("note[1]", "line one\nline two"),
    ]
    assert request.notes[-1].title == "Plan"
    assert [(unread.origin, unread.reason) for unread in request.unread] == [("document[5]", "binary")]


def test_children_may_stand_in_any_order():
    assert asked(summarize("<model>m</model><note>x</note><purpose>results</purpose>"))[1].task.model == "m"


@pytest.mark.parametrize(
    ("content", "kind", "location"),
    [
        ("", ErrorKind.REQUIRED_MISSING, "document"),
        ("<document>eA==</document>", ErrorKind.REQUIRED_MISSING, "document[1]/@mediaType"),
        (document(b"x", "text plain"), ErrorKind.INVALID_VALUE, "document[1]/@mediaType"),
        (document(b""), ErrorKind.REQUIRED_MISSING, "document[1]"),
        (
            document(b"ok") + '<document mediaType="text/plain">plain text!</document>',
            ErrorKind.INVALID_VALUE,
            "document[2]",
        ),
        ('<document mediaType="text/plain">eA=</document>', ErrorKind.INVALID_VALUE, "document[1]"),
        ('<document mediaType="text/plain"><b/></document>', ErrorKind.INVALID_VALUE, "document[1]"),
        ("<note>x</note><purpose>gossip</purpose>", ErrorKind.UNKNOWN_CODE, "purpose"),
        ("<note>x</note><audience>all</audience>", ErrorKind.UNKNOWN_CODE, "audience"),
        ("<note>x</note><language>deutsch, bitte</language>", ErrorKind.INVALID_VALUE, "language"),
        ("<note>x</note><maxLength>0</maxLength>", ErrorKind.INVALID_VALUE, "maxLength"),
        ("<note>x</note><maxLength>-5</maxLength>", ErrorKind.INVALID_VALUE, "maxLength"),
        ("<note>x</note><maxLength>99999999</maxLength>", ErrorKind.INVALID_VALUE, "maxLength"),
        ("<note>x</note><model>a</model><model>b</model>", ErrorKind.INVALID_VALUE, "model"),
        ("<note>x</note><maxLenght>9</maxLenght>", ErrorKind.UNKNOWN_PARAMETER, ""),
        ('<note>x</note><model xmlns="">m</model>', ErrorKind.UNKNOWN_PARAMETER, ""),
        ("<note>x</note>" * 51, ErrorKind.TOO_LARGE, "document"),
        ("<note> </note>", ErrorKind.NO_CLINICAL_CONTENT, "document"),
        (document(b"%PDF-1.7", "application/pdf"), ErrorKind.NO_CLINICAL_CONTENT, "document[1]"),
        (document(b"<broken", CDA), ErrorKind.NO_CLINICAL_CONTENT, "document[1]"),
    ],
)
def test_what_is_wrong_with_a_request_is_named_by_its_place(content, kind, location):
    error = refused(summarize(content))
    assert error.kind is kind
    assert error.location == f"/Envelope/Body/Summarize/{location}".rstrip("/")
    assert "plain text!" not in error.public and "gossip" not in error.public


@pytest.mark.parametrize("version", BOTH)
def test_the_summary_comes_with_its_evidence(version):
    reply = exchange(a_message("summarize", envelope(version, summarize_body()), version))
    assert reply.positive and ("Cache-Control", "no-store") in reply.headers
    content = body_of(reply)
    text = {etree.QName(child).localname: child for child in content}
    assert text["requestId"].text == "01JPGATEWAY0000001"
    assert text["notice"].text == "AI-generated summary, not reviewed by a clinician."
    assert text["text"].text.split("\n")[1] == "No known allergies & no <others>\ufffd \u00b5"
    assert [child.text for child in text["statement"]] == [
        "No known allergies & no <others>",
        "note[1]",
        "critical",
    ]
    assert text["model"].get("served") == "extractive-1"
    assert (text["unread"].get("reason"), text["unread"].text) == ("binary", "PDF document, 34 KB")
    assert text["warning"].get("code") == "shortened"


def test_a_cda_document_goes_in_and_comes_back_with_its_summary():
    translator = a_translator()
    message = a_message("notereader", envelope(V11, note_body(session="S1")), soapaction="ProcessDocument")
    opened = translator.open(message)
    request = translator.to_request(message, opened, "epic")
    assert [(note.origin, note.text) for note in request.notes] == [("section[1]", "No known allergies")]
    reply = translator.to_reply(message, opened, an_answer(request), NOW)
    result = body_of(reply)[0]
    assert [etree.QName(child).localname for child in result] == ["Document"]
    returned = etree.fromstring(base64.b64decode(result[0].text))
    assert "No known allergies" in returned.findtext("{urn:hl7-org:v3}text")
    assert len(returned.find("{*}summary").get("id")) == 36
    assert reply == translator.to_reply(message, opened, an_answer(request), NOW)


SPACED = "\n  ".join(base64.b64encode(DOCUMENT).decode()[at : at + 20] for at in range(0, 200, 20))
LATIN = '<?xml version="1.0" encoding="iso-8859-1"?><ClinicalDocument>caf\u00e9</ClinicalDocument>'


@pytest.mark.parametrize(
    ("content", "text", "cautioned"),
    [
        (SPACED, "No known allergies", False),
        (DOCUMENT.decode(), "No known allergies", True),
        (f"\n{DOCUMENT.decode()}\n", "No known allergies", True),
        (f"<![CDATA[{LATIN}]]>", "caf\u00e9", True),
        (LATIN.replace("<", "&lt;"), "caf\u00e9", True),
        ("\ufeff" + LATIN.replace("<", "&lt;"), "caf\u00e9", True),
    ],
)
def test_a_document_that_is_not_base64_is_read_and_said_to_be_so(content, text, cautioned):
    _, request = asked(note_body(content), "notereader", V11)
    assert request.notes[0].text == text
    assert [caution.code for caution in request.warnings] == ["document-not-base64"] * cautioned


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("Patient says that she feels well.", ErrorKind.INVALID_VALUE),
        ("dGVzdGluZ", ErrorKind.INVALID_VALUE),
        ("note! note!", ErrorKind.INVALID_VALUE),  # eight letters of base64 for who skips the rest
        (base64.b64encode(b"plain note").decode(), ErrorKind.MALFORMED),
        (base64.b64encode(base64.b64encode(DOCUMENT)).decode(), ErrorKind.MALFORMED),
        ("", ErrorKind.REQUIRED_MISSING),
        ("<a/><b/>", ErrorKind.INVALID_VALUE),
    ],
)
def test_a_document_is_never_guessed_at(content, kind):
    error = refused(note_body(content), "notereader")
    assert error.kind is kind
    assert error.location.startswith("/Envelope/Body/ProcessDocument/Document")


def test_a_note_sent_again_in_the_same_session_is_known():
    def key(**about):
        message = a_message("notereader", envelope(V11, note_body(**about)))
        return a_translator().open(message).duplicate_key

    assert key() is None
    assert key(session="S1") == key(session="S1")
    assert key(session="S1") != key(session="S2")
    assert key(session="S1") != key(session="S1", document=DOCUMENT.replace(b"No", b"Two"))


@pytest.mark.parametrize("body", ["<Summarize/>", f'<Summarize xmlns="{names.IIS}"/>', echo_body(), "<x/>"])
def test_a_body_of_another_service_is_an_unknown_operation(body):
    error = refused(body)
    assert error.kind is ErrorKind.UNKNOWN_OPERATION and names.SUMMARIZE in error.public


def test_a_path_without_a_service_is_not_found():
    with pytest.raises(GatewayError) as caught:
        a_translator().open(a_message("nothing", envelope(V11, echo_body())))
    assert caught.value.kind is ErrorKind.NOT_FOUND


def test_the_envelope_and_base64_of_a_usual_note_take_less_than_a_millisecond():
    translator = a_translator()
    document = DOCUMENT.replace(b"</text>", b"<!-- -->" * 6000 + b"</text>")
    message = a_message("notereader", envelope(V11, note_body(document)))
    assert 60_000 < len(message.body) < 80_000
    opened = translator.open(message)

    def read() -> None:
        translator.open(message)
        carried_document(opened.parsed.element)

    assert min(timeit.repeat(read, number=5, repeat=20, timer=time.thread_time)) / 5 < 0.001


def test_nothing_in_a_fault_quotes_the_document():
    secret = b'<ClinicalDocument xmlns="urn:hl7-org:v3"><name>Jane Doe</nme></ClinicalDocument>'
    for service, body in (("notereader", note_body(secret)), ("summarize", summarize_body(document=secret))):
        for version in BOTH:
            reply = exchange(a_message(service, envelope(version, body), version))
            assert fault_codes(reply)
            assert b"Jane" not in reply.body and b"nme" not in reply.body and b"mismatch" not in reply.body
