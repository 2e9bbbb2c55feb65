"""`ehr-gateway audit`: is it whole, give it out, remove what is older than its retention."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.audit.entries import Event, of_look
from gateway.audit.export import audit_event
from gateway.audit.verification import Finding
from gateway.commands.opened import opened, tells_why, who
from gateway.commands.terminal import printable
from gateway.request import Task
from gateway.settings import load
from gateway.store.audit_log import AuditReader
from gateway.store.message_store import open_reader


@tells_why
def verify(config: Path | None, data_dir: Path | None) -> int:
    """Exit code: 0 whole, 1 not."""
    reader = opened(config, data_dir, AuditReader)
    if reader is None:
        return os.EX_NOINPUT
    wrong = 0

    def found(finding: Finding) -> None:
        nonlocal wrong
        wrong += 1
        print(finding)

    seen = reader.verify(found)
    print(f"{seen.entries} entries{f', {seen.first} to {seen.last}' if seen.entries else ''}")
    if seen.newest is not None:
        newest = seen.newest
        print(f"{seen.checkpoints} checkpoints, the last of entry {newest.number} at {newest.at}")
    print(f"verified by the public key {reader.public_key.hex()}")
    print("whole" if not wrong else f"NOT WHOLE: {wrong} findings")
    return os.EX_OK if not wrong else 1


@tells_why
def export(config: Path | None, data_dir: Path | None, since: datetime | None) -> int:
    """FHIR AuditEvent resources on standard output, one a line (NDJSON)."""
    reader = opened(config, data_dir, AuditReader)
    if reader is None:
        return os.EX_NOINPUT
    name = load(config)[0].gateway.name if config else "EHR-GATEWAY"
    reader.look(of_look(who(), "audit export"))
    for row in reader.entries(since):
        print(json.dumps(audit_event(row, name), ensure_ascii=False))
    return os.EX_OK


@tells_why
def breakglass(config: Path | None, data_dir: Path | None, since: datetime | None) -> int:
    """One line for each request, granted or not, oldest first. The reason stands with the message, not in
    the audit."""
    reader = opened(config, data_dir, AuditReader)
    store = opened(config, data_dir, open_reader)
    if reader is None or store is None:
        return os.EX_NOINPUT
    reader.look(of_look(who(), "audit breakglass"))
    count = 0
    for row in reader.entries(since):
        entry = json.loads(row.entry)
        if not entry.get("break_glass"):
            continue
        if entry["event"] == Event.REFUSALS:
            count += entry["break_glass_count"]
            print(
                f"{entry['first_at'][:19]}Z to {entry['last_at'][:19]}Z {entry['break_glass_count']} more"
                f" by {entry['partner']}: {entry['error']}"
            )
            continue
        count += 1
        task = store.task(entry["message"])
        caller = " ".join(entry[name] for name in ("partner", "authentication", "subject") if name in entry)
        caller = caller or f"somebody at {entry.get('peer', '')}"
        print(
            f"{datetime.fromtimestamp(row.at, UTC):%Y-%m-%d %H:%M:%S}Z message {entry['message']} by {caller}"
            f" for {', '.join(entry.get('purpose_of_use', ())) or 'no purpose'}:"
            f" {entry.get('error') or 'permitted'}{_asked_by(task)}; reason: {_reason(task)}"
        )
    print(f"{count} requests")
    return os.EX_OK


def _asked_by(task: Task | None) -> str:
    return f"; asked by {printable(task.break_glass_by)}" if task and task.break_glass_by else ""


def _reason(task: Task | None) -> str:
    if task is None:  # of a stranger's message nothing is kept
        return "not kept"
    return printable(task.break_glass) or "none given"


@tells_why
def prune(config: Path | None, data_dir: Path | None, older_than_days: int) -> int:
    """Six years is what 45 CFR 164.316(b)(2)(i) asks for documentation; whether for logs, HHS never said."""
    reader = opened(config, data_dir, AuditReader)
    if reader is None:
        return os.EX_NOINPUT
    before = datetime.now(UTC) - timedelta(days=older_than_days)
    removed = reader.prune(before, who())
    print(f"{removed} entries from before {before:%Y-%m-%d} removed")
    return os.EX_OK
