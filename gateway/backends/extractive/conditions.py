"""Allergies and problems: what is, what was, what is only suspected, and what is not."""

from collections.abc import Iterable, Sequence
from enum import IntEnum

from gateway.backends.extractive.entries import Entries
from gateway.backends.extractive.view import View
from gateway.backends.extractive.wording import (
    CERTAINTY_WORDS,
    coded,
    denied,
    details,
    is_negative,
    named,
    starts_negated,
)
from gateway.clinical import Caution, Certainty, ClinicalFact, DetailName, FactKind, FactStatus
from gateway.summary import Statement, SummarySection


class Standing(IntEnum):
    """How a condition or allergy stands, in the order in which they are shown."""

    PRESENT = 0
    SUSPECTED = 1
    PAST = 2
    ABSENT = 3


_PAST = frozenset(
    {FactStatus.INACTIVE, FactStatus.RESOLVED, FactStatus.COMPLETED, FactStatus.STOPPED, FactStatus.CANCELLED}
)
_SUSPECTED = frozenset({Certainty.PROVISIONAL, Certainty.DIFFERENTIAL, Certainty.UNCONFIRMED})

_CATEGORY_WORDS = {
    "problem-list": "",
    "problem-list-item": "",
    "encounter-diagnosis": "diagnosis of this encounter",
    "admission-diagnosis": "admission diagnosis",
    "discharge-diagnosis": "discharge diagnosis",
    "working-diagnosis": "working diagnosis",
    "final-diagnosis": "final diagnosis",
    "past-history": "past history",
    "health-concern": "health concern",
}

_CATEGORY_RANK = {
    "discharge-diagnosis": 0,
    "final-diagnosis": 0,
    "admission-diagnosis": 1,
    "encounter-diagnosis": 1,
}
_DRUG_WORDS = ("drug", "medication", "medicine")


def standing(fact: ClinicalFact) -> Standing:
    if is_negative(fact) or starts_negated(fact.text):
        return Standing.ABSENT
    if fact.status in _PAST:
        return Standing.PAST
    return Standing.SUSPECTED if fact.certainty in _SUSPECTED else Standing.PRESENT


def allergies(view: View) -> list[Statement]:
    """One line an allergy, the most dangerous first; no bound, since any may be the one that matters."""
    entries = Entries()
    for fact in view.facts.get(FactKind.ALLERGY, ()):
        where = standing(fact)
        entries.add(
            _allergy_text(view, fact, where),
            (fact.origin,),
            rank=_allergy_rank(fact, where),
            labels=_allergy_labels(view, fact, where),
            time=view.period(fact, since=True),
            comment=view.comments(fact),
        )
    return entries.statements(SummarySection.ALLERGIES, view.depth(SummarySection.ALLERGIES), "allergy")


def _allergy_text(view: View, fact: ClinicalFact, where: Standing) -> str:
    said = denied(fact) if is_negative(fact) else f"{_prefix(view, fact, where)}{named(fact)}"
    parts = []
    if reactions := details(fact, DetailName.REACTION):
        parts.append(f"reaction {', '.join(reactions)}")
    parts += [f"severity {severity}" for severity in details(fact, DetailName.SEVERITY)]
    risk = "risk of a severe reaction" if view.plain else "criticality"
    parts += [f"{risk} {criticality}" for criticality in details(fact, DetailName.CRITICALITY)]
    return f"{said}: {'; '.join(parts)}" if parts else said


def _allergy_labels(view: View, fact: ClinicalFact, where: Standing) -> Iterable[str]:
    if where is Standing.ABSENT:
        return ()
    confirmed = "confirmed" if fact.certainty is Certainty.CONFIRMED and not view.plain else ""
    return fact.category, "" if where is Standing.PAST else view.status(fact), confirmed


def _allergy_rank(fact: ClinicalFact, where: Standing) -> int:
    if where is not Standing.PRESENT:
        return 10 * where
    grave = {detail.text.lower() for detail in fact.details if detail.name in _GRAVITY}
    return 0 if grave & _GRAVE else 1


_GRAVITY = (DetailName.SEVERITY, DetailName.CRITICALITY)
_GRAVE = {
    "high",
    "severe",
    "sv",
    "fatal",
    "life threatening",
    "life-threatening",
    "life threatening severity",
}


def allergy_contradictions(view: View, shown: Sequence[Statement]) -> list[tuple[Statement, Caution]]:
    """ "No known drug allergies" beside an allergy to a drug, or one substance both ways: both are shown.

    Lines of the notes among the allergies `shown` count as well: NKDA in a note, an allergy among the facts.
    """
    facts = view.facts.get(FactKind.ALLERGY, ())
    denials = [fact for fact in facts if standing(fact) is Standing.ABSENT]
    present = [fact for fact in facts if standing(fact) in (Standing.PRESENT, Standing.SUSPECTED)]
    against = [fact for fact in present if any(_denies(denial, fact) for denial in denials)]
    evidence = [fact.origin for fact in against]
    evidence += [fact.origin for fact in denials if any(_denies(fact, each) for each in against)]
    in_notes = _denials_in_notes(shown, {fact.origin for fact in facts}) if present else []
    if in_notes and not against:
        against = present
        evidence = [fact.origin for fact in present]
    if not against:
        return []
    evidence += [origin for statement in in_notes for origin in statement.evidence]
    names = ", ".join(dict.fromkeys(named(fact) for fact in against))
    said = f"Allergies contradict each other: {names}, and a statement of none. Both are shown: check."
    origins = tuple(dict.fromkeys(evidence))
    statement = Statement(section=SummarySection.LIMITS, text=said, evidence=origins, flags=("critical",))
    return [(statement, Caution(code="allergies-contradict", text=said))]


