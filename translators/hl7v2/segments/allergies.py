"""What the patient does not tolerate: AL1 and IAM. "No known allergies" is a finding, not an allergy."""

from gateway.clinical import Certainty, ClinicalFact, Detail, DetailName, FactKind, FactStatus
from translators.hl7v2 import elements
from translators.hl7v2.codes import ALLERGEN_TYPE, ALLERGY_STANDING, SEVERITY, Withdrawal
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment


def read_al1(context: Context, segment: Segment) -> None:
    """AL1 says neither status nor certainty: both stay open."""
    _allergy(context, segment, time=context.time(segment, 6))


def read_iam(context: Context, segment: Segment) -> None:
    """IAM-6=D and IAM-17=E take the entry back; IAM-11 is the onset, IAM-12 the same in words."""
    syntax, row = context.syntax, segment.row
    action = elements.first_code(syntax, row[6])
    standing = elements.first_code(syntax, row[17])
    status, certainty = ALLERGY_STANDING.get(standing, (FactStatus.UNKNOWN, None))
    if action == "D" or isinstance(status, Withdrawal):
        what = elements.coded_text(syntax, row[3])
        context.withdrawn(segment, "IAM-6=D" if action == "D" else f"IAM-17={standing}", what)
        return
    _allergy(
        context,
        segment,
        time=context.time(segment, 11),
        status=status,
        status_sent=f"IAM-17={standing}" if standing else "",
        certainty=certainty,
        more=context.details(segment, (12, DetailName.ONSET)),
    )


def _allergy(
    context: Context,
    segment: Segment,
    *,
    time: str,
    status: FactStatus = FactStatus.UNKNOWN,
    status_sent: str = "",
    certainty: Certainty | None = None,
    more: list[Detail] | None = None,
) -> None:
    syntax, row = context.syntax, segment.row
    text, codes = elements.coded(syntax, row[3])
    stated = context.stated(segment, FactKind.ALLERGY, text, codes, field=3)
    if stated is None:
        return
    context.facts.append(
        ClinicalFact(
            kind=FactKind.ALLERGY,
            text=stated[0],
            codes=codes,
            time=time,
            status=status,
            status_sent=status_sent,
            certainty=certainty,
            negated=stated[1],
            category=_category(context, row[2]),
            details=(*_reactions(context, segment), *(more or ()), *context.comments(segment)),
            origin=context.origin(segment),
        )
    )


def _category(context: Context, raw: str) -> str:
    if not raw:
        return ""
    known = ALLERGEN_TYPE.get(elements.first_code(context.syntax, raw))
    return known or elements.coded_text(context.syntax, raw)


def _reactions(context: Context, segment: Segment) -> list[Detail]:
    details = context.details(segment, (5, DetailName.REACTION)) if segment.row[5] else []
    sent = segment.row[4]
    if sent:
        severity = SEVERITY.get(elements.first_code(context.syntax, sent))
        if severity is None:
            severity = elements.coded_text(context.syntax, sent)
        if severity:
            details.append(Detail(name=DetailName.SEVERITY, text=severity))
    return details
