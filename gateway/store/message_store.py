"""The store as the pipeline sees it: what it accepts is on disk, encrypted, when the call returns."""

import asyncio
import fcntl
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import structlog

from gateway.audit.entries import of_start
from gateway.errors import place_of
from gateway.messages import Reply
from gateway.pid_file import LOCK
from gateway.records import Charge, Found, Hold, NewRecord, Progress, Refusals, Stored, Unfinished
from gateway.request import SummarizationRequest, SummaryQuery
from gateway.store.audit_log import AuditLog
from gateway.store.database import (
    Checkpointer,
    WriteTransaction,
    database_path,
    open_engine,
    prepare_schema,
)
from gateway.store.group_commit import GroupCommit
from gateway.store.key_table import reading_keys, writing_keys
from gateway.store.keys import MasterKeys
from gateway.store.quota_table import QuotaReader, forget_orphans
from gateway.store.reads import StoreReader
from gateway.store.writes import BatchWriter, size_of
from gateway.summary import Answer, Usage

log = structlog.get_logger("store")

T = TypeVar("T")


class MessageStore:
    """Durable messages, states, results. One writing process a database; any number may read."""

    def __init__(self, data_dir: Path, now: Callable[[], datetime]) -> None:
        """Opens or creates the store. Raises `ValueError` for an unusable key, `OSError` for the folder."""
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _only_writer(data_dir)
        path = database_path(data_dir)
        engine = open_engine(path)
        prepare_schema(engine)
        with engine.connect() as connection:
            keys = writing_keys(connection, MasterKeys.load(data_dir, os.environ), now())
        self._write_connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._audit = AuditLog(self._write_connection, keys.audit_key, data_dir, now)
        writer = BatchWriter(self._write_connection, keys, self._audit, now)
        self._checkpointer = Checkpointer(path)
        transaction = WriteTransaction(self._write_connection, self._checkpointer)
        transaction.begin()
        self._audit.append([of_start()])
        forget_orphans(self._write_connection)
        transaction.commit()
        self._commits = GroupCommit(transaction, writer.apply, size_of)
        self._read_connection = engine.connect()
        self._reader = StoreReader(self._read_connection, keys)
        self._quotas = QuotaReader(self._read_connection)
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="read")
        self._checkpointer.start()

    async def add(self, record: NewRecord) -> Stored:
        """Returns when the record is on disk, or says that it was there before."""
        return await self._commits.submit(record)

    async def advance(self, progress: Progress) -> None:
        await self._commits.submit(progress)

    async def note(self, refusals: Refusals) -> None:
        """Returns when the audit has it."""
        await self._commits.submit(refusals)

    async def find(self, partner: str, query: SummaryQuery) -> Found:
        return await self._read(self._reader.find, partner, query)

    async def request(self, message_id: str) -> SummarizationRequest | None:
        return await self._read(self._reader.request, message_id)

    async def answer(self, message_id: str) -> Answer | None:
        return await self._read(self._reader.answer, message_id)

    async def reply(self, message_id: str) -> Reply | None:
        return await self._read(self._reader.reply, message_id)

    async def usage(self, message_id: str) -> Usage | None:
        return await self._read(self._reader.usage, message_id)

    async def unfinished(self) -> list[Unfinished]:
        return await self._read(self._reader.unfinished)

    async def quotas(self) -> tuple[list[Charge], list[Hold]]:
        """What is spent in the windows last opened, and held by what is under way."""
        return await self._read(self._quotas.spent), await self._read(self._quotas.holds)

    async def close(self) -> None:
        """Commits what was submitted, then closes."""
        await self._commits.close()
        try:
            self._audit.close()
        except OSError as error:
            log.error("checkpoint_not_written", at=place_of(error))
        self._reading.shutdown()
        self._read_connection.close()
        self._write_connection.close()
        self._checkpointer.stop()
        os.close(self._lock)

    async def _read(self, look_up: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._reading, look_up, *arguments)


def _only_writer(data_dir: Path) -> int:
    """A lock that the system frees with the process. Raises `BlockingIOError` when it is held."""
    lock = os.open(data_dir / LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lock


def open_reader(data_dir: Path) -> StoreReader:
    """For commands that look into a store while a gateway runs on it. Raises `FileNotFoundError`."""
    path = database_path(data_dir)
    if not path.exists():
        raise FileNotFoundError(path)
    connection = open_engine(path, read_only=True).connect()
    return StoreReader(connection, reading_keys(connection, MasterKeys.load(data_dir, os.environ)))
