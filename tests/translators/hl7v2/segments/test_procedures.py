from gateway.clinical import FactKind, FactStatus
from tests.translators.hl7v2.messages import details, fact, read, told


def test_a_procedure_has_no_status_unless_it_says_one() -> None:
    found = fact(
        "PR1|1||93458^Coronary angiography^C4||202603131500|D||||||||1|I21.4^NSTEMI^I10C|LT^Left side",
        kind="ADT^A01",
    )
    assert (found.kind, found.text, found.time) == (
        FactKind.PROCEDURE,
        "Coronary angiography",
        "2026-03-13T15:00",
    )
    assert (found.status, found.negated, found.origin) == (FactStatus.UNKNOWN, False, "PR1[1]")
    assert details(found) == [("rank", "1"), ("reason", "NSTEMI"), ("comment", "Left side")]


def test_old_procedures_name_their_system_and_words_in_fields_of_their_own() -> None:
    found = fact("PR1|1|C4|93458|Coronary angiography|1998")
    assert (found.text, found.codes[0].system) == (
        "Coronary angiography",
        "http://www.ama-assn.org/go/cpt",
    )


def test_a_deleted_procedure_is_listed() -> None:
    reading = read("PR1|1||93458^Coronary angiography^C4" + "|" * 17 + "D")
    assert told(reading) == [("PR1[1]", "withdrawn", "PR1-20=D Coronary angiography")]


def test_no_known_procedures_is_a_negated_finding() -> None:
    found = fact("PR1|1||no-known-procedures^No known procedures^X")
    assert (found.text, found.negated) == ("known procedures", True)
