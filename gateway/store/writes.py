"""What a batch of records and changes of state writes, in as few statements as it has kinds of rows."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ClauseElement,
    Select,
    String,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from gateway.audit.entries import Entry, of_progress, of_record, of_refusals, of_resend
from gateway.records import NewRecord, Progress, Refusals, Stored
from gateway.store.audit_log import AuditLog
from gateway.store.keys import KeyRing
from gateway.store.quota_table import QuotaWriter
from gateway.store.rows import (
    Row,
    content_rows,
    identifier_rows,
    message_row,
    patient_reference,
    progress_content_rows,
    progress_row,
    unpack_reply,
)
from gateway.store.tables import content, identifier, message

Write = NewRecord | Progress | Refusals

_REPLY = select(content.c.key_id, content.c.sealed).where(
    content.c.message_id == bindparam("id"), content.c.kind == "reply"
)
_PROGRESS = (
    update(message)
    .where(message.c.id == bindparam("b_id"))
    .values(
        work=func.coalesce(bindparam("b_work"), message.c.work),
        answer=func.coalesce(bindparam("b_answer"), message.c.answer),
        reply_code=func.coalesce(bindparam("b_reply_code"), message.c.reply_code),
        error_kind=func.coalesce(bindparam("b_error_kind"), message.c.error_kind),
        error_location=func.coalesce(bindparam("b_error_location"), message.c.error_location),
        backend=func.coalesce(bindparam("b_backend"), message.c.backend),
        duplicate_key=case(
            (bindparam("b_frees") == literal_column("1"), null()), else_=message.c.duplicate_key
        ),
        changed_at=bindparam("b_changed_at"),
    )
)
_REPLACE = insert(content).prefix_with("OR REPLACE")  # a later reply takes the place of the first


class DriverStatement:
    """A statement of Core's, compiled once and handed to SQLite's driver with its rows.

    SQLAlchemy's own way round costs twenty microseconds a row, twice what SQLite takes.
    """

    def __init__(self, statement: ClauseElement, connection: Connection) -> None:
        compiled = statement.compile(dialect=connection.dialect)
        self._text = str(compiled)
        self._names = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
        self._driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]

    def insert(self, rows: Sequence[Row]) -> None:
        """`rows` in the order of the table's columns."""
        if rows:
            self._driver.executemany(self._text, rows)

    def change(self, rows: Sequence[dict[str, Any]]) -> None:
        """`rows` by the names of the statement's parameters."""
        self._driver.executemany(self._text, [[row[name] for name in self._names] for row in rows])

    def find(self, parameters: Sequence[str]) -> list[Any]:
        return self._driver.execute(self._text, parameters).fetchall()


