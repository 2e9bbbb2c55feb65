"""`ehr-gateway keys`: issue API keys, list and revoke them. A running gateway knows within a second."""

import asyncio
import json
import os
import secrets
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import inspect

from gateway.audit.entries import of_key
from gateway.commands.opened import opened, tells_why, who
from gateway.commands.terminal import print_columns
from gateway.commands.unusable import tell_unusable
from gateway.identity.issued_keys import IssuedKey, key_hash, new_key
from gateway.settings import UnusableSettings, load
from gateway.store.api_keys import KeyTable
from gateway.store.audit_log import AuditReader
from gateway.store.database import database_path, open_engine
from gateway.store.message_store import MessageStore
from gateway.store.tables import api_key

_COLUMNS = ("id", "partner", "name", "state", "created", "expires", "last used")
_ID_DIGITS = 12


@tells_why
def new(config: Path, data_dir: Path | None, partner: str, name: str, expires: date | None) -> int:
    """Prints the key, once: only its hash is kept. Exit code: 64 for an unknown partner or a past day."""
    now = datetime.now(UTC)
    try:
        partners = load(config)[0].partners
    except (UnusableSettings, OSError) as error:
        return tell_unusable(config, error)
    if partner not in partners:
        print(f"there is no partner {partner}: {', '.join(partners)}", file=sys.stderr)
        return os.EX_USAGE
    if expires is not None and expires < now.date():
        print(f"{expires} is past", file=sys.stderr)
        return os.EX_USAGE
    store = opened(config, data_dir, _store)
    if store is None:
        return os.EX_NOINPUT
    table, audit = store
    key = new_key(secrets.randbits)
    digest = key_hash(key)
    issued = IssuedKey(
        id=digest[:_ID_DIGITS],
        sha256=digest,
        partner=partner,
        name=name,
        created_at=now.timestamp(),
        expires_at=_end_of(expires).timestamp() if expires else None,
    )
    audit.look(of_key(who(), "keys new", issued.id, partner))
    table.add(issued)
    until = f", until the end of {expires} (UTC)" if expires else ", without end"
    print(f"key {issued.id} of {partner}{until}; it is shown this once:", file=sys.stderr)
    print(key)
    return os.EX_OK


def list_keys(config: Path | None, data_dir: Path | None, *, as_json: bool) -> int:
    """Never the hashes: a list is mailed and pasted."""
    store = opened(config, data_dir, _store)
    if store is None:
        return os.EX_NOINPUT
    keys = store[0].all()
    if as_json:
        shown = [{**asdict(key), "state": _state(key)} for key in keys]
        for each in shown:
            del each["sha256"]
        print(json.dumps(shown, indent=2))
    else:
        print_columns([_COLUMNS, *map(_cells, keys)])
    return os.EX_OK


@tells_why
def revoke(config: Path | None, data_dir: Path | None, key_id: str) -> int:
    """Exit code: 65 where there is no such key, or it is revoked already."""
    store = opened(config, data_dir, _store)
    if store is None:
        return os.EX_NOINPUT
    table, audit = store
    found = next((key for key in table.all() if key.id == key_id and key.revoked_at is None), None)
    if found is None:
        print(f"there is no key {key_id} to revoke", file=sys.stderr)
        return os.EX_DATAERR
    audit.look(of_key(who(), "keys revoke", key_id, found.partner))
    table.revoke(key_id, datetime.now(UTC).timestamp())
    print(f"key {key_id} of {found.partner} is revoked")
    return os.EX_OK


def _store(data_dir: Path) -> tuple[KeyTable, AuditReader]:
    """Keys may be issued before the first start: then the store is made here."""
    if not _is_ready(data_dir):
        asyncio.run(_made(data_dir))
    return KeyTable(data_dir), AuditReader(data_dir)


def _is_ready(data_dir: Path) -> bool:
    path = database_path(data_dir)
    return path.exists() and inspect(open_engine(path)).has_table(api_key.name)


async def _made(data_dir: Path) -> None:
    await MessageStore(data_dir, lambda: datetime.now(UTC)).close()


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def _cells(key: IssuedKey) -> tuple[str, ...]:
    times = (key.created_at, key.expires_at, key.used_at)
    return (key.id, key.partner, key.name, _state(key), *map(_moment, times))


def _moment(seconds: float | None) -> str:
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"


def _state(key: IssuedKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "good" if key.holds_at(datetime.now(UTC).timestamp()) else "expired"
