"""From a request to its summary: sections made of facts and notes, ordered, kept within the length."""

from collections.abc import Callable

from gateway.backends.extractive import background, conditions, course, medications, results, vital_signs
from gateway.backends.extractive.key_passages import quote
from gateway.backends.extractive.limits import limits
from gateway.backends.extractive.view import View
from gateway.errors import ErrorKind, GatewayError
from gateway.request import SummarizationRequest
from gateway.summary import Statement, Summary, SummarySection
from gateway.summary_text import fitted, summary_text

METHOD = "extractive-1"
"""What answered, as a model's version. It changes whenever the same request gives other text."""

_FROM_FACTS: dict[SummarySection, Callable[[View], list[Statement]]] = {
    SummarySection.OVERVIEW: course.overview,
    SummarySection.COURSE: course.course,
    SummarySection.ALLERGIES: conditions.allergies,
    SummarySection.PROBLEMS: conditions.problems,
    SummarySection.MEDICATIONS: medications.medications,
    SummarySection.RESULTS: results.results,
    SummarySection.VITAL_SIGNS: vital_signs.vital_signs,
    SummarySection.PROCEDURES: background.procedures,
    SummarySection.IMMUNIZATIONS: medications.immunizations,
    SummarySection.HISTORY: background.history,
    SummarySection.NOTES: background.assessments,
    SummarySection.PLAN: background.plan,
}


def summarize(
    request: SummarizationRequest, *, backend: str = "builtin", model_asked: str | None = None
) -> Summary:
    """The summary of a request: the same request gives the same bytes.

    Each statement is copied or composed from facts and notes and names their origins as its evidence.
    Raises `GatewayError` (`NO_CLINICAL_CONTENT`) when there are neither facts, notes nor an encounter, and
    nothing that was taken back.
    """
    if not request.changes_the_record():
        raise GatewayError(ErrorKind.NO_CLINICAL_CONTENT)
    view = View.of(request)
    quoted = quote(view)
    statements: list[Statement] = []
    for section in view.outline.order:
        if section in _FROM_FACTS:
            statements += _FROM_FACTS[section](view)
            statements += quoted.statements.get(section, ())
    said_of_it, cautions = limits(view, statements, quoted)
    fit = fitted(
        statements + said_of_it,
        request.task.max_length,
        importance=view.outline.importance,
        audience=view.heading_audience,
    )
    return Summary(
        statements=fit.statements,
        text=summary_text(fit.statements, audience=view.heading_audience),
        backend=backend,
        model_asked=request.task.model or "" if model_asked is None else model_asked,
        model_served=METHOD,
        warnings=(*cautions, *fit.cautions),
    )
