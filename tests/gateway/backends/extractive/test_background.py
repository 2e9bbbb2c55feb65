"""Procedures, devices, history and plan."""

import pytest

from gateway.clinical import ClinicalFact
from gateway.summary import SummarySection
from tests.gateway.backends.extractive.making import K, S, fact, lines_of

PROCEDURES, HISTORY, PLAN = SummarySection.PROCEDURES, SummarySection.HISTORY, SummarySection.PLAN


@pytest.mark.parametrize(
    ("section", "given", "line"),
    [
        (PROCEDURES, fact(K.PROCEDURE, "Appendectomy", status=S.COMPLETED, time="2001"), "Appendectomy (2001)"),
        (PROCEDURES, fact(K.PROCEDURE, "Biopsy", site="Left breast", outcome="benign"),
         "Biopsy, Left breast, outcome benign"),
        (PROCEDURES, fact(K.PROCEDURE, "Colonoscopy", negated=True, reason="declined"),
         "Not done: Colonoscopy; reason: declined"),
        (PROCEDURES, fact(K.PROCEDURE, "Colonoscopy", status=S.CANCELLED), "Cancelled: Colonoscopy"),
        (PROCEDURES, fact(K.PROCEDURE, "Dialysis", status=S.IN_PROGRESS), "Dialysis (in progress)"),
        (PROCEDURES, fact(K.DEVICE, "Pacemaker", status=S.ACTIVE, time="2015"), "Device: Pacemaker (active; since 2015)"),
        (PROCEDURES, fact(K.DEVICE, "known devices", negated=True), "No known devices"),
        (HISTORY, fact(K.SOCIAL_HISTORY, "Smoking", value="Never smoker", status=S.FINAL), "Smoking: Never smoker"),
        (HISTORY, fact(K.SOCIAL_HISTORY, "Alcohol use", negated=True), "No Alcohol use"),
        (HISTORY, fact(K.FAMILY_HISTORY, "Breast cancer", relationship="Mother", onset="45"),
         "Family history: Mother: Breast cancer, onset 45"),
        (HISTORY, fact(K.FAMILY_HISTORY, "Breast cancer", relationship="Mother", negated=True),
         "No family history of Breast cancer (Mother)"),
        (HISTORY, fact(K.FUNCTIONAL_STATUS, "Walks", value="with a cane"), "Functional status: Walks: with a cane"),
        (PLAN, fact(K.ORDER, "CT head", status=S.ACTIVE, priority="STAT", reason="fall"),
         "Ordered: CT head, priority STAT; reason: fall (active)"),
        (PLAN, fact(K.ORDER, "CT head", status=S.CANCELLED), "Cancelled: Ordered: CT head"),
        (PLAN, fact(K.ORDER, "MRI", negated=True), "Not to be done: MRI"),
        (PLAN, fact(K.APPOINTMENT, "Clinic", status=S.PLANNED, time="2026-03-28T10:00"),
         "Appointment: Clinic (planned; 2026-03-28 10:00)"),
        (PLAN, fact(K.GOAL, "HbA1c", value="<7", unit="%", status=S.ACTIVE), "Goal: HbA1c: <7 % (active)"),
        (PLAN, fact(K.PROCEDURE, "Hernia repair", status=S.PLANNED), "Planned: Hernia repair"),
        (SummarySection.NOTES, fact(K.ASSESSMENT, "PHQ-9", value="22"), "Assessment: PHQ-9: 22"),
        (SummarySection.NOTES, fact(K.OTHER, "Isolation", value="contact"), "Isolation: contact"),
        (SummarySection.RESULTS, fact(K.SPECIMEN, "Urine"), "Specimen: Urine"),
    ],
)  # fmt: skip
def test_a_fact_is_told_as_what_it_is(section: SummarySection, given: ClinicalFact, line: str) -> None:
    assert lines_of(section, given) == [line]


def test_appointments_stand_in_the_order_of_their_time_before_orders_and_what_is_over() -> None:
    lines = lines_of(
        PLAN,
        fact(K.ORDER, "Old", status=S.COMPLETED),
        fact(K.ORDER, "New", status=S.ACTIVE),
        fact(K.APPOINTMENT, "Late", time="2026-04-02"),
        fact(K.APPOINTMENT, "Early", time="2026-04-01"),
    )
    assert [line.split()[1].rstrip("(") for line in lines] == ["Early", "Late", "New", "Old"]
