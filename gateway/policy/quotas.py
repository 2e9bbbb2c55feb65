"""How much may be used up in a window of the calendar: what is spent, and what is held for work under way.

Pure: the clock is an argument. A hold is a lease, never a part of what is spent: available is the limit
without what is spent and without the live holds. All quotas of a message are held in one step or none is; it
is settled once, by its id, with what was really used, in the window in which the hold was taken.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum

from gateway.policy.limits import Per
from gateway.policy.windows import Unit, window_at
from gateway.records import Charge, Hold, Settlement
from gateway.values import carrier

Subjects = tuple[tuple[Per, str], ...]


_MOST_ENDED = 1000
"""Leases that are over may so many still stand among those that expire some time."""


class Measure(StrEnum):
    REQUESTS = "requests"
    TOKENS = "tokens"
    COST = "cost"
    """Millionths of the currency."""


Amounts = Mapping[Measure, int]


@carrier
class Quota:
    """One measure of one quota of the operator's."""

    id: str
    per: Per
    measure: Measure
    most: int
    unit: Unit
    of: frozenset[str] = frozenset()
    """The partners, listeners or models that it is for; empty: each of them, each by itself."""
    warn_at: float = 0.8
    is_denied_on_store_error: bool = True


class Balance:
    """How far one quota is used by one subject in the window that is open."""

    __slots__ = ("began_at", "ends_at", "has_warned", "held", "quota", "spent", "subject")

    def __init__(self, quota: Quota, subject: str) -> None:
        self.quota = quota
        self.subject = subject
        self.began_at = self.ends_at = 0.0
        self.spent = self.held = 0
        self.has_warned = False

    @property
    def left(self) -> int:
        return max(0, self.quota.most - self.spent - self.held)

    @property
    def is_near_its_end(self) -> bool:
        return self.spent + self.held >= self.quota.most * self.quota.warn_at

    def at(self, now: float, zone: tzinfo) -> "Balance":
        """In the window of that moment. A clock that goes back opens no window again."""
        if now >= self.ends_at:
            self.began_at, self.ends_at = window_at(self.quota.unit, now, zone)
            self.spent = self.held = 0
            self.has_warned = False
        return self


@carrier
class Refusal:
    balance: Balance
    amount: int

    @property
    def fits_never(self) -> bool:
        return self.amount > self.balance.quota.most

    @property
    def may_fit_soon(self) -> bool:
        """Only what others hold is in the way, and they may need less."""
        return self.balance.spent + self.amount <= self.balance.quota.most


@dataclass(slots=True)
class _Lease:
    message_id: str
    taken: list[tuple[Balance, float, int]]
    """(balance, window, amount)"""
    expires_at: float
    is_live: bool = True
    is_stored: bool = False


