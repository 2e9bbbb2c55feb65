"""A summary on a terminal: each statement with the places it came from."""

from itertools import groupby

from rich.console import Console
from rich.markup import escape

from gateway.commands.terminal import printable
from gateway.messages import REVIEW_NOTICE, Summary
from gateway.summary_text import heading


def print_summary(console: Console, summary: Summary) -> None:
    console.print(f"[bold]{REVIEW_NOTICE}[/bold]")
    for section, statements in groupby(summary.statements, key=lambda statement: statement.section):
        console.print(f"[bold]{heading(section)}[/bold]")
        for statement in statements:
            flags = f" [red]{escape(', '.join(statement.flags))}[/red]" if statement.flags else ""
            evidence = f" [dim]{escape(' '.join(statement.evidence))}[/dim]" if statement.evidence else ""
            console.print(
                f"  {escape(printable(statement.text))}{flags}{evidence}", soft_wrap=True, highlight=False
            )
    for warning in summary.warnings:
        console.print(
            f"[yellow]{escape(warning.code)}[/yellow]: {escape(printable(warning.text))}", soft_wrap=True
        )
    served = f"{summary.backend}, asked for {summary.model_asked}, served by {summary.model_served}"
    console.print(f"[dim]{escape(served)}[/dim]")
