"""Which segment belongs to which, told as an outline: a segment, then in brackets what is bound to it."""

import pytest

from tests.translators.hl7v2.messages import header
from translators.hl7v2.binding import Binding
from translators.hl7v2.er7 import Segment, read
from translators.hl7v2.head import head_fields


def outline(*lines: str, kind: str = "ORU^R01") -> str:
    payload = "\r".join([header(kind), *lines]).encode()
    main = Binding(read(payload, head_fields(payload)).segments).main
    return " ".join(_told(segment) for segment in main[1:])


def _told(segment: Segment) -> str:
    order = "<ORC" if segment.order is not None else ""
    bound = " ".join([_told(each) for each in segment.attached or ()])
    notes = "+" * len(segment.notes or ())
    return f"{segment.name}{order}{notes}" + (f"({bound})" if bound else "")


@pytest.mark.parametrize(
    ("lines", "bound"),
    [
        ("PID NTE OBR NTE OBX NTE NTE OBX", "PID+ OBR+(OBX++ OBX)"),
        ("PID NK1 NK1 PV1 PV2 AL1", "PID(NK1 NK1) PV1(PV2) AL1"),
        ("ORC OBR OBX ORC OBR OBX", "ORC OBR<ORC(OBX) ORC OBR<ORC(OBX)"),
        ("ORC OBR OBX OBR OBX", "ORC OBR<ORC(OBX) OBR(OBX)"),
        ("OBR OBX SPM", "OBR(OBX SPM)"),
        ("SPM OBX OBR ORC OBX SPM OBR OBX", "SPM OBX OBR<ORC(SPM OBX) SPM OBR(SPM OBX)"),
        ("OBR ORC OBR OBX", "OBR ORC OBR<ORC(OBX)"),
        ("ORC TQ1 RXO NTE RXR RXC NTE RXE TQ1 RXR RXC", "ORC(TQ1) RXO<ORC+(RXR RXC+) RXE<ORC(TQ1 RXR RXC)"),
        ("ORC RXA RXR OBX OBX ORC RXA OBX", "ORC RXA<ORC(RXR OBX OBX) ORC RXA<ORC(OBX)"),
        ("EVN PID PV1 ORC OBR TXA OBX NTE", "EVN PID PV1 ORC OBR<ORC TXA(OBX+)"),
        ("SCH TQ1 NTE PID PV1 RGS AIS NTE AIG AIL AIP", "SCH(TQ1+ AIS+ AIG AIL AIP) PID PV1 RGS"),
        ("PRB NTE ORC OBR OBX PRB OBX", "PRB+ ORC OBR<ORC(OBX) PRB OBX"),
        ("PID OBR OBX PID OBX", "PID OBR(OBX) PID OBX"),
        ("OBX PRT NTE", "OBX+ PRT"),
        ("OBX ZZZ NTE", "OBX ZZZ+"),
        ("RXR AIS TQ1 NK1", "RXR AIS TQ1 NK1"),
    ],
)
def test_segments_bind_to_what_they_speak_of(lines: str, bound: str) -> None:
    assert outline(*(f"{name}|1|NM" for name in lines.split())) == bound


@pytest.mark.parametrize(
    ("rows", "bound"),
    [
        (["|TX|R", "|TX|R", "|TX|R"], "OBX(OBX OBX)"),
        (["|FT|R", "|TX|R"], "OBX(OBX)"),
        (["|TX|R", "|TX|", "||"], "OBX(OBX) OBX"),  # no type is a line only of rows without type
        (["||R", "||"], "OBX(OBX)"),
        (["|TX|R", "|TX|S"], "OBX OBX"),
        (["|TX|R|1", "|TX|R|2"], "OBX(OBX)"),
        (["|ST|R|1", "|ST|R|2"], "OBX OBX"),  # two organisms are two results
        (["|ST|R|1", "|ST|R|1"], "OBX(OBX)"),
        (["|NM|R", "|NM|R"], "OBX OBX"),
        (["|TX|R||a||||||F", "|TX|R||a||||||C"], "OBX OBX"),  # another standing
        (["|TX|R||a|mg", "|TX|R||a|mg"], "OBX OBX"),
    ],
)
def test_rows_of_one_text_are_one_text(rows: list[str], bound: str) -> None:
    assert outline(*(f"OBX|{number}{row}" for number, row in enumerate(rows, 1))) == bound


def test_a_comment_ends_a_text() -> None:
    assert outline("OBR|1", "OBX|1|TX|R", "NTE|1", "OBX|2|TX|R") == "OBR(OBX+ OBX)"


def test_in_a_document_strings_are_lines_too() -> None:
    assert outline("TXA|1", "OBX|1|ST|R|1", "OBX|2|ST|R|2", kind="MDM^T02") == "TXA(OBX(OBX))"
