"""A summary as lines of text for people: section headings, statements, and where each comes from."""

from dataclasses import dataclass
from textwrap import wrap

from gateway.summary import REVIEW_NOTICE, UNSUPPORTED, Answer, NoticeCode, SummarySection
from gateway.summary_text import heading, marked

LINE_WIDTH = 78
"""Characters. Screens and spoolers behind v2 interfaces are 80 wide; some cut what is longer."""

_CONTINUATION = "  "
_NONE: frozenset[NoticeCode] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    ends_section: bool = False


def summary_lines(
    answer: Answer, width: int = LINE_WIDTH, *, without: frozenset[NoticeCode] = _NONE
) -> list[Line]:
    """First the notice that nobody reviewed it, last how it came about; each statement with its evidence.

    `without`: notices that are told elsewhere.
    """
    blocks: list[list[str]] = [[REVIEW_NOTICE]]
    section: SummarySection | None = None
    for statement in answer.summary.statements:
        if statement.section is not section:
            section = statement.section
            blocks.append([heading(section, answer.request.task.audience)])
        evidence = f" [{', '.join(statement.evidence)}]" if statement.evidence else ""
        others = [flag for flag in statement.flags if flag != UNSUPPORTED]
        flags = f" ({', '.join(others)})" if others else ""
        blocks[-1] += _wrapped(f"{marked(statement)}{flags}{evidence}", width)
    if not answer.summary.statements:
        text = answer.summary.text.removeprefix(REVIEW_NOTICE)
        blocks.append([piece for line in text.split("\n") if line.strip() for piece in _wrapped(line, width)])
    blocks.append([piece for line in provenance(answer, without) for piece in _wrapped(line, width)])
    lines: list[Line] = []
    for block in blocks:
        lines += [Line(text) for text in block[:-1]]
        if block:
            lines.append(Line(block[-1], ends_section=True))
    return lines


def provenance(answer: Answer, without: frozenset[NoticeCode] = _NONE) -> list[str]:
    """Which model, when, from which message; and what is to be known of it."""
    summary, request = answer.summary, answer.request
    model = " ".join(part for part in (summary.backend, summary.model_served) if part)
    return [
        f"Generated {answer.generated_at:%Y-%m-%d %H:%M} UTC by {model}.",
        f"Source: {request.message_type} {request.control_id}, request {request.id}.",
        *(f"Notice: {notice.text}" for notice in answer.notices if notice.code not in without),
        *(f"Caution: {caution.text}" for caution in summary.warnings),
    ]


def _wrapped(text: str, width: int) -> list[str]:
    found: list[str] = []
    for line in text.split("\n"):
        found += wrap(line, width, subsequent_indent=_CONTINUATION, break_on_hyphens=False)
    return found
