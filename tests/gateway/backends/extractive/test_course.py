"""Overview and course: who and why, without a name, a birth date or an age above 89."""

import pytest

from gateway.backends.extractive import summarize
from gateway.clinical import Certainty, ClinicalFact, Encounter, Patient
from gateway.summary import SummarySection
from tests.gateway.backends.extractive.making import K, S, fact, lines_of, request

OVERVIEW, COURSE, PROCEDURES = SummarySection.OVERVIEW, SummarySection.COURSE, SummarySection.PROCEDURES
ASTHMA = fact(K.CONDITION, "Asthma", status=S.ACTIVE)


@pytest.mark.parametrize(
    ("born", "sex", "start", "person"),
    [
        ("1958-03-14", "female", "", "68-year-old woman"),
        ("1958-03-16", "female", "", "67-year-old woman"),
        ("1958-03-14", "male", "2000-01-01", "41-year-old man"),
        ("1936-01-01", "male", "", "Man aged 90 or older"),
        ("1936-03-16", "male", "", "89-year-old man"),
        ("2010-01-01", "male", "", "16-year-old boy"),
        ("2025-01-20", "female", "", "13-month-old girl"),
        ("2026-03-10", "female", "", "5-day-old girl"),
        ("2026-03-15", "", "", "Newborn patient"),
        ("1958", "female", "", "About 68-year-old woman"),
        ("1930", "female", "", "Woman aged 90 or older"),
        ("2030-01-01", "female", "", "Woman"),
        ("nonsense", "unknown", "", "Patient"),
        ("", "other", "", "Patient (sex: other)"),
    ],
)
def test_the_person_is_told_by_age_and_sex(born: str, sex: str, start: str, person: str) -> None:
    patient = Patient(birth_date=born, sex=sex)
    encounter = Encounter(encounter_class="IMP", start=start, origin="PV1[1]")
    (line,) = lines_of(OVERVIEW, ASTHMA, patient=patient, encounter=encounter)
    assert line == f"{person}; inpatient encounter; main problem: Asthma"


def test_the_dead_are_said_to_be_dead_at_the_age_they_reached() -> None:
    patient = Patient(birth_date="1958-03-14", sex="male", deceased="2008-03-13")
    assert lines_of(OVERVIEW, ASTHMA, patient=patient) == ["49-year-old man, deceased; main problem: Asthma"]
    assert lines_of(OVERVIEW, ASTHMA, patient=Patient(deceased="false")) == ["Patient; main problem: Asthma"]


def test_the_one_liner_names_its_sources() -> None:
    summary = summarize(request([ASTHMA], encounter=Encounter(reason="Cough", origin="PV1[1]")))
    assert summary.statements[0].evidence == ("PV1[1]", ASTHMA.origin)


def test_without_encounter_and_problem_the_one_liner_says_what_came() -> None:
    given = [fact(K.RESULT, f"T{n}", value="1") for n in range(2)] + [fact(K.SOCIAL_HISTORY, "Smoker")]
    summary = summarize(request(given))
    assert summary.statements[0].text == "Patient; received: 2 results, 1 social history entry"
    assert len(summary.statements[0].evidence) == 3


@pytest.mark.parametrize(
    "given",
    [
        fact(K.CONDITION, "Asthma", negated=True),
        fact(K.CONDITION, "Asthma", certainty=Certainty.REFUTED),
        fact(K.CONDITION, "Asthma", status=S.RESOLVED),
        fact(K.CONDITION, "Asthma", category="past-history"),
    ],
)
def test_what_is_not_there_is_not_the_main_problem(given: ClinicalFact) -> None:
    assert "main problem" not in lines_of(OVERVIEW, given)[0]


def test_a_suspected_main_problem_is_called_suspected() -> None:
    suspected = fact(K.CONDITION, "Sepsis", certainty=Certainty.PROVISIONAL)
    assert lines_of(OVERVIEW, suspected) == ["Patient; main problem: Provisional: Sepsis"]


def test_a_directive_stands_at_the_top_and_stays() -> None:
    order = fact(K.DIRECTIVE, "Do not resuscitate", status=S.ACTIVE)
    assert (
        lines_of(OVERVIEW, ASTHMA, order, max_length=10)[-1]
        == "Advance directive: Do not resuscitate (active)"
    )
    ended = fact(K.DIRECTIVE, "Full code", negated=True)
    assert lines_of(OVERVIEW, ended)[-1] == "Not in force: Full code"


def test_the_birth_date_is_not_told_by_another_date() -> None:
    patient = Patient(birth_date="2026-03-14", sex="male")
    encounter = Encounter(start="2026-03-14T08:00", end="2026-03-16", encounter_class="IMP", origin="PV1[1]")
    summary = summarize(
        request(
            [
                fact(K.CONDITION, "Cleft lip", time="2026-03-14", status=S.ACTIVE),
                fact(K.IMMUNIZATION, "Hepatitis B vaccine", time="2026-03-14T10:00", status=S.COMPLETED),
            ],
            patient=patient,
            encounter=encounter,
        )
    )
    assert "2026-03-14" not in summary.text
    assert "Cleft lip (active; since birth)" in summary.text
    assert "Inpatient encounter from birth to 2026-03-16" in summary.text


STAY = Encounter(
    encounter_class="IMP", start="2026-03-10T08:00-06:00", end="2026-03-14T16:00-06:00", status="finished",
    type="Acute", service="Cardiology", location="4 West", reason="Chest\npain", disposition="Home", origin="PV1[1]",
)  # fmt: skip


def test_the_course_tells_when_where_why_and_whereto() -> None:
    assert lines_of(COURSE, encounter=STAY) == [
        "Inpatient encounter from 2026-03-10 08:00 to 2026-03-14 16:00, Acute, Cardiology, 4 West",
        "Reason: Chest / pain",
        "Disposition: Home",
    ]
    planned = Encounter(encounter_class="PRENC", status="planned", start="2026-04-01T08:00Z", origin="PV1[1]")
    assert lines_of(COURSE, encounter=planned) == [
        "Pre-admission encounter, planned from 2026-04-01 08:00 UTC"
    ]
    assert lines_of(
        COURSE, encounter=Encounter(encounter_class="XX", status="cancelled", origin="PV1[1]")
    ) == ["XX encounter, CANCELLED"]


@pytest.mark.parametrize(
    ("given", "is_told"),
    [
        (fact(K.PROCEDURE, "PCI", time="2026-03-11", status=S.COMPLETED), True),
        (fact(K.PROCEDURE, "PCI", time="2026-03-14T23:00"), True),
        (fact(K.PROCEDURE, "PCI", time="2026-03-15", status=S.COMPLETED), False),
        (fact(K.PROCEDURE, "PCI", time="2026-03", status=S.COMPLETED), False),
        (fact(K.PROCEDURE, "PCI", time="2026-03-11", status=S.CANCELLED), False),
        (fact(K.PROCEDURE, "PCI", time="2026-03-11", negated=True), False),
        (fact(K.PROCEDURE, "PCI", time="2026-03-11", status=S.COMPLETED, site="Left"), False),
    ],
)
def test_what_was_done_in_the_encounter_is_told_in_its_course_and_not_again(
    given: ClinicalFact, is_told: bool
) -> None:
    in_course = any("Done in this encounter: PCI" in line for line in lines_of(COURSE, given, encounter=STAY))
    assert in_course is is_told
    assert bool(lines_of(PROCEDURES, given, encounter=STAY)) is not is_told
