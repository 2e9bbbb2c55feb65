"""The last section: what was not read, in words and counted."""

from gateway.clinical import Caution, Unread, UnreadReason
from gateway.summary import SummarySection
from tests.gateway.backends.extractive.making import K, fact, lines_of

LIMITS = SummarySection.LIMITS
NKA = fact(K.ALLERGY, "known allergies", negated=True)


def test_every_reason_for_not_reading_has_words() -> None:
    unread = [Unread(origin=f"X[{n}]", reason=reason) for n, reason in enumerate(UnreadReason)]
    lines = lines_of(LIMITS, NKA, unread=unread)
    assert len(lines) == len(UnreadReason)
    assert all(line.startswith("1 item ") for line in lines)


def test_unread_items_are_counted_and_the_first_of_them_named() -> None:
    unread = [Unread(origin=f"OBX[{n}]", reason=UnreadReason.BINARY, what=f"PDF {n}") for n in range(6)]
    assert lines_of(LIMITS, NKA, unread=unread) == [
        "6 items not read: a format without text: PDF 0; PDF 1; PDF 2; PDF 3 and 2 more"
    ]


def test_cautions_on_the_reading_are_told_and_the_rest_counted() -> None:
    cautions = [Caution(code="c", text=f"Caution {n}") for n in range(8)]
    assert lines_of(LIMITS, NKA, warnings=[*cautions, cautions[0]]) == [
        "Caution 0", "Caution 1", "Caution 2", "Caution 3", "Caution 4",
        "3 further cautions on how the message was read.",
    ]  # fmt: skip


def test_an_allergy_under_another_name_is_not_called_unstated() -> None:
    stated = fact(K.CONDITION, "Allergy status to penicillin", origin="DG1[1]")
    assert lines_of(LIMITS, stated) == [
        "Allergies: not listed as such in what was received, but spoken of under overview, problems: check."
    ]
    assert lines_of(LIMITS, fact(K.CONDITION, "Asthma")) == ["Allergies: not stated in what was received."]
