import pytest

from gateway.clinical import Certainty, Code, FactKind, FactStatus, UnreadReason
from tests.translators.hl7v2.messages import details, fact, read, told
from translators.terminology.code_systems import ICD_10_CM, SNOMED_CT


def test_a_diagnosis_keeps_code_words_time_type_and_rank() -> None:
    found = fact(
        "DG1|1||I21.4^Non-ST elevation MI^I10C^401314000^Acute NSTEMI^SCT||20260313|A|||||||||1",
        kind="ADT^A01",
    )
    assert (found.kind, found.text, found.category) == (
        FactKind.CONDITION,
        "Non-ST elevation MI",
        "admission-diagnosis",
    )
    assert found.codes == (
        Code(code="I21.4", system=ICD_10_CM, display="Non-ST elevation MI"),
        Code(code="401314000", system=SNOMED_CT, display="Acute NSTEMI"),
    )
    assert (found.time, found.status, found.status_sent) == ("2026-03-13", FactStatus.UNKNOWN, "DG1-6=A")
    assert (found.certainty, found.negated, found.origin) == (None, False, "DG1[1]")
    assert details(found) == [("rank", "1")]


def test_old_diagnoses_name_their_system_and_words_in_fields_of_their_own() -> None:
    found = fact("DG1|1|I9|410.71|Subendocardial infarction|19980101|W")
    assert (found.text, found.codes[0].system) == (
        "Subendocardial infarction",
        "http://hl7.org/fhir/sid/icd-9-cm",
    )
    assert found.certainty is Certainty.PROVISIONAL


def test_a_final_diagnosis_is_confirmed_and_no_status_is_invented() -> None:
    found = fact("DG1|1||I10^Hypertension^I10C|||F")
    assert (found.certainty, found.status) == (Certainty.CONFIRMED, FactStatus.UNKNOWN)


def test_a_deleted_diagnosis_is_listed_with_what_it_was() -> None:
    reading = read("DG1|1||I10^Hypertension^I10C|||F" + "|" * 15 + "D", "NTE|1||a comment on it")
    assert reading.facts == [] and reading.notes == []
    assert told(reading) == [("DG1[1]", "withdrawn", "DG1-21=D Hypertension")]


def test_a_confidential_diagnosis_restricts_the_message() -> None:
    assert read("DG1|1||I10^Hypertension^I10C|||F||||||||||||Y").labels.confidentiality == "R"


def test_a_problem_keeps_its_life_and_certainty() -> None:
    found = fact(
        "PRB|AD|20260101|E11^Diabetes^I10C|77||||20300101||||confirmed^^|active^Active^L||20200501|as adult|2",
        kind="PPR^PC1",
    )
    assert found.category == "problem-list"
    (found,) = read(
        "PRB|AD|20260101|E11^Diabetes^I10C|77|||20200601||||||Confirmed|Active||20200501|as an adult|2",
        kind="PPR^PC1",
    ).facts
    assert (found.text, found.time, found.status) == ("Diabetes", "2020-05-01", FactStatus.ACTIVE)
    assert (found.certainty, found.status_sent) == (Certainty.CONFIRMED, "PRB-14=Active")
    assert details(found) == [("onset", "as an adult"), ("rank", "2")]


