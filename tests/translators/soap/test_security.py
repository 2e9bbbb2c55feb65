import base64

import pytest

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Claims
from tests.shared_data import shared_data
from tests.translators.soap.exchange import (
    ADT,
    BOTH,
    V11,
    V12,
    a_message,
    a_translator,
    envelope,
    exchange,
    fault_codes,
    fault_text,
    submission_body,
    summarize_body,
)
from translators.soap import names
from translators.soap.security import http_claims

TOKEN = "<w:UsernameToken><w:Username> {} </w:Username><w:Password>{}</w:Password></w:UsernameToken>"


def secured(content: str, version=V11, must: str = "1", service: str = "summarize", **http: str):
    body = submission_body(ADT) if service == "iis" else summarize_body()
    stated = f' s:mustUnderstand="{must}"' if must else ""
    header = f'<w:Security xmlns:w="{names.WSSE}" xmlns:u="{names.WSU}"{stated}>{content}</w:Security>'
    return a_message(service, envelope(version, body, header), version, **http)


def claims_of(message) -> Claims:
    return a_translator().open(message).claims


def refused(message) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        a_translator().open(message)
    return caught.value


@pytest.mark.parametrize("version", BOTH)
def test_a_username_token_with_a_plain_password_says_who_calls(version):
    assert claims_of(secured(TOKEN.format("bert", "ernie "), version)) == Claims(
        username="bert", password="ernie ", login="username-token"
    )


def test_the_token_outranks_the_http_header():
    message = secured(TOKEN.format("bert", "ernie"), authorization="Bearer other")
    assert claims_of(message) == Claims(username="bert", password="ernie", login="username-token")


@pytest.mark.parametrize(
    "name",
    [
        "usernameTokenPlainText-soap.xml",
        "usernameTokenPlainText-soap12.xml",
        "usernameTokenPlainTextWithHeaders-soap.xml",
        "usernameTokenPlainTextQualifiedType-soap.xml",
        "usernameTokenPlainTextAndTimestamp-soap.xml",
    ],
)
def test_real_plain_text_tokens_are_understood(name):
    sample = (shared_data("soap") / "spring-ws/soap/security/wss4j2" / name).read_bytes()
    error = refused(a_message("summarize", sample))
    assert error.kind is ErrorKind.UNKNOWN_OPERATION  # past the headers: only the operation is none of ours


DIGEST = (
    "<w:UsernameToken><w:Username>bert</w:Username>"
    f'<w:Password Type="{names.DIGEST}">5eawvSIg7bt79oQixbEH9hSWS7Y=</w:Password>'
    "<w:Nonce>0x7bXAPZVn40\nAdCD0Xbt0g==</w:Nonce><u:Created>2026-03-14T09:29:00.5+00:00</u:Created>"
    "</w:UsernameToken>"
)


def test_a_password_digest_is_taken_as_it_was_sent():
    claims = claims_of(secured(DIGEST))
    assert (claims.username, claims.password, claims.login) == ("bert", None, "username-token")
    assert claims.digest is not None
    assert claims.digest.created == "2026-03-14T09:29:00.5+00:00"
    assert claims.digest.nonce == base64.b64decode("0x7bXAPZVn40AdCD0Xbt0g==")


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("09:29:00.5+00:00", "09:20:00Z", "MessageExpired"),
        ("09:29:00.5+00:00", "09:40:00", "InvalidSecurity"),
        ("2026-03-14T09:29:00.5+00:00", "now", "InvalidSecurity"),
        ("<u:Created>2026-03-14T09:29:00.5+00:00</u:Created>", "", "InvalidSecurityToken"),
        ("<w:Nonce>", "<w:Nonce>AAAA</w:Nonce><w:Nonce>", "InvalidSecurityToken"),
        ("<w:Nonce>0x7bX", "<w:Nonce>*", "InvalidSecurityToken"),
        ("0x7bXAPZVn40\nAdCD0Xbt0g==", "", "InvalidSecurityToken"),
        ("</u:Created>", "</u:Created><u:Created/>", "InvalidSecurityToken"),
    ],
)
def test_a_digest_that_is_wrong_in_itself_is_refused_by_name(right, wrong, code):
    assert right in DIGEST
    assert fault_codes(exchange(secured(DIGEST.replace(right, wrong))))[-1] == f"{{{names.WSSE}}}{code}"


def test_a_real_digest_from_2006_has_expired():
    sample = (
        shared_data("soap") / "spring-ws/soap/security/wss4j2/usernameTokenDigest-soap.xml"
    ).read_bytes()
    assert fault_codes(exchange(a_message("summarize", sample)))[-1] == f"{{{names.WSSE}}}MessageExpired"


@pytest.mark.parametrize("name", ["signed-soap.xml", "encrypted-soap.xml"])
def test_a_real_header_that_cannot_be_checked_is_not_understood(name):
    sample = (shared_data("soap") / "spring-ws/soap/security/wss4j2" / name).read_bytes()
    reply = exchange(a_message("summarize", sample))
    assert fault_codes(reply)[0].endswith("}MustUnderstand")


