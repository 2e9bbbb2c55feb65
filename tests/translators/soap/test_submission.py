import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Wish
from tests.translators.soap.exchange import (
    ADT,
    BOTH,
    NOW,
    QUERY,
    V11,
    V12,
    a_message,
    a_translator,
    body_of,
    envelope,
    exchange,
    fault_codes,
    fault_detail,
    fault_text,
    submission_body,
)
from translators.soap import names
from translators.soap.submission import submitted_text

MSH = "MSH|^~\\&|EPIC|RIVERSIDE|GW|GW|20260314||ADT^A01|C1|P|2.5.1"


def element(hl7_in_xml: str) -> etree._Element:
    text = f"<hl7Message>{hl7_in_xml}</hl7Message>"
    return etree.fromstring(f'<submitSingleMessage xmlns="{names.IIS}">{text}</submitSingleMessage>')


def er7(hl7_in_xml: str) -> str:
    return submitted_text(element(hl7_in_xml), 10_000).er7.decode()


ESCAPED = MSH.replace("&", "&amp;")


@pytest.mark.parametrize(
    "written",
    [
        f"{ESCAPED}&#13;PID|1&#13;PV1|1&#13;",
        f"{ESCAPED}&#xD;PID|1&#xD;PV1|1",
        f"{ESCAPED}\nPID|1\nPV1|1\n",
        f"{ESCAPED}&#13;\nPID|1&#13;\nPV1|1&#13;\n",
        f"\n   <![CDATA[{MSH}\nPID|1\nPV1|1]]>\n  ",
        f"{ESCAPED}&amp;#xD;PID|1&amp;#xD;PV1|1&amp;#xD;",
        f"{ESCAPED}&amp;#13;\nPID|1&amp;#13;&amp;#10;PV1|1",
        f"{ESCAPED.replace('&amp;', '&amp;amp;')}&amp;#xD;PID|1&amp;#xD;PV1|1",
    ],
)
def test_segments_end_with_cr_whatever_the_sender_and_xml_did_to_them(written):
    assert er7(written) == f"{MSH}\rPID|1\rPV1|1\r"


def test_a_message_escaped_twice_says_so():
    twice = ESCAPED.replace("&amp;", "&amp;amp;") + "&amp;#13;NTE|1||a &amp;lt; b"
    taken = submitted_text(element(twice), 10_000)
    assert taken.er7.decode() == f"{MSH}\rNTE|1||a < b\r"
    assert [caution.code for caution in taken.cautions] == ["escaped-twice"]


def test_an_ampersand_in_the_text_is_left_alone():
    assert er7(f"{ESCAPED}&#13;NTE|1||Tom &amp;amp; Jerry") == f"{MSH}\rNTE|1||Tom &amp; Jerry\r"


@pytest.mark.parametrize(
    ("declared", "text", "then"),
    [
        ("", "plain", ""),
        ("ASCII", "plain", "ASCII"),
        ("8859/1", "plain", "UNICODE UTF-8"),
        ("UNICODE UTF-8", "caf\u00e9", "UNICODE UTF-8"),
        ("8859/1", "caf\u00e9", "UNICODE UTF-8"),
        ("", "caf\u00e9", "UNICODE UTF-8"),
        ("ASCII", "caf\u00e9", "UNICODE UTF-8"),
        ("UNICODE", "plain", "UNICODE UTF-8"),
    ],
)
def test_msh_18_says_what_the_bytes_handed_on_really_are(declared, text, then):
    head = f"{ESCAPED}||||||{declared}" if declared else ESCAPED
    first, note = er7(f"{head}&#13;NTE|1||{text}").split("\r")[:2]
    assert note == f"NTE|1||{text}"
    assert (first.split("|") + [""] * 18)[17] == then


@pytest.mark.parametrize(
    "several",
    [
        ADT + ADT,
        ADT.replace("\r", "\n") + "\n" + ADT,
        "FHS|^~\\&|A\rBHS|^~\\&|A\r" + ADT + "BTS|1\rFTS|1\r",
        "BHS|^~\\&|A\r" + ADT + "BTS|1\r",
    ],
)
@pytest.mark.parametrize("version", BOTH)
def test_more_than_one_message_is_the_cdc_fault_for_too_much(version, several):
    reply = exchange(a_message("iis", envelope(version, submission_body(several)), version))
    detail = fault_detail(reply)
    assert detail.tag == f"{{{names.IIS}}}MessageTooLargeFault"
    assert [child.text for child in detail][:2] == ["120", "MessageTooLarge"]
    assert "4711" not in reply.body.decode()


def test_msh_inside_a_line_is_not_another_message():
    assert er7(f"{ESCAPED}&#13;NTE|1||see MSH|^~ of MSHX&#13;MSHX|1").endswith("MSHX|1\r")


def test_a_message_over_the_cap_is_the_cdc_fault_for_too_much():
    reply = exchange(
        a_message("iis", envelope(V12, submission_body(ADT + "NTE|1||" + "x" * 999)), V12),
        a_translator(max_hl7_bytes=1000),
    )
    assert fault_detail(reply).tag == f"{{{names.IIS}}}MessageTooLargeFault"


