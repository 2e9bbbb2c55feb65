"""The audit in the database: written within the transaction of what it tells of, so that neither is there
without the other; checkpoints beside the database; looks of people, who are other processes."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import orjson
from sqlalchemy import Connection, delete, func, select

from gateway.audit.chain import Head, Sealed, Signer, sealed
from gateway.audit.entries import Entry, Event, of_deletion
from gateway.audit.verification import Finding, Verification
from gateway.store.database import database_path, open_engine
from gateway.store.key_table import reading_keys
from gateway.store.keys import MasterKeys
from gateway.store.tables import audit

CHECKPOINTS_FILE = "audit.checkpoints"
_CHECKPOINT_EVERY = 1000
_CHECKPOINT_EVERY_S = 60.0

_HEAD = "SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1"
_ALL = "SELECT number, at, entry, mac FROM audit ORDER BY number"
_UNTOLD = "SELECT id FROM message WHERE received_at > ? AND id NOT IN (SELECT message FROM told) ORDER BY id"
_AT_A_TIME = 1000
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
        """Of what is committed: the head before this batch. Raises `OSError`, and is tried again."""
        is_due = head.number - self._checked.number >= _CHECKPOINT_EVERY
        if is_due or at - self._checked_at >= _CHECKPOINT_EVERY_S:
            self._write_checkpoint(head)
            self._checked_at = at

    def _write_checkpoint(self, head: Head) -> None:
        if head.number <= self._checked.number:
            return
        checkpoint = self._signer.checkpoint(head, self._now().isoformat(timespec="seconds"))
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            # After a power cut, or on a full disk, the last line may have no end.
            size = os.fstat(descriptor).st_size
            is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            file.write(b"\n" * is_torn + json.dumps(asdict(checkpoint)).encode() + b"\n")
            file.flush()
            os.fsync(descriptor)
        self._checked = head


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
        self._driver: sqlite3.Connection = self._connection.connection.driver_connection  # type: ignore[assignment]
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
            yield _sealed(row.number, row.at, row.entry, row.mac)

    def verify(self, found: Callable[[Finding], None]) -> Verification:
        """Tells `found` whatever is not as it was written. The entries are read once, of one moment."""
        verification = Verification(self._key, self.public_key)
        self._driver.execute("BEGIN")
        try:
            for finding in self._findings(verification):
                found(finding)
        finally:
            self._driver.rollback()
        return verification

    def _findings(self, verification: Verification) -> Iterator[Finding]:
        # Beside the database, in a file of SQLite's own that ends with the connection.
        self._driver.execute("CREATE TEMP TABLE told (message TEXT PRIMARY KEY) WITHOUT ROWID")
        begins_at: object = None
        told: list[tuple[str]] = []
        for row in self._driver.execute(_ALL):
            entry = _sealed(*row)
            said = _parsed(entry.entry)
            begins_at = entry.at if begins_at is None else begins_at
            yield from verification.entry(entry, said)
            if said.get("event") == Event.DECISION:
                told.append((str(said.get("message")),))
            if len(told) >= _AT_A_TIME:
                self._tell(told)
        self._tell(told)
        yield from verification.ended()
        for line, text in self._checkpoint_lines():
            yield from verification.checkpoint(line, text, self._seal_of)
        # Messages of the time that the audit covers, and no entry of them.
        for (message_id,) in self._driver.execute(_UNTOLD, (begins_at or 0,)):
            yield Finding(0, f"there is none of message {message_id}")

    def _tell(self, told: list[tuple[str]]) -> None:
        self._driver.executemany("INSERT OR IGNORE INTO told VALUES (?)", told)
        told.clear()

    def _checkpoint_lines(self) -> Iterator[tuple[int, bytes]]:
        file = self._data_dir / CHECKPOINTS_FILE
        if not file.exists():
            return
        with file.open("rb") as lines:
            for number, text in enumerate(lines, 1):
                if text.strip():
                    yield number, text

    def _seal_of(self, number: int) -> bytes | None:
        row = self._driver.execute("SELECT mac FROM audit WHERE number = ?", (number,)).fetchone()
        return None if row is None else _as_bytes(row[0])

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


def _sealed(number: int, at: float, entry: object, mac: object) -> Sealed:
    """As it stands there: whoever changed it may have put anything in its place."""
    return Sealed(number, at, _as_bytes(entry), _as_bytes(mac))


def _as_bytes(stored: object) -> bytes:
    return stored if isinstance(stored, bytes) else str(stored).encode("utf-8", "surrogatepass")


def _parsed(entry: bytes) -> Entry:
    try:
        said = orjson.loads(entry)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
