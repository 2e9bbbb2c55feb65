"""The check of a whole summary: the request's evidence is indexed once, each statement held against it."""

from collections.abc import Sequence

from gateway.checking.findings import Checked, Finding, Reason
from gateway.messages import Statement, SummarizationRequest, SummarySection


def check(statements: Sequence[Statement], request: SummarizationRequest) -> tuple[Checked, ...]:
    """One `Checked` for each statement, in their order. `LIMITS` is the gateway's own and is not checked."""
    known = {each.origin for each in request.facts} | {each.origin for each in request.notes}
    if request.encounter is not None:
        known.add(request.encounter.origin)
    return tuple(
        Checked(each)
        if each.section is SummarySection.LIMITS or (each.evidence and known.issuperset(each.evidence))
        else Checked(each, (Finding(Reason.SOURCE),))
        for each in statements
    )