@pytest.mark.parametrize(
    "content",
    [
        '<x:Signature xmlns:x="http://www.w3.org/2000/09/xmldsig#"/>' + TOKEN.format("a", "b"),
        '<s2:Assertion xmlns:s2="urn:oasis:names:tc:SAML:2.0:assertion"/>',
        "<w:BinarySecurityToken/>",
        TOKEN.format("a", "b").replace("<w:Password>", '<w:Password Type="x#PasswordDigest">'),
    ],
)
def test_what_is_not_processed_is_refused_when_it_must_be_and_never_believed(content):
    assert fault_codes(exchange(secured(content)))[0].endswith("}MustUnderstand")
    assert claims_of(secured(content, must="")) == Claims()


def test_a_service_with_its_own_credentials_does_not_understand_the_header():
    assert fault_codes(exchange(secured(TOKEN.format("a", "b"), service="iis")))[0].endswith(
        "}MustUnderstand"
    )
    token = f'<w:Security xmlns:w="{names.WSSE}">{TOKEN.format("a", "b")}</w:Security>'
    nobody = submission_body(ADT, ("", ""))
    assert claims_of(a_message("iis", envelope(V12, nobody, token), V12)) == Claims()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<w:UsernameToken><w:Username>a</w:Username></w:UsernameToken>", "InvalidSecurityToken"),
        ("<w:UsernameToken><w:Password>a</w:Password></w:UsernameToken>", "InvalidSecurityToken"),
        (TOKEN.format("a", "b") * 2, "InvalidSecurity"),
        (TOKEN.format("a", "b</w:Password><w:Password>c"), "InvalidSecurityToken"),
        ("<u:Timestamp><u:Expires>2026-03-14T09:20:00Z</u:Expires></u:Timestamp>", "MessageExpired"),
        ("<u:Timestamp><u:Created>2026-03-14T09:40:00.5Z</u:Created></u:Timestamp>", "InvalidSecurity"),
        ("<u:Timestamp><u:Created>yesterday</u:Created></u:Timestamp>", "InvalidSecurity"),
    ],
)
@pytest.mark.parametrize("version", BOTH)
def test_a_token_that_is_wrong_in_itself_has_a_fault_of_its_own(version, content, code):
    reply = exchange(secured(content, version))
    assert fault_codes(reply)[-1] == f"{{{names.WSSE}}}{code}"
    assert reply.status == (500 if version is V11 else 400)
    assert "ernie" not in fault_text(reply)


@pytest.mark.parametrize(
    "times",
    [
        "<u:Created>2026-03-14T09:29:00.123Z</u:Created><u:Expires>2026-03-14T09:34:00Z</u:Expires>",
        "<u:Created>2026-03-14T10:30:00+01:00</u:Created>",
        "<u:Created>2026-03-14T09:30:30</u:Created><u:Expires>2026-03-14T09:29:10Z</u:Expires>",
        "",
    ],
)
def test_clocks_may_differ_by_a_minute_and_write_times_in_any_iso_form(times):
    message = secured(f"<u:Timestamp>{times}</u:Timestamp>{TOKEN.format('a', 'b')}")
    assert claims_of(message).username == "a"


def test_two_security_headers_for_us_are_refused():
    header = f'<w:Security xmlns:w="{names.WSSE}">{TOKEN.format("a", "b")}</w:Security>' * 2
    reply = exchange(a_message("summarize", envelope(V12, summarize_body(), header), V12))
    assert fault_codes(reply)[-1] == f"{{{names.WSSE}}}InvalidSecurity"


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("headers", "claims"),
    [
        ({"authorization": "Bearer demo"}, Claims(api_key="demo")),
        ({"authorization": "bearer  demo "}, Claims(api_key="demo")),
        ({"x-api-key": "demo"}, Claims(api_key="demo")),
        (
            {"authorization": basic("caf\u00e9:a:b")},
            Claims(username="caf\u00e9", password="a:b", login="basic"),
        ),
        ({"authorization": basic("nocolon")}, Claims()),
        ({"authorization": "Basic ZGVt*bzpkZW1v"}, Claims()),
        ({"authorization": "Basic /w=="}, Claims()),
        ({"authorization": "Bearer"}, Claims()),
        ({"authorization": "Negotiate abc"}, Claims()),
        ({}, Claims()),
    ],
)
def test_http_authorization_is_read_and_what_is_broken_claims_nothing(headers, claims):
    assert http_claims(headers) == claims


def test_credentials_in_the_body_outrank_all_others():
    message = a_message(
        "iis", envelope(V12, submission_body(ADT, ("dr", "pw"))), V12, authorization="Bearer other"
    )
    assert claims_of(message) == Claims(username="dr", password="pw", login="iis-credentials")


def test_the_sender_of_the_hl7_message_is_not_a_claim_over_soap():
    claims = claims_of(a_message("iis", envelope(V12, submission_body(ADT, ("", ""))), V12))
    assert claims == Claims()
