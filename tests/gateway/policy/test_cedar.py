"""Cedar as the oracle: the same rules and requests, put to Cedar's own engine, permit and forbid alike."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import cedarpy
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy.decision import decide
from gateway.policy.rules import BackendFacts, ModelVersion, Operation, Policy, RequestFacts, Rule
from gateway.settings.schema import RuleSettings
from gateway.settings.to_policy import rule_of

BACKENDS = {
    "cloud": BackendFacts("cloud", region="us", retention_days=30, baa_expires=date(2030, 1, 31)),
    "ward": BackendFacts("ward", on_premises=True, region="eu"),
    "builtin": BackendFacts("builtin", on_premises=True, in_process=True, retention_days=0),
}
VERSION = ModelVersion("clinical", "1", (("cloud", 1),), ("ward", "builtin"))

SETS = {
    "partner": ["epic", "lab"],
    "protocol": ["hl7v2", "fhir", "soap"],
    "confidentiality": ["N", "R", "V"],
    "priority": ["stat", "urgent", "routine"],
    "weekday": ["mon", "sun"],
    "backend": list(BACKENDS),
    "backend_region": ["us", "eu"],
}
OVERLAPS = {"purpose_of_use": ["TREAT", "HPAYMT", "HOPERAT"], "sensitivity": ["ETH", "PSY", "HIV"]}
PATTERNS = ["*", "ADT^*", "ADT^A01", "*^R01", "A*1"]
NUMBERS = {
    "min_age": (">=", "age"),
    "max_age": ("<=", "age"),
    "backend_max_retention_days": ("<=", "retention"),
}
WINDOWS = ["07:00-19:00", "22:00-06:00"]


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        **{key: some(values) for key, values in (SETS | OVERLAPS).items()},
        **{key: st.sampled_from([0, 17, 18, 30]) for key in NUMBERS},
        "message_type": some(PATTERNS),
        "backend_on_premises": st.booleans(),
        "backend_retention_over_days": st.sampled_from([0, 30]),
        "time_of_day": some(WINDOWS),
        "age_known": st.booleans(),
    },
)
RULES = st.lists(st.tuples(st.sampled_from(["permit", "permit", "forbid"]), CONDITIONS), max_size=6)
FACTS = st.fixed_dictionaries(
    {
        "partner": st.sampled_from(SETS["partner"]),
        "protocol": st.sampled_from(SETS["protocol"]),
        "confidentiality": st.sampled_from(SETS["confidentiality"]),
        "priority": st.sampled_from(SETS["priority"]),
        "message_type": st.sampled_from(["ADT^A01", "ORU^R01", "$summarize"]),
        "purpose_of_use": st.lists(st.sampled_from(OVERLAPS["purpose_of_use"]), unique=True).map(tuple),
        "sensitivity": st.lists(st.sampled_from(OVERLAPS["sensitivity"]), unique=True).map(tuple),
        "age": st.sampled_from([None, 0, 17, 18, 80]),
    }
)
MOMENTS = st.builds(
    datetime, st.just(2026), st.just(11), st.sampled_from([22, 23]), st.integers(0, 23), tzinfo=st.just(UTC)
)


def cedar_policy(effect: str, when: dict[str, Any]) -> str:
    tests = " && ".join(f"({cedar_test(key, value)})" for key, value in when.items()) or "true"
    return f"{effect} (principal, action, resource) when {{ {tests} }};"


def cedar_test(key: str, value: Any) -> str:
    if key in SETS:
        return f"{_quoted(value)}.contains(context.{key})"
    if key in OVERLAPS:
        return f"context.{key}.containsAny({_quoted(value)})"
    if key in NUMBERS:
        sign, fact = NUMBERS[key]
        return f"context has {fact} && context.{fact} {sign} {value}"
    if key == "message_type":
        return " || ".join(f'context.message_type like "{pattern}"' for pattern in value)
    if key == "backend_retention_over_days":
        return f"!(context has retention) || context.retention > {value}"
    if key == "age_known":
        return "context has age" if value else "!(context has age)"
    if key == "time_of_day":
        return " || ".join(map(_window, value))
    return f"context.{key} == {str(value).lower()}"


def _quoted(values: list[str]) -> str:
    return "[" + ", ".join(f'"{each}"' for each in values) + "]"


def _window(text: str) -> str:
    begin, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    joined = "&&" if begin < end else "||"
    return f"context.minute >= {begin} {joined} context.minute < {end}"


def cedar_allows(policies: str, facts: dict[str, Any], backend: BackendFacts, now: datetime) -> bool:
    context = {
        **{name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()},
        "weekday": "mon" if now.weekday() == 0 else "sun",
        "minute": now.hour * 60 + now.minute,
        "backend": backend.name,
        "backend_region": backend.region,
        "backend_on_premises": backend.on_premises,
        "retention": backend.retention_days,
    }
    request = {
        "principal": 'Partner::"p"',
        "action": 'Action::"summarize"',
        "resource": 'Backend::"b"',
        "context": {name: value for name, value in context.items() if value is not None},
    }
    answer = cedarpy.is_authorized(request, policies, [])
    assert not answer.diagnostics.errors
    return bool(answer.allowed)


@settings(max_examples=150, deadline=None)
@given(RULES, FACTS, MOMENTS)
def test_cedar_permits_and_forbids_the_same(
    rules: list[tuple[str, dict[str, Any]]], facts: dict[str, Any], now: datetime
) -> None:
    ours = tuple(_ours(f"r{number}", effect, when) for number, (effect, when) in enumerate(rules))
    policy = Policy(ours, {"clinical": {"1": VERSION}}, {"clinical": "1"}, BACKENDS, "r")
    asked = RequestFacts(listener="feed", operation=Operation.SUMMARIZE, **facts)
    decision = decide(asked, policy, now)
    policies = "\n".join(cedar_policy(effect, when) for effect, when in rules)
    allowed = [name for name, each in BACKENDS.items() if cedar_allows(policies, facts, each, now)]
    assert list(decision.backends) == allowed
    assert decision.permitted is bool(allowed)


def _ours(rule_id: str, effect: str, when: dict[str, Any]) -> Rule:
    return rule_of(RuleSettings.model_validate({"id": rule_id, "effect": effect, "when": when}))


def test_the_oracle_tells_permit_from_forbid() -> None:
    facts = {"partner": "epic"}
    permit = cedar_policy("permit", {"partner": ["epic"]})
    forbid = cedar_policy("forbid", {"backend_on_premises": False})
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert cedar_allows(permit, facts, BACKENDS["cloud"], now)
    assert not cedar_allows(permit + forbid, facts, BACKENDS["cloud"], now)
    assert cedar_allows(permit + forbid, facts, BACKENDS["ward"], now)
    assert not cedar_allows("", facts, BACKENDS["ward"], now)


@settings(max_examples=80, deadline=None)
@given(RULES, RULES, FACTS, MOMENTS)
def test_shadow_rules_change_no_decision(
    rules: list[tuple[str, dict[str, Any]]],
    shadows: list[tuple[str, dict[str, Any]]],
    facts: dict[str, Any],
    now: datetime,
) -> None:
    ours = tuple(_ours(f"r{number}", effect, when) for number, (effect, when) in enumerate(rules))
    tried = tuple(
        replace(_ours(f"s{number}", effect, when), shadow=True)
        for number, (effect, when) in enumerate(shadows)
    )
    asked = RequestFacts(listener="feed", operation=Operation.SUMMARIZE, **facts)
    model: dict[str, Any] = {"models": {"clinical": {"1": VERSION}}, "defaults": {"clinical": "1"}}
    plain, shadowed, enforced = (
        decide(asked, Policy(rules=given, backends=BACKENDS, revision="r", **model), now)
        for given in (ours, ours + tried, ours + tuple(replace(each, shadow=False) for each in tried))
    )
    assert replace(shadowed, shadowed=()) == plain
    if len(tried) == 1 and shadowed.shadowed:
        changed = (enforced.permitted, enforced.backends) != (plain.permitted, plain.backends)
        assert shadowed.shadowed[0].would_change is changed
