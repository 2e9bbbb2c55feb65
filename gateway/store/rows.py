"""Records as rows and back: what is sealed, what is hashed for look-up, and what stays readable."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson
from pydantic import TypeAdapter

from gateway.clinical import Identifier
from gateway.messages import Reply
from gateway.records import NewRecord, Progress
from gateway.request import SummarizationRequest, Task
from gateway.store.keys import KeyRing
from gateway.summary import Answer, Deidentification, Notice, NoticeCode, Redaction, Summary, Usage

Row = tuple[Any, ...]
"""In the order of its table's columns."""

_REQUEST: TypeAdapter[SummarizationRequest] = TypeAdapter(SummarizationRequest)
_SUMMARY: TypeAdapter[Summary] = TypeAdapter(Summary)
_TASK: TypeAdapter[Task] = TypeAdapter(Task)


def message_row(record: NewRecord, body_sha256: bytes, control_id_reused: bool) -> Row:
    """As it is, or as it has ended since."""
    message, ended = record.message, record.ended
    error = ended.error if ended else record.error
    reply = ended.reply if ended and ended.reply else record.reply
    work = ended.work if ended and ended.work else record.work
    received_at = message.received_at.timestamp()
    return (
        message.id,
        message.protocol.value,
        message.listener,
        message.peer,
        record.partner,
        record.message_type,
        record.version,
        record.control_id,
        received_at,
        len(message.body),
        body_sha256,
        record.duplicate_key,
        int(control_id_reused),
        work.value,
        record.answer.value,
        reply.code if reply else "",
        error.kind.value if error else "",
        error.location if error else "",
        " ".join(record.rules),
        record.policy_revision,
        ended.result.summary.backend if ended and ended.result else "",
        ended.result.generated_at.timestamp() if ended and ended.result else received_at,  # changed_at
        record.authentication,
    )


def content_rows(record: NewRecord, keys: KeyRing) -> list[Row]:
    """The sealed parts of a new record. Of a stranger's message nothing but its hash is kept, nor of one
    that came too often: whoever sends on regardless would fill the disk."""
    parts: dict[str, bytes] = {}
    is_too_often = record.error is not None and record.error.kind.is_too_much
    if record.partner and not is_too_often:
        parts["body"] = record.message.body
    if record.request is not None and not is_too_often:
        parts["request"] = orjson.dumps(record.request)
    if record.task is not None:
        parts["task"] = orjson.dumps(record.task)
    if record.reply is not None:
        parts["reply"] = pack_reply(record.reply)
    if record.error is not None and record.error.detail:
        parts["error"] = record.error.detail.encode("utf-8", "replace")
    if record.ended is not None:
        parts |= _parts(record.ended)
    return _sealed(record.message.id, parts, keys)


def progress_content_rows(progress: Progress, keys: KeyRing) -> list[Row]:
    return _sealed(progress.message_id, _parts(progress), keys)


def _parts(progress: Progress) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    if progress.result is not None:
        parts["result"] = pack_result(progress.result)
    if progress.reply is not None:
        parts["reply"] = pack_reply(progress.reply)
    if progress.error is not None and progress.error.detail:
        parts["error"] = progress.error.detail.encode("utf-8", "replace")
    if progress.usage is not None and progress.usage.calls:
        parts["usage"] = orjson.dumps(progress.usage)
    return parts


def progress_row(progress: Progress, now: datetime) -> dict[str, Any]:
    """None where a column keeps its value."""
    error = progress.error
    return {
        "b_id": progress.message_id,
        "b_work": progress.work.value if progress.work else None,
        "b_answer": progress.answer.value if progress.answer else None,
        "b_reply_code": progress.reply.code if progress.reply else None,
        "b_error_kind": error.kind.value if error else None,
        "b_error_location": error.location if error else None,
        "b_backend": progress.result.summary.backend if progress.result else None,
        "b_frees": int(progress.frees_duplicate_key),
        "b_changed_at": now.timestamp(),
    }


