"""The rules of NIST's IIS SOAP suite, phase by phase, against real answers of this gateway."""

from collections.abc import Callable
from functools import cache

import pytest
from lxml import etree
from lxml.isoschematron import Schematron

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Reply
from tests.shared_data import shared_data
from tests.translators.soap.exchange import (
    ADT,
    NOW,
    QUERY,
    V12,
    a_message,
    a_translator,
    echo_body,
    envelope,
    exchange,
    submission_body,
)
from translators.soap import names

SUITE = "cdc-iis-nist-tests/soap"
OLD_SCHEMATRON = b"http://www.ascc.net/xml/schematron"
ISO_SCHEMATRON = b"http://purl.oclc.org/dsdl/schematron"


@cache
def rules(phase: str) -> Schematron:
    source = (shared_data("wsdl") / SUITE / "schema/soap_rules.sch").read_bytes()
    schema = etree.fromstring(source.replace(OLD_SCHEMATRON, ISO_SCHEMATRON))
    return Schematron(schema, phase=phase, store_report=True, validate_schema=False)  # 1.5 in ISO clothes


def broken_rules(phase: str, content: bytes) -> list[str]:
    checked = rules(phase)
    if checked.validate(etree.fromstring(content)):
        return []
    report = checked.validation_report
    return [" ".join(text.itertext()).strip() for text in report.iter("{http://purl.oclc.org/dsdl/svrl}text")]


def posted(body: str) -> Reply:
    return exchange(a_message("iis", envelope(V12, body), V12))


def failed(kind: ErrorKind) -> Reply:
    translator, message = a_translator(), a_message("iis", envelope(V12, submission_body(ADT)), V12)
    return translator.to_error(message, translator.open(message), GatewayError(kind), NOW)


ANSWERS: dict[str, list[Callable[[], Reply]]] = {
    "connectivityTest_Response": [lambda: posted(echo_body("Hello world!"))],
    "submitSingleMessage_Response": [
        lambda: posted(submission_body(ADT)),
        lambda: posted(submission_body(QUERY)),
        lambda: posted(submission_body(ADT.split("\r")[0] + "\r")),
    ],
    "MessageTooLargeFault": [
        lambda: posted(submission_body(ADT + ADT)),
        lambda: failed(ErrorKind.TOO_LARGE),
    ],
    "SecurityFault": [lambda: failed(ErrorKind.UNAUTHENTICATED)],
    "UnsupportedOperationFault": [lambda: posted(f'<submitSingleMessageX xmlns="{names.IIS}"/>')],
    "UnknownFault": [
        lambda: failed(ErrorKind.INTERNAL),
        lambda: failed(ErrorKind.OVERLOADED),
        lambda: posted(f'<connectivityTest xmlns="{names.IIS}"/>'),
        lambda: posted(submission_body("not HL7")),
    ],
}
CASES = [(phase, answer) for phase, answers in ANSWERS.items() for answer in answers]


@pytest.mark.parametrize(
    ("phase", "answer"), CASES, ids=[f"{phase}-{at}" for at, (phase, _) in enumerate(CASES)]
)
def test_answers_keep_the_rules_of_their_phase_and_of_the_envelope(phase, answer):
    content = answer().body
    assert broken_rules(phase, content) == []
    assert broken_rules("envelope", content) == []


@pytest.mark.parametrize(
    "phase", ["connectivityTest_Response", "submitSingleMessage_Response", *list(ANSWERS)[2:]]
)
def test_the_rules_find_fault_with_the_answer_of_another_phase(phase):
    other = posted(echo_body()) if phase != "connectivityTest_Response" else posted(submission_body(ADT))
    assert broken_rules(phase, other.body)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("SOAPCON_1_BasicMessage_ConnectivityResponse", "connectivityTest_Response"),
        ("SOAPCON_2_SubmitSingleMessage_Response", "submitSingleMessage_Response"),
        ("SOAPCON_4_FaultDetection-Generation_MessageSizeFault", "MessageTooLargeFault"),
        ("SOAPCON_5_FaultDetection-Generation_UnsupportedOp_Fault", "UnsupportedOperationFault"),
    ],
)
def test_the_requests_of_the_suite_get_the_answers_it_expects(folder, expected):
    request = (shared_data("wsdl") / SUITE / "Connectivity/receiver" / folder / "Request.xml").read_bytes()
    reply = exchange(a_message("iis", request, V12))
    assert broken_rules(expected, reply.body) == []
    if expected == "connectivityTest_Response":
        assert b"Hello world!" in reply.body


def test_the_request_with_wrong_credentials_gets_the_security_fault():
    folder = "Connectivity/receiver/SOAPCON_3_FaultDetection-Generation_AuthenticationFault"
    request = (shared_data("wsdl") / SUITE / folder / "Request.xml").read_bytes()
    translator, message = a_translator(), a_message("iis", request, V12)
    opened = translator.open(message)
    assert (opened.claims.username, opened.claims.password) == ("???", "???")
    reply = translator.to_error(message, opened, GatewayError(ErrorKind.UNAUTHENTICATED), NOW)
    assert broken_rules("SecurityFault", reply.body) == []


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("validConnectivityTest.xml", 200),
        ("validSubmitSingleMessage.xml", 200),
        ("invalidConnectivityTest.xml", 400),
        ("invalidSubmitSingleMessage.xml", 400),
        ("invalidConnectivityTestEnvelope.xml", 400),
        ("invalidSubmitSingleMessageEnvelope.xml", 400),
    ],
)
def test_the_single_messages_of_the_suite_are_told_apart(name, status):
    message = (shared_data("wsdl") / SUITE / name).read_bytes()
    assert exchange(a_message("iis", message, V12)).status == status
