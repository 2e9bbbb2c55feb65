"""`make demo`: a gateway of its own, the samples over every protocol, and what a person sees of each.

First the one patient who stands in all three protocols, shown whole; then every sample in one table.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from gateway.clinical import ClinicalFact, FactKind, FactStatus
from gateway.commands.inputs import Input, inputs
from gateway.commands.offline import as_message, offline_translators, request_of
from gateway.commands.replay import replay
from gateway.commands.replies import judge
from gateway.commands.senders import Sender, Targets
from gateway.commands.summaries import print_summary
from gateway.commands.terminal import print_text, printable
from gateway.store.message_store import open_reader
from gateway.store.reads import MessageFilter

SAMPLES = Path(__file__).parents[2] / "samples"
_SHOWN_LINES = 36
_TITLES = {
    "hl7v2": "HL7 v2 over MLLP: an event is acknowledged, its summary is kept for a query",
    "fhir": "FHIR R4: POST $summarize answers with a document",
    "soap": "SOAP: the summary comes back in the same call",
}


def main() -> int:
    console = Console()
    if not SAMPLES.is_dir():
        console.print("the demo needs the samples of the repository")
        return 1
    with tempfile.TemporaryDirectory(prefix="ehr-gateway-demo-") as folder:
        data_dir = Path(folder) / "data"
        with _gateway(data_dir) as targets:
            for name, title in _TITLES.items():
                console.rule(f"[bold]{escape(title)}[/bold]", align="left")
                for source in inputs([SAMPLES / "same_patient" / name]):
                    _show_exchange(console, Sender(targets), source, data_dir)
            agree = _compare_facts(console)
            console.rule("[bold]Every sample, against its expected reply[/bold]", align="left")
            code = replay(
                [_relative(SAMPLES / name) for name in _TITLES],
                targets,
                expect=True,
                write_expected=False,
                concurrency=1,
                repeat=1,
                as_json=False,
                verbose=False,
            )
    return code or (0 if agree else 1)


def _relative(path: Path) -> Path:
    """To the folder that the demo is run in, where it lies below it: shorter to read."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


@contextmanager
def _gateway(data_dir: Path) -> Iterator[Targets]:
    """`ehr-gateway serve --demo` on free ports, as a process of its own."""
    command = [sys.executable, "-m", "gateway", "serve", "--demo", "--mllp-port", "0", "--http-port", "0"]
    process = subprocess.Popen(  # noqa: S603
        [*command, "--data-dir", str(data_dir), "--log-level", "warning"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None  # noqa: S101
    addresses: dict[str, str] = {}
    try:
        for line in process.stdout:
            if line.strip() == "ready":
                break
            protocol, _, address = line.split()
            addresses[protocol] = address
        if len(addresses) < 2:
            raise SystemExit("the gateway did not start")
        web = f"http://{addresses['http']}"
        yield Targets(addresses["mllp"], f"{web}/fhir/R4", f"{web}/soap", "demo")
    finally:
        process.terminate()
        process.wait(timeout=30)


def _show_exchange(console: Console, sender: Sender, source: Input, data_dir: Path) -> None:
    console.print(f"[bold cyan]{escape(str(source.path.relative_to(SAMPLES)))}[/bold cyan]")
    received = sender.send(source)
    _block(console, "sent", source.body)
    _block(console, f"reply on the wire ({judge(source, received).code})", received.body)
    reader = open_reader(data_dir)
    message_id = reader.list(MessageFilter(limit=1))[0].id
    answer = reader.answer_when_ready(message_id)
    if answer is not None:
        console.print("[bold]summary, each statement with its evidence[/bold]")
        print_summary(console, answer.summary)
    console.print()


def _block(console: Console, title: str, content: bytes) -> None:
    text = printable(content.decode("utf-8", "replace")).strip()
    if text.startswith("<"):
        text = text.replace("><", ">\n<")
    elif text.startswith("{"):
        text = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    lines = [
        line if len(line) <= 200 else f"{line[:200]} ... ({len(line)} characters)"
        for line in text.split("\n")
    ]
    console.print(f"[bold]{escape(title)}[/bold]")
    print_text(console, "\n".join(lines[:_SHOWN_LINES]))
    if len(lines) > _SHOWN_LINES:
        console.print(f"[dim]... {len(lines) - _SHOWN_LINES} more lines[/dim]")


def _compare_facts(console: Console) -> bool:
    """Whether the three forms of the same patient give the same facts."""
    console.rule("[bold]One patient in three protocols[/bold]", align="left")
    facts = {name: _facts_of(SAMPLES / "same_patient" / name) for name in ("hl7v2", "fhir", "cda")}
    for name, found in facts.items():
        console.print(f"{name:6} {len(found)} facts")
    first, *others = facts.values()
    agree = all(found == first for found in others)
    console.print(
        "the same facts in all three, but for the status of allergies and procedures: AL1 and PR1 have none"
        if agree
        else "[red]the facts differ[/red]",
        soft_wrap=True,
    )
    for name, found in facts.items():
        for fact in sorted(found ^ first, key=lambda each: (each.kind, each.text)):
            where = name if fact in found else "hl7v2"
            console.print(f"  only {where}: {escape(repr(fact))}", soft_wrap=True)
    return agree


def _facts_of(folder: Path) -> set[ClinicalFact]:
    translators = offline_translators()
    facts: set[ClinicalFact] = set()
    for source in inputs([folder]):
        message = as_message(source)
        _, request = request_of(message, translators[message.protocol], "demo")
        facts |= {comparable_fact(fact) for fact in request.facts} if request else set()
    return facts


_WITHOUT_STATUS = (FactKind.ALLERGY, FactKind.PROCEDURE)  # AL1, PR1


def comparable_fact(fact: ClinicalFact) -> ClinicalFact:
    """A fact without what each protocol says in its own way: where it stands, its own codes for states,
    displays, and how panels are called."""
    return replace(
        fact,
        origin="",
        status_sent="",
        category="",
        group="",
        codes=tuple(replace(code, display="") for code in fact.codes),
        details=tuple(sorted(fact.details, key=lambda detail: (detail.name, detail.text))),
        status=FactStatus.UNKNOWN if fact.kind in _WITHOUT_STATUS else fact.status,
    )


if __name__ == "__main__":
    sys.exit(main())
