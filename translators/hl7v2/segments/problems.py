"""What the patient has: diagnoses (DG1), problems (PRB) and goals (GOL)."""

from gateway.clinical import (
    Certainty,
    ClinicalFact,
    Code,
    Detail,
    DetailName,
    FactKind,
    FactStatus,
    UnreadReason,
)
from translators.hl7v2 import elements
from translators.hl7v2.codes import DIAGNOSIS_TYPE, LIFE_CYCLE, PROBLEM_CONFIRMATION, WITHDRAWN
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment
from translators.hl7v2.labels import RESTRICTED
from translators.terminology.code_systems import canonical

_DELETING = {"PC3": "DE", "PC8": "DE"}
"""Trigger events that delete problems or goals, where PRB-1 or GOL-1 is empty."""


def read_dg1(context: Context, segment: Segment) -> None:
    """A diagnosis of this visit. DG1-21=D takes it back."""
    syntax, row = context.syntax, segment.row
    text, codes = elements.coded(syntax, row[3])
    written = syntax.folded(row[4])
    if written and not _has_original_text(context, row[3]):
        text = written
    if row[2] and codes and not codes[0].system:  # DG1-2 named the system before DG1-3 could
        codes = (
            Code(code=codes[0].code, system=canonical(syntax.first(row[2])), display=codes[0].display),
            *codes[1:],
        )
    if elements.first_code(syntax, row[21]) == "D":
        context.withdrawn(segment, "DG1-21=D", text)
        return
    kind = elements.first_code(syntax, row[6])
    category, certainty = DIAGNOSIS_TYPE.get(kind, ("encounter-diagnosis", None))
    if elements.first_code(syntax, row[18]) == "Y":
        context.labels.append(RESTRICTED)
    _condition(
        context,
        segment,
        text,
        codes,
        time=context.time(segment, 5),
        status_sent=f"DG1-6={kind}" if kind else "",
        certainty=certainty,
        category=category,
        details=context.details(segment, (15, DetailName.RANK)),
    )


def _has_original_text(context: Context, raw: str) -> bool:
    return raw.count(context.syntax.component) >= 8 and bool(
        context.syntax.text(raw.split(context.syntax.component)[8])
    )


def read_prb(context: Context, segment: Segment) -> None:
    """An entry of the problem list. PRB-1=DE and a life cycle of "deleted" take it back."""
    syntax, row = context.syntax, segment.row
    text, codes = elements.coded(syntax, row[3])
    action = elements.first_code(syntax, row[1]) or _DELETING.get(context.event, "")
    confirmation = elements.coded_text(syntax, row[13])
    life_cycle = elements.coded_text(syntax, row[14])
    end = context.time(segment, 9)
    status = LIFE_CYCLE.get(life_cycle.upper(), LIFE_CYCLE.get(elements.first_code(syntax, row[14])))
    is_wrong = LIFE_CYCLE.get(confirmation.upper()) is WITHDRAWN
    if action == "DE" or status is WITHDRAWN or is_wrong:
        sent = f"PRB-13={confirmation}" if is_wrong else f"PRB-14={life_cycle}"
        context.withdrawn(segment, "PRB-1=DE" if action == "DE" else sent, text)
        return
    unknown = (
        [Detail(name=DetailName.COMMENT, text=f"status: {life_cycle}")] if life_cycle and not status else []
    )
    if status is None:
        status = FactStatus.RESOLVED if end and not life_cycle else FactStatus.UNKNOWN
    certainty = _certainty(context, confirmation, row[13])
    if certainty is None and confirmation:  # it may say that the patient does not have it
        certainty = Certainty.UNCONFIRMED
        unknown.append(Detail(name=DetailName.COMMENT, text=f"confirmation: {confirmation}"))
    if PROBLEM_CONFIRMATION.get(life_cycle.upper()) is Certainty.REFUTED:
        certainty = Certainty.REFUTED
    if row[25]:
        context.label(segment, 25, covers=context.with_comments(segment))
    _condition(
        context,
        segment,
        text,
        codes,
        time=context.time(segment, 16) or context.time(segment, 7),
        end=end,
        status=status,
        status_sent=f"PRB-14={life_cycle}" if life_cycle else "",
        certainty=certainty,
        category="problem-list",
        details=[
            *context.details(
                segment, (17, DetailName.ONSET), (18, DetailName.RANK), (26, DetailName.SEVERITY)
            ),
            *unknown,
        ],
    )


def _certainty(context: Context, confirmation: str, raw: str) -> Certainty | None:
    code = elements.first_code(context.syntax, raw)
    return PROBLEM_CONFIRMATION.get(confirmation.upper()) or PROBLEM_CONFIRMATION.get(code)


def _condition(
    context: Context,
    segment: Segment,
    text: str,
    codes: tuple[Code, ...],
    *,
    time: str,
    end: str = "",
    status: FactStatus = FactStatus.UNKNOWN,
    status_sent: str,
    certainty: Certainty | None,
    category: str,
    details: list[Detail],
) -> None:
    is_refuted = certainty is Certainty.REFUTED
    stated = context.stated(segment, FactKind.CONDITION, text, codes, field=3, is_denied=is_refuted)
    if stated is None:
        return
    context.facts.append(
        ClinicalFact(
            kind=FactKind.CONDITION,
            text=stated[0],
            codes=codes,
            time=time,
            end=end,
            status=status,
            status_sent=status_sent,
            certainty=certainty,
            negated=stated[1],
            category=category,
            details=(*details, *context.comments(segment)),
            origin=context.origin(segment),
        )
    )


def read_gol(context: Context, segment: Segment) -> None:
    """A goal of care. GOL-1=DE takes it back."""
    syntax, row = context.syntax, segment.row
    text, codes = elements.coded(syntax, row[3])
    action = elements.first_code(syntax, row[1]) or _DELETING.get(context.event, "")
    life_cycle = elements.coded_text(syntax, row[18])
    status = LIFE_CYCLE.get(life_cycle.upper(), FactStatus.UNKNOWN)
    if action == "DE" or status is WITHDRAWN:
        context.withdrawn(segment, "GOL-1=DE" if action == "DE" else f"GOL-18={life_cycle}", text)
        return
    if not text:
        context.unread(segment, UnreadReason.INVALID, "GOL-3 names nothing")
        return
    context.facts.append(
        ClinicalFact(
            kind=FactKind.GOAL,
            text=text,
            codes=codes,
            time=context.time(segment, 7),
            end=context.time(segment, 8),
            status=status if isinstance(status, FactStatus) else FactStatus.UNKNOWN,
            status_sent=f"GOL-18={life_cycle}" if life_cycle else "",
            details=(*context.details(segment, (16, DetailName.OUTCOME)), *context.comments(segment)),
            origin=context.origin(segment),
        )
    )
