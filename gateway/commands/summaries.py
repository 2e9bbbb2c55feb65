"""A summary on a terminal: each statement with the places it came from."""

from itertools import groupby

from rich.console import Console
from rich.markup import escape

from gateway.checking import check
from gateway.commands.terminal import printable
from gateway.request import SummarizationRequest
from gateway.summary import REVIEW_NOTICE, UNSUPPORTED, Statement, Summary
from gateway.summary_text import heading


def print_summary(console: Console, summary: Summary, request: SummarizationRequest | None = None) -> None:
    """With the request, also what in a marked statement its evidence does not bear."""
    console.print(f"[bold]{REVIEW_NOTICE}[/bold]")
    for section, statements in groupby(summary.statements, key=lambda statement: statement.section):
        console.print(f"[bold]{heading(section)}[/bold]")
        for statement in statements:
            flags = f" [red]{escape(', '.join(statement.flags))}[/red]" if statement.flags else ""
            evidence = f" [dim]{escape(' '.join(statement.evidence))}[/dim]" if statement.evidence else ""
            console.print(
                f"  {escape(printable(statement.text))}{flags}{evidence}", soft_wrap=True, highlight=False
            )
            if request is not None and UNSUPPORTED in statement.flags:
                _print_findings(console, statement, request)
    for warning in summary.warnings:
        console.print(
            f"[yellow]{escape(warning.code)}[/yellow]: {escape(printable(warning.text))}", soft_wrap=True
        )
    served = f"{summary.backend}, asked for {summary.model_asked}, served by {summary.model_served}"
    console.print(f"[dim]{escape(served)}[/dim]")


def _print_findings(console: Console, statement: Statement, request: SummarizationRequest) -> None:
    for checked in check([statement], request):
        for finding in checked.findings:
            words = f" in: {printable(finding.span)}" if finding.span else ""
            console.print(
                f"    [red]{finding.reason.value}[/red]{escape(words)}", soft_wrap=True, highlight=False
            )
