from hypothesis import given
from hypothesis import strategies as st

from translators.hl7v2.head import NO_HEAD, head_fields


def test_fields_are_numbered_as_in_the_standard() -> None:
    head = head_fields(b"MSH|^~\\&|A^1.2^ISO|B|C|D|20260314||ADT^A01|M1|P|2.5\rPID|1")
    assert (head.fields[1], head.fields[2], head.fields[3]) == (b"|", b"^~\\&", b"A^1.2^ISO")
    assert (head.fields[10], head.fields[12], head.fields[18]) == (b"M1", b"2.5", b"")
    assert head.code(9) == "ADT"


def test_the_header_of_a_payload_cut_anywhere_still_gives_the_control_id() -> None:
    payload = b"MSH|^~\\&|A|B|C|D|20260314||ADT^A01|M1|P|2.5\rPID|1||MRN"
    for cut in range(payload.index(b"|P|"), len(payload)):
        assert head_fields(payload[:cut]).fields[10] == b"M1"


def test_junk_before_the_header_is_skipped() -> None:
    for junk in (b"\xef\xbb\xbf", b"\x0b", b"\r\n\r\n", b"\x1c\r\x0b", b"garbage\r", b"\x0bhalf a mess\x0b"):
        head = head_fields(junk + b"MSH|^~\\&|A|B|C|D|||ADT^A01|M1|P|2.5\r")
        assert head.fields[10] == b"M1", junk


def test_control_characters_never_get_into_a_field() -> None:
    head = head_fields(b"MSH|^~\\&|A\x01\x0b|B\x1c|C|D|||ADT^A01|M\x1c1|P|2.5\r")
    assert (head.fields[3], head.fields[4], head.fields[10]) == (b"A", b"B", b"M1")


def test_a_payload_without_a_header_has_none() -> None:
    for payload in (b"", b"garbage", b"PID|1", b"MS", b"msh|^~\\&|", b"XMSH|^~\\&|"):
        assert head_fields(payload).name in (b"", NO_HEAD.name), payload


def test_a_header_without_separator_has_no_fields() -> None:
    for payload in (b"MSH", b"MSHA", b"MSH\r", b"MSH 1"):
        head = head_fields(payload)
        assert (head.name, head.separator) == (b"MSH", b""), payload


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(tail: bytes) -> None:
    head = head_fields(b"MSH|" + tail)
    head.delimiters_or_standard()
    head.code(9)
    assert len(head.fields) >= 28
