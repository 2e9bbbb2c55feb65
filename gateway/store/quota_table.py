"""Holds and spending of quotas: written in the commit of the message they belong to, read at the start."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import bindparam, case, delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from gateway.records import Charge, Hold, NewRecord, Progress, Settlement, Work
from gateway.store.database import database_path, open_engine
from gateway.store.tables import message, quota_hold, quota_spent

_SPENT = insert(quota_spent)
_BEFORE, _NOW = quota_spent.c, _SPENT.excluded
_SPEND = _SPENT.on_conflict_do_update(
    index_elements=list(quota_spent.primary_key.columns),
    set_={
        "amount": case(
            (_BEFORE.began_at == _NOW.began_at, _BEFORE.amount + _NOW.amount),
            (_BEFORE.began_at < _NOW.began_at, _NOW.amount),
            else_=_BEFORE.amount,  # the charge is of a window that is over
        ),
        "began_at": case((_BEFORE.began_at < _NOW.began_at, _NOW.began_at), else_=_BEFORE.began_at),
    },
)
_HOLD = insert(quota_hold).prefix_with("OR REPLACE")
_FREE = delete(quota_hold).where(quota_hold.c.message_id == bindparam("b_id"))
_UNDER_WAY = select(message.c.id).where(message.c.work.in_((Work.ACCEPTED, Work.WORKING)))


class QuotaWriter:
    """Writes within the transaction that is open on this connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, items: Iterable[NewRecord | Progress]) -> None:
        """Without quotas, no statement at all."""
        for item in items:
            if isinstance(item, Progress) and item.settlement is not None:
                self._settle(item.settlement)
            if item.holds:
                rows = [_row(quota_hold.columns.keys(), hold) for hold in item.holds]
                self._connection.execute(_HOLD, rows)

    def _settle(self, settlement: Settlement) -> None:
        freed = 0
        if settlement.has_stored_holds:
            freed = self._connection.execute(_FREE, {"b_id": settlement.message_id}).rowcount
        if settlement.charges and (freed or not settlement.has_stored_holds):
            rows = [_row(quota_spent.columns.keys(), charge) for charge in settlement.charges]
            self._connection.execute(_SPEND, rows)


class QuotaReader:
    """On a connection of its own. Blocking."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    def of(cls, data_dir: Path) -> "QuotaReader":
        """For commands beside a running gateway. Raises `FileNotFoundError`."""
        path = database_path(data_dir)
        if not path.exists():
            raise FileNotFoundError(path)
        return cls(open_engine(path, read_only=True).connect())

    def holds(self) -> list[Hold]:
        rows = self._connection.execute(select(quota_hold)).all()
        self._connection.rollback()
        return [Hold(**row._asdict()) for row in rows]

    def spent(self) -> list[Charge]:
        rows = self._connection.execute(select(quota_spent)).all()
        self._connection.rollback()
        return [Charge(**row._asdict()) for row in rows]


def forget_orphans(connection: Connection) -> None:
    """Holds of what is not under way any more: nobody would settle them."""
    connection.execute(delete(quota_hold).where(quota_hold.c.message_id.not_in(_UNDER_WAY)))


def _row(names: Iterable[str], value: Hold | Charge) -> dict[str, object]:
    return {name: getattr(value, name) for name in names}
