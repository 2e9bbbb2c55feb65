"""`ehr-gateway messages`: look into the store, while a gateway runs on it or after. Each look is audited
before anything is shown."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.audit.entries import of_look
from gateway.commands.opened import opened, tells_why, who
from gateway.commands.summaries import print_summary
from gateway.commands.terminal import print_columns, print_text, printable
from gateway.records import AnswerState
from gateway.store.audit_log import AuditReader
from gateway.store.message_store import open_reader
from gateway.store.reads import ListedMessage, MessageFilter, StoreReader
from gateway.store.rows import error_of, request_json

_COLUMNS = ("id", "received", "partner", "type", "reply", "state", "control id")
PARTS = ("body", "request", "reply", "summary", "error")


def _stores(folder: Path) -> tuple[StoreReader, AuditReader]:
    """What is looked at, and where the look is written down."""
    return open_reader(folder), AuditReader(folder)


@tells_why
def list_messages(config: Path | None, data_dir: Path | None, wanted: MessageFilter, *, as_json: bool) -> int:
    stores = opened(config, data_dir, _stores)
    if stores is None:
        return os.EX_NOINPUT
    reader, audit = stores
    if wanted.mrn or wanted.visit:
        audit.look(of_look(who(), "messages list", patient=reader.patient_reference(wanted)))
    found = reader.list(wanted)
    if as_json:
        print(json.dumps([asdict(each) for each in found], indent=2, default=str))
        return os.EX_OK
    print_columns([_COLUMNS, *map(_cells, found)])
    return os.EX_OK


def _cells(each: ListedMessage) -> tuple[str, ...]:
    return (
        each.id,
        f"{each.received_at:%Y-%m-%d %H:%M:%S}",
        each.partner or "unknown",
        each.message_type or each.protocol,
        each.reply_code,
        _state(each),
        each.control_id + (" (reused)" if each.control_id_reused else ""),
    )


def _state(each: ListedMessage) -> str:
    """Both axes and the error: `summarized, answer owed`, `refused: unsupported-type`."""
    answer = "" if each.answer == AnswerState.NONE else f", answer {each.answer}"
    error = error_of(each.error_kind, each.error_location)
    return f"{each.work}{answer}" + (f": {error}" if error else "")


@tells_why
def show_message(
    config: Path | None, data_dir: Path | None, message_id: str, part: str, *, as_json: bool
) -> int:
    """Exit code: 65 for an id or part that is not there."""
    if part and part not in PARTS:
        print(f"there is no part {part}; there are {', '.join(PARTS)}", file=sys.stderr)
        return os.EX_USAGE
    stores = opened(config, data_dir, _stores)
    if stores is None:
        return os.EX_NOINPUT
    reader, audit = stores
    listed = reader.one(message_id)
    if listed is None:
        print(f"there is no message {message_id}", file=sys.stderr)
        return os.EX_DATAERR
    audit.look(of_look(who(), f"messages show {part}".rstrip(), message_id))
    if part:
        return _print_part(reader, message_id, part)
    if as_json:
        print(json.dumps(_everything(reader, listed), indent=2, default=str))
        return os.EX_OK
    _show(Console(), reader, listed)
    return os.EX_OK


def _print_part(reader: StoreReader, message_id: str, part: str) -> int:
    plain: bytes | None
    if part == "reply":
        reply = reader.reply(message_id)
        plain = None if reply is None else reply.body
    elif part == "summary":
        answer = reader.answer(message_id)
        plain = None if answer is None else answer.summary.text.encode()
    else:
        plain = reader.content(message_id, part)
    if plain is None:
        print(f"message {message_id} has no {part}", file=sys.stderr)
        return os.EX_DATAERR
    sys.stdout.buffer.write(plain)
    return os.EX_OK


def _everything(reader: StoreReader, listed: ListedMessage) -> dict[str, object]:
    body, error = reader.content(listed.id, "body"), reader.content(listed.id, "error")
    usage = reader.content(listed.id, "usage")
    request, answer, reply = reader.request(listed.id), reader.answer(listed.id), reader.reply(listed.id)
    return {
        **asdict(listed),
        "body": body.decode("utf-8", "replace") if body else None,
        "request": json.loads(request_json(request)) if request else None,
        "reply": reply.body.decode("utf-8", "replace") if reply else None,
        "summary": asdict(answer.summary) if answer else None,
        "usage": json.loads(usage) if usage else None,
        "operation_version": answer.operation_version if answer else None,
        "notices": [notice.text for notice in answer.notices] if answer else None,
        "redactions": [asdict(each) for each in answer.redactions] if answer else None,
        "error_detail": error.decode("utf-8", "replace") if error else None,
    }


def _show(console: Console, reader: StoreReader, listed: ListedMessage) -> None:
    facts = Table(box=None, show_header=False, pad_edge=False)
    for name, value in asdict(listed).items():
        if value not in ("", None, False):
            facts.add_row(name.replace("_", " "), escape(printable(str(value))))
    console.print(facts)
    for title, kind in (("received", "body"), ("error", "error"), ("spent until it was put aside", "usage")):
        content = reader.content(listed.id, kind)
        if content:
            _print_block(console, title, content)
    request = reader.request(listed.id)
    if request is not None:
        console.rule("normalised request", align="left")
        console.print_json(request_json(request).decode())
    reply = reader.reply(listed.id)
    if reply is not None:
        _print_block(console, f"reply {reply.code}", b"".join((reply.body, *reply.also)))
    answer = reader.answer(listed.id)
    if answer is not None:
        console.rule("summary", align="left")
        print_summary(console, answer.summary, answer.request)
        if answer.redactions:
            console.rule("identifiers, before a model read the record", align="left")
            for each in answer.redactions:
                console.print(f"{escape(each.category)}: {each.found} found, {each.replaced} replaced")


def _print_block(console: Console, title: str, content: bytes) -> None:
    console.rule(title, align="left")
    print_text(console, content.decode("utf-8", "replace"))
