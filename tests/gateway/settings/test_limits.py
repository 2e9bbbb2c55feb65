"""What is wrong with limits, quotas and prices is named when the file is read."""

from decimal import Decimal

import pytest

from gateway.policy.limits import Limit, Per, Rate
from gateway.policy.quotas import Measure
from gateway.settings import UnusableSettings
from gateway.settings.checks import parse
from gateway.settings.to_limits import limits_at_the_door, spending_of

FILE = """
gateway: {name: GW, time_zone: America/New_York}
listeners: [{name: feed, protocol: mllp, bind: "127.0.0.1:2575"}, {name: web, protocol: http, bind: "127.0.0.1:8080", serve: [fhir]}]
partners: {epic: {identify: [{network: 127.0.0.0/8}], purpose_of_use: [TREAT]}}
backends:
  builtin: {type: extractive}
  ward: {type: openai, model: m, base_url: "http://127.0.0.1:1/v1", on_premises: true, max_tokens: 700, price: {input_per_million: 3, output_per_million: 15}}
models: {clinical: {default: "1", versions: {"1": {targets: [{backend: ward}], fallback: [builtin]}}}}
policy:
  rules: [{id: all, effect: permit}]
  limits:
    - {id: rate, per: partner, of: [epic], requests: 20/minute, burst: 5}
    - {id: room, per: key, concurrency: 3}
    - {id: model, per: model, requests: 7/second}
  quotas:
    - {id: month, per: partner, requests: 10/day, tokens: 5000/month, cost: 20.50/hour}
"""


def test_a_file_becomes_limits_quotas_and_prices() -> None:
    settings, warnings = parse(FILE, {})
    assert warnings == []
    assert limits_at_the_door(settings) == (
        Limit("rate", Per.PARTNER, frozenset({"epic"}), Rate(20, 60, 5)),
        Limit("room", Per.KEY, concurrency=3),
    )
    quotas, zone, [model], terms = spending_of(settings)
    assert {each.measure: (each.most, each.unit.value) for each in quotas} == {
        Measure.REQUESTS: (10, "day"),
        Measure.TOKENS: (5000, "month"),
        Measure.COST: (int(Decimal("20.5") * 1_000_000), "hour"),
    }
    assert str(zone) == "America/New_York"
    assert model.rate == Rate(7, 1, 7)
    assert (terms["ward"].most_output, terms["ward"].output_price) == (700, 15)
    assert terms["builtin"].most_output == 0


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("of: [epic]", "of: [cerner]", "policy.limits[0].of[0]: there is no partner cerner"),
        ("id: room", "id: rate", "policy.limits[1].id: rate is the id of another limit or quota too"),
        ("id: month", "id: rate", "policy.quotas[0].id: rate is the id of another limit or quota too"),
        ("20/minute", "20/fortnight", "policy.limits[0].requests: String should match pattern"),
        ("concurrency: 3", "burst: 3", "policy.limits[1]: needs requests, concurrency or both"),
        ("per: key,", "per: key, burst: 2,", "policy.limits[1]: burst is of requests"),
        ("per: key,", "per: key, of: [epic],", "policy.limits[1]: of names partners, listeners or models"),
        ("cost: 20.50/hour", "cost: 20.50/second", "policy.quotas[0].cost: String should match pattern"),
        (", price: {input_per_million: 3, output_per_million: 15}", "", "policy.quotas[0].cost: backend ward has no price"),
        ("requests: 10/day, tokens: 5000/month, cost: 20.50/hour", "warn_at: 0.5", "policy.quotas[0]: needs requests, tokens, cost"),
    ],
)  # fmt: skip
def test_an_error_is_named_with_its_key(wrong: str, right: str, said: str) -> None:
    assert wrong in FILE
    with pytest.raises(UnusableSettings) as unusable:
        parse(FILE.replace(wrong, right), {})
    found = [f"{problem.path}: {problem.text}" for problem in unusable.value.problems]
    assert any(each.startswith(said) for each in found), found


_MLLP = 'listeners: [{name: feed, protocol: mllp, bind: "127.0.0.1:2575"'
_WEB = ', {name: web, protocol: http, bind: "127.0.0.1:8080", serve: [fhir]}'


@pytest.mark.parametrize(
    ("file", "is_sound"),
    [
        (FILE.replace(_WEB, ""), False),
        (FILE.replace(_WEB, "").replace("id: room, per: key, concurrency", "id: room, per: listener, concurrency"), True),
        (FILE.replace(_WEB, "").replace(_MLLP, f"{_MLLP}, tls: {{certificate: c, key: k, client_ca: a, client_certificate: required}}"), True),
        (FILE.replace(_WEB, "").replace(_MLLP, f"{_MLLP}, tls: {{certificate: c, key: k}}"), False),
        (FILE, True),
    ],
)  # fmt: skip
def test_counting_keys_where_nobody_can_show_one_is_an_error(file: str, is_sound: bool) -> None:
    try:
        problems = parse(file, {})[1]
    except UnusableSettings as unusable:
        problems = unusable.problems
    said = [each for each in map(str, problems) if "no listener takes keys, tokens or certificates" in each]
    assert len(said) == (0 if is_sound else 1)
    assert all("policy.limits[1].per" in each for each in said)
