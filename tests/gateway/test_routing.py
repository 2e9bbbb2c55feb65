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
