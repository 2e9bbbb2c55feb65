from pathlib import Path

import pytest
from lxml import etree

from gateway.errors import ErrorKind, GatewayError
from tests.shared_data import shared_data
from tests.translators.soap.exchange import (
    BOTH,
    NOW,
    V11,
    V12,
    a_message,
    a_translator,
    echo_body,
    envelope,
    exchange,
    fault_codes,
    fault_detail,
    fault_text,
    header_of,
    submission_body,
    summarize_body,
)
from translators.soap import names
from translators.soap.addressing import ANONYMOUS

ECHO = "urn:cdc:iisb:2011:connectivityTest"
EDITIONS = (names.WSA_2005, names.WSA_2004)
CODE = {namespace: f"{{{namespace}}}" for namespace in EDITIONS}


def headers(namespace: str = names.WSA_2005, more: str = "", **texts: str) -> str:
    """`Action` and `MessageID` unless they are given as empty."""
    values = {"Action": ECHO, "MessageID": "urn:uuid:1"} | texts
    blocks = "".join(f"<a:{name}>{text}</a:{name}>" for name, text in values.items() if text)
    return blocks + more


def asked(version, namespace, content: str, body: str = "", **http: str):
    declared = envelope(version, body or echo_body(), content).replace(
        "<s:Envelope ", f'<s:Envelope xmlns:a="{namespace}" '
    )
    return exchange(a_message("iis", declared, version, **http))


@pytest.mark.parametrize("namespace", EDITIONS)
@pytest.mark.parametrize("version", BOTH)
def test_an_answer_relates_to_the_message_that_asked_in_the_edition_it_spoke(version, namespace):
    reply = asked(version, namespace, headers())
    assert reply.status == 200
    blocks = header_of(reply)
    assert blocks["RelatesTo"] == "urn:uuid:1"
    assert blocks["Action"] == f"{ECHO}Response"
    assert blocks["To"] == ANONYMOUS[namespace]
    assert blocks["MessageID"].startswith("urn:uuid:") and blocks["MessageID"] != "urn:uuid:1"
    assert f'xmlns:wsa="{namespace}"'.encode() in reply.body


def test_without_addressing_there_is_no_header_in_the_answer():
    assert header_of(exchange(a_message("iis", envelope(V12, echo_body()), V12))) == {}


@pytest.mark.parametrize("name", ["To", "From", "ReplyTo", "FaultTo", "Action", "MessageID"])
@pytest.mark.parametrize("namespace", EDITIONS)
@pytest.mark.parametrize("version", BOTH)
def test_a_header_that_stands_twice_is_refused(version, namespace, name):
    twice = f"<a:{name}>x</a:{name}>" * 2
    reply = asked(version, namespace, headers(**{name: ""}) + twice)
    assert fault_codes(reply)[-1] == CODE[namespace] + (
        "InvalidCardinality" if namespace == names.WSA_2005 else "InvalidMessageInformationHeader"
    )
    assert name in fault_text(reply)
    assert fault_detail(reply) is None
    assert header_of(reply)["Action"] == f"{namespace}/fault"


def test_the_levels_of_an_addressing_fault_stand_in_order_in_12_and_beside_it_in_11():
    twice = headers(MessageID="") + "<a:MessageID>urn:uuid:1</a:MessageID>" * 2
    in_12 = asked(V12, names.WSA_2005, twice)
    assert [code.rpartition("}")[2] for code in fault_codes(in_12)] == [
        "Sender",
        "InvalidAddressingHeader",
        "InvalidCardinality",
    ]
    assert in_12.status == 400
    assert header_of(in_12)["RelatesTo"] == f"{names.WSA_2005}/unspecified"
    in_11 = asked(V11, names.WSA_2005, twice)
    assert in_11.status == 500
    problem = etree.fromstring(in_11.body).find(f".//{CODE[names.WSA_2005]}ProblemHeaderQName")
    assert problem.text == "wsa:MessageID"


@pytest.mark.parametrize("missing", ["Action", "MessageID"])
@pytest.mark.parametrize("namespace", EDITIONS)
def test_a_required_header_that_is_missing_is_named(namespace, missing):
    reply = asked(V12, namespace, headers(**{missing: ""}))
    expected = {
        names.WSA_2005: "MessageAddressingHeaderRequired",
        names.WSA_2004: "MessageInformationHeaderRequired",
    }
    assert fault_codes(reply)[-1] == CODE[namespace] + expected[namespace]
    assert missing in fault_text(reply)


