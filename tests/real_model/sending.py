"""The samples through a gateway by `replay`, and what the store says became of each message."""

import json
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from gateway.records import Work
from gateway.store.message_store import open_reader
from gateway.store.reads import ListedMessage, MessageFilter, StoreReader
from gateway.summary import Answer
from tests.processes import ROOT, Server

SAMPLES = ROOT / "samples"
_UNDER_WAY = (Work.ACCEPTED, Work.WORKING)
_PATIENCE_S = 900


@dataclass(frozen=True)
class Sent:
    """One message that a summary was made of, or should have been."""

    protocol: str
    listed: ListedMessage
    answer: Answer | None
    causes: tuple[str, ...]
    """Why a call of the model gave no answer, each as the gateway's log names it."""

    @property
    def seconds(self) -> float:
        """From receipt to summary, with the time it waited for the messages before it."""
        return (self.answer.generated_at - self.listed.received_at).total_seconds() if self.answer else 0


def sample_files(protocol: str) -> list[Path]:
    """Those that are answered by a summary: no refusals, no queries."""
    same = {"mllp": "hl7v2", "fhir": "fhir", "soap": "cda"}[protocol]
    folder = SAMPLES / {"mllp": "hl7v2", "fhir": "fhir", "soap": "soap"}[protocol]
    left_out = ("invalid", "wrong", "unknown", "connectivity", "two_messages", "qbp")
    files = [*folder.iterdir(), *(SAMPLES / "same_patient" / same).iterdir()]
    return sorted(
        file
        for file in files
        if file.suffix in (".hl7", ".json", ".xml") and not any(word in file.name for word in left_out)
    )


def send(protocol: str, server: Server, data_dir: Path, log: Path) -> tuple[list[Sent], list[str]]:
    """(what became of each message, what `replay` found wrong)"""
    reader = open_reader(data_dir)
    before = {each.id for each in reader.list(MessageFilter(limit=1000))}
    wrong = _replay(sample_files(protocol), server)
    _wait(reader)
    listed = [each for each in reader.list(MessageFilter(limit=1000)) if each.id not in before]
    causes = _causes(log)
    sent = [
        Sent(protocol, each, reader.answer(each.id), tuple(causes[each.id]))
        for each in reversed(listed)
        if each.work in (Work.SUMMARIZED, Work.FAILED, Work.INTERRUPTED)
    ]
    return sent, wrong


def _replay(files: list[Path], server: Server) -> list[str]:
    web = f"http://127.0.0.1:{server.ports['web']}"
    targets = ["--mllp", f"127.0.0.1:{server.ports['feed']}", "--fhir", f"{web}/fhir/R4"]
    command = [sys.executable, "-m", "gateway", "replay", *map(str, files), *targets]
    done = subprocess.run(
        [*command, "--soap", f"{web}/soap", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    results = json.loads(done.stdout)["results"]
    return [
        f"{Path(each['file']).name}: {each['code']} {each['problem']}" for each in results if not each["good"]
    ]


def _causes(log: Path) -> dict[str, list[str]]:
    """By message id."""
    causes: dict[str, list[str]] = defaultdict(list)
    for line in log.read_text().splitlines():
        event = json.loads(line) if line.startswith("{") else {}
        if event.get("event") == "attempt_failed":
            causes[event["id"]].append(event["cause"])
    return causes


def _wait(reader: StoreReader) -> None:
    """Until the summaries of events are made, too."""
    ends_at = time.monotonic() + _PATIENCE_S
    while time.monotonic() < ends_at:
        if not any(each.work in _UNDER_WAY for each in reader.list(MessageFilter(limit=1000))):
            return
        time.sleep(0.5)
    raise TimeoutError(f"summaries are still missing after {_PATIENCE_S} s")
