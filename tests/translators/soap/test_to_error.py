import pytest
from lxml import etree

from gateway.errors import ErrorKind, GatewayError
from tests.translators.soap.exchange import (
    ADT,
    BOTH,
    NOW,
    V11,
    V12,
    a_message,
    a_translator,
    body_of,
    envelope,
    fault_codes,
    fault_detail,
    fault_text,
    note_body,
    submission_body,
    summarize_body,
)
from translators.soap import names
from translators.soap.to_error import FAULTS

BODIES = {"summarize": summarize_body(), "iis": submission_body(ADT), "notereader": note_body()}

# What a reader of SOAP 1.1 and 1.2 expects: code in 1.1, status in 1.1, codes in 1.2, status in 1.2.
EXPECTED = {
    ErrorKind.MALFORMED: ("Client", 500, ["Sender"], 400),
    ErrorKind.INVALID_VALUE: ("Client", 500, ["Sender"], 400),
    ErrorKind.UNKNOWN_OPERATION: ("Client", 500, ["Sender"], 400),
    ErrorKind.TOO_LARGE: ("Client", 500, ["Sender"], 400),
    ErrorKind.FORBIDDEN: ("Client", 500, ["Sender"], 400),
    ErrorKind.UNAUTHENTICATED: ("FailedAuthentication", 500, ["Sender", "FailedAuthentication"], 400),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: ("Client", 415, ["Sender"], 415),
    ErrorKind.THROTTLED: ("Server", 500, ["Receiver"], 500),
    ErrorKind.BACKEND_TIMEOUT: ("Server", 500, ["Receiver"], 500),
    ErrorKind.STORE_UNAVAILABLE: ("Server", 500, ["Receiver"], 500),
    ErrorKind.INTERNAL: ("Server", 500, ["Receiver"], 500),
}


def local(codes: tuple[str, ...]) -> list[str]:
    return [code.rpartition("}")[2] for code in codes]


def answered(service: str, version, error: GatewayError, *, opened: bool = True):
    translator = a_translator()
    message = a_message(service, envelope(version, BODIES[service]), version)
    return translator.to_error(message, translator.open(message) if opened else None, error, NOW)


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_of_error_has_a_fault(kind):
    row = FAULTS[kind]
    assert (row.retry == "Later") == kind.passes_with_time


def test_the_numbers_of_the_cdc_faults_tell_the_kinds_apart():
    assert len({row.number for row in FAULTS.values()}) == len(FAULTS)


@pytest.mark.parametrize("kind", EXPECTED)
@pytest.mark.parametrize("version", BOTH)
def test_codes_and_statuses_are_those_of_the_standards(version, kind):
    reply = answered("summarize", version, GatewayError(kind))
    code_11, status_11, codes_12, status_12 = EXPECTED[kind]
    assert local(fault_codes(reply)) == ([code_11] if version is V11 else codes_12)
    assert reply.status == (status_11 if version is V11 else status_12)
    assert not reply.positive


@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize("service", BODIES)
@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("kind", ErrorKind)
def test_every_error_is_an_answer_of_the_right_shape(kind, version, service, opened):
    reply = answered(service, version, GatewayError(kind, "patient Jane Doe"), opened=opened)
    assert b"Jane" not in reply.body
    answer = body_of(reply)
    if answer.tag != f"{{{version.namespace}}}Fault":
        assert (service, opened) in (("iis", True), ("notereader", True))
        return
    children = [child.tag for child in answer]
    if version is V11:
        assert children == ["faultcode", "faultstring", "detail"]
    else:
        soap = f"{{{names.SOAP_12}}}"
        assert children == [f"{soap}Code", f"{soap}Reason", f"{soap}Detail"]
        assert answer.find(f"{soap}Reason/{soap}Text").get(f"{{{names.XML}}}lang") == "en"
    assert len(answer[-1]) == 1


def test_the_detail_of_summarize_tells_the_place_and_what_to_do():
    error = GatewayError(ErrorKind.INVALID_VALUE, location="/Envelope/Body/Summarize/maxLength")
    detail = fault_detail(answered("summarize", V12, error))
    assert {etree.QName(child).localname: child.text for child in detail} == {
        "Code": "invalid-value",
        "Reason": "An element has a value that is not valid",
        "Location": "/Envelope/Body/Summarize/maxLength",
        "Retry": "AfterCorrection",
        "Incident": "01JPGATEWAY0000001",
    }


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [
        (ErrorKind.UNAUTHENTICATED, "SecurityFault", "Security"),
        (ErrorKind.TOO_LARGE, "MessageTooLargeFault", "MessageTooLarge"),
        (ErrorKind.UNKNOWN_OPERATION, "UnsupportedOperationFault", "UnsupportedOperation"),
        (ErrorKind.THROTTLED, "fault", "throttled"),
    ],
)
@pytest.mark.parametrize("version", BOTH)
def test_the_detail_of_iis_is_the_fault_of_the_cdc_wsdl(version, kind, name, reason):
    detail = fault_detail(answered("iis", version, GatewayError(kind)))
    assert detail.tag == f"{{{names.IIS}}}{name}"
    code, stated, text = detail
    assert int(code.text) == FAULTS[kind].number and stated.text == reason and "incident" in text.text


