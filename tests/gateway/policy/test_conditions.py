"""Every key that a rule may ask about, with a request or backend that passes and one that does not."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from gateway.policy.consent import ConsentVerdict
from gateway.policy.decision import decide
from gateway.policy.rules import BackendFacts, ModelVersion, Operation, Policy, RequestFacts
from gateway.settings.schema import ConditionSettings, RuleSettings
from gateway.settings.to_policy import rule_of
from gateway.versions import OperationVersion, OperationVersions

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 11, 22, 23, tzinfo=UTC)

OF_REQUEST: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    # key: (value in the file, facts that pass, facts that do not)
    "partner": (["epic"], {"partner": "epic"}, {"partner": "lab"}),
    "listener": (["feed"], {"listener": "feed"}, {"listener": "web"}),
    "protocol": (["hl7v2"], {"protocol": "hl7v2"}, {"protocol": "fhir"}),
    "message_type": (["ADT^*"], {"message_type": "ADT^A01"}, {"message_type": "ORU^R01"}),
    "operation": (["summarize"], {}, {"operation": Operation.RETRIEVE}),
    "purpose": (["handoff"], {"purpose": "handoff"}, {"purpose": "referral"}),
    "audience": (["patient"], {"audience": "patient"}, {"audience": "clinician"}),
    "purpose_of_use": (["TREAT"], {"purpose_of_use": ("TREAT", "HPAYMT")}, {"purpose_of_use": ("HPAYMT",)}),
    "confidentiality": (["N"], {"confidentiality": "N"}, {"confidentiality": "V"}),
    "sensitivity": (["PSY"], {"sensitivity": ("ETH", "PSY")}, {"sensitivity": ("ETH",)}),
    "consent": (["permit"], {"consent": ConsentVerdict.PERMIT}, {}),
    "break_glass": (True, {"break_glass": True}, {}),
    "patient_class": (["EMER"], {"patient_class": "EMER"}, {"patient_class": "IMP"}),
    "max_size_bytes": (100, {"size_bytes": 100}, {"size_bytes": 101}),
    "min_size_bytes": (100, {"size_bytes": 100}, {"size_bytes": 99}),
    "facility": (["NORTH*"], {"facility": "NORTHGATE"}, {"facility": ""}),
    "min_age": (18, {"age": 18}, {"age": 17}),
    "max_age": (17, {"age": 17}, {"age": None}),
    "age_known": (True, {"age": 0}, {"age": None}),
    "priority": (["stat"], {"priority": "stat"}, {"priority": "routine"}),
    "authentication": (["api-key"], {"authentication": "api-key"}, {"authentication": "network"}),
}
OF_MOMENT = {"time_of_day": ["07:00-19:00"], "weekday": ["mon", "tue"], "operation_version": ["2"]}
"""On the day before, version 1 has not ended yet and answers itself."""
LIVES = OperationVersions(
    versions={
        "1": OperationVersion("1", sunset=MONDAY.date(), successor="2", moves_on=True),
        "2": OperationVersion("2"),
    }
)
OF_BACKEND: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "backend": (["b"], {}, {"name": "c"}),
    "backend_on_premises": (True, {"on_premises": True}, {"on_premises": False}),
    "backend_region": (["us"], {"region": "us"}, {"region": "eu"}),
    "backend_baa": (True, {"baa_expires": date(2026, 11, 23)}, {"baa_expires": date(2026, 11, 22)}),
    "backend_max_retention_days": (30, {"retention_days": 30}, {"retention_days": None}),
    "backend_retention_over_days": (30, {"retention_days": None}, {"retention_days": 30}),
}


def permitted(
    effect: str, when: dict[str, Any], facts: dict[str, Any], backend: dict[str, Any], now: datetime = MONDAY
) -> bool:
    """Under one rule, beside one that permits everything where the rule forbids."""
    given = [{"id": "it", "effect": effect, "when": when}]
    if effect == "forbid":
        given.append({"id": "all", "effect": "permit"})
    made = BackendFacts(**{"name": "b", "in_process": True, **backend})
    version = ModelVersion("clinical", "1", ((made.name, 1),))
    rules = tuple(rule_of(RuleSettings.model_validate(each)) for each in given)
    policy = Policy(
        rules, {"clinical": {"1": version}}, {"clinical": "1"}, {made.name: made}, "r", operation=LIVES
    )
    asked = {"partner": "epic", "listener": "feed", "protocol": "hl7v2", "message_type": "ADT^A01",
             "operation": Operation.SUMMARIZE}  # fmt: skip
    return decide(RequestFacts(**(asked | facts)), policy, now).permitted


def test_every_key_is_in_a_table() -> None:
    assert {*OF_REQUEST, *OF_MOMENT, *OF_BACKEND} == set(ConditionSettings.model_fields)


@pytest.mark.parametrize("key", OF_REQUEST)
def test_a_fact_of_the_request_opens_and_closes(key: str) -> None:
    value, passing, failing = OF_REQUEST[key]
    assert permitted("permit", {key: value}, passing, {})
    assert not permitted("permit", {key: value}, failing, {})
    assert not permitted("forbid", {key: value}, passing, {})
    assert permitted("forbid", {key: value}, failing, {})


@pytest.mark.parametrize("key", OF_MOMENT)
def test_the_moment_opens_and_closes(key: str) -> None:
    when = {key: OF_MOMENT[key]}
    assert permitted("permit", when, {}, {}, MONDAY)
    assert not permitted("permit", when, {}, {}, SUNDAY_NIGHT)
    assert not permitted("forbid", when, {}, {}, MONDAY)
    assert permitted("forbid", when, {}, {}, SUNDAY_NIGHT)


@pytest.mark.parametrize("key", OF_BACKEND)
def test_a_fact_of_the_backend_opens_and_closes_it(key: str) -> None:
    value, passing, failing = OF_BACKEND[key]
    assert permitted("permit", {key: value}, {}, passing)
    assert not permitted("permit", {key: value}, {}, failing)
    assert not permitted("forbid", {key: value}, {}, passing)
    assert permitted("forbid", {key: value}, {}, failing)
