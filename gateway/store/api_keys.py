"""The issued API keys in the database, for the command that issues them and the gateway that takes them."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import structlog
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from gateway.identity.issued_keys import IssuedKey, IssuedKeys
from gateway.store.database import database_path, open_engine
from gateway.store.tables import api_key
from gateway.tasks import cancelled

log = structlog.get_logger("keys")

_STATE = select(func.count(), func.max(api_key.c.created_at), func.max(api_key.c.revoked_at))
_USED = update(api_key).where(api_key.c.id == bindparam("b_id")).values(used_at=bindparam("b_used_at"))


class KeyTable:
    """Blocking; one thread at a time. Every method may raise `SQLAlchemyError`."""

    def __init__(self, data_dir: Path) -> None:
        """Of a store that is there and up to date."""
        self._connection = open_engine(database_path(data_dir)).connect()

    def add(self, key: IssuedKey) -> None:
        row = {column.name: getattr(key, column.name) for column in api_key.columns}
        self._connection.execute(insert(api_key).values(row))
        self._connection.commit()

    def revoke(self, key_id: str, moment: float) -> bool:
        """False where there is no such key, or it is revoked already."""
        open_key = (api_key.c.id == key_id) & api_key.c.revoked_at.is_(None)
        done = self._connection.execute(update(api_key).where(open_key).values(revoked_at=moment))
        self._connection.commit()
        return done.rowcount == 1

    def all(self) -> list[IssuedKey]:
        """The oldest first."""
        rows = self._connection.execute(select(api_key).order_by(api_key.c.created_at)).all()
        self._connection.rollback()
        return [IssuedKey(**row._asdict()) for row in rows]

    def state(self) -> tuple[object, ...]:
        """Differs after every issue and every revocation."""
        found = tuple(self._connection.execute(_STATE).one())
        self._connection.rollback()
        return found

    def note_used(self, used: Mapping[str, float]) -> None:
        if used:
            rows = [{"b_id": key_id, "b_used_at": moment} for key_id, moment in used.items()]
            self._connection.execute(_USED, rows)
            self._connection.commit()

    def close(self) -> None:
        self._connection.close()


class KeyFeed:
    """Brings what other processes change in the table to the keys that requests are held against."""

    def __init__(self, data_dir: Path, keys: IssuedKeys, every_s: float = 1.0) -> None:
        """A change counts within `every_s`."""
        self._table = KeyTable(data_dir)
        self._keys = keys
        self._every_s = every_s
        self._state: tuple[object, ...] = ()
        self._task: asyncio.Task[None] | None = None
        self._reading: asyncio.Future[None] | None = None
        self._read()

    def start(self) -> None:
        self._task = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        await cancelled(self._task)
        if self._reading is not None:  # the connection is one thread's at a time
            await self._reading
        self._note(self._keys.take_used())
        self._table.close()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            self._reading = asyncio.ensure_future(asyncio.to_thread(self._once, self._keys.take_used()))
            await asyncio.wait([self._reading])

    def _once(self, used: Mapping[str, float]) -> None:
        try:
            self._read()
        except SQLAlchemyError as error:  # those that were known stay known
            log.error("keys_not_read", error=type(error).__name__)
        self._note(used)

    def _read(self) -> None:
        state = self._table.state()
        if state != self._state:
            self._keys.replace(self._table.all())
            self._state = state

    def _note(self, used: Mapping[str, float]) -> None:
        try:
            self._table.note_used(used)
        except SQLAlchemyError as error:
            log.warning("key_use_not_noted", error=type(error).__name__)
