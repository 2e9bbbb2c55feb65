"""The table of data keys: opened at start, wrapped again when the master key has changed."""

from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection

from gateway.store.keys import KeyRing, MasterKeys, WrappedKey, master_key_id, new_data_key, unwrap, wrap
from gateway.store.tables import data_key

_SINGLE = ("lookup", "audit")
"""Purposes with one key for the life of the store."""


def reading_keys(connection: Connection, master_keys: MasterKeys) -> KeyRing:
    """Opens what is there; seals no content."""
    content_keys, single = _existing(connection, master_keys)
    return KeyRing(content_keys, None, single.get("lookup", b""), single.get("audit", b""))


def writing_keys(connection: Connection, master_keys: MasterKeys, now: datetime) -> KeyRing:
    """Opens every data key, wraps again what an older master key holds, and adds this start's own."""
    content_keys, single = _existing(connection, master_keys)
    _wrap_again(connection, master_keys)
    for purpose in _SINGLE:
        if purpose not in single:
            single[purpose] = new_data_key()
            _add(connection, master_keys, purpose, single[purpose], now)
    fresh = new_data_key()
    sealing_key_id = _add(connection, master_keys, "content", fresh, now)
    connection.commit()
    return KeyRing({**content_keys, sealing_key_id: fresh}, sealing_key_id, single["lookup"], single["audit"])


def _existing(connection: Connection, master_keys: MasterKeys) -> tuple[dict[int, bytes], dict[str, bytes]]:
    """Content keys by id, and the single ones by purpose."""
    content_keys: dict[int, bytes] = {}
    single: dict[str, bytes] = {}
    for wrapped in _rows(connection):
        key = unwrap(master_keys, wrapped)
        if wrapped.purpose in _SINGLE:
            single[wrapped.purpose] = key
        else:
            content_keys[wrapped.id] = key
    return content_keys, single


def _rows(connection: Connection) -> list[WrappedKey]:
    rows = connection.execute(select(data_key)).all()
    connection.rollback()
    return [WrappedKey(row.id, row.purpose, row.master_key_id, row.sealed) for row in rows]


def _add(connection: Connection, master_keys: MasterKeys, purpose: str, key: bytes, now: datetime) -> int:
    key_id: int = connection.execute(select(func.coalesce(func.max(data_key.c.id), 0) + 1)).scalar_one()
    row = _row(wrap(master_keys.current, key_id, purpose, key))
    connection.execute(insert(data_key).values(**row, created_at=now.timestamp()))
    return key_id


def _wrap_again(connection: Connection, master_keys: MasterKeys) -> None:
    for wrapped in _rows(connection):
        if wrapped.master_key_id != master_key_id(master_keys.current):
            key = unwrap(master_keys, wrapped)
            again = _row(wrap(master_keys.current, wrapped.id, wrapped.purpose, key))
            connection.execute(update(data_key).where(data_key.c.id == wrapped.id).values(**again))


def _row(wrapped: WrappedKey) -> dict[str, object]:
    return {
        "id": wrapped.id,
        "purpose": wrapped.purpose,
        "master_key_id": wrapped.master_key_id,
        "sealed": wrapped.sealed,
    }
