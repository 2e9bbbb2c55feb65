"""Rates and concurrency: what passes, what waits how long, and that all limits are taken or none."""

import time

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.policy.limits import Limit, Limits, Meters, Per, Rate, enter, leave, reserve, take

PARTNER = (Per.PARTNER, "epic")


def meters(*limits: Limit) -> Meters:
    return Limits(limits).of(PARTNER, (Per.LISTENER, "feed"), (Per.KEY, "k1"))


def rate(requests: int, period_s: int, burst: int, per: Per = Per.PARTNER) -> Limit:
    return Limit(f"{per}-rate", per, rate=Rate(requests, period_s, burst))


def test_a_burst_passes_at_once_and_then_one_each_interval() -> None:
    held = meters(rate(10, 1, burst=3))
    assert [take(held, 100.0) is None for _ in range(4)] == [True, True, True, False]
    refusal = take(held, 100.0)
    assert refusal is not None and refusal.wait_s is not None and abs(refusal.wait_s - 0.1) < 1e-6
    assert take(held, 100.1) is None
    assert take(held, 100.1) is not None


def test_what_one_limit_refuses_is_counted_by_none() -> None:
    limits = Limits([rate(1, 60, 1), rate(10, 60, 10, Per.LISTENER)])
    both = limits.of(PARTNER, (Per.LISTENER, "feed"))
    assert take(both, 0.0) is None
    for _ in range(50):
        assert take(both, 1.0) is not None
    [listener] = limits.of((Per.LISTENER, "feed"))
    assert (listener.left(1.0), listener.running) == (9, 1)


def test_a_concurrency_limit_counts_what_runs() -> None:
    held = meters(Limit("two", Per.PARTNER, concurrency=2))
    assert take(held, 0.0) is None and take(held, 0.0) is None
    refusal = take(held, 0.0)
    assert refusal is not None and refusal.wait_s is None
    leave(held)
    assert enter(held) and not enter(held)


def test_a_limit_of_named_partners_leaves_others_alone() -> None:
    limits = Limits([Limit("l", Per.PARTNER, frozenset({"epic"}), Rate(1, 60, 1))])
    assert len(limits.of(PARTNER)) == 1
    assert limits.of((Per.PARTNER, "cerner")) == ()


def test_subjects_are_counted_apart() -> None:
    limits = Limits([rate(1, 60, 1, Per.KEY)])
    assert take(limits.of((Per.KEY, "a")), 0.0) is None
    assert take(limits.of((Per.KEY, "b")), 0.0) is None
    assert take(limits.of((Per.KEY, "a")), 0.0) is not None


def test_what_is_counted_goes_on_under_a_changed_limit() -> None:
    limits = Limits([Limit("c", Per.PARTNER, rate=Rate(1, 60, 1), concurrency=1)])
    before = limits.of(PARTNER)
    assert take(before, 0.0) is None
    limits.replace([Limit("c", Per.PARTNER, rate=Rate(60, 60, 1), concurrency=2)])
    now_held = limits.of(PARTNER)
    assert take(now_held, 59.0) is not None
    assert take(now_held, 60.0) is None
    assert take(now_held, 70.0) is not None
    leave(before)
    assert take(now_held, 70.0) is None
    limits.replace([])
    assert limits.of(PARTNER) == ()


@given(
    st.integers(1, 50),
    st.integers(1, 20),
    st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=80),
)
def test_no_window_ever_holds_more_than_a_burst_and_the_rate(
    requests: int, burst: int, gaps: list[float]
) -> None:
    held, now, passed = meters(rate(requests, 10, burst)), 0.0, []
    for gap in gaps:
        now += gap
        if take(held, now) is None:
            passed.append(now)
    for begin in passed:
        for end in passed:
            if end >= begin:
                within = sum(begin <= each <= end for each in passed)
                assert within <= burst + (end - begin) * requests / 10 + 1e-6


@given(st.lists(st.floats(0, 2, allow_nan=False), min_size=1, max_size=60))
def test_turns_come_in_the_order_of_asking(gaps: list[float]) -> None:
    held, now, turns = meters(rate(3, 1, burst=2)), 0.0, []
    for gap in gaps:
        now += gap
        turns.append(now + reserve(held, now))
    assert turns == sorted(turns)


class Door(RuleBasedStateMachine):
    """Messages come and go under two limits; nothing is ever counted twice, left behind or over the limit."""

    def __init__(self) -> None:
        super().__init__()
        limits = Limits(
            [
                Limit("p", Per.PARTNER, concurrency=3),
                Limit("l", Per.LISTENER, concurrency=4, rate=Rate(5, 1, 5)),
            ]
        )
        self.sets = [limits.of((Per.PARTNER, name), (Per.LISTENER, "feed")) for name in ("epic", "cerner")]
        self.inside: list[int] = []
        self.now = 0.0

    @rule(who=st.integers(0, 1), passing=st.floats(0, 1))
    def come(self, who: int, passing: float) -> None:
        self.now += passing
        if take(self.sets[who], self.now) is None:
            self.inside.append(who)

    @rule(who=st.integers(0, 1))
    def come_after_a_turn(self, who: int) -> None:
        reserve(self.sets[who], self.now)
        if enter(self.sets[who]):
            self.inside.append(who)

    @rule(place=st.integers(0, 100))
    def go(self, place: int) -> None:
        if self.inside:
            leave(self.sets[self.inside.pop(place % len(self.inside))])

    @invariant()
    def counts_are_true(self) -> None:
        for who, (partner, listener) in enumerate(self.sets):
            assert partner.running == self.inside.count(who) <= 3
            assert listener.running == len(self.inside) <= 4


TestDoor = Door.TestCase


def test_a_message_costs_a_few_microseconds() -> None:
    limits = Limits(
        [rate(10**6, 1, 10**6), rate(10**6, 1, 10**6, Per.LISTENER), Limit("c", Per.KEY, concurrency=9)]
    )

    def once() -> float:
        began = time.process_time()
        for _ in range(2000):
            held = limits.of(PARTNER, (Per.LISTENER, "feed"), (Per.KEY, "k1"))
            assert take(held, 1.0) is None
            leave(held)
        return (time.process_time() - began) / 2000

    assert min(once() for _ in range(5)) < 15e-6
