"""Holds and spending: nothing is ever over its quota, nothing stays held, and a settlement counts once."""

import time
from dataclasses import replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.policy.limits import Per
from gateway.policy.quotas import Amounts, Measure, Quota, Quotas, Refusal, Subjects
from gateway.policy.windows import Unit
from gateway.records import Charge, Hold

DAY = 1_800_000_000.0 - 1_800_000_000 % 86400
EPIC: Subjects = ((Per.PARTNER, "epic"), (Per.MODEL, "clinical"))
TOKENS = Quota("t", Per.PARTNER, Measure.TOKENS, 1000, Unit.DAY)
REQUESTS = Quota("r", Per.MODEL, Measure.REQUESTS, 3, Unit.HOUR)


def amounts(tokens: int, requests: int = 1) -> Amounts:
    return {Measure.REQUESTS: requests, Measure.TOKENS: tokens, Measure.COST: 0}


def held(quotas: Quotas, message_id: str, tokens: int, now: float = DAY, for_s: float = 60) -> bool:
    return not isinstance(quotas.hold(message_id, EPIC, amounts(tokens), now, for_s, force=False), Refusal)


def used(quotas: Quotas, now: float = DAY) -> dict[str, tuple[int, int]]:
    return {each.quota.id: (each.spent, each.held) for each in quotas.balances(now)}


def test_what_is_held_is_not_available_and_not_spent() -> None:
    quotas = Quotas([TOKENS])
    assert held(quotas, "1", 600)
    assert not held(quotas, "2", 600)
    assert used(quotas) == {"t": (0, 600)}
    quotas.settle("1", amounts(100))
    assert used(quotas) == {"t": (100, 0)}
    assert held(quotas, "2", 600)


def test_all_quotas_are_held_or_none() -> None:
    quotas = Quotas([TOKENS, REQUESTS])
    for number in range(3):
        assert held(quotas, str(number), 10)
    assert not held(quotas, "3", 10)
    assert used(quotas) == {"t": (0, 30), "r": (0, 3)}


def test_a_settlement_counts_once() -> None:
    quotas = Quotas([TOKENS])
    held(quotas, "1", 600)
    first = quotas.settle("1", amounts(50))
    assert first is not None
    assert first.charges == (Charge("t", "tokens", "day", "epic", DAY, 50),)
    assert quotas.settle("1", amounts(50)) is None
    assert used(quotas) == {"t": (50, 0)}


def test_it_is_charged_to_the_window_in_which_it_was_held() -> None:
    quotas = Quotas([TOKENS])
    held(quotas, "1", 600, now=DAY + 86399)
    assert held(quotas, "2", 600, now=DAY + 86401)
    settlement = quotas.settle("1", amounts(500))
    assert settlement is not None and settlement.charges[0].began_at == DAY
    assert used(quotas, DAY + 86402) == {"t": (0, 600)}


def test_a_hold_that_nobody_ends_expires_and_can_still_be_settled() -> None:
    quotas = Quotas([TOKENS])
    held(quotas, "1", 900)
    assert not held(quotas, "2", 900, now=DAY + 59)
    assert held(quotas, "2", 900, now=DAY + 60)
    quotas.settle("1", amounts(10))
    assert used(quotas, DAY + 61) == {"t": (10, 900)}


def test_a_refusal_tells_what_would_help() -> None:
    quotas = Quotas([TOKENS])
    never = quotas.hold("1", EPIC, amounts(1001), DAY, 60, force=False)
    assert isinstance(never, Refusal) and never.fits_never
    held(quotas, "2", 900)
    soon = quotas.hold("3", EPIC, amounts(900), DAY, 60, force=False)
    assert isinstance(soon, Refusal) and soon.may_fit_soon
    quotas.settle("2", amounts(900))
    later = quotas.hold("3", EPIC, amounts(900), DAY, 60, force=False)
    assert isinstance(later, Refusal) and not later.may_fit_soon and not later.fits_never


def test_force_holds_what_is_not_left() -> None:
    quotas = Quotas([TOKENS])
    held(quotas, "1", 900)
    assert not isinstance(quotas.hold("2", EPIC, amounts(900), DAY, 60, force=True), Refusal)
    assert used(quotas) == {"t": (0, 1800)}


def test_what_asks_nothing_of_a_quota_is_not_kept_from_it() -> None:
    quotas = Quotas([TOKENS])
    held(quotas, "1", 1000)
    assert held(quotas, "2", 0)


def test_a_clock_that_goes_back_opens_no_window_again() -> None:
    quotas = Quotas([TOKENS])
    held(quotas, "1", 900, now=DAY + 86400)
    assert not held(quotas, "2", 900, now=DAY + 86399)


def test_a_changed_quota_goes_on_from_what_is_spent() -> None:
    quotas = Quotas([TOKENS])
    held(quotas, "1", 900)
    quotas.settle("1", amounts(900))
    quotas.replace([replace(TOKENS, most=2000)], quotas._zone)
    assert held(quotas, "2", 1000)
    assert not held(quotas, "3", 200)


def test_another_call_of_the_same_message_needs_room_too() -> None:
    quotas = Quotas([TOKENS])
    held(quotas, "1", 600)
    assert isinstance(quotas.hold_more("1", {Measure.TOKENS: 600}, DAY), Refusal)
    assert quotas.hold_more("1", {Measure.TOKENS: 400}, DAY) is None
    assert used(quotas) == {"t": (0, 1000)}
    quotas.settle("1", amounts(700))
    assert used(quotas) == {"t": (700, 0)}


