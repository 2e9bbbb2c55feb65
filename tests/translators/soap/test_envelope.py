import gzip
import itertools

import pytest

from gateway.errors import ErrorKind, GatewayError
from tests.shared_data import shared_data
from tests.translators.soap.exchange import (
    BOTH,
    V11,
    V12,
    a_message,
    body_of,
    echo_body,
    envelope,
    exchange,
    fault_codes,
    fault_detail,
    fault_text,
    header_of,
)
from translators.soap import names
from translators.soap.envelope import read_envelope
from translators.soap.faults import SoapError
from translators.soap.services import IIS
from translators.soap.terms import SoapVersion

SOAP_CODE = {V11: f"{{{names.SOAP_11}}}", V12: f"{{{names.SOAP_12}}}"}
SENDER = {V11: SOAP_CODE[V11] + "Client", V12: SOAP_CODE[V12] + "Sender"}


def refused(body, version=V11, **headers) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        read_envelope(a_message("iis", body, version, **headers), IIS)
    return caught.value


@pytest.mark.parametrize("version", BOTH)
def test_the_answer_comes_in_the_version_of_the_envelope(version):
    reply = exchange(a_message("iis", envelope(version, echo_body()), version))
    assert reply.status == 200
    assert reply.content_type == version.content_type
    assert body_of(reply).tag == f"{{{names.IIS}}}connectivityTestResponse"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/xml",
        "application/xml;charset=UTF-8",
        "application/soap+xml; charset=utf-8",
        "application/soap",
        "application/vnd.example+xml",
        'TEXT/XML; charset="utf-8"',
    ],
)
@pytest.mark.parametrize("version", BOTH)
def test_the_namespace_tells_the_version_whatever_xml_type_is_declared(version, content_type):
    reply = exchange(a_message("iis", envelope(version, echo_body()), content_type=content_type))
    assert reply.status == 200
    assert reply.content_type == version.content_type


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/json",
        "application/x-www-form-urlencoded",
        'multipart/related; type="a/b"',
    ],
)
@pytest.mark.parametrize("version", BOTH)
def test_what_is_not_declared_as_xml_is_415(version, content_type):
    reply = exchange(a_message("iis", envelope(version, echo_body()), content_type=content_type))
    assert reply.status == 415
    assert fault_codes(reply) == (SENDER[version],)


def test_mtom_is_refused_by_name():
    multipart = 'multipart/related; type="application/xop+xml"; boundary=b'
    assert "MTOM" in refused("--b", content_type=multipart).public


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    "content",
    [
        "",
        "<s:Header/>",
        "<s:Body/>",
        "<s:Body>{}<b/></s:Body>",
        "<s:Body>{}{}</s:Body>",
        "<s:Body>{}</s:Body><s:Body>{}</s:Body>",
        "<s:Header/><s:Header/><s:Body>{}</s:Body>",
        "<s:Body>{}</s:Body><s:Header/>",
        "<s:Body>{}</s:Body><trailer/>",
        "<trailer/><s:Body>{}</s:Body>",
        "<body xmlns=''>{}</body>",
    ],
)
def test_an_envelope_is_one_header_at_most_and_one_body_with_one_element(version, content):
    content = content.replace("{}", echo_body())
    body = f'<s:Envelope xmlns:s="{version.namespace}">{content}</s:Envelope>'
    reply = exchange(a_message("iis", body, version))
    assert fault_codes(reply) == (SENDER[version],)
    assert "exactly one" in fault_text(reply)
    assert reply.status == (500 if version is V11 else 400)


def test_a_header_hidden_in_the_body_is_not_a_header():
    hidden = f'<s:Header xmlns:s="{names.SOAP_11}"><n:x xmlns:n="urn:n" s:mustUnderstand="1"/></s:Header>'
    body = f'<connectivityTest xmlns="{names.IIS}"><echoBack>x</echoBack>{hidden}</connectivityTest>'
    assert exchange(a_message("iis", envelope(V11, body))).status == 200


@pytest.mark.parametrize("content_type", [V11.content_type, V12.content_type])
@pytest.mark.parametrize(
    "root",
    [
        '<e:Envelope xmlns:e="urn:other"/>',
        "<Envelope/>",
        "<html/>",
        "<ClinicalDocument xmlns='urn:hl7-org:v3'/>",
    ],
)
def test_an_envelope_of_no_known_version_is_a_version_mismatch_that_says_what_is_known(root, content_type):
    reply = exchange(a_message("iis", root, content_type=content_type))
    version = V12 if content_type == V12.content_type else V11
    assert reply.status == 500
    assert fault_codes(reply) == (SOAP_CODE[version] + "VersionMismatch",)
    assert fault_detail(reply) is None
    assert "Upgrade" in header_of(reply)
    assert b'qname="env:Envelope"' in reply.body and b'qname="soap11:Envelope"' in reply.body