@pytest.mark.parametrize(
    "content", ["", "<hl7Message/>", "<hl7Message> </hl7Message>", '<hl7Message xmlns="">MSH|</hl7Message>']
)
def test_a_missing_message_is_named(content):
    body = f'<submitSingleMessage xmlns="{names.IIS}">{content}</submitSingleMessage>'
    reply = exchange(a_message("iis", envelope(V12, body), V12))
    assert fault_detail(reply).tag == f"{{{names.IIS}}}fault"
    assert "hl7Message is required" in fault_text(reply)


def test_a_nil_password_is_no_password():
    body = submission_body(ADT).replace(
        "<password>demo</password>",
        '<password xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>',
    )
    opened = a_translator().open(a_message("iis", envelope(V12, body), V12))
    assert opened.claims.username == "demo" and opened.claims.password is None


def test_an_event_is_recorded_and_acknowledged_in_its_own_words():
    translator, message = a_translator(), a_message("iis", envelope(V12, submission_body(ADT)), V12)
    opened = translator.open(message)
    assert (opened.wish, opened.control_id, opened.message_type) == (Wish.RECORD, "C1", "ADT^A01")
    request = translator.to_request(message, opened, "epic")
    assert (request.message_type, request.version, request.control_id) == ("ADT^A01", "2.5.1", "C1")
    assert request.protocol == "soap"
    reply = translator.to_receipt(message, opened, NOW)
    assert reply.positive and reply.code == "AA"
    assert body_of(reply)[0].text.split("\r")[1] == "MSA|AA|C1"


def test_a_query_gets_the_summary_in_the_return():
    reply = exchange(a_message("iis", envelope(V12, submission_body(QUERY)), V12))
    assert "DSP|1||No known allergies & no <others>\r" in body_of(reply)[0].text


def test_an_error_of_the_hl7_message_is_answered_in_hl7():
    reply = exchange(a_message("iis", envelope(V12, submission_body(MSH + "\r")), V12))
    assert reply.status == 200 and not reply.positive and reply.code == "AE"
    assert "MSA|AE|C1\rERR|||207^PID\r" in body_of(reply)[0].text


def test_the_error_of_a_message_that_cannot_be_opened_waits_until_the_sender_is_known():
    translator = a_translator()
    message = a_message("iis", envelope(V12, submission_body("MSH|^~\\&|A\rPID|1\r")), V12)
    opened = translator.open(message)
    refusal = translator.to_error(message, opened, GatewayError(ErrorKind.UNAUTHENTICATED), NOW)
    assert fault_detail(refusal).tag == f"{{{names.IIS}}}SecurityFault"
    with pytest.raises(GatewayError) as caught:
        translator.to_request(message, opened, "epic")
    answer = translator.to_error(message, opened, caught.value, NOW)
    assert "MSA|AE" in body_of(answer)[0].text


def test_what_is_no_hl7_at_all_is_a_fault():
    reply = exchange(a_message("iis", envelope(V12, submission_body("hello")), V12))
    assert fault_detail(reply).tag == f"{{{names.IIS}}}fault"


def test_an_acknowledgment_is_never_acknowledged():
    ack = "MSH|^~\\&|A|B|C|D|20260314||ACK|9|P|2.5.1\rMSA|AA|1\r"
    message = a_message("iis", envelope(V12, submission_body(ack)), V12)
    assert a_translator().open(message).wish is Wish.RECORD  # HTTP needs an answer, if not an acknowledgment
    reply = exchange(message)
    assert fault_codes(reply)[0].endswith("}Sender")
    assert b"MSA" not in reply.body


@pytest.mark.parametrize("kind", [ErrorKind.THROTTLED, ErrorKind.STORE_UNAVAILABLE, ErrorKind.INTERNAL])
def test_what_passes_with_time_is_a_fault_and_not_an_hl7_answer(kind):
    translator, message = a_translator(), a_message("iis", envelope(V12, submission_body(ADT)), V12)
    reply = translator.to_error(message, translator.open(message), GatewayError(kind), NOW)
    assert reply.status == 500 and dict(reply.headers)["Retry-After"]
    assert fault_codes(reply)[0].endswith("}Receiver")


def test_the_same_message_is_known_again_only_in_the_same_envelope_version():
    translator = a_translator()

    def key(version, hl7, header=""):
        return translator.open(
            a_message("iis", envelope(version, submission_body(hl7), header), version)
        ).duplicate_key

    assert key(V12, ADT) == key(V12, ADT) == key(V12, ADT.replace("\r", "\n"))
    assert key(V12, ADT) != key(V11, ADT)
    assert key(V12, ADT) != key(V12, ADT.replace("C1", "C2"))


LINES = st.lists(
    st.text(
        st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_characters="&<"),
        min_size=1,
        max_size=20,
    )
    .map(str.strip)
    .filter(lambda line: line and not line.startswith("MSH")),
    max_size=5,
)


@given(LINES)
def test_every_character_of_a_message_comes_through_the_envelope_and_back(lines):
    text = "\r".join([f"{MSH}||||||UNICODE UTF-8", *(f"NTE|1||{line}" for line in lines)]) + "\r"
    body = submission_body(text)
    opened = a_translator().open(a_message("iis", envelope(V12, body), V12))
    assert opened.parsed.submission.message.body.decode() == text
