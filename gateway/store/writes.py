"""What a batch of records and changes of state writes, in as few statements as it has kinds of rows."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Table, bindparam, case, delete, func, insert, null, select, update
from sqlalchemy.engine import Connection

from gateway.records import NewRecord, Progress, Stored
from gateway.store.keys import KeyRing
from gateway.store.rows import (
    Row,
    content_rows,
    identifier_rows,
    message_row,
    progress_content_rows,
    progress_row,
    unpack_reply,
)
from gateway.store.tables import content, identifier, message

Write = NewRecord | Progress

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
        duplicate_key=case((bindparam("b_frees") == 1, null()), else_=message.c.duplicate_key),
        changed_at=bindparam("b_changed_at"),
    )
)
_FORGET = delete(content).where(
    content.c.message_id == bindparam("b_id"), content.c.kind == bindparam("b_kind")
)


class BatchWriter:
    """Applies a batch within the caller's transaction."""

    def __init__(self, keys: KeyRing, now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._now = now
        self._inserts: dict[Table, str] = {}
        self._known_sqls: dict[int, str] = {}

    def apply(self, connection: Connection, batch: Sequence[Write]) -> list[Stored]:
        """One `Stored` an item, in order. New records first: a change of state follows what it changes."""
        stored = self._add(connection, [item for item in batch if isinstance(item, NewRecord)])
        self._advance(connection, [item for item in batch if isinstance(item, Progress)])
        return [stored[item.message.id] if isinstance(item, NewRecord) else Stored() for item in batch]

    def _add(self, connection: Connection, records: Sequence[NewRecord]) -> dict[str, Stored]:
        if not records:
            return {}
        by_key, control_ids = self._known(connection, records)
        stored: dict[str, Stored] = {}
        messages: list[Row] = []
        contents: list[Row] = []
        identifiers: list[Row] = []
        for record in records:
            earlier = by_key.get(record.duplicate_key) if record.duplicate_key else None
            if earlier is not None:
                stored[record.message.id] = self._duplicate(connection, earlier, records)
                continue
            reused = bool(record.control_id) and (record.partner, record.control_id) in control_ids
            control_ids.add((record.partner, record.control_id))
            if record.duplicate_key:
                by_key[record.duplicate_key] = record.message.id
            messages.append(message_row(record, reused))
            contents += content_rows(record, self._keys)
            identifiers += identifier_rows(record, self._keys)
            stored[record.message.id] = Stored(control_id_reused=reused)
        self._insert(connection, message, messages)
        self._insert(connection, content, contents)
        self._insert(connection, identifier, identifiers)
        return stored

    def _known(
        self, connection: Connection, records: Sequence[NewRecord]
    ) -> tuple[dict[bytes | None, str], set[tuple[str, str]]]:
        wanted = tuple({record.control_id for record in records if record.control_id})
        if not wanted:
            return {}, set()
        rows = _driver(connection).execute(self._known_sql(connection, len(wanted)), wanted).fetchall()
        by_key = {key: message_id for message_id, _, _, key in rows if key}
        return by_key, {(partner, control_id) for _, partner, control_id, _ in rows}

    def _known_sql(self, connection: Connection, number: int) -> str:
        """Compiled once for each size of batch."""
        if number not in self._known_sqls:
            chosen = select(
                message.c.id, message.c.partner, message.c.control_id, message.c.duplicate_key
            ).where(message.c.control_id.in_([str(place) for place in range(number)]))
            options = {"render_postcompile": True}
            self._known_sqls[number] = str(chosen.compile(dialect=connection.dialect, compile_kwargs=options))
        return self._known_sqls[number]

    def _duplicate(self, connection: Connection, earlier: str, batch: Sequence[NewRecord]) -> Stored:
        for record in batch:  # the first of two in one batch is not yet written
            if record.message.id == earlier:
                return Stored(duplicate_of=earlier, reply=record.reply)
        row = connection.execute(_REPLY, {"id": earlier}).one_or_none()
        if row is None:
            return Stored(duplicate_of=earlier)
        packed = self._keys.open(row.key_id, row.sealed, earlier, "reply")
        return Stored(duplicate_of=earlier, reply=unpack_reply(packed))

    def _advance(self, connection: Connection, changes: Sequence[Progress]) -> None:
        if not changes:
            return
        now = self._now()
        connection.execute(_PROGRESS, [progress_row(change, now) for change in changes])
        contents = [row for change in changes for row in progress_content_rows(change, self._keys)]
        if contents:
            outdated = [{"b_id": message_id, "b_kind": kind} for message_id, kind, *_ in contents]
            connection.execute(_FORGET, outdated)
            self._insert(connection, content, contents)

    def _insert(self, connection: Connection, table: Table, rows: list[Row]) -> None:
        # The statement is Core's, compiled once; handing the driver its rows directly halves the time that
        # a row takes.
        if not rows:
            return
        if table not in self._inserts:
            self._inserts[table] = str(insert(table).compile(dialect=connection.dialect))
        _driver(connection).executemany(self._inserts[table], rows)


def _driver(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection, within the transaction that `GroupCommit` began."""
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    return driver


def size_of(write: Write) -> int:
    """Bytes, for the choice of the thread that writes it."""
    return len(write.message.body) * 2 if isinstance(write, NewRecord) else 0
