"""What is written down of each decision, disclosure, outcome and look. Never content, never an identifier:
the patient is a keyed hash, what came and what went are SHA-256 digests (45 CFR 164.312(b))."""

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from gateway.records import (
    AnswerState,
    BreakGlass,
    Destination,
    NamedConsent,
    NewRecord,
    Progress,
    Refusals,
    Work,
)
from gateway.summary import REGION_MISMATCH, Answer, Usage

Entry = Mapping[str, Any]
"""Of JSON's types; its keys are the fields below and stand in the published export."""


class Event(StrEnum):
    START = "start"
    """The store was opened for writing: entries of what follows are complete from here on."""
    DECISION = "decision"
    """A message came, and policy said what may become of it; or it was refused before that."""
    REFUSALS = "refusals"
    """More decisions of one kind than are written one by one: refused by the same limit or quota."""
    DISPATCH = "dispatch"
    """A backend outside this process is about to be given the content."""
    OUTCOME = "outcome"
    RETURN = "return"
    """A summary reached its partner on a connection of our own, or could not."""
    LOOK = "look"
    """Somebody opened a stored message, or searched by a patient's number."""
    CONNECTIONS = "connections"
    """Connections that ended in their TLS handshake, before any message."""
    KEY = "key"
    """An API key was issued or revoked."""
    DELETION = "deletion"
    """Older entries were removed at the end of their retention."""


_OF_THE_FIRST = ("work", "to", "reply")
"""Of a resend nothing becomes but its answer."""
_ENDED = (Work.SUMMARIZED, Work.FAILED, Work.INTERRUPTED)
_RETURNED = (AnswerState.ACKNOWLEDGED, AnswerState.UNDELIVERABLE)


def of_record(record: NewRecord, body_sha256: bytes, patient: str) -> Entry:
    """`patient`: keyed hash of the first identifier, hexadecimal; empty where nobody is named.

    `summary_of`, of a query: the message whose summary was found, shown or, with an error, kept back.
    """
    message = record.message
    task = record.request.task if record.request else record.task
    return _said(
        event=Event.DECISION,
        message=message.id,
        received_at=message.received_at.isoformat(),
        protocol=message.protocol.value,
        listener=message.listener,
        peer=message.peer,
        partner=record.partner,
        authentication=record.authentication,
        subject=record.subject,
        type=record.message_type,
        purpose_of_use=task.purpose_of_use if task else (),
        consent=record.consent,
        consents=_named(record.consents),
        break_glass=record.break_glass.value,
        patient=patient,
        summary_of=record.looked_up.id if record.looked_up else "",
        rules=record.rules,
        revision=record.policy_revision,
        to=_terms(record.destinations),
        operation_version=record.operation_version,
        work=record.work.value,
        reply=record.reply.code if record.reply else "",
        error=record.error.kind.value if record.error else "",
        limit=record.error.limit if record.error else "",
        input_sha256=body_sha256.hex(),
        input_bytes=len(message.body),
    )


def of_resend(record: NewRecord, body_sha256: bytes, patient: str, first: str) -> Entry:
    """Of what came before as message `first`, and is answered as that was: nothing is kept or sent of it."""
    said = of_record(record, body_sha256, patient)
    return {name: value for name, value in said.items() if name not in _OF_THE_FIRST} | {"resend_of": first}


def of_progress(progress: Progress) -> Entry | None:
    """None where nothing happened that anybody would ask for."""
    if progress.answer in _RETURNED:
        return _said(event=Event.RETURN, message=progress.message_id, answer=progress.answer.value)
    if progress.work is Work.WORKING:
        return _said(event=Event.DISPATCH, message=progress.message_id, to=_terms(progress.destinations))
    if progress.work not in _ENDED:
        return None
    return _said(
        event=Event.OUTCOME,
        message=progress.message_id,
        work=progress.work.value,
        reply=progress.reply.code if progress.reply else "",
        error=progress.error.kind.value if progress.error else "",
        shown_to=progress.shown_to,
        **_made(progress.result),
        usage=_counted(progress.result.summary.usage if progress.result else progress.usage),
    )


def of_refusals(refusals: Refusals) -> Entry:
    return _said(
        event=Event.REFUSALS,
        partner=refusals.partner,
        error=refusals.kind.value,
        limit=refusals.limit,
        count=refusals.count,
        first_at=refusals.first_at.isoformat(),
        last_at=refusals.last_at.isoformat(),
        callers=dict(refusals.callers),
        break_glass=BreakGlass.ATTEMPTED.value if refusals.break_glass else "",
        break_glass_count=refusals.break_glass,
    )


def of_start() -> Entry:
    return _said(event=Event.START)


def of_look(user: str, what: str, message_id: str = "", patient: str = "") -> Entry:
    """`user` of the operating system; `what`: `messages show`, `messages list`."""
    return _said(event=Event.LOOK, user=user, what=what, message=message_id, patient=patient)


def of_connections(listener: str, peer: str, why: str, count: int) -> Entry:
    """`why` in OpenSSL's words: `certificate verify failed`, `unsupported protocol`."""
    return _said(event=Event.CONNECTIONS, listener=listener, peer=peer, error=why, count=count)


def of_key(user: str, what: str, key: str, partner: str) -> Entry:
    """`what`: `keys new`, `keys revoke`; `key`: its id."""
    return _said(event=Event.KEY, user=user, what=what, key=key, for_partner=partner)


def of_deletion(user: str, through: int, mac: bytes, count: int) -> Entry:
    """`through`: the last number removed, with its seal, on which the chain goes on."""
    return _said(event=Event.DELETION, user=user, through=through, mac=mac.hex(), count=count)


def _named(consents: Sequence[NamedConsent]) -> list[dict[str, str]]:
    return [{"reference": each.reference, "sha256": each.sha256} for each in consents]


def _terms(destinations: Sequence[Destination]) -> list[dict[str, Any]]:
    """Where content may go, and under which agreement: without the file of that day."""
    return [
        {
            "backend": each.backend,
            "on_premises": each.on_premises,
            "region": each.region,
            "baa_expires": each.baa_expires.isoformat() if each.baa_expires else None,
            "retention_days": each.retention_days,
        }
        for each in destinations
    ]


def _made(answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {}
    summary = answer.summary
    return {
        "rules": answer.rules,
        "revision": answer.policy_revision,
        "operation_version": answer.operation_version,
        "backend": summary.backend,
        "model_asked": summary.model_asked,
        "model_served": summary.model_served,
        "region": summary.region,
        "region_mismatch": any(caution.code == REGION_MISMATCH for caution in summary.warnings),
        "deidentified": answer.deidentified.level if answer.deidentified else "",
        "redactions": {each.category: each.replaced for each in answer.redactions},
        "output_sha256": hashlib.sha256(summary.text.encode("utf-8", "replace")).hexdigest(),
    }


def _counted(usage: Usage | None) -> dict[str, int]:
    if usage is None or not usage.calls:
        return {}
    return {
        "calls": usage.calls,
        "possibly_paid": usage.calls_possibly_paid,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
    }


def _said(**fields: Any) -> Entry:
    return {name: value for name, value in fields.items() if value}
