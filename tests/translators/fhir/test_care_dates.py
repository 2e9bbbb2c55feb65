"""The dates of care that a request asks for."""

import pytest

from gateway.clinical import ClinicalFact, ClinicalNote, FactKind, Reading
from translators.fhir.care_dates import keep_care_dates

KEPT = [  # kind, time, end, from, to, is kept
    (FactKind.RESULT, "2026-02-01", "", "2026-01-01", "2026-03-01", True),
    (FactKind.RESULT, "2025-12-31", "", "2026-01-01", "", False),
    (FactKind.RESULT, "2026-03-02T00:00:00Z", "", "", "2026-03-01", False),
    (FactKind.RESULT, "2026-03-01T23:59:00Z", "", "", "2026-03-01", True),
    (FactKind.RESULT, "2026", "", "2026-05-01", "", True),
    (FactKind.RESULT, "", "", "2026-05-01", "", True),
    (FactKind.PROCEDURE, "2025-12-30", "2026-01-02", "2026-01-01", "", True),
    (FactKind.CONDITION, "1990", "", "2026-01-01", "", True),
    (FactKind.CONDITION, "1990", "2001-01-01", "2026-01-01", "", False),
    (FactKind.CONDITION, "2027-01-01", "", "", "2026-12-31", False),
    (FactKind.ALLERGY, "1990", "", "2026-01-01", "2026-02-01", True),
    (FactKind.MEDICATION, "2020-01-01", "", "2026-01-01", "", True),
    (FactKind.MEDICATION, "2020-01-01", "2020-02-01", "2026-01-01", "", False),
]


@pytest.mark.parametrize(("kind", "time", "end", "start", "until", "kept"), KEPT)
def test_what_lasts_into_the_dates_is_kept(
    kind: FactKind, time: str, end: str, start: str, until: str, kept: bool
) -> None:
    reading = Reading(facts=[ClinicalFact(kind=kind, text="x", time=time, end=end, origin="o")])
    keep_care_dates(reading, start, until)
    assert bool(reading.facts) == kept
    assert [caution.code for caution in reading.warnings] == ([] if kept else ["outside-dates"])


def test_notes_are_kept_by_their_date() -> None:
    reading = Reading(
        notes=[ClinicalNote(text=time, time=time, origin="o") for time in ("", "2025", "2026-02-02")]
    )
    keep_care_dates(reading, "2026-01-01", "")
    assert [note.text for note in reading.notes] == ["", "2026-02-02"]