def test_what_is_settled_takes_no_room_until_it_would_have_expired() -> None:
    quotas = Quotas([TOKENS])
    held(quotas, "first", 10, for_s=3600)
    for number in range(5000):
        held(quotas, str(number), 10, for_s=7200)
        quotas.settle(str(number), amounts(0, 0))
    assert len(quotas._expiring) <= 1003
    assert used(quotas, DAY + 3601) == {"t": (0, 0)}


class Ledger(RuleBasedStateMachine):
    """Messages hold, settle, are cut off, and the process dies and comes back with what the store has."""

    QUOTAS = (
        TOKENS,
        REQUESTS,
        Quota("m", Per.MODEL, Measure.TOKENS, 1500, Unit.MONTH),
        Quota("e", Per.PARTNER, Measure.REQUESTS, 5, Unit.DAY, of=frozenset({"epic"})),
    )

    def __init__(self) -> None:
        super().__init__()
        self.quotas = Quotas(self.QUOTAS)
        self.now = DAY
        self.number = 0
        self.open: dict[str, tuple[int, float]] = {}
        """Message -> (tokens held, expiry)"""
        self.stored_holds: dict[str, tuple[Hold, ...]] = {}
        self.stored: list[Charge] = []

    @rule(
        who=st.sampled_from(["epic", "cerner"]),
        tokens=st.integers(0, 1200),
        stored=st.booleans(),
        for_s=st.integers(60, 5000),
    )
    def begin(self, who: str, tokens: int, stored: bool, for_s: int) -> None:
        self.number += 1
        name = str(self.number)
        subjects = ((Per.PARTNER, who), (Per.MODEL, "clinical"))
        found = self.quotas.hold(name, subjects, amounts(tokens), self.now, for_s, force=False)
        if not isinstance(found, Refusal):
            self.open[name] = (tokens, self.now + for_s)
            if stored:
                self.stored_holds[name] = found
                self.quotas.is_on_disk(name)

    @precondition(lambda self: self.open)
    @rule(place=st.integers(0, 99), share=st.integers(0, 100), called=st.booleans())
    def end(self, place: int, share: int, called: bool) -> None:
        name = sorted(self.open)[place % len(self.open)]
        tokens, _ = self.open.pop(name)
        settlement = self.quotas.settle(name, amounts(tokens * share // 100, int(called)))
        assert settlement is not None
        assert self.quotas.settle(name, amounts(tokens)) is None
        self.stored_holds.pop(name, None)
        self.stored += settlement.charges

    @rule(seconds=st.sampled_from([1, 100, 3600, 86400]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def crash(self) -> None:
        """What was announced may have been paid: it counts as the estimate."""
        self.quotas = Quotas(self.QUOTAS)
        self.quotas.restore(
            self._open_windows(), [each for holds in self.stored_holds.values() for each in holds], self.now
        )
        for name in list(self.stored_holds):
            settlement = self.quotas.settle(name, None)
            if settlement is not None:
                self.stored += settlement.charges
        self.stored_holds.clear()
        self.open.clear()

    def _open_windows(self) -> list[Charge]:
        """As the table has it: one row, of the latest window."""
        rows: dict[tuple[str, str], Charge] = {}
        for each in self.stored:
            key = (each.quota, each.subject)
            before = rows.get(key)
            if before is None or before.began_at < each.began_at:
                rows[key] = each
            elif before.began_at == each.began_at:
                rows[key] = replace(before, amount=before.amount + each.amount)
        return list(rows.values())

    @invariant()
    def never_over_while_holds_live(self) -> None:
        """A hold that expired and was used all the same is the one way over: it is the lease's price."""
        if not self._was_late():
            for each in self.quotas.balances(self.now):
                assert each.held >= 0 and each.spent + each.held <= each.quota.most

    def _was_late(self) -> bool:
        self.late = getattr(self, "late", False) or any(
            expires <= self.now for _, expires in self.open.values()
        )
        return self.late

    @invariant()
    def nothing_stays_held(self) -> None:
        if not self.open:
            assert all(each.held == 0 for each in self.quotas.balances(self.now))

    @invariant()
    def spending_is_what_was_settled(self) -> None:
        for each in self.quotas.balances(self.now):
            settled = sum(
                charge.amount
                for charge in self.stored
                if (charge.quota, charge.subject, charge.began_at)
                == (each.quota.id, each.subject, each.began_at)
            )
            assert each.spent == settled


TestLedger = Ledger.TestCase


def test_holding_and_settling_cost_a_few_microseconds() -> None:
    quotas = Quotas([replace(TOKENS, most=10**9), replace(REQUESTS, most=10**9)])
    estimate = amounts(10)

    def once() -> float:
        began = time.process_time()
        for number in range(2000):
            quotas.hold(str(number), EPIC, estimate, DAY, 60, force=False)
            quotas.settle(str(number), estimate)
        return (time.process_time() - began) / 2000

    assert min(once() for _ in range(5)) < 15e-6


@pytest.mark.parametrize("subject", ["epic", "cerner"])
def test_partners_are_counted_apart(subject: str) -> None:
    quotas = Quotas([TOKENS])
    held(quotas, "1", 1000)
    free = quotas.hold("2", ((Per.PARTNER, subject),), amounts(1000), DAY, 60, force=False)
    assert isinstance(free, Refusal) == (subject == "epic")