@pytest.mark.parametrize("version", BOTH)
def test_a_known_namespace_on_another_root_is_the_senders_fault(version):
    reply = exchange(a_message("iis", f'<Body xmlns="{version.namespace}"/>', version))
    assert fault_codes(reply) == (SENDER[version],)


@pytest.mark.parametrize(
    ("version", "style", "code"),
    [
        (V11, "", None),
        (V11, "http://schemas.xmlsoap.org/soap/encoding/", None),
        (V11, "urn:mine", "Client"),
        (V12, "http://www.w3.org/2003/05/soap-envelope/encoding/none", None),
        (V12, "http://www.w3.org/2003/05/soap-encoding", "DataEncodingUnknown"),
    ],
)
def test_an_encoding_style_that_is_not_known_is_a_fault_of_its_own(version, style, code):
    body = echo_body().replace(
        "<connectivityTest ", f'<connectivityTest xmlns:q="{version.namespace}" q:encodingStyle="{style}" '
    )
    reply = exchange(a_message("iis", envelope(version, body), version))
    if code is None:
        assert reply.status == 200
    else:
        assert reply.status == 500
        assert fault_codes(reply) == (SOAP_CODE[version] + code,)


def test_encoding_style_on_a_soap_12_envelope_is_not_allowed():
    body = envelope(V12, echo_body()).replace("<s:Envelope ", '<s:Envelope s:encodingStyle="urn:x" ')
    assert refused(body, V12).kind is ErrorKind.MALFORMED


ROLES = {
    V11: {"": True, "http://schemas.xmlsoap.org/soap/actor/next": True, "urn:somebody-else": False},
    V12: {
        "": True,
        f"{names.SOAP_12}/role/next": True,
        f"{names.SOAP_12}/role/ultimateReceiver": True,
        f"{names.SOAP_12}/role/none": False,
        "urn:somebody-else": False,
    },
}
MATRIX = [
    (version, role, stated, known)
    for version in BOTH
    for role, stated, known in itertools.product(ROLES[version], ("", "0", "1", "true"), (True, False))
]


@pytest.mark.parametrize(("version", "role", "stated", "known"), MATRIX)
def test_a_header_that_must_be_understood_here_and_is_not_is_refused(version, role, stated, known):
    name = f'n:RelatesTo xmlns:n="{names.WSA_2004}"' if known else 'n:alert xmlns:n="urn:n"'
    attribute = "actor" if version is V11 else "role"
    at = f' s:{attribute}="{role}"' if role else ""
    must = f' s:mustUnderstand="{stated}"' if stated else ""
    header = f"<{name}{at}{must}>x</{name.split()[0]}>"
    if known:  # a lone addressing header needs the rest of its kind
        header += f'<a:Action xmlns:a="{names.WSA_2004}">urn:cdc:iisb:2011:connectivityTest</a:Action>'
        header += f'<a:MessageID xmlns:a="{names.WSA_2004}">m1</a:MessageID>'
    reply = exchange(a_message("iis", envelope(version, echo_body(), header), version))
    if stated in ("1", "true") and ROLES[version][role] and not known:
        assert reply.status == 500
        assert fault_codes(reply) == (SOAP_CODE[version] + "MustUnderstand",)
        assert fault_detail(reply) is None
        assert ("NotUnderstood" in header_of(reply)) == (version is V12)
        if version is V12:
            assert b'xmlns:missed="urn:n" qname="missed:alert"' in reply.body
    else:
        assert reply.status == 200, reply.body


@pytest.mark.parametrize("version", BOTH)
def test_every_header_that_was_not_understood_is_named(version):
    header = '<a:one xmlns:a="urn:a" s:mustUnderstand="1"/><b:two xmlns:b="urn:b" s:mustUnderstand="1"/>'
    reply = exchange(a_message("iis", envelope(version, echo_body(), header), version))
    assert reply.body.count(b"NotUnderstood") == (2 if version is V12 else 0)


def test_a_must_understand_that_is_neither_true_nor_false_is_refused():
    header = '<a:one xmlns:a="urn:a" s:mustUnderstand="perhaps"/>'
    assert refused(envelope(V12, echo_body(), header), V12).kind is ErrorKind.INVALID_VALUE


ACTION = "urn:cdc:iisb:2011:connectivityTest"