@pytest.mark.parametrize(
    "address",
    [
        "http://www.w3.org/2005/08/addressing/elsewhere",
        "http://example.com/client",
        "mailto:client@example.com",
        "http://169.254.169.254/",
        "",
        "urn:x anonymous",
    ],
)
@pytest.mark.parametrize("name", ["ReplyTo", "FaultTo"])
@pytest.mark.parametrize("namespace", EDITIONS)
def test_an_address_to_answer_to_is_refused_and_never_dialled(namespace, name, address):
    elsewhere = f"<a:{name}><a:Address>{address}</a:Address></a:{name}>"
    reply = asked(V12, namespace, headers(more=elsewhere))
    last = {
        names.WSA_2005: "OnlyAnonymousAddressSupported",
        names.WSA_2004: "InvalidMessageInformationHeader",
    }
    assert fault_codes(reply)[-1] == CODE[namespace] + last[namespace]
    assert not address or address not in reply.body.decode()


@pytest.mark.parametrize("namespace", EDITIONS)
def test_parameters_that_a_sender_wants_back_come_back(namespace):
    def endpoint(name, value):
        return (
            f"<a:{name}><a:Address>{ANONYMOUS[namespace]}</a:Address><a:ReferenceParameters>"
            f'<p:ticket xmlns:p="urn:p" s:mustUnderstand="1">{value} &amp;</p:ticket></a:ReferenceParameters></a:{name}>'
        )

    both = headers(more=endpoint("ReplyTo", "r") + endpoint("FaultTo", "f"))
    only_reply = headers(more=endpoint("ReplyTo", "r"))
    assert header_of(asked(V12, namespace, both))["ticket"] == "r &"
    assert header_of(asked(V12, namespace, both, "<x/>"))["ticket"] == "f &"
    assert header_of(asked(V12, namespace, only_reply, "<x/>"))["ticket"] == "r &"
    marked = b'IsReferenceParameter="true"' in asked(V12, namespace, both).body
    assert marked == (namespace == names.WSA_2005)


def test_more_parameters_than_anybody_needs_are_refused():
    many = (
        f"<a:ReplyTo><a:Address>{ANONYMOUS[names.WSA_2005]}</a:Address><a:ReferenceParameters>{'<b/>' * 21}"
    )
    reply = asked(V12, names.WSA_2005, headers(more=many + "</a:ReferenceParameters></a:ReplyTo>"))
    assert fault_codes(reply)[-1] == CODE[names.WSA_2005] + "InvalidEPR"


@pytest.mark.parametrize("namespace", EDITIONS)
def test_the_anonymous_address_is_this_connection(namespace):
    anonymous = f"<a:ReplyTo><a:Address> {ANONYMOUS[namespace]}\n</a:Address></a:ReplyTo>"
    assert asked(V12, namespace, headers(more=anonymous)).body


def test_an_address_in_another_namespace_is_a_fault_and_not_an_empty_answer():
    foreign = f'<a:ReplyTo><Address xmlns="urn:x">{ANONYMOUS[names.WSA_2005]}</Address></a:ReplyTo>'
    reply = asked(V12, names.WSA_2005, headers(more=foreign))
    assert fault_codes(reply)[-1] == CODE[names.WSA_2005] + "MissingAddressInEPR"


NOWHERE = f"<a:ReplyTo><a:Address>{names.WSA_2005}/none</a:Address></a:ReplyTo>"


def test_who_wants_no_reply_gets_202_without_one():
    reply = asked(V12, names.WSA_2005, headers(more=NOWHERE))
    assert (reply.status, reply.body, reply.content_type) == (202, b"", "")


def test_only_the_edition_that_knows_it_may_want_no_reply():
    reply = asked(V12, names.WSA_2004, headers(more=NOWHERE))
    assert fault_codes(reply)[-1] == CODE[names.WSA_2004] + "InvalidMessageInformationHeader"


def test_who_wants_no_reply_is_never_told_202_for_a_failure():
    for body in ("<x/>", submission_body("MSH|^~\\&|A|B|C|D|||ADT^A01|1|P|2.5\r")):
        content = headers(more=NOWHERE, Action="urn:cdc:iisb:2011:submitSingleMessage")
        reply = asked(V12, names.WSA_2005, content, body)
        assert reply.status in (400, 500) and reply.body == b""