class Quotas:
    def __init__(self, quotas: Sequence[Quota], zone: tzinfo = UTC) -> None:
        self.quotas = tuple(quotas)
        self._zone = zone
        self._balances: dict[tuple[str, Measure, Unit, str], Balance] = {}
        self._of: dict[Subjects, tuple[Balance, ...]] = {}
        self._leases: dict[str, _Lease] = {}
        self._expiring: list[tuple[float, str]] = []

    def replace(self, quotas: Sequence[Quota], zone: tzinfo) -> None:
        """What is spent and held under an id that stays goes on, whatever is allowed of it now."""
        by_key = {(each.id, each.measure, each.unit): each for each in quotas}
        kept = {}
        for key, balance in self._balances.items():
            quota = by_key.get(key[:3])
            if quota is not None and quota.per is balance.quota.per:
                balance.quota = quota
                kept[key] = balance
        self.quotas, self._zone, self._balances = tuple(quotas), zone, kept
        self._of.clear()

    def measures(self, subjects: Subjects) -> set[Measure]:
        """Those that are counted for it: the others need no estimate."""
        return {balance.quota.measure for balance in self.of(subjects)}

    def of(self, subjects: Subjects) -> tuple[Balance, ...]:
        """What a request of these is counted under. They are authenticated: their number is bounded."""
        balances = self._of.get(subjects)
        if balances is None:
            balances = self._of[subjects] = tuple(self._found(subjects))
        return balances

    def hold(
        self, message_id: str, subjects: Subjects, estimate: Amounts, now: float, for_s: float, *, force: bool
    ) -> tuple[Hold, ...] | Refusal:
        """All of it or nothing. `force` holds also what is not left."""
        self._expire(now)
        balances = self.of(subjects)
        if not force and (refusal := self._refusal(balances, estimate, now)) is not None:
            return refusal
        taken = []
        for balance in balances:
            amount = estimate[balance.quota.measure]
            balance.at(now, self._zone).held += amount
            taken.append((balance, balance.began_at, amount))
        lease = self._leases[message_id] = _Lease(message_id, taken, now + for_s)
        heapq.heappush(self._expiring, (lease.expires_at, message_id))
        return tuple(_hold(lease, *each) for each in taken)

    def hold_more(self, message_id: str, more: Amounts, now: float) -> Refusal | None:
        """For another call of the same message."""
        lease = self._leases.get(message_id)
        if lease is None:
            return None
        refusal = self._refusal([balance for balance, _, _ in lease.taken], more, now)
        if refusal is None:
            for place, (balance, window, amount) in enumerate(lease.taken):
                added = more.get(balance.quota.measure, 0)
                if lease.is_live and balance.began_at == window:
                    balance.held += added
                lease.taken[place] = (balance, window, amount + added)
        return refusal

    def is_on_disk(self, message_id: str) -> None:
        """Its holds are in the store, and whether it was settled can be told there."""
        if message_id in self._leases:
            self._leases[message_id].is_stored = True

    def settle(self, message_id: str, used: Amounts | None) -> Settlement | None:
        """What was held is free, what was used is spent; `used` None: as much as was held. The second time
        it is None."""
        lease = self._leases.pop(message_id, None)
        if lease is None:
            return None
        charges = []
        for balance, window, held in lease.taken:
            quota = balance.quota
            amount = held if used is None else used[quota.measure]
            if balance.began_at == window:
                balance.held -= held if lease.is_live else 0
                balance.spent += amount
            if amount:
                charges.append(
                    Charge(quota.id, quota.measure.value, quota.unit.value, balance.subject, window, amount)
                )
        if len(self._expiring) > _MOST_ENDED + 2 * len(self._leases):
            self._expiring = [(each.expires_at, each.message_id) for each in self._leases.values()]
            heapq.heapify(self._expiring)
        return Settlement(message_id, tuple(charges), lease.is_stored)

    def restore(self, spent: Iterable[Charge], holds: Iterable[Hold], now: float) -> None:
        """As the store has them after a stop. Holds of quotas that are no more are dropped."""
        for charge in spent:
            balance = self._named(charge.quota, charge.measure, charge.unit, charge.subject)
            if balance is None:
                continue
            balance.at(now, self._zone)
            if balance.began_at <= charge.began_at < balance.ends_at:
                balance.spent += charge.amount
        for hold in holds:
            balance = self._named(hold.quota, hold.measure, hold.unit, hold.subject)
            if balance is None:
                continue
            lease = self._leases.setdefault(
                hold.message_id, _Lease(hold.message_id, [], hold.expires_at, is_stored=True)
            )
            lease.taken.append((balance, hold.began_at, hold.amount))
            if balance.at(now, self._zone).began_at == hold.began_at:
                balance.held += hold.amount
        for lease in self._leases.values():
            heapq.heappush(self._expiring, (lease.expires_at, lease.message_id))
        self._expire(now)

    def balances(self, now: float) -> list[Balance]:
        self._expire(now)
        return [balance.at(now, self._zone) for balance in self._balances.values()]

    def _refusal(self, balances: Iterable[Balance], estimate: Amounts, now: float) -> Refusal | None:
        """The one that makes it wait longest; what asks for nothing of a quota never waits for it."""
        refusal: Refusal | None = None
        for balance in balances:
            amount = estimate.get(balance.quota.measure, 0)
            balance.at(now, self._zone)
            if amount and balance.spent + balance.held + amount > balance.quota.most:
                new = Refusal(balance, amount)
                if refusal is None or _patience(new) > _patience(refusal):
                    refusal = new
        return refusal

    def _expire(self, now: float) -> None:
        """A lease that nobody settled in its time holds nothing any more; it can still be settled."""
        while self._expiring and self._expiring[0][0] <= now:
            expires_at, message_id = heapq.heappop(self._expiring)
            lease = self._leases.get(message_id)
            if lease is None or not lease.is_live or lease.expires_at != expires_at:
                continue
            lease.is_live = False
            for balance, window, amount in lease.taken:
                if balance.began_at == window:
                    balance.held -= amount

    def _found(self, subjects: Subjects) -> Iterator[Balance]:
        for quota in self.quotas:
            for per, subject in subjects:
                if per is quota.per and (not quota.of or subject in quota.of):
                    yield self._balance(quota, subject)

    def _balance(self, quota: Quota, subject: str) -> Balance:
        key = (quota.id, quota.measure, quota.unit, subject)
        if key not in self._balances:
            self._balances[key] = Balance(quota, subject)
        return self._balances[key]

    def _named(self, quota_id: str, measure: str, unit: str, subject: str) -> Balance | None:
        for quota in self.quotas:
            if (quota.id, quota.measure.value, quota.unit.value) == (quota_id, measure, unit):
                return self._balance(quota, subject)
        return None


def _patience(refusal: Refusal) -> tuple[bool, bool, float]:
    return refusal.fits_never, not refusal.may_fit_soon, refusal.balance.ends_at


def _hold(lease: _Lease, balance: Balance, window: float, amount: int) -> Hold:
    quota = balance.quota
    return Hold(
        message_id=lease.message_id,
        quota=quota.id,
        measure=quota.measure.value,
        unit=quota.unit.value,
        subject=balance.subject,
        began_at=window,
        amount=amount,
        expires_at=lease.expires_at,
    )