@pytest.mark.parametrize(
    ("sent", "agrees"),
    [
        (f'"{ACTION}"', True),
        (ACTION, True),
        (f"'{ACTION}'", True),
        ('""', True),
        ("", True),
        (f'\\"{ACTION}\\"', True),
        (f'"{ACTION}Request"', True),
        ('"http://tempuri.org/IIS/connectivityTest"', True),
        ('"urn:cdc:iisb:2011:submitSingleMessage"', False),
        ('"urn:delete-everything"', False),
    ],
)
@pytest.mark.parametrize("version", BOTH)
def test_the_action_must_name_the_operation_in_the_body_when_it_is_given(version, sent, agrees):
    body = envelope(version, echo_body())
    if version is V11:
        message = a_message("iis", body, soapaction=sent)
    else:
        message = a_message("iis", body, content_type=f"application/soap+xml; charset=utf-8; action={sent}")
    reply = exchange(message)
    assert (reply.status == 200) == agrees
    if not agrees:
        assert fault_codes(reply) == (SENDER[version],)
        assert "delete" not in fault_text(reply)


def test_gzip_is_inflated():
    body = gzip.compress(envelope(V11, echo_body()).encode())
    assert exchange(a_message("iis", body, content_encoding="gzip")).status == 200


@pytest.mark.parametrize(
    ("body", "coding", "kind"),
    [
        (gzip.compress(b"<a/>" + b" " * 20_000_000), "gzip", ErrorKind.TOO_LARGE),
        (gzip.compress(envelope(V11, echo_body()).encode())[:-4], "gzip", ErrorKind.MALFORMED),
        (b"<a/>", "gzip", ErrorKind.MALFORMED),
        (b"<a/>", "br", ErrorKind.UNSUPPORTED_MEDIA_TYPE),
    ],
)
def test_gzip_bombs_stumps_and_other_codings_are_refused(body, coding, kind):
    assert refused(body, content_encoding=coding).kind is kind


@pytest.mark.parametrize(
    "name", ["soap11-utf8-bom.xml", "soap11-utf16-le-bom.xml", "soap11-utf16-be-bom.xml"]
)
def test_byte_order_marks_are_read(name):
    sample = shared_data("soap") / "spring-ws/soap/soap11" / name
    error = refused(sample.read_bytes())
    assert error.kind is ErrorKind.UNKNOWN_OPERATION  # it was read: only the operation is none of ours


def test_ill_formed_envelopes_are_faults_in_the_version_they_seem_to_be():
    folder = shared_data("soap") / "spring-ws/soap"
    for version, name in ((V11, "soap11/soap11-ill-formed.xml"), (V12, "soap12/soap12-ill-formed.xml")):
        reply = exchange(a_message("iis", (folder / name).read_bytes(), content_type="text/xml"))
        assert fault_codes(reply) == (SENDER[version],)
        assert "symbol" not in fault_text(reply) and "msg" not in fault_text(reply)


LATIN = '<?xml version="1.0" encoding="{}"?>' + envelope(V11, echo_body("caf\u00e9"))


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (LATIN.format("iso-8859-1").encode("latin-1"), ""),
        (LATIN.format("utf-8").encode("latin-1"), "; charset=iso-8859-1"),
        (LATIN.format("iso-8859-1").encode(), "; charset=utf-8"),
        (LATIN.format("utf-8").encode(), '; charset="UTF-8"'),
        (LATIN.format("utf-16").encode("utf-16"), ""),
        (LATIN.format("utf-16").encode("utf-16-le"), "; charset=utf-16le"),
        (b"\xef\xbb\xbf" + LATIN.format("utf-8").encode(), "; charset=iso-8859-1"),
    ],
)
def test_the_charset_parameter_outranks_the_declaration_and_the_mark_outranks_both(body, charset):
    reply = exchange(a_message("iis", body, content_type=f"text/xml{charset}"))
    assert body_of(reply)[0].text == "caf\u00e9"


@pytest.mark.parametrize("charset", ["utf-7", "shift_jis", "unicode"])
def test_other_charsets_are_refused_by_name(charset):
    error = refused(envelope(V11, echo_body()), content_type=f"text/xml; charset={charset}")
    assert error.kind is ErrorKind.UNSUPPORTED_ENCODING


def test_bytes_that_are_not_in_the_charset_are_refused():
    body = LATIN.format("iso-8859-1").encode("latin-1")
    assert refused(body, content_type="text/xml; charset=utf-8").kind is ErrorKind.UNSUPPORTED_ENCODING


def test_a_body_over_the_limit_is_refused_before_it_is_parsed():
    with pytest.raises(GatewayError) as caught:
        read_envelope(a_message("iis", envelope(V11, echo_body("x" * 100))), IIS, max_bytes=100)
    assert caught.value.kind is ErrorKind.TOO_LARGE


def test_an_error_knows_the_terms_once_the_version_was_read():
    error = refused(envelope(V12, "<x/>"), V11)
    assert isinstance(error, SoapError)
    assert error.terms is not None and error.terms.version is SoapVersion.V12
