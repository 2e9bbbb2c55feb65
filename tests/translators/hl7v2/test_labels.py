"""What a sensitivity in a field covers: a segment with its comments, an order, or the message."""

import pytest

from tests.translators.hl7v2.messages import read

OBX = "OBX|1|NM|2823-3^Potassium^LN||4.1|mmol/L|||||F||"
NOTE = "NTE|1||hemolyzed"


def order(code: str) -> str:
    return "ORC|RE" + "|" * 27 + code


@pytest.mark.parametrize(
    ("segments", "origins"),
    [
        ([OBX + "HIV", NOTE, OBX], [("OBX[1]", "NTE[1]")]),
        ([OBX, NOTE, OBX + "HIV"], [("OBX[2]",)]),
        (
            [order("ETH"), "OBR|1", OBX, NOTE, order(""), "OBR|2", OBX],
            [("ORC[1]", "OBR[1]", "OBX[1]", "NTE[1]")],
        ),
        (["ARV|1|A|ACC|HIV", "OBR|1", OBX], [("",)]),
        ([OBX], []),
        ([OBX + "V"], []),
    ],
)
def test_what_a_label_covers(segments: list[str], origins: list[tuple[str, ...]]) -> None:
    assert [part.origins for part in read(*segments).labelled] == origins


def test_alcohol_or_drug_treatment_is_wider_than_alcohol() -> None:
    [part] = read(OBX + "ETH").labelled
    assert part.sensitivity == ("ETH", "SUD")
