"""What becomes of statements that do not stand in their evidence: marked, left out, or no answer at all."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.backends.failure import BackendFailure, Cause
from gateway.checking.check import check
from gateway.checking.findings import Checked
from gateway.checking.languages import is_english
from gateway.clinical import Caution
from gateway.policy.rules import Treatment
from gateway.request import SummarizationRequest
from gateway.summary import UNSUPPORTED, Statement, Summary
from gateway.summary_text import fitted, summary_text


def treated(summary: Summary, request: SummarizationRequest, treatment: Treatment) -> Summary:
    """The summary as policy wants it, its text made anew where statements changed.

    Raises `BackendFailure` (`UNSUPPORTED`) under `REPLACE` when a statement does not stand, and under
    `DROP` when none is left.
    """
    checked = check(summary.statements, request)
    faulty = [each for each in checked if not each.stands]
    cautions = _language_cautions(request)
    if not faulty:
        return replace(summary, warnings=(*summary.warnings, *cautions)) if cautions else summary
    if treatment is Treatment.REPLACE or (treatment is Treatment.DROP and _says_nothing(checked)):
        raise BackendFailure(
            Cause.UNSUPPORTED,
            f"{summary.backend}: {len(faulty)} of {len(checked)} statements ({_reasons(faulty)})",
            usage=summary.usage,
        )
    statements = tuple(_kept(checked, treatment))
    audience = request.task.audience
    fit = fitted(statements, request.task.max_length, audience=audience)
    return replace(
        summary,
        statements=fit.statements,
        text=summary_text(fit.statements, summary.language, audience=audience),
        warnings=(*summary.warnings, *cautions, _caution(faulty, treatment), *fit.cautions),
    )


def _kept(checked: Sequence[Checked], treatment: Treatment) -> list[Statement]:
    if treatment is Treatment.DROP:
        return [each.statement for each in checked if each.stands]
    return [each.statement if each.stands else _flagged(each.statement) for each in checked]


def _flagged(statement: Statement) -> Statement:
    return replace(statement, flags=tuple(dict.fromkeys((*statement.flags, UNSUPPORTED))))


def _says_nothing(checked: Sequence[Checked]) -> bool:
    """Nothing with evidence would be left."""
    return not any(each.stands and each.statement.evidence for each in checked)


def _caution(faulty: Sequence[Checked], treatment: Treatment) -> Caution:
    """Counts and kinds, never the words themselves."""
    done = "left out" if treatment is Treatment.DROP else "marked"
    number = len(faulty)
    said = "1 statement of the model says" if number == 1 else f"{number} statements of the model say"
    is_done = f"{'was' if number == 1 else 'were'} {done}"
    return Caution(
        code="unsupported", text=f"{said} what the source does not and {is_done} ({_reasons(faulty)})."
    )


def _reasons(faulty: Sequence[Checked]) -> str:
    return ", ".join(dict.fromkeys(finding.reason.value for each in faulty for finding in each.findings))


def _language_cautions(request: SummarizationRequest) -> tuple[Caution, ...]:
    if is_english(request.task.language):
        return ()
    text = "The model's statements are not in English: only their numbers, dates and drug names were checked."
    return (Caution(code="checked-in-part", text=text),)
