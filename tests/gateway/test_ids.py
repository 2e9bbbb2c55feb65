"""Message ids: unique, short, sorted by time."""

from gateway.ids import IdSource


def test_ids_are_short_unique_and_sorted_even_within_one_millisecond() -> None:
    ids = IdSource(lambda: 1_700_000_000_000, lambda bits: (1 << bits) - 1)
    made = [ids.next() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert made == sorted(made)
    assert {len(each) for each in made} == {18}


def test_ids_go_on_when_the_clock_steps_back() -> None:
    times = iter([2000, 1000, 3000])
    ids = IdSource(lambda: next(times), lambda _: 7)
    made = [ids.next() for _ in range(3)]
    assert made == sorted(made)
