"""A summary as plain text, written the same whichever backend made it, and kept within a length.

Evidence is not in the text: it stands in the statements, and each reply shows it in its protocol's way.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.clinical import Caution, FactKind
from gateway.request import Audience
from gateway.summary import REVIEW_NOTICE, UNSUPPORTED, Statement, SummarySection

HEADINGS: dict[SummarySection, tuple[str, str]] = {
    SummarySection.OVERVIEW: ("OVERVIEW", "AT A GLANCE"),
    SummarySection.COURSE: ("COURSE", "WHAT HAPPENED"),
    SummarySection.ALLERGIES: ("ALLERGIES", "ALLERGIES"),
    SummarySection.PROBLEMS: ("PROBLEMS", "HEALTH PROBLEMS"),
    SummarySection.MEDICATIONS: ("MEDICATIONS", "MEDICINES"),
    SummarySection.RESULTS: ("RESULTS", "TEST RESULTS"),
    SummarySection.VITAL_SIGNS: ("VITAL SIGNS", "BLOOD PRESSURE, WEIGHT AND OTHER MEASUREMENTS"),
    SummarySection.PROCEDURES: ("PROCEDURES AND DEVICES", "OPERATIONS, PROCEDURES AND DEVICES"),
    SummarySection.IMMUNIZATIONS: ("IMMUNIZATIONS", "VACCINES"),
    SummarySection.HISTORY: ("HISTORY", "FAMILY AND DAILY LIFE"),
    SummarySection.NOTES: ("NOTES", "FROM THE NOTES"),
    SummarySection.PLAN: ("PLAN", "WHAT COMES NEXT"),
    SummarySection.LIMITS: ("LIMITS", "WHAT THIS SUMMARY CANNOT SAY"),
}
"""The heading for those who work with records, and the plain one for patients and caregivers."""

IMPORTANCE: tuple[SummarySection, ...] = (
    SummarySection.OVERVIEW,
    SummarySection.ALLERGIES,
    SummarySection.LIMITS,
    SummarySection.PROBLEMS,
    SummarySection.MEDICATIONS,
    SummarySection.RESULTS,
    SummarySection.PLAN,
    SummarySection.COURSE,
    SummarySection.PROCEDURES,
    SummarySection.VITAL_SIGNS,
    SummarySection.IMMUNIZATIONS,
    SummarySection.HISTORY,
    SummarySection.NOTES,
)
"""What is kept longest when the text must be shorter."""

UNSUPPORTED_MARK = "[not supported by its source]"
"""Stands after a statement flagged `unsupported`, wherever people read it."""

ENCOUNTER_CLASS_WORDS: dict[str, str] = {  # v3-ActCode ActEncounterCode
    "IMP": "inpatient",
    "ACUTE": "acute inpatient",
    "NONAC": "non-acute inpatient",
    "AMB": "outpatient",
    "EMER": "emergency",
    "OBSENC": "observation",
    "PRENC": "pre-admission",
    "SS": "short-stay",
    "HH": "home health",
    "VR": "virtual",
    "FLD": "field",
}

SECTION_OF_KIND: dict[FactKind, SummarySection] = {
    FactKind.CONDITION: SummarySection.PROBLEMS,
    FactKind.ALLERGY: SummarySection.ALLERGIES,
    FactKind.MEDICATION: SummarySection.MEDICATIONS,
    FactKind.RESULT: SummarySection.RESULTS,
    FactKind.SPECIMEN: SummarySection.RESULTS,
    FactKind.VITAL_SIGN: SummarySection.VITAL_SIGNS,
    FactKind.PROCEDURE: SummarySection.PROCEDURES,
    FactKind.DEVICE: SummarySection.PROCEDURES,
    FactKind.IMMUNIZATION: SummarySection.IMMUNIZATIONS,
    FactKind.ENCOUNTER: SummarySection.COURSE,
    FactKind.ORDER: SummarySection.PLAN,
    FactKind.APPOINTMENT: SummarySection.PLAN,
    FactKind.GOAL: SummarySection.PLAN,
    FactKind.CARE_PLAN: SummarySection.PLAN,
    FactKind.SOCIAL_HISTORY: SummarySection.HISTORY,
    FactKind.FAMILY_HISTORY: SummarySection.HISTORY,
    FactKind.FUNCTIONAL_STATUS: SummarySection.HISTORY,
    FactKind.DIRECTIVE: SummarySection.OVERVIEW,
    FactKind.ASSESSMENT: SummarySection.NOTES,
    FactKind.OTHER: SummarySection.NOTES,
}
"""Where a fact of each kind stands."""

_PLAIN_AUDIENCES = frozenset({Audience.PATIENT, Audience.CAREGIVER})
_FIRST_LINES = 3
"""Of each section; they are left out only when no section holds more than these."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The statements that stay, and what the reader should know of those that do not."""

    statements: tuple[Statement, ...]
    cautions: tuple[Caution, ...] = ()


def heading(section: SummarySection, audience: Audience = Audience.CLINICIAN) -> str:
    """The heading of a section, always English: no other headings exist."""
    return HEADINGS[section][audience in _PLAIN_AUDIENCES]


