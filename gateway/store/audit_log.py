"""The audit in the database: written within the transaction of what it tells of, so that neither is there
without the other; checkpoints beside the database; looks of people, who are other processes."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, delete, func, select

from gateway.audit.chain import Checkpoint, Finding, Head, Sealed, Signer, findings, is_genuine, sealed
from gateway.audit.entries import Entry, Event, of_deletion
from gateway.store.database import database_path, open_engine
from gateway.store.key_table import reading_keys
from gateway.store.keys import MasterKeys
from gateway.store.tables import audit, message

CHECKPOINTS_FILE = "audit.checkpoints"
_CHECKPOINT_EVERY = 1000
_CHECKPOINT_EVERY_S = 60.0

_HEAD = "SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1"
_INSERT = "INSERT INTO audit (number, at, entry, mac) VALUES (?, ?, ?, ?)"


class AuditLog:
    """Appends, within a transaction that the caller began on the same connection."""

    def __init__(
        self, connection: Connection, key: bytes, data_dir: Path, now: Callable[[], datetime]
    ) -> None:
        self._driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
        self._key = key
        self._now = now
        self._signer = Signer(key)
        self._file = data_dir / CHECKPOINTS_FILE
        self._checked = Head()
        self._checked_at = 0.0

    def append(self, entries: Iterable[Entry]) -> None:
        # Read anew each time: a person's look may have been written between two batches.
        head = self._head()
        at = self._now().timestamp()
        self._checkpoint(head, at)
        rows = []
        for entry in entries:
            row = sealed(self._key, head, at, entry)
            head = Head(row.number, row.mac)
            rows.append((row.number, row.at, row.entry.decode(), row.mac))
        self._driver.executemany(_INSERT, rows)

    def close(self) -> None:
        """Signs the last entry."""
        self._write_checkpoint(self._head())

    def _head(self) -> Head:
        row = self._driver.execute(_HEAD).fetchone()
        return Head() if row is None else Head(*row)

    def _checkpoint(self, head: Head, at: float) -> None:
        """Of what is committed: the head before this batch."""
        is_due = head.number - self._checked.number >= _CHECKPOINT_EVERY
        if is_due or at - self._checked_at >= _CHECKPOINT_EVERY_S:
            self._checked_at = at
            self._write_checkpoint(head)

    def _write_checkpoint(self, head: Head) -> None:
        if head.number <= self._checked.number:
            return
        self._checked = head
        checkpoint = self._signer.checkpoint(head, self._now().isoformat(timespec="seconds"))
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(json.dumps(asdict(checkpoint)) + "\n")
            file.flush()
            os.fsync(file.fileno())


class AuditReader:
    """For the commands `audit` and `messages`, beside a running gateway or after. Blocking.

    Raises `FileNotFoundError` where there is no store, `GatewayError` for a key that does not open it.
    """

    def __init__(self, data_dir: Path) -> None:
        path = database_path(data_dir)
        if not path.exists():
            raise FileNotFoundError(path)
        self._data_dir = data_dir
        self._connection = open_engine(path).connect()
        keys = reading_keys(self._connection, MasterKeys.load(data_dir, os.environ))
        self._key = keys.audit_key

    @property
    def public_key(self) -> bytes:
        return Signer(self._key).public_key

    def entries(self, since: datetime | None = None) -> Iterator[Sealed]:
        chosen = select(audit).order_by(audit.c.number)
        if since is not None:
            chosen = chosen.where(audit.c.at >= since.timestamp())
        for row in self._connection.execute(chosen.execution_options(yield_per=1000)):
            yield Sealed(row.number, row.at, row.entry.encode(), row.mac)

    def verify(self) -> list[Finding]:
        """Everything that is not as it was written; empty when all is."""
        wrong: list[Finding] = []
        genuine: list[Checkpoint] = []
        for place, checkpoint in enumerate(self.checkpoints(), 1):
            if is_genuine(checkpoint, self.public_key):
                genuine.append(checkpoint)
            else:
                wrong.append(
                    Finding(checkpoint.number, f"checkpoint in line {place} is not ours or was changed")
                )
        return [
            *wrong,
            *findings(self._key, self.entries(), genuine, self._pruned()),
            *self._untold_messages(),
        ]

    def checkpoints(self) -> list[Checkpoint]:
        file = self._data_dir / CHECKPOINTS_FILE
        lines = file.read_text().splitlines() if file.exists() else []
        return [Checkpoint(**json.loads(line)) for line in lines if line]

    def look(self, entry: Entry) -> None:
        """Written before anything is shown."""
        self.note([entry])

    def note(self, entries: Sequence[Entry]) -> None:
        self._in_transaction(lambda log: log.append(entries))

    def prune(self, before: datetime, user: str) -> int:
        """Remove what is older, and say so in the audit itself. Returns how many."""
        chosen = select(audit).where(audit.c.at < before.timestamp()).order_by(audit.c.number.desc()).limit(1)
        last = self._connection.execute(chosen).one_or_none()
        self._connection.rollback()
        if last is None:
            return 0
        gone = audit.c.number <= last.number
        count: int = self._connection.execute(select(func.count()).where(gone)).scalar_one()
        self._connection.rollback()

        def remove(log: AuditLog) -> None:
            log.append([of_deletion(user, last.number, last.mac, count)])
            self._connection.execute(delete(audit).where(gone))

        self._in_transaction(remove)
        return count

    def _in_transaction(self, work: Callable[[AuditLog], None]) -> None:
        self._connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            work(AuditLog(self._connection, self._key, self._data_dir, lambda: datetime.now(UTC)))
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise

    def _untold_messages(self) -> Iterator[Finding]:
        """Messages of the time that the audit covers, and no entry of them."""
        told: set[str] = set()
        begins_at = 0.0
        for row in self.entries():
            begins_at = begins_at or row.at
            entry = json.loads(row.entry)
            if entry["event"] == Event.DECISION:
                told.add(entry["message"])
        chosen = select(message.c.id).where(message.c.received_at > begins_at).order_by(message.c.id)
        for message_id in self._connection.execute(chosen).scalars():
            if message_id not in told:
                yield Finding(0, f"there is none of message {message_id}")

    def _pruned(self) -> dict[int, bytes]:
        """What deletions say: the last number removed -> its seal."""
        marker = f'%"event":"{Event.DELETION}"%'
        rows = self._connection.execute(select(audit.c.entry).where(audit.c.entry.like(marker))).scalars()
        told = [json.loads(entry) for entry in rows]
        return {each["through"]: bytes.fromhex(each["mac"]) for each in told}
