"""Medications and immunizations: taken, to be taken, stopped, and not given."""

from collections.abc import Iterable

from gateway.backends.extractive.entries import Entries
from gateway.backends.extractive.view import View
from gateway.backends.extractive.wording import coded, denied, details, is_negative, named, starts_negated
from gateway.clinical import ClinicalFact, DetailName, FactKind, FactStatus
from gateway.summary import Statement, SummarySection

_RANK: dict[FactStatus, int] = {
    FactStatus.ACTIVE: 0,
    FactStatus.IN_PROGRESS: 0,
    FactStatus.UNKNOWN: 1,
    FactStatus.ON_HOLD: 2,
    FactStatus.PLANNED: 3,
    FactStatus.STOPPED: 5,
    FactStatus.COMPLETED: 6,
    FactStatus.INACTIVE: 6,
    FactStatus.CANCELLED: 7,
}
_OTHER_RANK = 4
_DENIED_RANK = 5

_ENDED = frozenset(
    {FactStatus.STOPPED, FactStatus.CANCELLED, FactStatus.INACTIVE, FactStatus.RESOLVED, FactStatus.COMPLETED}
)
_LABEL_IN_FRONT = frozenset(
    {
        FactStatus.STOPPED,
        FactStatus.CANCELLED,
        FactStatus.INACTIVE,
        FactStatus.RESOLVED,
        FactStatus.ON_HOLD,
        FactStatus.PLANNED,
    }
)
"""These stand before the drug: whoever reads only the beginning of a line must not take it for current."""

_CATEGORY_WORDS: dict[str, tuple[str, str]] = {
    "order": ("order", "prescribed"),
    "dispense": ("dispense", "handed out"),
    "administration": ("administration", "given"),
    "statement": ("as reported", "as reported"),
}
_DONE: dict[str, str] = {"administration": "given", "dispense": "dispensed", "order": "order completed"}
"""What `COMPLETED` says of each category."""

_OF_THE_DRUG = (DetailName.STRENGTH, DetailName.FORM)
"""Often said in its name already."""
_DOSING = (DetailName.DOSE, DetailName.ROUTE, DetailName.SITE, DetailName.FREQUENCY)


def medications(view: View) -> list[Statement]:
    """Current ones first, then held, planned, ended and refused ones."""
    entries = Entries()
    for fact in view.facts.get(FactKind.MEDICATION, ()):
        negative = is_negative(fact)
        entries.add(
            _medication_text(view, fact),
            (fact.origin,),
            rank=_DENIED_RANK if negative else _RANK.get(fact.status, _OTHER_RANK),
            pressing=negative or fact.status not in _ENDED,
            labels=() if negative else _medication_labels(view, fact),
            time=view.period(fact, since=fact.status is FactStatus.ACTIVE),
            comment=view.comments(fact),
        )
    return entries.statements(
        SummarySection.MEDICATIONS, view.depth(SummarySection.MEDICATIONS), "medication entry"
    )


def _medication_text(view: View, fact: ClinicalFact) -> str:
    if is_negative(fact):
        return f"{denied(fact)}{_why(fact)}"
    in_front = f"{view.status(fact).capitalize()}: " if fact.status in _LABEL_IN_FRONT else ""
    named_with = [
        text for name in _OF_THE_DRUG for text in details(fact, name) if not _has_words(fact.text, text)
    ]
    dosing = [*named_with, *(text for name in _DOSING for text in details(fact, name))]
    amount = "".join(f"; quantity {text}" for text in details(fact, DetailName.QUANTITY) if not view.plain)
    codes = f" {coded(fact.codes)}".rstrip() if view.coder else ""
    dose = f": {', '.join(dosing)}" if dosing else ""
    return f"{in_front}{named(fact)}{codes}{dose}{view.instructions(fact)}{amount}{_why(fact)}"


def _has_words(text: str, words: str) -> bool:
    """As whole words: the strength `5 mg` does not stand in `Warfarin 25 mg`."""
    return f" {words} " in f" {text} "


def _medication_labels(view: View, fact: ClinicalFact) -> Iterable[str]:
    if fact.status is FactStatus.COMPLETED and fact.category in _DONE:
        return (_DONE[fact.category],)
    category = _CATEGORY_WORDS.get(fact.category, (fact.category, fact.category))[view.plain]
    return category, "" if fact.status in _LABEL_IN_FRONT else view.status(fact)


def _why(fact: ClinicalFact) -> str:
    reasons = details(fact, DetailName.REASON)
    return f"; reason: {', '.join(reasons)}" if reasons else ""


def immunizations(view: View) -> list[Statement]:
    """What was refused or not given first: it is what somebody has to act on. Then one line a vaccine."""
    entries = Entries()
    for fact in view.facts.get(FactKind.IMMUNIZATION, ()):
        negative = is_negative(fact) or starts_negated(fact.text)
        in_front = f"{view.status(fact).capitalize()}: " if fact.status in _LABEL_IN_FRONT else ""
        said = denied(fact) if is_negative(fact) else f"{in_front}{named(fact)}"
        given = fact.status in (FactStatus.COMPLETED, FactStatus.FINAL) and not negative
        codes = f" {coded(fact.codes)}".rstrip() if view.coder else ""
        entries.add(
            f"{said}{codes}{_why(fact)}",
            (fact.origin,),
            rank=0 if negative else 1,
            pressing=negative,
            labels=() if negative else ("given" if given else "" if in_front else view.status(fact),),
            time=view.period(fact),
            comment=view.comments(fact),
        )
    depth = view.depth(SummarySection.IMMUNIZATIONS)
    return entries.statements(SummarySection.IMMUNIZATIONS, depth, "immunization")
