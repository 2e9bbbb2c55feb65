"""Who is concerned, why they came, and what happened: overview and course, without naming anybody."""

from gateway.age import person
from gateway.backends.extractive.conditions import main_problem, problem_text
from gateway.backends.extractive.entries import Entries
from gateway.backends.extractive.view import View
from gateway.backends.extractive.wording import counted, denied, details, is_negative, named, starts_negated
from gateway.clinical import ClinicalFact, DetailName, Encounter, FactKind, FactStatus
from gateway.summary import Statement, SummarySection
from gateway.summary_text import ENCOUNTER_CLASS_WORDS, one_line

_STATUS_WORDS = {"in-progress": "in progress", "finished": "", "planned": "planned", "cancelled": "CANCELLED"}

_ENTRIES = (FactKind.FUNCTIONAL_STATUS, FactKind.SOCIAL_HISTORY, FactKind.FAMILY_HISTORY, FactKind.OTHER)
_KIND_WORDS: dict[FactKind, str] = {
    kind: kind.value.replace("-", " ") + (" entry" if kind in _ENTRIES else "") for kind in FactKind
}


def overview(view: View) -> list[Statement]:
    """The one-liner, then every advance directive: a code status belongs at the top."""
    return [*_one_liner(view), *_directives(view)]


def _one_liner(view: View) -> list[Statement]:
    encounter = _told(view.request.encounter)
    problem = main_problem(view)
    evidence: list[str] = []
    parts = [_person(view)]
    if encounter:
        evidence.append(encounter.origin)
        parts += [_encounter_words(view, encounter)] if _encounter_words(view, encounter) else []
        if encounter.reason:
            parts.append(f"reason: {one_line(encounter.reason)}")
    if problem is not None:
        evidence.append(problem.origin)
        said = problem_text(view, problem)
        if encounter is None or problem.text.casefold() != encounter.reason.casefold():
            parts.append(f"main problem: {said}")
    if len(parts) == 1:
        evidence += [fact.origin for fact in view.request.facts] or [
            note.origin for note in view.request.notes
        ]
        parts.append(f"received: {_received(view)}")
    if not evidence:
        return []
    text = "; ".join(parts)
    return [Statement(section=SummarySection.OVERVIEW, text=text, evidence=tuple(dict.fromkeys(evidence)))]


def _received(view: View) -> str:
    counts = [counted(len(facts), _KIND_WORDS[kind]) for kind, facts in view.facts.items()]
    return ", ".join(counts) or counted(len(view.request.notes), "note")


def _directives(view: View) -> list[Statement]:
    entries = Entries()
    for fact in view.facts.get(FactKind.DIRECTIVE, ()):
        negative = is_negative(fact)
        entries.add(
            denied(fact) if negative else f"Advance directive: {named(fact)}",
            (fact.origin,),
            labels=() if negative else (view.status(fact),),
            time=view.period(fact),
            comment=view.comments(fact),
            flags=("critical",),
        )
    return entries.statements(SummarySection.OVERVIEW, view.depth(SummarySection.OVERVIEW), "directive")


def _person(view: View) -> str:
    """`67-year-old woman`, `Patient (sex: other)`, with a capital."""
    request = view.request
    start = request.encounter.start if request.encounter else ""
    said = one_line(person(request.patient, start, request.received_at.date()))
    return said[0].upper() + said[1:]


def course(view: View) -> list[Statement]:
    """This encounter, what was done in it, then other encounters."""
    section = SummarySection.COURSE
    made = []
    encounter = _told(view.request.encounter)
    if encounter:
        for said in _encounter_lines(view, encounter):
            made.append(Statement(section=section, text=said, evidence=(encounter.origin,)))
    done = done_in_encounter(view)
    if done:
        listed = ", ".join(f"{named(fact)} ({view.period(fact)})" for fact in done)
        origins = tuple(dict.fromkeys(fact.origin for fact in done))
        made.append(Statement(section=section, text=f"Done in this encounter: {listed}", evidence=origins))
    entries = Entries()
    for fact in view.facts.get(FactKind.ENCOUNTER, ()):
        negative = is_negative(fact)
        status = "" if fact.status is FactStatus.COMPLETED else view.status(fact)
        reasons = details(fact, DetailName.REASON)
        why = f"; reason: {', '.join(reasons)}" if reasons else ""
        entries.add(
            (denied(fact) if negative else f"Encounter: {named(fact)}") + why,
            (fact.origin,),
            labels=() if negative else (*details(fact, DetailName.LOCATION), status),
            time=view.period(fact),
            comment=view.comments(fact),
        )
    return made + entries.statements(section, view.depth(section), "encounter")


def done_in_encounter(view: View) -> list[ClinicalFact]:
    """Procedures between the days on which this encounter began and ended, apart from those with details:
    they need a line of their own."""
    encounter = _told(view.request.encounter)
    if encounter is None or len(encounter.start) < 10 or encounter.status in ("cancelled", "planned"):
        return []
    first, received = encounter.start[:10], view.request.received_at.date().isoformat()
    last = encounter.end[:10] or (first if encounter.status == "finished" else received)
    return [
        fact
        for fact in view.facts.get(FactKind.PROCEDURE, ())
        if fact.status in (FactStatus.COMPLETED, FactStatus.FINAL, FactStatus.UNKNOWN)
        and not is_negative(fact)
        and not starts_negated(fact.text)
        and not fact.details
        and len(fact.time) >= 10
        and first <= fact.time[:10] <= last
    ]


def _told(encounter: Encounter | None) -> Encounter | None:
    """An encounter whose place in the message is known: nothing is said without one."""
    return encounter if encounter is not None and encounter.origin else None


def _encounter_words(view: View, encounter: Encounter) -> str:
    """`inpatient encounter, planned`."""
    kind = ENCOUNTER_CLASS_WORDS.get(encounter.encounter_class.upper(), one_line(encounter.encounter_class))
    status = _STATUS_WORDS.get(encounter.status, encounter.status)
    words = f"{kind} encounter" if kind else "encounter" if status else ""
    return f"{words}, {status}" if status else words


def _encounter_lines(view: View, encounter: Encounter) -> list[str]:
    words = _encounter_words(view, encounter) or "encounter"
    start, end = encounter.start, encounter.end
    when = ""
    if start:
        when = f" from {view.span(start, end) if end else view.day(start)}"
    elif end:
        when = f" until {view.day(end)}"
    where = [
        one_line(text) for text in (encounter.type, encounter.service, encounter.location) if text.strip()
    ]
    first = f"{words[0].upper()}{words[1:]}{when}"
    lines = [", ".join([first, *where])]
    if encounter.reason.strip():
        lines.append(f"Reason: {one_line(encounter.reason)}")
    if encounter.disposition.strip():
        lines.append(f"Disposition: {one_line(encounter.disposition)}")
    return lines