@pytest.mark.parametrize(
    ("kind", "name", "what"),
    [
        (ErrorKind.INVALID_VALUE, "ClientFault", "InvalidValue"),
        (ErrorKind.STORE_UNAVAILABLE, "ServerFault", "StoreUnavailable"),
    ],
)
def test_the_detail_of_notereader_is_one_of_its_two(kind, name, what):
    detail = fault_detail(answered("notereader", V11, GatewayError(kind)))
    assert detail.tag == f"{{{names.NOTEREADER}}}{name}"
    assert [child.text for child in detail] == [what]


@pytest.mark.parametrize(
    "kind", [ErrorKind.BACKEND_TIMEOUT, ErrorKind.BACKEND_REFUSED, ErrorKind.NO_CLINICAL_CONTENT]
)
@pytest.mark.parametrize("version", BOTH)
def test_a_model_that_fails_is_said_in_notereaders_own_error(version, kind):
    reply = answered("notereader", version, GatewayError(kind))
    result = body_of(reply)[0]
    assert reply.status == 200 and not reply.positive
    assert [etree.QName(child).localname for child in result] == ["Error"]
    assert "01JPGATEWAY0000001" in result[0].text


def test_who_should_wait_is_told_how_long():
    told = answered("summarize", V12, GatewayError(ErrorKind.THROTTLED, retry_after_s=7))
    assert ("Retry-After", "7") in told.headers
    assert ("Retry-After", "30") in answered("summarize", V12, GatewayError(ErrorKind.OVERLOADED)).headers
    assert "Retry-After" not in dict(answered("summarize", V12, GatewayError(ErrorKind.FORBIDDEN)).headers)


def test_a_body_refused_by_its_length_alone_is_413():
    cut = envelope(V12, BODIES["iis"]).encode()[:120]
    reply = a_translator().to_error(a_message("iis", cut, V12), None, GatewayError(ErrorKind.TOO_LARGE), NOW)
    assert reply.status == 413 and local(fault_codes(reply)) == ["Sender"]
    assert fault_detail(reply).tag == f"{{{names.IIS}}}MessageTooLargeFault"


@pytest.mark.parametrize(
    ("method", "kind", "status"),
    [("GET", ErrorKind.NOT_FOUND, 404), ("DELETE", ErrorKind.WRONG_METHOD, 405)],
)
def test_what_is_not_posted_is_answered_in_plain_words(method, kind, status):
    reply = a_translator().to_error(a_message("iis", b"", method=method), None, GatewayError(kind), NOW)
    assert (reply.status, reply.content_type) == (status, "text/plain; charset=utf-8")
    assert dict(reply.headers).get("Allow") == ("POST, GET, HEAD" if status == 405 else None)


def test_a_path_without_a_service_is_404_in_soap():
    reply = a_translator().to_error(
        a_message("nothing", b"<x/>"), None, GatewayError(ErrorKind.NOT_FOUND), NOW
    )
    assert reply.status == 404 and fault_detail_missing(reply)


def fault_detail_missing(reply) -> bool:
    return body_of(reply).find("detail") is None


def test_control_characters_in_an_error_cannot_break_the_answer():
    reply = answered("summarize", V11, GatewayError(ErrorKind.INTERNAL, public="a\x00b\ud800c\x0b"))
    assert fault_text(reply) == "a\ufffdb\ufffdc\ufffd"


@pytest.mark.parametrize(
    ("body", "content_type", "version"),
    [
        (b"<broken", "text/xml", V11),
        (b"<broken", "application/soap+xml", V12),
        (b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><broken', "text/xml", V12),
        (
            b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><broken',
            "application/soap+xml",
            V11,
        ),
        (b"", "", V11),
    ],
)
def test_an_envelope_that_cannot_be_read_is_answered_in_the_likeliest_version(body, content_type, version):
    message = a_message("summarize", body, content_type=content_type)
    reply = a_translator().to_error(message, None, GatewayError(ErrorKind.MALFORMED), NOW)
    assert reply.content_type == version.content_type
