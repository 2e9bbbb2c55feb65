"""`ehr-gateway replay`: send messages to a running gateway and say what became of each."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from gateway.commands.expected import comparable, difference
from gateway.commands.inputs import Form, Input, inputs
from gateway.commands.replies import Judged, judge, judge_er7
from gateway.commands.retrieval import query_for
from gateway.commands.senders import Received, Sender, Targets
from gateway.commands.terminal import print_text

__all__ = ["Targets", "replay"]

_PROGRESS_FROM = 20


@dataclass(slots=True)
class Outcome:
    """One message, sent."""

    source: Input
    judged: Judged
    ms: float
    reply: bytes = field(default=b"", repr=False)
    difference: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def is_good(self) -> bool:
        return self.judged.positive and not self.difference and not self.problem


def replay(
    paths: list[Path],
    targets: Targets,
    *,
    expect: bool,
    write_expected: bool,
    concurrency: int,
    repeat: int,
    as_json: bool,
    verbose: bool,
) -> int:
    """Exit code: 0 every message as it should be, 1 not, 66 a path cannot be read."""
    try:
        sources = [source for source in inputs(paths) for _ in range(repeat)]
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return os.EX_NOINPUT
    if not sources:
        print("no messages found", file=sys.stderr)
        return os.EX_NOINPUT
    sender = Sender(targets)
    console = Console()
    started = time.perf_counter()

    def one(source: Input) -> Outcome:
        return _exchange(sender, source, expect=expect, write_expected=write_expected, follow_up=verbose)

    outcomes = list(_run(sources, one, concurrency, quiet=as_json))
    seconds = time.perf_counter() - started
    if as_json:
        print(json.dumps(_report(outcomes, seconds), indent=2))
    else:
        if verbose:
            for outcome in outcomes:
                _show(console, outcome)
        _table(console, outcomes, seconds)
    return 0 if all(outcome.is_good for outcome in outcomes) else 1


def _run(
    sources: list[Input], one: Callable[[Input], Outcome], concurrency: int, *, quiet: bool
) -> Iterator[Outcome]:
    is_shown = not quiet and len(sources) > _PROGRESS_FROM and sys.stderr.isatty()
    with (
        ThreadPoolExecutor(concurrency) as threads,
        Progress(console=Console(stderr=True), disable=not is_shown, transient=True) as progress,
    ):
        task = progress.add_task("replaying", total=len(sources))
        for outcome in threads.map(one, sources):
            progress.advance(task)
            yield outcome


def _exchange(
    sender: Sender, source: Input, *, expect: bool, write_expected: bool, follow_up: bool
) -> Outcome:
    if source.form is Form.UNKNOWN:
        return Outcome(source, Judged(False, ""), 0, problem="neither HL7 v2 nor FHIR JSON, SOAP or CDA")
    started = time.perf_counter()
    try:
        received = sender.send(source)
    except OSError as error:
        return Outcome(source, Judged(False, ""), 0, problem=str(error) or type(error).__name__)
    outcome = Outcome(source, judge(source, received), (time.perf_counter() - started) * 1000, received.body)
    if expect or write_expected:
        _compare(outcome, received, write_expected=write_expected)
    if follow_up and source.form is Form.HL7V2 and outcome.judged.positive and not outcome.judged.summary:
        outcome.judged = Judged(True, outcome.judged.code, _retrieved(sender, source))
    return outcome


def _compare(outcome: Outcome, received: Received, *, write_expected: bool) -> None:
    path = outcome.source.expected_path
    got = comparable(received.body, datetime.now(UTC))
    if write_expected:
        path.write_text(got, encoding="utf-8")
    elif not path.exists():
        outcome.problem = f"{path.name} is missing"
    else:
        outcome.difference = difference(path.read_text(encoding="utf-8"), got)
        # What was expected may well be a refusal.
        outcome.judged = Judged(not outcome.difference, outcome.judged.code, outcome.judged.summary)


def _retrieved(sender: Sender, source: Input) -> str:
    """The summary that an event message led to, asked for as any EHR may ask for it."""
    query = query_for(source.body)
    if query is None:
        return ""
    try:
        return judge_er7(sender.mllp(query)).summary
    except OSError:
        return ""


def _report(outcomes: list[Outcome], seconds: float) -> dict[str, object]:
    return {
        "messages": len(outcomes),
        "good": sum(outcome.is_good for outcome in outcomes),
        "seconds": round(seconds, 3),
        "results": [
            {
                "file": outcome.source.name,
                "protocol": outcome.source.form.value,
                "good": outcome.is_good,
                "code": outcome.judged.code,
                "ms": round(outcome.ms, 2),
                "problem": outcome.problem,
                "difference": outcome.difference,
            }
            for outcome in outcomes
        ],
    }


def _show(console: Console, outcome: Outcome) -> None:
    console.rule(escape(outcome.source.name), align="left")
    _block(console, "sent", outcome.source.body)
    _block(console, "reply", outcome.reply)
    if outcome.judged.summary:
        console.print("[bold]summary[/bold]")
        print_text(console, outcome.judged.summary)


def _block(console: Console, title: str, content: bytes) -> None:
    text = content.decode("utf-8", "replace").strip()
    console.print(f"[bold]{title}[/bold]")
    print_text(console, text)


def _table(console: Console, outcomes: list[Outcome], seconds: float) -> None:
    table = Table("file", "protocol", "outcome", "time", box=None, header_style="bold", pad_edge=False)
    for outcome in outcomes:
        mark = "[green]good[/green]" if outcome.is_good else "[red]BAD[/red]"
        said = outcome.problem or outcome.judged.code
        table.add_row(
            escape(outcome.source.name),
            outcome.source.form.value,
            f"{mark} {escape(said)}",
            f"{outcome.ms:.1f} ms",
        )
    console.print(table)
    for outcome in outcomes:
        if outcome.difference:
            console.print(f"[red]{escape(outcome.source.name)} differs[/red]")
            print_text(console, "\n".join(outcome.difference))
    good = sum(outcome.is_good for outcome in outcomes)
    times = sorted(outcome.ms for outcome in outcomes)
    console.print(
        f"{good} of {len(outcomes)} good in {seconds:.1f} s, {len(outcomes) / seconds:.0f} a second,"
        f" p50 {times[len(times) // 2]:.1f} ms, p99 {times[int(len(times) * 0.99)]:.1f} ms"
    )
