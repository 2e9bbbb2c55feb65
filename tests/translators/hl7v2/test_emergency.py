"""How a message or a query asks for access in an emergency: CON-20 and EVN-5, and nothing that looks like it."""

import pytest
from hl7apy.v2_5.segments import SEGMENTS
from hl7apy.v2_5.tables import TABLES

from gateway.request import Task
from tests.translators.hl7v2.messages import TRANSLATOR, er7, opened, read, requested

EVN = "EVN|A01|20260314|||4711^ADEYEMI^RUTH^^^DR"
BY = "4711 ADEYEMI, RUTH"


def con(consent: str = "001^Release of Information^HL70496", status: str = "B", reason: str = "E") -> str:
    return f"CON|1|{consent}|||||||||{status}|||||||||{reason}||||DOE^JANE|SEL"


def asked(*segments: str) -> Task:
    return requested(er7(*segments, kind="ADT^A01")).task


@pytest.mark.parametrize(
    ("reason", "purpose", "said"),
    [
        ("E", "ETREAT", "Emergency"),
        ("E^Emergency^HL70499", "ETREAT", "Emergency"),
        ("E^Emergency^HL70499^^^^^^found unconscious", "ETREAT", "found unconscious"),
        ("e^\\T\\c.", "ETREAT", "&c."),
        ("PJ", "BTG", "Professional judgment"),
        ("PJ^^HL70499^^^^^^next of kin abroad", "BTG", "next of kin abroad"),
        # without a reason of the table there is none, whatever words stand beside it
        ("", "BTG", ""),
        ("XX^because^L", "BTG", ""),
        ("^because", "BTG", ""),
    ],
)
def test_the_reason_of_a_bypassed_consent_is_the_purpose_of_use(reason: str, purpose: str, said: str) -> None:
    task = asked(EVN, con(reason=reason))
    assert (task.purpose_of_use, task.break_glass, task.break_glass_by) == ((purpose,), said, BY)


@pytest.mark.parametrize("status", ["A", "R", "X", ""])
def test_a_reason_asks_whatever_became_of_the_consent(status: str) -> None:
    assert asked(EVN, con(status=status)).purpose_of_use == ("ETREAT",)


@pytest.mark.parametrize(
    ("event", "by"),
    [
        ("EVN|A01|20260314|||4711", "4711"),
        ("EVN|A01|20260314|||^ADEYEMI", "ADEYEMI"),
        ("EVN|A01|20260314|||4711~4712", "4711"),
        ("EVN|A01|20260314|||", ""),
        ('EVN|A01|20260314|||""', ""),
        ("NTE|1||4711", ""),
    ],
)
def test_who_asks_is_the_operator_of_the_event(event: str, by: str) -> None:
    assert asked(event, con()).break_glass_by == by


@pytest.mark.parametrize(
    "segments",
    [
        (EVN,),
        (EVN, con(consent="002^Medical Procedure^HL70496")),  # an operation without consent opens no record
        (EVN, con(consent="")),
        (EVN, con(status="A", reason="")),
        (EVN, con(status="R", reason="")),
        (EVN, "NTE|1||CON|1|001"),
    ],
)
def test_nothing_else_asks_for_it(segments: tuple[str, ...]) -> None:
    task = asked(*segments)
    assert (task.purpose_of_use, task.break_glass, task.break_glass_by) == ((), "", None)


def test_the_first_bypassed_consent_to_the_release_of_information_counts() -> None:
    task = asked(EVN, con(consent="002"), con(reason="PJ"), con(reason="E"))
    assert (task.purpose_of_use, task.break_glass) == (("BTG",), "Professional judgment")


def test_a_bypass_that_does_not_say_of_what_is_told() -> None:
    warnings = read(con(consent="")).warnings
    assert [(each.code, each.location) for each in warnings] == [("consent-bypass-unread", "CON[1]-2")]
    assert not read(con(consent="002")).warnings


def test_a_query_asks_between_its_parameters_and_their_limit() -> None:
    lines = ("MSH|^~\\&|A|B|C|D|20260314||QBP^Q15^QBP_Q15|Q1|P|2.8", "QPD|Q15|T|MRN1")
    for segments in ((EVN.replace("A01", ""), con()), ()):
        message, of = opened(("\r".join((*lines, *segments, "RCP|I")) + "\r").encode())
        query = TRANSLATOR.to_query(message, of)
        assert query.patient == (("MRN1", ""),)
        wanted = (("ETREAT",), "Emergency", BY) if segments else ((), "", None)
        assert (query.task.purpose_of_use, query.task.break_glass, query.task.break_glass_by) == wanted


@pytest.mark.parametrize("kind", ["ADT^A01", "QBP^Q15^QBP_Q15"])
@pytest.mark.parametrize(("end", "opens"), [("\r", False), ("\r\n", False), ("\n", True)])
def test_a_line_of_somebodys_text_opens_nothing(kind: str, end: str, opens: bool) -> None:
    """Where segments end in LF alone nobody can tell it from one of the sender's."""
    lines = (f"MSH|^~\\&|A|B|C|D|20260314||{kind}|Q1|P|2.8", "QPD|Q15|T|MRN1", "NTE|1||seen today")
    text = f"\n{con()}\n{EVN}"
    message, of = opened((end.join(lines) + text + end).encode())
    is_query = kind.startswith("QBP")
    asked = TRANSLATOR.to_query(message, of) if is_query else TRANSLATOR.to_request(message, of, "ward")
    assert bool(asked.task.break_glass) is opens


def test_the_fields_are_where_the_standard_has_them() -> None:
    fields = {name: (of[3], of[4]) for name, of, *_ in SEGMENTS["CON"][1]}
    assert fields["CON_2"] == ("CONSENT_TYPE", "HL70496")
    assert fields["CON_11"] == ("CONSENT_STATUS", "HL70498")
    assert fields["CON_20"] == ("CONSENT_BYPASS_REASON", "HL70499")
    assert "001" in TABLES["HL70496"][1] and "B" in TABLES["HL70498"][1]
    assert set(TABLES["HL70499"][1]) == {"E", "PJ"}
    assert {name: of[3] for name, of, *_ in SEGMENTS["EVN"][1]}["EVN_5"] == "OPERATOR_ID"
