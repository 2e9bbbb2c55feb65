"""The order in which permitted backends are tried."""

from collections import Counter

from gateway.policy.decision import Candidate, Decision
from gateway.policy.rules import ModelVersion
from gateway.routing import order_backends

VERSION = ModelVersion("m", "1", (("a", 90), ("b", 10)), fallback=("c",))


def decision(*kept: str) -> Decision:
    candidates = tuple(Candidate(name, name in kept, "") for name in VERSION.backends)
    return Decision(True, ("r",), "r1", VERSION, candidates)


def test_weights_hold_over_many_patients_and_each_keeps_its_target() -> None:
    firsts = Counter(order_backends(decision("a", "b", "c"), f"patient{n}")[0] for n in range(5000))
    assert 0.87 < firsts["a"] / 5000 < 0.93
    assert len({order_backends(decision("a", "b", "c"), "one patient") for _ in range(10)}) == 1


def test_fallbacks_come_last_and_forbidden_backends_not_at_all() -> None:
    assert order_backends(decision("a", "b", "c"), "x")[-1] == "c"
    assert order_backends(decision("b", "c"), "x") == ("b", "c")
    assert order_backends(decision("c"), "x") == ("c",)


def test_a_target_that_drops_out_moves_only_its_own_patients() -> None:
    version = ModelVersion("m", "1", (("a", 60), ("b", 30), ("c", 10)))
    every, without_b = (
        Decision(True, ("r",), "r1", version, tuple(Candidate(name, name in kept, "") for name in "abc"))
        for kept in ("abc", "ac")
    )
    patients = [f"patient{n}" for n in range(3000)]
    before = {each: order_backends(every, each)[0] for each in patients}
    after = {each: order_backends(without_b, each)[0] for each in patients}
    assert all(after[each] == before[each] for each in patients if before[each] != "b")
    moved = Counter(after[each] for each in patients if before[each] == "b")
    assert 0.8 < moved["a"] / (moved["a"] + moved["c"]) < 0.92


def test_a_canary_that_grows_only_takes_patients() -> None:
    def first(weight: int, patient: str) -> str:
        version = ModelVersion("m", "1", (("a", 90), ("b", weight)))
        candidates = tuple(Candidate(name, True, "") for name in "ab")
        return order_backends(Decision(True, ("r",), "r1", version, candidates), patient)[0]

    patients = [f"patient{n}" for n in range(2000)]
    assert all(first(40, each) == "b" for each in patients if first(10, each) == "b")


def test_a_target_of_weight_zero_gets_nobody() -> None:
    version = ModelVersion("m", "1", (("a", 1), ("b", 0)))
    candidates = tuple(Candidate(name, True, "") for name in "ab")
    assert order_backends(Decision(True, ("r",), "r1", version, candidates), "x") == ("a",)
