"""Decisions: deny by default, forbid over permit, order never matters, an erring rule denies."""

from datetime import date
from itertools import permutations

import pytest

from gateway.policy.decision import DEFAULT_DENY, Decision, decide, explain
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
    equal,
)

TODAY = date(2026, 11, 23)
VERSION = ModelVersion(alias="clinical", version="2", targets=(("cloud", 1),), fallback=("ward", "builtin"))
BACKENDS = {
    "cloud": BackendFacts("cloud", region="us"),
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
    return decide(facts, policy(*rules, version=version), TODAY)


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


def test_an_obligation_that_cannot_be_met_keeps_content_inside() -> None:
    rule = Rule("treatment", Effect.PERMIT, deidentify=Deidentify.SAFE_HARBOR)
    assert decided(rule).backends == ("builtin",)


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
    verdicts = explain(FACTS, policy(PERMIT, STAYS_IN))
    assert verdicts[0].tests == (("partner", "epic", True),)
    assert [verdict.applies for verdict in verdicts] == [True, False]


def test_the_strictest_treatment_of_unsupported_statements_holds() -> None:
    rules = [Rule(each.value, Effect.PERMIT, unsupported=each) for each in Treatment]
    assert decided(PERMIT).unsupported is Treatment.MARK
    for order in permutations(rules):
        assert decided(*order).unsupported is Treatment.REPLACE
