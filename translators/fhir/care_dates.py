"""Keeping what falls in the dates of care that a request asks for (operation parameters `start`, `end`)."""

from gateway.clinical import Caution, ClinicalFact, ClinicalNote, FactKind, Reading

_LASTING = frozenset(
    {
        FactKind.CONDITION,
        FactKind.ALLERGY,
        FactKind.MEDICATION,
        FactKind.CARE_PLAN,
        FactKind.GOAL,
        FactKind.DEVICE,
        FactKind.DIRECTIVE,
        FactKind.SOCIAL_HISTORY,
        FactKind.FAMILY_HISTORY,
        FactKind.FUNCTIONAL_STATUS,
    }
)
"""What goes on from its time until an end is stated: a penicillin allergy of 1990 counts today."""


def keep_care_dates(reading: Reading, start: str, end: str) -> None:
    """Drop facts and notes outside the dates, both inclusive, and say how many. Undated ones stay."""
    if not start and not end:
        return
    facts = [fact for fact in reading.facts if _fact_counts(fact, start, end)]
    notes = [note for note in reading.notes if _note_counts(note, start, end)]
    dropped = len(reading.facts) - len(facts) + len(reading.notes) - len(notes)
    reading.facts, reading.notes = facts, notes
    if dropped:
        text = f"{dropped} facts and notes outside the dates that were asked for are left out"
        reading.warnings.append(Caution(code="outside-dates", text=text))


def _fact_counts(fact: ClinicalFact, start: str, end: str) -> bool:
    if not fact.time:
        return True
    last = fact.end or ("" if fact.kind in _LASTING else fact.time)
    return not _is_before(end, fact.time) and not (last and _is_before(last, start))


def _note_counts(note: ClinicalNote, start: str, end: str) -> bool:
    return not note.time or not (_is_before(end, note.time) or _is_before(note.time, start))


def _is_before(one: str, other: str) -> bool:
    """By the precision that both have, days at most; an absent date is before nothing."""
    length = min(len(one), len(other), 10)
    return bool(one and other) and one[:length] < other[:length]
