"""Places at a backend: never too many, never one lost, the urgent first, and nobody waits in vain."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.attempts.gate import Gate, NoRoom, Ticket, Turn
from gateway.attempts.priority import Urgency, rank_of

LONG = 1e9


def caller(gate: Gate, rank: int = 3, within_s: float = LONG) -> Ticket:
    ticket = gate.enter(rank, is_background=False, within_s=within_s)
    assert isinstance(ticket, Ticket)
    return ticket


def background(gate: Gate, rank: int = 5) -> Ticket:
    ticket = gate.enter(rank, is_background=True, within_s=0)
    assert isinstance(ticket, Ticket)
    return ticket


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["caller", "background", "beside", "leave", "twice"]), st.integers(0, 10**6)),
    max_size=150,
)


@given(st.integers(1, 6), st.integers(0, 8), OPERATIONS)
def test_no_place_is_given_twice_or_lost(
    concurrency: int, queue: int, operations: list[tuple[str, int]]
) -> None:
    gate = Gate(concurrency, queue)
    out: list[Ticket] = []
    gone: list[Ticket] = []
    for what, number in operations:
        if what == "leave" and out:
            gone.append(out.pop(number % len(out)))
            for each in gate.leave(gone[-1]):
                assert each.turn is Turn.HOLDING
                assert each in out
        elif what == "twice" and gone:
            gate.leave(gone[number % len(gone)])
        elif what == "beside" and gate.has_room(is_background=False):
            out.append(gate.take(is_background=False))
        elif what in ("caller", "background"):
            is_background = what == "background"
            ticket = gate.enter(
                rank_of(Urgency(number % 3), is_background=is_background),
                is_background=is_background,
                within_s=LONG,
            )
            out += [ticket] if isinstance(ticket, Ticket) else []
        holding = [each for each in out if each.turn is Turn.HOLDING]
        waiting = [each for each in out if each.turn is Turn.WAITING]
        assert gate.in_flight == len(holding) <= concurrency
        assert gate.queued == len(waiting)
        assert sum(not each.is_background for each in waiting) <= queue
        if any(not each.is_background for each in waiting):
            assert gate.in_flight == concurrency, "a place is free and somebody waits for it"
        if waiting and concurrency > 1:
            assert gate.in_flight >= concurrency - max(1, concurrency // 4)
    for each in out:
        gate.leave(each)
    assert (gate.in_flight, gate.queued) == (0, 0)
    assert [caller(gate).turn for _ in range(concurrency)] == [Turn.HOLDING] * concurrency


def test_what_is_stat_goes_first_then_who_waits_then_the_order_of_arrival() -> None:
    gate = Gate(1, 10)
    running = caller(gate)
    waiting = {
        "event": background(gate, rank_of(Urgency.ROUTINE, is_background=True)),
        "first": caller(gate, rank_of(Urgency.ROUTINE, is_background=False)),
        "second": caller(gate, rank_of(Urgency.ROUTINE, is_background=False)),
        "urgent event": background(gate, rank_of(Urgency.URGENT, is_background=True)),
        "stat event": background(gate, rank_of(Urgency.STAT, is_background=True)),
        "stat": caller(gate, rank_of(Urgency.STAT, is_background=False)),
    }
    order = []
    while waiting:
        [running] = gate.leave(running)
        name = next(name for name, ticket in waiting.items() if ticket is running)
        order.append(name)
        del waiting[name]
    assert order == ["stat", "stat event", "first", "second", "urgent event", "event"]


def test_a_backlog_never_takes_every_place() -> None:
    gate = Gate(8, 10)
    tickets = [background(gate) for _ in range(100)]
    assert gate.in_flight == 6
    assert caller(gate).turn is Turn.HOLDING
    gate.leave(tickets[0])
    assert gate.in_flight == 7


def test_who_would_wait_beyond_his_deadline_is_told_at_once_and_when_to_come_again() -> None:
    gate = Gate(2, 100)
    caller(gate)
    caller(gate)
    gate.took(4.0)
    assert caller(gate, within_s=6.1).turn is Turn.WAITING  # 2 s for a place, 4 s for the call
    refused = gate.enter(3, is_background=False, within_s=6.1)
    assert isinstance(refused, NoRoom)
    assert refused.retry_after_s == 4.0
    assert isinstance(gate.enter(0, is_background=False, within_s=6.1), Ticket), (
        "the urgent passes the others"
    )


def test_a_full_queue_refuses_callers_but_never_the_backlog() -> None:
    gate = Gate(1, 1)
    caller(gate)
    caller(gate)
    assert isinstance(gate.enter(3, is_background=False, within_s=LONG), NoRoom)
    assert background(gate).turn is Turn.WAITING


def test_nobody_waits_for_ever_behind_the_urgent() -> None:
    gate = Gate(1, 10)
    running = caller(gate)
    routine = background(gate)
    for _ in range(6000):
        background(gate, rank=1)
        [running] = gate.leave(running)
        if running is routine:
            return
    raise AssertionError("the routine message is never served")
