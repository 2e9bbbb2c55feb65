"""Look-ups: the latest summary of a patient, what is unfinished, and what people list and open."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.engine import Connection

from gateway.clinical import Caution, Identifier, are_different_people, authority
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Reply
from gateway.records import AnswerState, Found, Unfinished, Work
from gateway.request import SummarizationRequest, SummaryQuery, Task
from gateway.store.keys import KeyRing
from gateway.store.rows import unpack_answer, unpack_reply, unpack_request, unpack_task, unpack_usage
from gateway.store.tables import content, identifier, message
from gateway.summary import Answer, Usage

_MOST_CANDIDATES = 50
_AT_A_TIME = 500

_PAST = Caution(
    code="newer-not-summarized",
    text="A newer message about this patient has no summary: what is said here may be past",
)


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """One line of `messages list`."""

    id: str
    received_at: datetime
    protocol: str
    listener: str
    partner: str
    message_type: str
    version: str
    control_id: str
    control_id_reused: bool
    size: int
    work: str
    answer: str
    reply_code: str
    error_kind: str
    error_location: str
    rules: str
    policy_revision: str
    backend: str
    authentication: str


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """What `messages list` looks for; empty fields match everything."""

    partner: str = ""
    control_id: str = ""
    work: str = ""
    mrn: str = ""
    visit: str = ""
    limit: int = 50


class StoreReader:
    """Reads on a connection of its own. Blocking: run it off the event loop."""

    def __init__(self, connection: Connection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    def content(self, message_id: str, kind: str) -> bytes | None:
        """One opened part of a message: `body`, `request`, `result`, `reply` or `error`."""
        row = self._connection.execute(
            select(content.c.key_id, content.c.sealed).where(
                content.c.message_id == message_id, content.c.kind == kind
            )
        ).one_or_none()
        self._connection.rollback()  # ends the read, so that the log behind it can be checkpointed
        return None if row is None else self._keys.open(row.key_id, row.sealed, message_id, kind)

    def request(self, message_id: str) -> SummarizationRequest | None:
        packed = self.content(message_id, "request")
        return None if packed is None else unpack_request(packed)

    def task(self, message_id: str) -> Task | None:
        """For what a message or a query asked."""
        request = self.request(message_id)
        packed = self.content(message_id, "task") if request is None else None
        return request.task if request else None if packed is None else unpack_task(packed)

    def answer(self, message_id: str) -> Answer | None:
        request, result = self.content(message_id, "request"), self.content(message_id, "result")
        return None if request is None or result is None else unpack_answer(request, result)

    def answer_when_ready(self, message_id: str, timeout_s: float = 10) -> Answer | None:
        """The answer to a message that a running gateway is still working on."""
        ends_at = time.monotonic() + timeout_s
        while (answer := self.answer(message_id)) is None and time.monotonic() < ends_at:
            listed = self.one(message_id)
            if listed is None or listed.work not in (Work.ACCEPTED, Work.WORKING, Work.SUMMARIZED):
                return None
            time.sleep(0.02)
        return answer

    def reply(self, message_id: str) -> Reply | None:
        packed = self.content(message_id, "reply")
        return None if packed is None else unpack_reply(packed)

    def usage(self, message_id: str) -> Usage | None:
        packed = self.content(message_id, "usage")
        return None if packed is None else unpack_usage(packed)

    def find(self, partner: str, query: SummaryQuery) -> Found:
        """The newest summary that this partner caused for the patient or visit.

        Raises `SEVERAL_PATIENTS` when the number alone does not tell whose it is.
        """
        keys = [self._keys.lookup("mrn", value) for value, _ in query.patient]
        keys += [self._keys.lookup("visit", value) for value, _ in query.visit]
        rows = self._connection.execute(
            select(message.c.id, message.c.work)
            .join(identifier, identifier.c.message_id == message.c.id)
            .where(
                identifier.c.key.in_(keys),
                message.c.partner == partner,
                message.c.work.in_((Work.SUMMARIZED, Work.ACCEPTED, Work.WORKING)),
            )
            .distinct()
            .order_by(message.c.id.desc())
            .limit(_MOST_CANDIDATES)
        ).all()
        self._connection.rollback()
        pending = tuple(row.id for row in rows if row.work != Work.SUMMARIZED)
        summarized = iter([row.id for row in rows if row.work == Work.SUMMARIZED])
        for message_id in summarized:
            answer = self.answer(message_id)
            if answer is not None and _is_about(answer.request, query):
                if not _names_its_authority(answer.request, query):
                    self._check_one_person(answer.request, query, summarized)
                if self._has_newer(partner, keys, query, message_id):
                    told = replace(answer.summary, warnings=(*answer.summary.warnings, _PAST))
                    answer = replace(answer, summary=told)
                return Found(answer, pending)
        return Found(None, pending)

    def _has_newer(self, partner: str, keys: Sequence[bytes], query: SummaryQuery, than: str) -> bool:
        """A message about the same patient was accepted since, and has no summary."""
        rows = self._connection.execute(
            select(message.c.id)
            .join(identifier, identifier.c.message_id == message.c.id)
            .where(
                identifier.c.key.in_(keys),
                message.c.partner == partner,
                message.c.work.in_((Work.ACCEPTED, Work.WORKING, Work.FAILED, Work.INTERRUPTED)),
                message.c.id > than,
            )
            .distinct()
            .limit(_MOST_CANDIDATES)
        ).all()
        self._connection.rollback()
        requests = (self.request(row.id) for row in rows)
        return any(request is not None and _is_about(request, query) for request in requests)

    def _check_one_person(
        self, found: SummarizationRequest, query: SummaryQuery, others: Iterable[str]
    ) -> None:
        """A number without its authority may be that of several people: none of them is told of then.

        Raises `SEVERAL_PATIENTS`.
        """
        for message_id in others:
            request = self.request(message_id)
            if request is not None and _is_about(request, query):
                _refuse_another_person(found, request, query)

    def unfinished(self) -> list[Unfinished]:
        """In the order in which they came."""
        rows = self._connection.execute(
            select(message)
            .where(
                or_(
                    message.c.work.in_((Work.ACCEPTED, Work.WORKING)),
                    message.c.answer.in_((AnswerState.OWED, AnswerState.SENT)),
                )
            )
            .order_by(message.c.id)
        ).all()
        self._connection.rollback()
        return [
            Unfinished(
                message_id=row.id,
                partner=row.partner,
                work=Work(row.work),
                answer=AnswerState(row.answer),
                message_type=row.message_type,
                received_at=datetime.fromtimestamp(row.received_at, UTC),
            )
            for row in rows
        ]

    def list(self, wanted: MessageFilter) -> list[ListedMessage]:
        """The newest first."""
        rows = self._connection.execute(self._selection(wanted)).all()
        self._connection.rollback()
        return [_listed(row) for row in rows]

    def since(self, begin: datetime) -> Iterator[ListedMessage]:
        """Received then or later, in that order, without holding them all."""
        begin_at, last = begin.timestamp(), ""
        while True:
            rows = self._connection.execute(
                select(message)
                .where(message.c.received_at >= begin_at, message.c.id > last)
                .order_by(message.c.id)
                .limit(_AT_A_TIME)
            ).all()
            self._connection.rollback()
            yield from map(_listed, rows)
            if len(rows) < _AT_A_TIME:
                return
            last = rows[-1].id

    def one(self, message_id: str) -> ListedMessage | None:
        row = self._connection.execute(select(message).where(message.c.id == message_id)).one_or_none()
        self._connection.rollback()
        return None if row is None else _listed(row)

    def patient_reference(self, wanted: MessageFilter) -> str:
        """How the audit names the patient that is looked for."""
        if wanted.mrn:
            return self._keys.lookup("mrn", wanted.mrn).hex()
        return self._keys.lookup("visit", wanted.visit).hex() if wanted.visit else ""

    def _selection(self, wanted: MessageFilter) -> Select[tuple[object, ...]]:
        chosen = select(message).order_by(message.c.id.desc()).limit(wanted.limit)
        if wanted.partner:
            chosen = chosen.where(message.c.partner == wanted.partner)
        if wanted.control_id:
            chosen = chosen.where(message.c.control_id == wanted.control_id)
        if wanted.work:
            chosen = chosen.where(message.c.work == wanted.work)
        for kind, value in (("mrn", wanted.mrn), ("visit", wanted.visit)):
            if value:
                key = self._keys.lookup(kind, value)
                chosen = chosen.where(
                    message.c.id.in_(select(identifier.c.message_id).where(identifier.c.key == key))
                )
        return chosen


def _listed(row: object) -> ListedMessage:
    fields = {name: getattr(row, name) for name in ListedMessage.__slots__}
    fields["received_at"] = datetime.fromtimestamp(fields["received_at"], UTC)
    fields["control_id_reused"] = bool(fields["control_id_reused"])
    return ListedMessage(**fields)


def _is_about(request: SummarizationRequest, query: SummaryQuery) -> bool:
    """The hashed look-up knows values only; the same number of another authority is another patient."""
    visits = request.encounter.visit_numbers if request.encounter else ()
    return _matches(request.patient.identifiers, query.patient) or _matches(visits, query.visit)


def _names_its_authority(request: SummarizationRequest, query: SummaryQuery) -> bool:
    """The query and the message name the same authority for a number of the patient or visit."""
    visits = request.encounter.visit_numbers if request.encounter else ()
    certain = [(value, system) for value, system in (*query.patient, *query.visit) if system]
    return _matches([one for one in (*request.patient.identifiers, *visits) if one.system], certain)


def _refuse_another_person(
    found: SummarizationRequest, other: SummarizationRequest, query: SummaryQuery
) -> None:
    systems = [_authorities(request, query) for request in (found, other)]
    born = [request.patient.birth_date for request in (found, other)]
    is_another_number = (
        all(systems) and systems[0].isdisjoint(systems[1]) and (born[0] != born[1] or not born[0])
    )
    if is_another_number or are_different_people(found.patient, other.patient):
        raise GatewayError(
            ErrorKind.SEVERAL_PATIENTS,
            "a number without its authority is held by several people",
            public="More than one patient has this number: name its assigning authority",
        )


def _authorities(request: SummarizationRequest, query: SummaryQuery) -> frozenset[str]:
    """Those of the numbers of the message that the query asks for."""
    visits = request.encounter.visit_numbers if request.encounter else ()
    asked = {_folded(value) for value, _ in (*query.patient, *query.visit)}
    return frozenset(
        authority(one.system)
        for one in (*request.patient.identifiers, *visits)
        if one.system and _folded(one.value) in asked
    )


def _matches(held: Sequence[Identifier], wanted: Sequence[tuple[str, str]]) -> bool:
    return any(
        _folded(one.value) == _folded(value)
        and (not system or not one.system or authority(one.system) == authority(system))
        for one in held
        for value, system in wanted
    )


def _folded(value: str) -> str:
    return "".join(value.split()).upper()