def identifier_rows(record: NewRecord, keys: KeyRing) -> list[Row]:
    """One row for each number by which the patient or the visit can be looked up."""
    if record.request is None:
        return []
    request = record.request
    visits: Iterable[Identifier] = request.encounter.visit_numbers if request.encounter else ()
    hashed = {keys.lookup("mrn", each.value) for each in request.patient.identifiers if each.value}
    hashed |= {keys.lookup("visit", each.value) for each in visits if each.value}
    return [(key, record.message.id) for key in hashed]


def patient_reference(record: NewRecord, keys: KeyRing) -> str:
    """How the audit names the patient: the keyed hash of the first identifier, hexadecimal.

    Of a query that of the record that was found, else of the number that was asked for.
    """
    about = record.request or record.looked_up
    number = about.patient.identifiers[0].value if about and about.patient.identifiers else record.asked_for
    return keys.lookup("mrn", number).hex() if number else ""


def _sealed(message_id: str, parts: Mapping[str, bytes], keys: KeyRing) -> list[Row]:
    return [(message_id, kind, *keys.seal(plain, message_id, kind)) for kind, plain in parts.items()]


def pack_reply(reply: Reply) -> bytes:
    """A line of JSON, then the payloads one after another."""
    head = {
        "lengths": [len(payload) for payload in (reply.body, *reply.also)],
        "status": reply.status,
        "content_type": reply.content_type,
        "headers": reply.headers,
        "positive": reply.positive,
        "code": reply.code,
    }
    return b"".join((orjson.dumps(head), b"\n", reply.body, *reply.also))


def unpack_reply(packed: bytes) -> Reply:
    head_line, _, rest = packed.partition(b"\n")
    head = orjson.loads(head_line)
    payloads = []
    for length in head["lengths"]:
        payloads.append(rest[:length])
        rest = rest[length:]
    return Reply(
        body=payloads[0],
        also=tuple(payloads[1:]),
        status=head["status"],
        content_type=head["content_type"],
        headers=tuple((name, value) for name, value in head["headers"]),
        positive=head["positive"],
        code=head["code"],
    )


def pack_result(answer: Answer) -> bytes:
    """An answer without its request, which is stored beside it."""
    return orjson.dumps(
        {
            "summary": answer.summary,
            "generated_at": answer.generated_at,
            "rules": answer.rules,
            "policy_revision": answer.policy_revision,
            "redactions": answer.redactions,
            "deidentified": answer.deidentified,
            "notices": answer.notices,
            "return_to": answer.return_to,
            "operation_version": answer.operation_version,
        }
    )


def unpack_answer(request: bytes, result: bytes) -> Answer:
    head = orjson.loads(result)
    return Answer(
        request=unpack_request(request),
        summary=_SUMMARY.validate_python(head["summary"], strict=False),
        generated_at=datetime.fromisoformat(head["generated_at"]),
        rules=tuple(head["rules"]),
        policy_revision=head["policy_revision"],
        redactions=tuple(Redaction(**each) for each in head.get("redactions", ())),
        deidentified=_deidentified(head.get("deidentified")),
        notices=tuple(
            Notice(code=NoticeCode(each["code"]), text=each["text"]) for each in head.get("notices", ())
        ),
        # absent from what an earlier version stored
        return_to=head.get("return_to", ""),
        operation_version=head.get("operation_version", ""),
    )


def _deidentified(told: dict[str, Any] | None) -> Deidentification | None:
    return Deidentification(level=told["level"], rules=tuple(told["rules"])) if told else None


def unpack_request(request: bytes) -> SummarizationRequest:
    return _REQUEST.validate_json(request)


def unpack_task(packed: bytes) -> Task:
    return _TASK.validate_json(packed)


def unpack_usage(packed: bytes) -> Usage:
    return Usage(**orjson.loads(packed))


def request_json(request: SummarizationRequest) -> bytes:
    """The published form of a request, indented for people."""
    return orjson.dumps(request, option=orjson.OPT_INDENT_2)


def request_schema() -> dict[str, Any]:
    """The published JSON Schema of a request."""
    return _REQUEST.json_schema()


def error_of(kind: str, location: str) -> str:
    """How an error is shown to people: `invalid-value at PID[1]-7`."""
    return f"{kind} at {location}" if location else kind
