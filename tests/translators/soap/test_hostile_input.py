"""Whatever bytes come, there is an answer in SOAP, and nothing but `GatewayError` is raised on the way."""

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.translators.soap.exchange import (
    ADT,
    BOTH,
    QUERY,
    V12,
    a_message,
    echo_body,
    envelope,
    exchange,
    note_body,
    submission_body,
    summarize_body,
)
from translators.soap import names

ADDRESSED = (
    f'<a:Action xmlns:a="{names.WSA_2005}">urn:cdc:iisb:2011:submitSingleMessage</a:Action>'
    f'<a:MessageID xmlns:a="{names.WSA_2005}">urn:uuid:1</a:MessageID>'
    f'<w:Security xmlns:w="{names.WSSE}"><w:UsernameToken><w:Username>a</w:Username>'
    "<w:Password>b</w:Password></w:UsernameToken></w:Security>"
)
WHOLE = [
    ("summarize", summarize_body("<purpose>results</purpose>", b"text")),
    ("iis", echo_body()),
    ("iis", submission_body(ADT)),
    ("iis", submission_body(QUERY)),
    ("notereader", note_body()),
]
PIECES = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [
            b"<",
            b">",
            b"</",
            b"&#0;",
            b"&#13;",
            b"&x;",
            b"<a/>",
            b"]]>",
            b"<![CDATA[",
            b"\x00",
            b"\xff",
            b"xmlns=''",
            b"'",
        ]
    ),
)
EDITS = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 40), PIECES), max_size=4)
CONTENT_TYPES = st.sampled_from(
    ["text/xml", "application/soap+xml; charset=utf-8", "text/xml; charset=utf-16", "a;b=c;=;"]
)


@given(st.sampled_from(WHOLE), st.sampled_from(BOTH), st.booleans(), EDITS, CONTENT_TYPES)
@settings(max_examples=400, deadline=None)
def test_envelopes_broken_anywhere_are_answered(whole, version, is_addressed, edits, content_type):
    service, body = whole
    content = envelope(version, body, ADDRESSED if is_addressed else "").encode()
    for at, length, piece in edits:
        at %= len(content) or 1
        content = content[:at] + piece + content[at + length :]
    reply = exchange(a_message(service, content, content_type=content_type))
    assert reply.status in (200, 400, 413, 415, 500)
    assert etree.fromstring(reply.body).tag.endswith("}Envelope")


@given(st.binary(max_size=200), st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_bytes_and_headers_of_any_kind_are_answered(content, content_type, action, authorization):
    message = a_message(
        "summarize",
        content,
        content_type=f"text/xml{content_type}",
        soapaction=action,
        authorization=authorization,
    )
    assert exchange(message).status in (400, 413, 415, 500)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_in_any_parameter_is_answered(text):
    safe = "".join(f"&#{ord(letter)};" if letter.isprintable() else " " for letter in text)
    for service, body in (
        ("iis", submission_body("").replace("<hl7Message>", f"<hl7Message>{safe}")),
        ("iis", submission_body("").replace("<hl7Message>", f"<hl7Message>MSH|^~\\&amp;|{safe}")),
        ("summarize", summarize_body(f"<model>{safe}</model><language>{safe}</language>")),
        ("notereader", note_body(safe)),
    ):
        reply = exchange(a_message(service, envelope(V12, body), V12))
        assert reply.status in (200, 400)
        assert etree.fromstring(reply.body).tag.endswith("}Envelope")