def summary_text(
    statements: Sequence[Statement],
    language: str = "en",
    max_length: int | None = None,
    *,
    audience: Audience = Audience.CLINICIAN,
) -> str:
    """The notice, then each section's heading and its statements, one line each, ended by LF.

    Sections stand in the order of their first statement, `LIMITS` last. `language` is that of the
    statements; headings are English in any case, which `language_cautions` tells the reader. With
    `max_length` (characters) whole statements are left out as `fitted` does; a backend that puts the
    statements themselves into its summary calls `fitted` first, so that both hold the same.
    """
    if max_length is not None:
        statements = fitted(statements, max_length, audience=audience).statements
    lines = [REVIEW_NOTICE]
    for section, texts in _by_section(statements).items():
        lines.append(heading(section, audience))
        lines += ["- " + text for text in texts]
    return "\n".join(lines) + "\n"


def fitted(
    statements: Sequence[Statement],
    max_length: int | None,
    *,
    importance: Sequence[SummarySection] = IMPORTANCE,
    audience: Audience = Audience.CLINICIAN,
) -> Fitted:
    """Leave out whole statements until the text holds `max_length` characters.

    First go those beyond the third of their section, then the rest; each time the least important
    section first and its last statement first. Allergies and statements flagged `critical` stay in any
    case: when they alone are too long, the text is longer than asked and a caution says so.
    """
    kept = tuple(statements)
    if max_length is None or _length(kept, audience) <= max_length:
        return Fitted(kept)
    going = _first_to_go(kept, importance)
    left_out: set[int] = set()
    gone: Counter[SummarySection] = Counter()
    standing = Counter(statement.section for statement in kept)
    length = _length(kept, audience)
    if not standing[SummarySection.LIMITS]:
        length += len(heading(SummarySection.LIMITS, audience)) + 1  # the notice of what went stands there
    for index in going:
        if gone and length + _line_length(_notice(gone, max_length, importance)) <= max_length:
            break
        section = kept[index].section
        left_out.add(index)
        gone[section] += 1
        standing[section] -= 1
        length -= _line_length(marked(kept[index]))
        if not standing[section] and section is not SummarySection.LIMITS:
            length -= len(heading(section, audience)) + 1
    cautions = []
    remaining = tuple(statement for index, statement in enumerate(kept) if index not in left_out)
    if gone:
        notice = _notice(gone, max_length, importance)
        remaining += (Statement(section=SummarySection.LIMITS, text=notice, evidence=()),)
        cautions.append(Caution(code="shortened", text=notice))
    needed = _length(remaining, audience)
    if needed > max_length:
        said = f"Allergies and critical findings are never left out: {needed} characters, not {max_length}."
        cautions.append(Caution(code="max-length-exceeded", text=said))
    return Fitted(remaining, tuple(cautions))


def language_cautions(language: str) -> tuple[Caution, ...]:
    """What to tell a reader who asked for a language that the headings do not exist in."""
    if not language or language.replace("_", "-").split("-")[0].lower() == "en":
        return ()
    said = "The language that was asked for is not available: headings are English, content is as received."
    return (Caution(code="language-not-available", text=said),)


def one_line(text: str, between: str = " / ") -> str:
    """The text unchanged when it is one line, else its lines put side by side."""
    if text.isprintable() or len(text.splitlines()) < 2:
        return text.strip()
    return between.join(line.strip() for line in text.splitlines() if line.strip())


def marked(statement: Statement) -> str:
    """The statement's text, and the mark where its evidence does not bear it."""
    return f"{statement.text} {UNSUPPORTED_MARK}" if UNSUPPORTED in statement.flags else statement.text


def _by_section(statements: Iterable[Statement]) -> dict[SummarySection, list[str]]:
    sections: dict[SummarySection, list[str]] = {}
    for statement in statements:
        sections.setdefault(statement.section, []).append(one_line(marked(statement)))
    if SummarySection.LIMITS in sections:
        sections[SummarySection.LIMITS] = sections.pop(SummarySection.LIMITS)
    return sections


def _length(statements: Iterable[Statement], audience: Audience) -> int:
    sections = _by_section(statements)
    lines = sum(len(text) + 3 for texts in sections.values() for text in texts)
    return len(REVIEW_NOTICE) + 1 + lines + sum(len(heading(section, audience)) + 1 for section in sections)


def _line_length(text: str) -> int:
    return len(one_line(text)) + 3  # "- " and LF


def _first_to_go(statements: Sequence[Statement], importance: Sequence[SummarySection]) -> list[int]:
    """Indices of the statements that may be left out, the first to go first."""
    rank = {section: position for position, section in enumerate(importance)}
    seen: Counter[SummarySection] = Counter()
    order = []
    for index, statement in enumerate(statements):
        place = seen[statement.section]
        seen[statement.section] += 1
        if statement.section is not SummarySection.ALLERGIES and "critical" not in statement.flags:
            order.append((place >= _FIRST_LINES, rank.get(statement.section, len(rank)), place, index))
    return [index for *_, index in sorted(order, reverse=True)]


def _notice(gone: Counter[SummarySection], max_length: int, importance: Sequence[SummarySection]) -> str:
    counts = (f"{gone[each]} from {HEADINGS[each][0].lower()}" for each in importance if gone[each])
    return f"Left out to stay within {max_length} characters: {', '.join(counts)}."