class BatchWriter:
    """Applies a batch within the transaction that `GroupCommit` began on this connection."""

    def __init__(
        self, connection: Connection, keys: KeyRing, audit: AuditLog, now: Callable[[], datetime]
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._audit = audit
        self._quotas = QuotaWriter(connection)
        self._now = now
        self._message = DriverStatement(insert(message), connection)
        self._content = DriverStatement(insert(content), connection)
        self._identifier = DriverStatement(insert(identifier), connection)
        self._progress = DriverStatement(_PROGRESS, connection)
        self._replacing = DriverStatement(_REPLACE, connection)
        self._known: dict[int, DriverStatement] = {}

    def apply(self, batch: Sequence[Write]) -> list[Stored]:
        """One `Stored` an item, in order. New records first: a change of state follows what it changes."""
        entries: list[Entry] = []
        stored = self._add([item for item in batch if isinstance(item, NewRecord)], entries)
        self._advance([item for item in batch if isinstance(item, Progress)], entries)
        entries += [of_refusals(item) for item in batch if isinstance(item, Refusals)]
        self._audit.append(entries)
        self._quotas.write(_not_duplicate(batch, stored))
        return [stored[item.message.id] if isinstance(item, NewRecord) else Stored() for item in batch]

    def _add(self, records: Sequence[NewRecord], entries: list[Entry]) -> dict[str, Stored]:
        if not records:
            return {}
        by_key, control_ids = self._sent_before(records)
        stored: dict[str, Stored] = {}
        messages: list[Row] = []
        contents: list[Row] = []
        identifiers: list[Row] = []
        for record in records:
            body_sha256 = hashlib.sha256(record.message.body).digest()
            patient = patient_reference(record, self._keys)
            earlier = by_key.get(record.duplicate_key) if record.duplicate_key else None
            if earlier is not None:
                entries.append(of_resend(record, body_sha256, patient, earlier))
                stored[record.message.id] = self._duplicate(earlier, records)
                continue
            reused = bool(record.control_id) and (record.partner, record.control_id) in control_ids
            control_ids.add((record.partner, record.control_id))
            if record.duplicate_key:
                by_key[record.duplicate_key] = record.message.id
            messages.append(message_row(record, body_sha256, reused))
            contents += content_rows(record, self._keys)
            identifiers += identifier_rows(record, self._keys)
            entries.append(of_record(record, body_sha256, patient))
            if record.ended is not None:
                entries += _told_of([record.ended])
            stored[record.message.id] = Stored(control_id_reused=reused)
        self._message.insert(messages)
        self._content.insert(contents)
        self._identifier.insert(identifiers)
        return stored

    def _sent_before(
        self, records: Sequence[NewRecord]
    ) -> tuple[dict[bytes | None, str], set[tuple[str, str]]]:
        """What is stored under the same control ids: duplicate key -> id, and (partner, control id)."""
        wanted = list({record.control_id for record in records if record.control_id})
        if not wanted:
            return {}, set()
        if len(wanted) not in self._known:
            self._known[len(wanted)] = DriverStatement(_known_among(len(wanted)), self._connection)
        rows = self._known[len(wanted)].find(wanted)
        by_key = {key: message_id for message_id, _, _, key in rows if key}
        return by_key, {(partner, control_id) for _, partner, control_id, _ in rows}

    def _duplicate(self, earlier: str, batch: Sequence[NewRecord]) -> Stored:
        for record in batch:  # the first of two in one batch is not yet written
            if record.message.id == earlier:
                return Stored(duplicate_of=earlier, reply=(record.ended or record).reply)
        row = self._connection.execute(_REPLY, {"id": earlier}).one_or_none()
        if row is None:
            return Stored(duplicate_of=earlier)
        packed = self._keys.open(row.key_id, row.sealed, earlier, "reply")
        return Stored(duplicate_of=earlier, reply=unpack_reply(packed))

    def _advance(self, changes: Sequence[Progress], entries: list[Entry]) -> None:
        if not changes:
            return
        entries += _told_of(changes)
        now = self._now()
        self._progress.change([progress_row(change, now) for change in changes])
        self._replacing.insert(
            [row for change in changes for row in progress_content_rows(change, self._keys)]
        )


def _told_of(changes: Iterable[Progress]) -> list[Entry]:
    return [entry for change in changes if (entry := of_progress(change)) is not None]


def _not_duplicate(batch: Sequence[Write], stored: Mapping[str, Stored]) -> Iterator[NewRecord | Progress]:
    """A resend holds nothing: what it asks for is under way, or done."""
    for item in batch:
        if isinstance(item, Progress):
            yield item
        if isinstance(item, NewRecord) and stored[item.message.id].duplicate_of is None:
            yield item


def _known_among(number: int) -> Select[Any]:
    """Stored messages under any of so many control ids."""
    columns = (message.c.id, message.c.partner, message.c.control_id, message.c.duplicate_key)
    places = [bindparam(f"control_id_{place}", type_=String) for place in range(number)]
    return select(*columns).where(or_(*(message.c.control_id == place for place in places)))


def size_of(write: Write) -> int:
    """Bytes, for the choice of the thread that writes it."""
    return len(write.message.body) * 2 if isinstance(write, NewRecord) else 0