def _denials_in_notes(shown: Sequence[Statement], origins_of_facts: set[str]) -> list[Statement]:
    return [
        statement
        for statement in shown
        if statement.section is SummarySection.ALLERGIES
        and origins_of_facts.isdisjoint(statement.evidence)
        and any(words in statement.text.casefold() for words in _GENERAL_DENIALS)
    ]


_GENERAL_DENIALS = (
    "nkda",
    "nka",
    "no known",
    "no allerg",
    "no drug allerg",
    "denies allerg",
    "denies any allerg",
)


_NO_DRUGS = ("food", "environment", "latex", "insect", "animal")
"""Where the sender gives no category (C-CDA has none for latex), the name alone tells that it is no drug."""


def _denies(denial: ClinicalFact, allergy: ClinicalFact) -> bool:
    said = denial.text.casefold()
    about = f"{allergy.category} {allergy.text}".casefold()
    if "known" not in said and not starts_negated(said):
        return said == allergy.text.casefold()
    if any(word in said for word in _DRUG_WORDS) or said in ("nkda", "nkma"):
        if any(word in about for word in _DRUG_WORDS):
            return True
        return not allergy.category and not any(word in about for word in _NO_DRUGS)
    narrow = [word for word in _NO_DRUGS if word in said]
    return not narrow or any(word in about for word in narrow)


def problems(view: View) -> list[Statement]:
    """Active problems, then suspected, past and absent ones. One problem in several lists is one line."""
    entries = Entries()
    for fact in view.facts.get(FactKind.CONDITION, ()):
        where = standing(fact)
        text = problem_text(view, fact)
        entries.add(
            text,
            (fact.origin,),
            rank=_problem_rank(fact, where),
            pressing=where in (Standing.PRESENT, Standing.SUSPECTED),
            labels=_problem_labels(view, fact, where),
            time=view.period(fact, since=where is not Standing.PAST),
            comment=view.comments(fact),
            key=(where, text.casefold()),
        )
    return entries.statements(SummarySection.PROBLEMS, view.depth(SummarySection.PROBLEMS), "problem")


def problem_text(view: View, fact: ClinicalFact) -> str:
    """The problem with the word that says how it stands in front, so that no reader takes it for more."""
    if is_negative(fact):
        said = denied(fact)
        reasons = details(fact, DetailName.REASON)
        return f"{said}: {', '.join(reasons)}" if reasons else said
    parts = [
        named(fact),
        *details(fact, DetailName.LATERALITY),
        *details(fact, DetailName.SITE),
        *(f"severity {each}" for each in details(fact, DetailName.SEVERITY)),
        *(f"stage {each}" for each in details(fact, DetailName.STAGE)),
    ]
    codes = f" {coded(fact.codes)}".rstrip() if view.coder else ""
    return f"{_prefix(view, fact, standing(fact))}{', '.join(parts)}{codes}"


def main_problem(view: View) -> ClinicalFact | None:
    """The first of the problems that are there: by rank as sent, then by the list it stands in."""
    present = [
        fact
        for fact in view.facts.get(FactKind.CONDITION, ())
        if standing(fact) in (Standing.PRESENT, Standing.SUSPECTED) and fact.category != "past-history"
    ]
    return min(present, key=lambda fact: _problem_rank(fact, standing(fact)), default=None)


def _prefix(view: View, fact: ClinicalFact, where: Standing) -> str:
    doubt = (
        CERTAINTY_WORDS[fact.certainty][view.plain] if fact.certainty in _SUSPECTED and fact.certainty else ""
    )
    past = view.status(fact).capitalize() if where is Standing.PAST else ""
    words = ", ".join(word for word in (past, doubt.lower() if past else doubt) if word)
    return f"{words}: " if words else ""


def _problem_labels(view: View, fact: ClinicalFact, where: Standing) -> Iterable[str]:
    status = "" if where in (Standing.PAST, Standing.ABSENT) else view.status(fact)
    return status, _CATEGORY_WORDS.get(fact.category, fact.category)


def _problem_rank(fact: ClinicalFact, where: Standing) -> int:
    ranks = [
        int(text)
        for text in details(fact, DetailName.RANK)
        if text.isascii() and text.isdigit() and len(text) < 4
    ]
    first = 0 if ranks and min(ranks) == 1 else 1 if details(fact, DetailName.RANK) == ["primary"] else 2
    past_history = 50 if fact.category == "past-history" else 0
    return 100 * where + past_history + 10 * first + _CATEGORY_RANK.get(fact.category, 2)
