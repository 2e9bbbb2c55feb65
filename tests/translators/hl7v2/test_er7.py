import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.translators.hl7v2.messages import PATIENT, header, read_payload
from translators.hl7v2.er7 import Er7, Syntax
from translators.hl7v2.er7 import read as read_er7_text
from translators.hl7v2.head import head_fields

MSH = header().encode()


def er7_of(payload: bytes) -> Er7:
    return read_er7_text(payload, head_fields(payload))


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r", b"\n\r"])
def test_segments_end_with_whatever_feeds_end_them_with(end: bytes) -> None:
    message = er7_of(end.join([MSH, b"PID|1", b"PV1|1"]) + end)
    assert [segment.name for segment in message.segments] == ["MSH", "PID", "PV1"]


def test_mixed_line_ends_in_one_message_are_read() -> None:
    message = er7_of(MSH + b"\r\nPID|1\nPV1|1\rAL1|1||X")
    assert [segment.name for segment in message.segments] == ["MSH", "PID", "PV1", "AL1"]


def test_places_count_the_occurrences_of_each_name() -> None:
    message = er7_of(MSH + b"\rOBX|1\rNTE|1\rOBX|2\rNTE|1\rOBX|3")
    assert [each.place for each in message.segments[1:]] == ["OBX[1]", "NTE[1]", "OBX[2]", "NTE[2]", "OBX[3]"]


def test_fields_of_the_header_are_numbered_like_all_others() -> None:
    row = er7_of(MSH).segments[0].row
    assert (row[1], row[2], row[3], row[12]) == ("|", "^~\\&", "LAB", "2.5.1")


def test_a_field_that_was_not_sent_is_empty() -> None:
    assert er7_of(MSH + b"\rPV1|1").segments[1].row[50] == ""


def test_framing_bytes_inside_a_payload_do_no_harm() -> None:
    payload = b"\x0b" + MSH + b"\rPID|1||MRN1\x1c^^^HOSP\rOBX|1|ST|A^B||x\x0by\x1c\r\x1c\r"
    message = er7_of(payload)
    assert [segment.name for segment in message.segments] == ["MSH", "PID", "OBX"]
    assert message.segments[2].row[5] == "x y "


def test_a_byte_order_mark_is_no_content() -> None:
    assert er7_of(b"\xef\xbb\xbf" + MSH + b"\rPID|1").segments[0].name == "MSH"


@pytest.mark.parametrize(
    ("line", "name"),
    [(b"pid|1||M", "PID"), (b" PID|1||M", "PID"), (b"ZZ", "line"), (b"|||", "line"), (b"5.1|x", "line")],
)
def test_names_that_went_astray_are_mended_or_kept_apart(line: bytes, name: str) -> None:
    assert er7_of(MSH + b"\r" + line).segments[1].name == name


def test_any_delimiters_give_the_same_facts() -> None:
    usual = "\r".join([header(), PATIENT, "OBX|1|CE|1^A~B&C||X\\F\\Y^Pos^L~Z||3-5|A~B|||F"])
    other = usual.translate(str.maketrans("|^~\\&", "*#%!$"))
    one, two = read_payload(usual.encode()), read_payload(other.encode())
    assert [fact.value for fact in two.facts] == ["Pos, Z"] == [fact.value for fact in one.facts]
    assert two.patient == one.patient


def test_explicit_null_is_no_text_and_absent_is_no_null() -> None:
    syntax = er7_of(MSH).syntax
    assert (syntax.text('""'), syntax.text(""), syntax.repetitions('""'), syntax.first('""^B')) == (
        "",
        "",
        [],
        "",
    )


def test_lines_keep_their_indent_and_repetitions_are_lines() -> None:
    syntax = er7_of(MSH).syntax
    assert syntax.lines("IMPRESSION:~  1. Fracture.  \\.br\\  2. \\T\\ none~~") == (
        "IMPRESSION:\n  1. Fracture.\n  2. & none"
    )


_SEPARATED = st.text(st.sampled_from('ab^~&\\|\r\n" '), max_size=40)


@given(_SEPARATED)
def test_no_content_makes_the_syntax_raise(text: str) -> None:
    syntax: Syntax = er7_of(MSH).syntax
    syntax.text(text), syntax.folded(text), syntax.lines(text), syntax.first(text)
    assert len(syntax.components(text, 3)) >= 3
    assert len(syntax.texts(text, 3)) >= 3
    syntax.repetitions(text)
