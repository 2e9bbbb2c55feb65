"""Versions of the operation: which one a call is of, and what becomes of one that is deprecated or has ended."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from gateway.errors import ErrorKind
from gateway.policy.decision import OPERATION_VERSION, Decision, decide, refusal_of
from gateway.policy.rules import Effect, Operation, Rule, any_of
from gateway.summary import NoticeCode
from gateway.versions import OperationVersion, OperationVersions
from tests.gateway.policy.test_decision import NOW, having, policy

LIVES = OperationVersions(
    default="1",
    versions={
        "0": OperationVersion("0", sunset=date(2026, 1, 1)),
        "1": OperationVersion("1", deprecated=date(2026, 11, 1), sunset=date(2026, 12, 1), successor="2"),
        "2": OperationVersion("2"),
        "3": OperationVersion("3"),
    },
)


def called(
    asked: str = "",
    *rules: Rule,
    day: datetime = NOW,
    moves_on: bool = False,
    partner: str = "epic",
    operation: Operation = Operation.SUMMARIZE,
) -> Decision:
    """Under the versions of the operation above; the partner `lab` is held at 3."""
    one = replace(LIVES.versions["1"], moves_on=moves_on)
    lives = replace(LIVES, versions={**LIVES.versions, "1": one})
    given = policy(*(rules or (Rule("all", Effect.PERMIT),)))
    given = replace(given, operation=lives, operation_pins={"lab": "3"})
    return decide(having(operation_version=asked, partner=partner, operation=operation), given, day)


LATER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "partner", "answers"),
    [("", "epic", "1"), ("2", "epic", "2"), ("", "lab", "3"), ("2", "lab", "2")],
)
def test_a_call_is_of_the_version_it_names_else_of_its_partners_else_of_the_default(
    asked: str, partner: str, answers: str
) -> None:
    decision = called(asked, partner=partner)
    assert decision.operation is not None
    assert decision.operation.version == answers


@pytest.mark.parametrize("operation", [Operation.SUMMARIZE, Operation.RETRIEVE])
def test_a_deprecated_version_of_the_operation_works_and_warns(operation: Operation) -> None:
    decision = called("1", operation=operation)
    assert decision.permitted
    assert [(each.code, each.text) for each in decision.notices] == [
        (
            NoticeCode.OPERATION_DEPRECATED,
            "Operation summarize version 1 is deprecated since 2026-11-01 and ends on 2026-12-01;"
            " its successor is version 2.",
        )
    ]
    assert called("2", operation=operation).notices == ()


@pytest.mark.parametrize("operation", [Operation.SUMMARIZE, Operation.RETRIEVE])
def test_an_ended_version_of_the_operation_is_refused_or_moves_on(operation: Operation) -> None:
    refused = called("1", day=LATER, operation=operation)
    assert not refused.permitted
    assert refused.rules == (OPERATION_VERSION,)
    error = refusal_of(refused)
    assert error.kind is ErrorKind.VERSION_ENDED
    assert error.public == "Operation summarize version 1 ended on 2026-12-01; its successor is 2"
    moved = called("1", day=LATER, moves_on=True, operation=operation)
    assert moved.permitted
    assert moved.operation == LIVES.versions["2"]
    assert moved.operation_moved_from is not None
    assert [each.code for each in moved.notices] == [NoticeCode.OPERATION_MOVED]


def test_what_was_acknowledged_while_its_version_lived_is_answered_by_it_afterwards() -> None:
    given = replace(policy(Rule("all", Effect.PERMIT)), operation=LIVES)
    facts = having(operation_version="1")
    assert not decide(facts, given, LATER).permitted
    kept = decide(facts, given, LATER, accepted_at=NOW)
    assert kept.operation == LIVES.versions["1"]
    assert "ended on 2026-12-01" in kept.notices[0].text
    assert not decide(facts, given, LATER, accepted_at=LATER).permitted


def test_a_version_that_nobody_knows_is_refused_and_never_another_one() -> None:
    decision = called("9")
    error = refusal_of(decision)
    assert error.kind is ErrorKind.UNSUPPORTED_VERSION
    assert error.public == "There is no such version of the operation summarize; there are: 1, 2, 3"
    assert "9" not in error.public


def test_what_is_only_kept_is_of_no_version() -> None:
    kept = called("9", operation=Operation.RECORD)
    assert kept.permitted
    assert kept.operation is None


def test_rules_see_the_version_that_answers() -> None:
    second = Rule("second", Effect.PERMIT, on_moment={"operation_version": any_of(["2"])})
    assert called("2", second).permitted
    assert called("1", second, day=LATER, moves_on=True).permitted
    assert not called("1", second).permitted
    assert called("1", second, day=LATER).public.endswith("its successor is 2")  # whatever rules say
    forbidden = called("2", Rule("all", Effect.PERMIT), replace(second, effect=Effect.FORBID))
    assert forbidden.rules == ("second",)


def test_the_version_of_one_call_is_not_remembered_for_the_next() -> None:
    lives = replace(policy(Rule("all", Effect.PERMIT)), operation=LIVES, operation_pins={"lab": "3"})
    versions = []
    for partner, asked in (("epic", ""), ("lab", ""), ("epic", "2"), ("epic", "9"), ("epic", "")):
        operation = decide(having(partner=partner, operation_version=asked), lives, NOW).operation
        versions.append(operation and operation.version)
    assert versions == ["1", "3", "2", None, "1"]
