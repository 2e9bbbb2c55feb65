"""Decisions: deny by default, forbid over permit, order never matters, an erring rule denies."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.policy.decision import DEFAULT_DENY, Decision, Shadowed, decide, explain
from gateway.policy.rules import (
    BackendFacts,
    Deidentify,
    Effect,
    ModelVersion,
    Operation,
    Policy,
    RequestFacts,
    Rule,
    Treatment,
    any_of,
    any_pattern,
    any_window,
    at_least,
    at_most,
    equal,
    is_known,
    over,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
VERSION = ModelVersion(alias="clinical", version="2", targets=(("cloud", 1),), fallback=("ward", "builtin"))
BACKENDS = {
    "cloud": BackendFacts("cloud", region="us", baa_expires=date(2030, 1, 31)),
    "ward": BackendFacts("ward", on_premises=True),
    "builtin": BackendFacts("builtin", on_premises=True, in_process=True),
}
FACTS = RequestFacts(
    partner="epic",
    listener="feed",
    protocol="hl7v2",
    message_type="ADT^A01",
    operation=Operation.SUMMARIZE,
    purpose_of_use=("TREAT",),
)
PERMIT = Rule("treatment", Effect.PERMIT, {"partner": any_of(["epic"])})
STAYS_IN = Rule("stays-in", Effect.FORBID, {"sensitivity": any_of(["ETH"])}, {"on_premises": equal(False)})


def policy(*rules: Rule, version: ModelVersion = VERSION) -> Policy:
    return Policy(
        rules, {"clinical": {version.version: version}}, {"clinical": version.version}, BACKENDS, "r1"
    )


def decided(*rules: Rule, facts: RequestFacts = FACTS, version: ModelVersion = VERSION) -> Decision:
    return decide(facts, policy(*rules, version=version), NOW)


def sensitive(*labels: str) -> RequestFacts:
    return RequestFacts(**{name: getattr(FACTS, name) for name in FACTS.__slots__} | {"sensitivity": labels})


def test_nothing_is_permitted_without_a_rule() -> None:
    decision = decided()
    assert not decision.permitted
    assert decision.rules == (DEFAULT_DENY,)


def test_a_permit_opens_every_backend_of_the_model() -> None:
    decision = decided(PERMIT)
    assert decision.permitted
    assert decision.rules == ("treatment",)
    assert decision.backends == ("cloud", "ward", "builtin")
    assert decision.revision == "r1"


def test_a_permit_for_others_opens_nothing() -> None:
    assert not decided(Rule("other", Effect.PERMIT, {"partner": any_of(["cerner"])})).permitted


def test_a_forbid_overrides_every_permit_and_names_itself() -> None:
    forbid = Rule("no-adt", Effect.FORBID, {"message_type": any_pattern(["ADT^*"])})
    decision = decided(PERMIT, forbid)
    assert not decision.permitted
    assert decision.rules == ("no-adt",)


def test_a_forbid_on_backends_drops_only_those() -> None:
    decision = decided(PERMIT, STAYS_IN, facts=sensitive("ETH"))
    assert decision.backends == ("ward", "builtin")
    assert decision.candidates[0].why == "forbidden by stays-in"
    assert decided(PERMIT, STAYS_IN).backends == ("cloud", "ward", "builtin")


def test_no_backend_left_is_a_refusal() -> None:
    nowhere = Rule("nowhere", Effect.FORBID, {}, {"name": any_of(list(BACKENDS))})
    decision = decided(PERMIT, nowhere)
    assert not decision.permitted
    assert decision.rules == ("nowhere",)


def test_the_order_of_rules_does_not_matter() -> None:
    second = Rule("second", Effect.PERMIT, {"purpose_of_use": any_of(["TREAT"])}, model="clinical@2")
    decisions = {
        decided(*order, facts=sensitive("ETH")) for order in permutations([PERMIT, second, STAYS_IN])
    }
    assert len(decisions) == 1


@pytest.mark.parametrize("place", ["on_request", "on_backend"])
def test_a_rule_that_fails_to_evaluate_denies(place: str) -> None:
    def broken(_: object) -> bool:
        raise ZeroDivisionError

    fact = {"partner": broken} if place == "on_request" else {"name": broken}
    decision = decided(PERMIT, Rule("broken", Effect.PERMIT, **{place: fact}))
    assert not decision.permitted
    assert "ZeroDivisionError" in decision.why
    assert decision.erring == (("broken",) if place == "on_request" else (DEFAULT_DENY,))


def test_the_strictest_de_identification_of_all_that_permit_holds() -> None:
    rules = [Rule(each.value, Effect.PERMIT, deidentify=each) for each in Deidentify]
    for order in permutations(rules):
        assert decided(*order).deidentify is Deidentify.SAFE_HARBOR
    assert decided(rules[0], rules[1]).deidentify is Deidentify.LIMITED


@pytest.mark.parametrize(("sunset", "permitted"), [(date(2026, 11, 24), True), (date(2026, 11, 23), False)])
def test_a_version_ends_on_its_day_and_names_its_successor(sunset: date, permitted: bool) -> None:
    version = ModelVersion("clinical", "1", (("builtin", 1),), sunset=sunset, successor="2")
    decision = decided(PERMIT, version=version)
    assert decision.permitted is permitted
    assert permitted or "its successor is 2" in decision.why


def test_handing_out_a_summary_asks_for_no_backend() -> None:
    facts = RequestFacts("epic", "feed", "hl7v2", "QBP^Q15", Operation.RETRIEVE)
    assert decided(PERMIT, facts=facts).permitted
    assert not decided(facts=facts).permitted


def test_an_explanation_shows_every_rule_with_the_values_it_saw() -> None:
    verdicts = explain(FACTS, policy(PERMIT, STAYS_IN), NOW)
    assert verdicts[0].tests == (("partner", "epic", True),)
    assert [verdict.applies for verdict in verdicts] == [True, False]


def test_the_strictest_treatment_of_unsupported_statements_holds() -> None:
    rules = [Rule(each.value, Effect.PERMIT, unsupported=each) for each in Treatment]
    assert decided(PERMIT).unsupported is Treatment.MARK
    for order in permutations(rules):
        assert decided(*order).unsupported is Treatment.REPLACE


def having(**facts: Any) -> RequestFacts:
    return RequestFacts(**{name: getattr(FACTS, name) for name in FACTS.__slots__} | facts)


def test_a_shadow_rule_is_evaluated_and_decides_nothing() -> None:
    forbid = Rule("new-rule", Effect.FORBID, {"partner": any_of(["epic"])}, shadow=True)
    elsewhere = Rule("elsewhere", Effect.FORBID, {"partner": any_of(["cerner"])}, shadow=True)
    repeats = Rule("repeats", Effect.PERMIT, shadow=True)
    decision = decided(PERMIT, forbid, elsewhere, repeats)
    assert decision.permitted
    assert decision.rules == ("treatment",)
    assert decision.shadowed == (Shadowed("new-rule", "forbid", True), Shadowed("repeats", "permit", False))


def test_a_shadow_rule_that_fails_denies_nothing() -> None:
    def broken(_: object) -> bool:
        raise ZeroDivisionError

    assert decided(PERMIT, Rule("a", Effect.FORBID, {"partner": broken}, shadow=True)).permitted
    on_backend = decided(PERMIT, Rule("a", Effect.FORBID, {}, {"name": broken}, shadow=True))
    assert on_backend.permitted
    assert on_backend.shadowed[0].would_change


@pytest.mark.parametrize(
    ("hour", "weekday", "permitted"),
    [(8, 23, True), (7, 23, False), (19, 23, False), (8, 22, False)],  # 2026-11-23 is a Monday
)
def test_time_of_day_and_weekday_are_those_of_the_gateways_zone(
    hour: int, weekday: int, permitted: bool
) -> None:
    zone = ZoneInfo("America/New_York")
    moment = {"time": any_window([("08:00", "18:00")]), "weekday": any_of(["mon"])}
    rules = (Rule("day", Effect.PERMIT, on_moment=moment),)
    of_zone = replace(policy(*rules), zone=zone)
    now = datetime(2026, 11, weekday, hour, tzinfo=zone).astimezone(UTC)
    assert decide(FACTS, of_zone, now).permitted is permitted


def test_a_window_may_span_midnight() -> None:
    night = any_window([("22:00", "06:00")])
    assert [night(time) for time in ("21:59", "22:00", "05:59", "06:00")] == [False, True, True, False]


@pytest.mark.parametrize(
    ("age", "adult", "minor"), [(18, True, False), (17, False, True), (None, False, False)]
)
def test_an_age_that_is_not_known_is_neither_over_nor_under(
    age: int | None, adult: bool, minor: bool
) -> None:
    facts = having(age=age)
    assert decided(Rule("adults", Effect.PERMIT, {"age": at_least(18)}), facts=facts).permitted is adult
    assert decided(Rule("minors", Effect.PERMIT, {"age": at_most(17)}), facts=facts).permitted is minor
    unknown = Rule("unknown", Effect.FORBID, {"age": is_known(False)})
    assert decided(PERMIT, unknown, facts=facts).permitted is (age is not None)


@pytest.mark.parametrize(("day", "kept"), [(23, True), (24, False)])
def test_an_agreement_counts_until_its_last_day(day: int, kept: bool) -> None:
    backends = BACKENDS | {"cloud": BackendFacts("cloud", baa_expires=date(2026, 11, 23))}
    needs = Rule("needs-baa", Effect.FORBID, {}, {"baa": equal(False), "on_premises": equal(False)})
    with_baa = replace(policy(PERMIT, needs), backends=backends)
    decision = decide(FACTS, with_baa, datetime(2026, 11, day, tzinfo=UTC))
    assert ("cloud" in decision.backends) is kept


def test_a_retention_that_is_not_known_is_over_any() -> None:
    keeps = Rule("no-retention", Effect.FORBID, {}, {"retention_days": over(0)})
    backends = {
        "cloud": BackendFacts("cloud", on_premises=True),
        "ward": BackendFacts("ward", on_premises=True, retention_days=0),
    }
    version = ModelVersion(alias="clinical", version="2", targets=(("cloud", 1), ("ward", 1)))
    decision = decide(FACTS, replace(policy(PERMIT, keeps, version=version), backends=backends), NOW)
    assert decision.backends == ("ward",)


def test_of_several_permits_the_strictest_obligations_hold() -> None:
    one = Rule("a", Effect.PERMIT, max_tokens=500, notice="First.", sections=frozenset({"result", "notes"}))
    two = Rule(
        "b", Effect.PERMIT, max_tokens=300, notice="Second.", sections=frozenset({"result"}), review=True
    )
    for order in ((one, two), (two, one)):
        decision = decided(*order)
        assert decision.max_tokens == 300
        assert decision.sections == {"result"}
        assert [notice.text for notice in decision.notices if notice.code == "policy-notice"] == [
            "First.",
            "Second.",
        ]
        assert "review-required" in {notice.code for notice in decision.notices}


def test_a_bound_on_tokens_drops_what_cannot_be_bound() -> None:
    backends = BACKENDS | {
        "cloud": BackendFacts("cloud", bounds_answers=False, baa_expires=date(2030, 1, 31))
    }
    bounded = replace(policy(Rule("a", Effect.PERMIT, max_tokens=100)), backends=backends)
    assert decide(FACTS, bounded, NOW).backends == ("ward", "builtin")


@pytest.mark.parametrize(
    ("purposes", "notes", "conditions"),
    [
        (("TREAT",), True, True),
        (("HPAYMT",), False, True),
        (("HPAYMT", "TREAT"), True, True),
        ((), True, True),
        (("HPAYMT", "HOPERAT"), False, True),
    ],
)
def test_payment_and_operations_read_no_more_than_they_need(
    purposes: tuple[str, ...], notes: bool, conditions: bool
) -> None:
    sections = decided(PERMIT, facts=having(purpose_of_use=purposes)).sections
    assert (sections is None or "notes" in sections) is notes
    assert (sections is None or "condition" in sections) is conditions


LIVES = {
    "1": ModelVersion("clinical", "1", (("ward", 1),), sunset=date(2026, 11, 23), successor="2"),
    "2": VERSION,
    "3": ModelVersion("clinical", "3", (("ward", 1),)),
}


def lived(asked: str | None, *, moves_on: bool = False, pins: dict[str, str] | None = None) -> Decision:
    versions = LIVES | {"1": replace(LIVES["1"], moves_on=moves_on)}
    lives = Policy((PERMIT,), {"clinical": versions}, {"clinical": "2"}, BACKENDS, "r1", {"epic": pins or {}})
    return decide(having(model=asked), lives, NOW)


def test_an_ended_version_moves_on_to_its_successor_where_policy_says_so() -> None:
    refused = lived("clinical@1")
    assert not refused.permitted
    assert refused.public == "Model clinical version 1 ended on 2026-11-23; its successor is 2"
    moved = lived("clinical@1", moves_on=True)
    assert moved.permitted
    assert moved.model == VERSION
    assert moved.moved_from is not None
    assert moved.moved_from.version == "1"


def test_a_partner_can_be_held_at_a_version() -> None:
    assert lived(None).model == VERSION
    assert lived(None, pins={"clinical": "3"}).model == LIVES["3"]
    assert lived("clinical", pins={"clinical": "3"}).model == LIVES["3"]
    assert lived("clinical@2", pins={"clinical": "3"}).model == VERSION


def test_what_is_remembered_of_one_partner_is_not_told_to_another() -> None:
    lives = Policy(
        (Rule("all", Effect.PERMIT),),
        {"clinical": LIVES},
        {"clinical": "2"},
        BACKENDS,
        "r1",
        {"epic": {"clinical": "3"}},
    )
    assert decide(having(partner="epic"), lives, NOW).model == LIVES["3"]
    assert decide(having(partner="cerner"), lives, NOW).model == VERSION


def test_words_of_a_callers_own_are_not_remembered() -> None:
    """They have any length, and ten thousand decisions are kept."""
    asked = policy(PERMIT)
    for number in range(3):
        decide(having(operation_version="x" * 1000 + str(number)), asked, NOW)
        decide(having(model="x" * 1000 + str(number)), asked, NOW)
        decide(having(model=f"{VERSION.alias}@{'x' * 1000}{number}"), asked, NOW)
    assert not asked.decided
    for model in (None, VERSION.alias, f"{VERSION.alias}@{VERSION.version}"):
        assert decide(having(model=model), asked, NOW).permitted
    assert len(asked.decided) == 3
