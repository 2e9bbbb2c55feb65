"""What a reader must know of the summary itself: contradictions, gaps, what was not read or not shown."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from gateway.backends.extractive.conditions import Standing, allergy_contradictions, standing
from gateway.backends.extractive.key_passages import Quoted
from gateway.backends.extractive.results import unstated_status
from gateway.backends.extractive.view import View
from gateway.backends.extractive.wording import counted, named
from gateway.clinical import Caution, FactKind, UnreadReason
from gateway.summary import Statement, SummarySection
from gateway.summary_text import language_cautions, one_line

_NAMED = 4
"""Things named of one reason; the others are counted."""
_CAUTIONS_TOLD = 5

_REASONS: dict[UnreadReason, str] = {
    UnreadReason.WITHDRAWN: "withdrawn by the source (deleted, wrong or entered in error) and left out",
    UnreadReason.BINARY: "not read: a format without text",
    UnreadReason.EXTERNAL: "not read: only a pointer was sent",
    UnreadReason.UNSUPPORTED: "not read: of a type that is not supported",
    UnreadReason.LOCAL: "not read: local segments or extensions",
    UnreadReason.INVALID: "not read: not in the form that the standard asks for",
    UnreadReason.MASKED: "masked by the source",
    UnreadReason.NO_INFORMATION: "said by the source to be without information",
}


def limits(view: View, shown: Sequence[Statement], quoted: Quoted) -> tuple[list[Statement], list[Caution]]:
    """The lines of the last section, the most dangerous first, and cautions for machines."""
    contradictions = [*allergy_contradictions(view, shown), *_problem_contradictions(view)]
    statements = [statement for statement, _ in contradictions]
    cautions = [caution for _, caution in contradictions]
    statements += _allergies_not_stated(shown, quoted)
    statements += _notes_not_shown(quoted)
    statements += _status_not_stated(view)
    statements += _unread(view)
    statements += _reading_cautions(view)
    if view.request.encounter is not None and not view.request.encounter.origin:
        statements.append(
            _line("An encounter was received without its place in the message: it is not shown.")
        )
    cautions += language_cautions(view.request.task.language)
    statements += [_line(caution.text) for caution in cautions if caution.code == "language-not-available"]
    return statements, cautions


def _line(text: str, evidence: Iterable[str] = (), flags: tuple[str, ...] = ()) -> Statement:
    return Statement(section=SummarySection.LIMITS, text=text, evidence=tuple(evidence), flags=flags)


def _problem_contradictions(view: View) -> list[tuple[Statement, Caution]]:
    present: dict[str, list[str]] = defaultdict(list)
    absent: dict[str, list[str]] = defaultdict(list)
    for fact in view.facts.get(FactKind.CONDITION, ()):
        where = standing(fact)
        if where is not Standing.PAST:
            (absent if where is Standing.ABSENT else present)[named(fact).casefold()].append(fact.origin)
    made = []
    for name in present:
        if name in absent:
            said = f"Stated both as there and as not there: {name}. Both are shown: check."
            statement = _line(said, dict.fromkeys(present[name] + absent[name]))
            made.append((statement, Caution(code="problems-contradict", text=said)))
    return made


def _allergies_not_stated(shown: Sequence[Statement], quoted: Quoted) -> list[Statement]:
    if quoted.allergies_hidden:
        hidden = counted(quoted.allergies_hidden, "passage")
        said = f"{hidden} of the notes on allergies cannot be shown here: read the notes."
        return [_line(said, quoted.origins, ("critical",))]
    if any(statement.section is SummarySection.ALLERGIES for statement in shown):
        return []
    elsewhere = [statement for statement in shown if _speaks_of_allergies(statement.text)]
    if elsewhere:  # a diagnosis "allergy status to penicillin", a contraindication
        sections = ", ".join(dict.fromkeys(statement.section.value for statement in elsewhere))
        said = f"Allergies: not listed as such in what was received, but spoken of under {sections}: check."
        evidence = dict.fromkeys(origin for statement in elsewhere for origin in statement.evidence)
        return [_line(said, evidence, ("critical",))]
    return [_line("Allergies: not stated in what was received.", flags=("critical",))]


def _speaks_of_allergies(text: str) -> bool:
    folded = text.casefold()
    return "allerg" in folded or "anaphyla" in folded


def _notes_not_shown(quoted: Quoted) -> list[Statement]:
    missing = quoted.total - quoted.shown
    if missing <= 0:
        return []
    why = []
    if quoted.too_long:
        why.append(f"{quoted.too_long} too long to quote whole")
    if quoted.withheld:
        why.append(f"{quoted.withheld} withheld because somebody may be named")
    said = f"Notes: {quoted.shown} of {counted(quoted.total, 'passage')} quoted"
    reasons = f" ({', '.join(why)})" if why else ""
    return [_line(f"{said}{reasons}; the rest stands in the source.", quoted.origins)]


def _status_not_stated(view: View) -> list[Statement]:
    facts = unstated_status(view)
    if not facts:
        return []
    said = (
        f"Whether {counted(len(facts), 'result')} {'is' if len(facts) == 1 else 'are'} final is not stated."
    )
    return [_line(said, dict.fromkeys(fact.origin for fact in facts))]


def _unread(view: View) -> list[Statement]:
    by_reason: dict[UnreadReason, list[str]] = defaultdict(list)
    for unread in view.request.unread:
        by_reason[unread.reason].append(one_line(unread.what))
    return [
        _line(f"{counted(len(whats), 'item')} {_REASONS[reason]}{_naming(whats)}")
        for reason in UnreadReason
        if (whats := by_reason.get(reason))
    ]


def _naming(whats: Sequence[str]) -> str:
    different = [what for what in dict.fromkeys(whats) if what]
    more = f" and {len(different) - _NAMED} more" if len(different) > _NAMED else ""
    return f": {'; '.join(different[:_NAMED])}{more}" if different else ""


def _reading_cautions(view: View) -> list[Statement]:
    texts = list(
        dict.fromkeys(one_line(caution.text) for caution in view.request.warnings if caution.text.strip())
    )
    made = [_line(text) for text in texts[:_CAUTIONS_TOLD]]
    if len(texts) > _CAUTIONS_TOLD:
        made.append(
            _line(f"{counted(len(texts) - _CAUTIONS_TOLD, 'further caution')} on how the message was read.")
        )
    return made
