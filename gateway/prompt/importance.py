"""How long each fact and each part of a note stays in a prompt that has not room for all."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import IntEnum

from gateway.clinical import Certainty, ClinicalFact, ClinicalNote, DetailName, FactKind, FactStatus
from gateway.prompt.shortening import names_allergies


class Step(IntEnum):
    """The order in which things go. Within a step the oldest goes first, what has no date last."""

    REPEATED_NARRATIVE = 1
    """The narrative of sections whose entries were read as facts, but for allergies and plans."""
    OLDER_NORMAL = 2
    """Results and vital signs flagged normal, where there is a later value of the same test."""
    OLDER_UNFLAGGED = 3
    """The same, of values that nobody flagged."""
    NORMAL = 4
    """The latest results and vital signs flagged normal."""
    BACKGROUND = 5
    """What is over or done: past problems, ended medications, doses and vaccines given, procedures and
    visits; family and social history, function, specimens."""
    ORDINARY_TEXT = 6
    """Parts of notes that neither decide, deny nor warn."""
    OLDER_ABNORMAL = 7
    """Abnormal, not critical, where there is a later value of the same test."""
    DECISIVE_TEXT = 8
    """Parts of notes with assessments, plans, changes; the beginning of each note."""
    DENYING_TEXT = 9
    """Parts of notes that deny something: after every suspicion that they may deny."""
    REST = 10
    """The latest abnormal and unflagged results; pending, corrected and cancelled ones; stopped
    medications, orders, appointments, goals, devices, and whatever has no step of its own."""
    NEVER = 11
    """Allergies; everything negated or refuted; critical results; problems and medications not said to
    be over; directives; parts of notes on allergies, resuscitation and critical findings; the encounter."""


_CRITICAL_FLAGS = frozenset("HH LL AA HU LU HX LX TOX PANIC CRITICAL CRIT".split())
_NORMAL_FLAGS = frozenset({"N"})
_SURE = frozenset({FactStatus.FINAL, FactStatus.COMPLETED, FactStatus.UNKNOWN, FactStatus.ACTIVE})
"""What is preliminary, corrected or cancelled has something to tell beside its value."""

_OVER = frozenset({FactStatus.RESOLVED, FactStatus.INACTIVE, FactStatus.COMPLETED})
_BROKEN_OFF = frozenset({FactStatus.STOPPED, FactStatus.CANCELLED})
_OPEN = frozenset(
    {FactStatus.PLANNED, FactStatus.IN_PROGRESS, FactStatus.ON_HOLD, FactStatus.ACTIVE, FactStatus.REGISTERED}
)
_BACKGROUND_KINDS = frozenset(
    {FactKind.SOCIAL_HISTORY, FactKind.FAMILY_HISTORY, FactKind.FUNCTIONAL_STATUS, FactKind.SPECIMEN}
)
_BACKGROUND_UNLESS_OPEN = frozenset(
    {FactKind.PROCEDURE, FactKind.IMMUNIZATION, FactKind.ENCOUNTER, FactKind.APPOINTMENT}
)
_VALUES = frozenset({FactKind.RESULT, FactKind.VITAL_SIGN})

_ALLERGIES_SECTION = "48765-2"
_PLAN_SECTION = "18776-5"


class Series:
    """Knows the latest value of each test."""

    def __init__(self, facts: Iterable[ClinicalFact]) -> None:
        self._latest: dict[tuple[str, ...], str] = {}
        for fact in facts:
            if fact.kind in _VALUES and fact.time:
                key = _test(fact)
                self._latest[key] = max(self._latest.get(key, ""), instant(fact.time))

    def has_later(self, fact: ClinicalFact) -> bool:
        """A value of the same test that is surely later: a day is not before an hour of that day."""
        own = instant(fact.time)
        return bool(own) and own < self._latest.get(_test(fact), "")[: len(own)]


def _test(fact: ClinicalFact) -> tuple[str, ...]:
    specimen = next((each.text for each in fact.details if each.name is DetailName.SPECIMEN), "")
    return (fact.codes[0].code if fact.codes else "", fact.text.casefold(), fact.unit, specimen)


def instant(time: str) -> str:
    """The time in a form that sorts; a time without offset counts as UTC."""
    if time.startswith("["):
        return _withheld(time)
    if len(time) > 19 or time.endswith("Z"):
        try:
            return datetime.fromisoformat(time).astimezone(UTC).isoformat()[:19]
        except ValueError:
            return time
    return time


def _withheld(time: str) -> str:
    """Of a token for a date, by its days or its year: `[DATE-3 day -12]T06:30`, `[DATE-1 2019]`."""
    token, _, clock = time.partition("]")
    told = token.rpartition(" ")[2]
    try:
        return f"1{int(told) + 10_000:05d}{clock}" if " day " in token else f"0{int(told)}"
    except ValueError:
        return ""


def step_of(fact: ClinicalFact, series: Series) -> Step:
    if _always_stays(fact):
        return Step.NEVER
    if fact.kind in _VALUES:
        return _step_of_value(fact, series)
    if fact.kind in (FactKind.CONDITION, FactKind.MEDICATION):
        return Step.BACKGROUND if fact.status in _OVER else Step.REST
    if fact.kind in _BACKGROUND_KINDS:
        return Step.BACKGROUND
    if fact.kind in _BACKGROUND_UNLESS_OPEN and fact.status not in _OPEN:
        return Step.BACKGROUND
    return Step.REST


def _always_stays(fact: ClinicalFact) -> bool:
    if fact.negated or fact.certainty is Certainty.REFUTED or fact.status is FactStatus.NOT_DONE:
        return True
    if fact.kind in (FactKind.ALLERGY, FactKind.DIRECTIVE) or is_critical(fact):
        return True
    is_illness_or_drug = fact.kind in (FactKind.CONDITION, FactKind.MEDICATION)
    return is_illness_or_drug and fact.status not in _OVER and fact.status not in _BROKEN_OFF


def is_critical(fact: ClinicalFact) -> bool:
    return bool(fact.flag) and not _CRITICAL_FLAGS.isdisjoint(fact.flag.split(","))


def _step_of_value(fact: ClinicalFact, series: Series) -> Step:
    if fact.status not in _SURE or fact.value is None:
        return Step.REST
    if not fact.flag:
        return Step.OLDER_UNFLAGGED if series.has_later(fact) else Step.REST
    if fact.flag in _NORMAL_FLAGS:
        return Step.OLDER_NORMAL if series.has_later(fact) else Step.NORMAL
    return Step.OLDER_ABNORMAL if series.has_later(fact) else Step.REST


def is_about_allergies(note: ClinicalNote) -> bool:
    return note.section == _ALLERGIES_SECTION or names_allergies(note.title)


def is_repeated_narrative(note: ClinicalNote) -> bool:
    """It may go first. "No driving for 4 weeks" seldom is an entry of a plan's section."""
    return note.repeats_facts and note.section != _PLAN_SECTION
