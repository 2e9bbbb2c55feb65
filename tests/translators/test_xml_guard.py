import pytest
from lxml import etree

from gateway.errors import ErrorKind, GatewayError
from translators.xml_guard import XmlLimits, parse_xml


@pytest.mark.parametrize(
    "payload", [b"", b" \r\n", b"\xef\xbb\xbf", b"<!-- only a comment -->", b"no markup", b"<a>"]
)
@pytest.mark.parametrize("mend", [False, True])
def test_what_holds_no_element_is_malformed(payload: bytes, mend: bool) -> None:
    with pytest.raises(GatewayError) as caught:
        parse_xml(payload, mend_namespaces=mend)
    assert caught.value.kind is ErrorKind.MALFORMED
    assert caught.value.location.startswith("line ")


def test_an_undeclared_prefix_is_mended_only_where_it_is_asked_for() -> None:
    payload = b'<a><b xsi:type="PQ"/></a>'
    assert parse_xml(payload, mend_namespaces=True)[0].get("xsi:type") == "PQ"
    with pytest.raises(GatewayError):
        parse_xml(payload)


def test_comments_and_instructions_stay_only_verbatim() -> None:
    payload = b"<?style x?><a>b<!-- c -->d</a>"
    assert etree.tostring(parse_xml(payload)) == b"<a>bd</a>"
    assert etree.tostring(parse_xml(payload, verbatim=True).getroottree()) == payload


@pytest.mark.parametrize(
    ("payload", "limits"),
    [
        (b"<a>" + b"<b/>" * 10 + b"</a>", XmlLimits(elements=10)),
        (b"<a><b><c/></b></a>", XmlLimits(depth=2)),
        (b'<a><b x="1" y="2" z="3"/></a>', XmlLimits(attributes=2)),
    ],
)
def test_each_limit_holds(payload: bytes, limits: XmlLimits) -> None:
    with pytest.raises(GatewayError) as caught:
        parse_xml(payload, limits)
    assert caught.value.kind is ErrorKind.TOO_LARGE
    roomier = XmlLimits(
        elements=limits.elements + 1, depth=limits.depth + 1, attributes=limits.attributes + 1
    )
    assert parse_xml(payload, roomier).tag == "a"
