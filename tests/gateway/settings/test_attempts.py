"""The keys about calls of a backend: what they mean, what contradicts what, what has no effect."""

import pytest

from gateway.attempts.limits import BackendLimits, BreakerLimits, RetryLimits
from gateway.backend_table import limits_of
from gateway.settings import UnusableSettings, parse
from gateway.settings.to_policy import policy_of

FILE = """
listeners: [{{name: web, protocol: http, bind: "127.0.0.1:0"}}]
partners: {{p: {{identify: [{{network: 127.0.0.0/8}}]}}}}
backends:
  builtin: {{type: extractive{builtin}}}
  spare: {{type: openai, model: m, base_url: "http://127.0.0.1:1/v1"}}
  ward: {{type: openai, model: m, base_url: "http://127.0.0.1:1/v1"{ward}}}
models: {{m: {{default: "1", versions: {{"1": {{targets: [{{backend: ward}}], fallback: [builtin]{version}}}}}}}}}
"""


def text(ward: str = "", builtin: str = "", version: str = "") -> str:
    return FILE.format(**{key: given and f", {given}" for key, given in locals().items()})


def test_what_is_not_said_is_what_the_code_takes_for_granted() -> None:
    limits = limits_of(parse(text(), {})[0])
    assert limits["ward"] == BackendLimits(provider="openai")


def test_every_key_arrives() -> None:
    ward = (
        "timeout_s: 9, concurrency: 4, queue: 7, retries: 1, hedge_after_s: 3, hedge_with: builtin, "
        "breaker: {failures: 2, rate: 0.3, least_calls: 9, window_s: 8, open_s: 7, longest_open_s: 70}"
    )
    settings, warnings = parse(text(ward, version="around_refusals: true, after_interruption: ask_again"), {})
    assert warnings == []
    assert limits_of(settings)["ward"] == BackendLimits(
        "openai", 9, 4, 7, RetryLimits(1), BreakerLimits(2, 0.3, 9, 8, 7, 70), 3, "builtin"
    )
    version = policy_of(settings).models["m"]["1"]
    assert (version.around_refusals, version.asks_again_after_interruption) == (True, True)


@pytest.mark.parametrize(("ward", "said"), [
    ("retries: -1", "backends.ward.retries.most: Input should be greater than or equal to 0"),
    ("retries: {often: 3}", "backends.ward.retries.often: there is no such key"),
    ("concurrency: 0", "backends.ward.concurrency: Input should be greater than or equal to 1"),
    ("retries: {first_wait_s: 9, longest_wait_s: 1}", "backends.ward.retries.longest_wait_s: is less than first_wait_s"),
    ("breaker: {open_s: 9, longest_open_s: 1}", "backends.ward.breaker.longest_open_s: is less than open_s"),
    ("hedge_with: spare", "backends.ward.hedge_after_s: is needed with hedge_with"),
    ("hedge_after_s: 1, hedge_with: nobody", "backends.ward.hedge_with: there is no backend nobody"),
    ("hedge_after_s: 9, timeout_s: 9",
     "backends.ward.hedge_after_s: is not before timeout_s: no second call would ever begin"),
])  # fmt: skip
def test_a_contradiction_is_named_with_its_key(ward: str, said: str) -> None:
    with pytest.raises(UnusableSettings) as unusable:
        parse(text(ward), {})
    assert said in [f"{problem.path}: {problem.text}" for problem in unusable.value.problems]


@pytest.mark.parametrize(("changes", "path"), [
    ({"builtin": "retries: 3"}, "backends.builtin.retries"),
    ({"ward": "hedge_after_s: 1, hedge_with: spare"}, "models.m.versions.1"),
])  # fmt: skip
def test_what_has_no_effect_is_said(changes: dict[str, str], path: str) -> None:
    warnings = parse(text(**changes), {})[1]
    assert [warning.path for warning in warnings] == [path]
