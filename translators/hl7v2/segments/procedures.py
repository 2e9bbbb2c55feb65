"""Procedures: PR1. It has no status of its own: that a procedure is listed does not say that it is done."""

from gateway.clinical import ClinicalFact, Code, DetailName, FactKind
from translators.hl7v2 import elements
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment
from translators.terminology.code_systems import canonical


def read_pr1(context: Context, segment: Segment) -> None:
    """PR1-20=D takes it back."""
    syntax, row = context.syntax, segment.row
    text, codes = elements.coded(syntax, row[3])
    text = syntax.folded(row[4]) or text
    if row[2] and codes and not codes[0].system:  # PR1-2 named the system before PR1-3 could
        first = Code(code=codes[0].code, system=canonical(syntax.first(row[2])), display=codes[0].display)
        codes = (first, *codes[1:])
    if elements.first_code(syntax, row[20]) == "D":
        context.withdrawn(segment, "PR1-20=D", text)
        return
    stated = context.stated(segment, FactKind.PROCEDURE, text, codes, field=3)
    if stated is None:
        return
    details = context.details(
        segment, (14, DetailName.RANK), (15, DetailName.REASON), (16, DetailName.COMMENT)
    )
    context.facts.append(
        ClinicalFact(
            kind=FactKind.PROCEDURE,
            text=stated[0],
            codes=codes,
            time=context.time(segment, 5),
            negated=stated[1],
            details=(*details, *context.comments(segment)),
            origin=context.origin(segment),
        )
    )