def test_the_http_action_must_be_that_of_the_header():
    reply = asked(V11, names.WSA_2005, headers(), soapaction='"urn:other:connectivityTest"')
    assert fault_codes(reply) == (CODE[names.WSA_2005] + "ActionMismatch",)
    assert asked(V11, names.WSA_2005, headers(), soapaction='""').status == 200
    assert asked(V11, names.WSA_2005, headers(), soapaction=f'"{ECHO}"').status == 200


@pytest.mark.parametrize("namespace", EDITIONS)
def test_an_action_of_another_operation_is_not_supported(namespace):
    reply = asked(V12, namespace, headers(Action="urn:cdc:iisb:2011:submitSingleMessage"))
    assert fault_codes(reply)[-1] == CODE[namespace] + "ActionNotSupported"


def test_an_id_that_no_store_could_hold_is_refused():
    reply = asked(V12, names.WSA_2005, headers(MessageID="x" * 256))
    assert "MessageID" in fault_text(reply)


def test_faults_that_are_not_of_addressing_say_so_in_their_action():
    reply = asked(V12, names.WSA_2005, headers(), "<x/>")
    assert header_of(reply)["Action"] == f"{names.WSA_2005}/soap/fault"
    assert header_of(reply)["RelatesTo"] == "urn:uuid:1"


def test_headers_for_another_role_are_not_ours():
    to_next = f'<a:Action s:role="urn:somebody-else">{ECHO}</a:Action>'
    assert header_of(asked(V12, names.WSA_2005, to_next)) == {}


@pytest.mark.parametrize("version", BOTH)
def test_the_message_id_is_the_control_id_and_makes_a_resend_known(version):
    translator = a_translator()

    def opened(message_id: str, body: str):
        action = "urn:ehr-gateway:summarize:1:Summarize"
        content = headers(Action=action, MessageID=message_id)
        text = envelope(version, body, content).replace(
            "<s:Envelope ", f'<s:Envelope xmlns:a="{names.WSA_2005}" '
        )
        return translator.open(a_message("summarize", text, version))

    first = opened("urn:uuid:1", summarize_body())
    assert first.control_id == "urn:uuid:1"
    assert first.duplicate_key == opened("urn:uuid:1", summarize_body()).duplicate_key
    assert first.duplicate_key != opened("urn:uuid:2", summarize_body()).duplicate_key
    assert first.duplicate_key != opened("urn:uuid:1", summarize_body("<model>m</model>")).duplicate_key
    assert (
        translator.open(a_message("summarize", envelope(version, summarize_body()), version)).duplicate_key
        is None
    )


def real(path: str) -> bytes:
    return (shared_data("soap") / path).read_bytes()


def test_the_duplicate_header_of_a_known_cxf_bug_is_an_invalid_cardinality():
    reply = exchange(a_message("iis", real("apache-cxf/duplicate-wsa-header-msg.xml")))
    assert fault_codes(reply) == (CODE[names.WSA_2005] + "InvalidCardinality",)


SPRING = "spring-ws/soap/addressing"


@pytest.mark.parametrize("edition", ["10", "200408"])
def test_requests_without_a_message_id_get_the_fault_that_spring_expects(edition):
    folder = shared_data("soap") / SPRING / edition
    reply = exchange(a_message("iis", (folder / "request-no-message-id.xml").read_bytes(), V12))
    expected = etree.parse(folder / "response-no-message-id.xml").findtext(f".//{{{names.SOAP_12}}}Subcode/*")
    assert fault_codes(reply)[1].rpartition("}")[2] == expected.rpartition(":")[2]


def spring_requests() -> list[Path]:
    folder = Path(__file__).parents[4] / "shared/data/soap" / SPRING
    return sorted(folder.glob("*/request-*.xml")) + sorted(folder.glob("*/valid.xml"))


@pytest.mark.parametrize("path", spring_requests(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_reply_is_never_sent_to_the_addresses_of_real_requests(path):
    translator = a_translator()
    with pytest.raises(GatewayError) as caught:
        translator.open(a_message("iis", path.read_bytes(), V12))
    names_an_address = b"client" in path.read_bytes()
    text = translator.to_error(a_message("iis", path.read_bytes(), V12), None, caught.value, NOW).body
    assert b"example.com/business" not in text and b"mailto" not in text
    if names_an_address and "no-message-id" not in path.name:
        assert caught.value.kind is ErrorKind.INVALID_VALUE
        assert "must be anonymous" in caught.value.public