@pytest.mark.parametrize(
    ("fields", "status", "certainty", "negated"),
    [
        ("||||||20260101|||||", FactStatus.RESOLVED, None, False),
        ("||||||20260101||||Confirmed|Active", FactStatus.ACTIVE, Certainty.CONFIRMED, False),
        ("||||||||||Refuted|Inactive", FactStatus.INACTIVE, Certainty.REFUTED, True),
        ("||||||||||Differential|", FactStatus.UNKNOWN, Certainty.DIFFERENTIAL, False),
        ("||||||||||Known absent|Active", FactStatus.ACTIVE, Certainty.REFUTED, True),
        ("||||||||||R/O|", FactStatus.UNKNOWN, Certainty.DIFFERENTIAL, False),
        ("|||||||||||Ruled out", FactStatus.UNKNOWN, Certainty.REFUTED, True),
        ("||||||||||something else|waxing", FactStatus.UNKNOWN, Certainty.UNCONFIRMED, False),
    ],
)
def test_problem_states_by_their_tables(
    fields: str, status: FactStatus, certainty: Certainty | None, negated: bool
) -> None:
    found = fact(f"PRB|AD||E11^Diabetes^I10C{fields}", kind="PPR^PC1")
    assert (found.status, found.certainty, found.negated) == (status, certainty, negated)


@pytest.mark.parametrize(
    ("segment", "what"),
    [
        ("PRB|DE||E11^Diabetes^I10C", "PRB-1=DE Diabetes"),
        ("PRB|UP||E11^Diabetes^I10C|||||||||||Deleted", "PRB-14=Deleted Diabetes"),
        ("GOL|DE||G1^Lose weight^L", "GOL-1=DE Lose weight"),
    ],
)
def test_what_was_taken_back_is_no_fact(segment: str, what: str) -> None:
    reading = read(segment, kind="PPR^PC1")
    assert (reading.facts, [each[1:] for each in told(reading)]) == ([], [("withdrawn", what)])


def test_no_known_problems_is_a_negated_finding() -> None:
    found = fact("DG1|1||160245001^No current problems^SCT")
    assert (found.text, found.negated) == ("current problems or disability", True)
    found = fact("PRB|AD||^No known problems", kind="PPR^PC1")
    assert (found.text, found.negated) == ("known problems", True)


def test_a_refuted_absence_is_not_read() -> None:
    reading = read("PRB|AD||^No known problems||||||||||Refuted", kind="PPR^PC1")
    assert (reading.facts, told(reading)) == (
        [],
        [("PRB[1]", "invalid", "it denies that there are none")],
    )


def test_a_goal_is_a_goal() -> None:
    found = fact(
        "GOL|AD|20260101|G1^Lose 5 kg^L||||20260101|20260601||||||||Going well||Active", kind="PGL^PC6"
    )
    assert (found.kind, found.text, found.time, found.end) == (
        FactKind.GOAL,
        "Lose 5 kg",
        "2026-01-01",
        "2026-06-01",
    )
    assert (found.status, details(found)) == (FactStatus.ACTIVE, [("outcome", "Going well")])


def test_a_diagnosis_that_names_nothing_is_listed_and_an_empty_segment_is_nothing() -> None:
    assert told(read("DG1|1|||||F")) == [("DG1[1]", "invalid", "DG1-3 names nothing")]
    assert told(read("DG1|", "DG1")) == []


def test_confirmations_and_life_cycles_in_other_words_are_told_beside_the_problem() -> None:
    found = fact("PRB|AD||E11^Diabetes^I10C||||||||||never seen here|waxing", kind="PPR^PC1")
    assert details(found) == [("comment", "status: waxing"), ("comment", "confirmation: never seen here")]


def test_a_problem_that_is_confirmed_to_be_an_error_is_withdrawn() -> None:
    reading = read("PRB|AD||E11^Diabetes^I10C||||||||||entered-in-error|Active", kind="PPR^PC1")
    assert reading.facts == []
    assert [each.reason for each in reading.unread] == [UnreadReason.WITHDRAWN]


@pytest.mark.parametrize(
    ("kind", "segment"), [("PPR^PC3", "PRB||2026|I10^Gout^L"), ("PGL^PC8", "GOL||2026|G1^Walk^L")]
)
def test_an_event_that_deletes_withdraws_what_it_names(kind: str, segment: str) -> None:
    reading = read(segment, kind=kind)
    assert (reading.facts, [each.reason for each in reading.unread]) == ([], [UnreadReason.WITHDRAWN])
