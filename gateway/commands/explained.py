"""One decision with everything that led to it, for people and as JSON; and how two of them differ."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from gateway.clinical import Caution
from gateway.commands.terminal import printable
from gateway.policy.decision import Decision, Verdict, decide
from gateway.policy.decision import explain as explain_rules
from gateway.policy.minimum import withheld
from gateway.policy.rules import Policy, RequestFacts
from gateway.request import SummarizationRequest
from gateway.routing import order_backends
from gateway.versions import OPERATION, OperationVersion

_NOT_A_DIFFERENCE = frozenset({"revision", "candidates", "deidentify_by", "destinations", "shadowed"})
"""The first always differs, the others say the same as the outcome or decide nothing."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be decided."""

    name: str
    facts: RequestFacts
    sticky_key: str
    request: SummarizationRequest | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    case: Case
    at: datetime
    decision: Decision
    verdicts: tuple[Verdict, ...]
    order: tuple[str, ...]
    """The backends as they would be tried."""
    left_out: tuple[Caution, ...]
    """What a model would not get to read."""


def explained(case: Case, policy: Policy, at: datetime) -> Explained:
    decision = decide(case.facts, policy, at)
    return Explained(
        case,
        at.astimezone(policy.zone),
        decision,
        explain_rules(case.facts, policy, at),
        order_backends(decision, case.sticky_key),
        withheld(case.request, decision.sections)[1] if case.request and decision.permitted else (),
    )


def outcome(each: Explained) -> dict[str, Any]:
    """What differs when two decisions differ, in words."""
    decided = {name: value for name, value in _plain(each.decision).items() if name not in _NOT_A_DIFFERENCE}
    stripped = sorted(each.decision.stripped_for)
    return decided | {"backends": list(each.decision.backends), "without what is protected": stripped}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = dict.fromkeys([*before, *after])
    return {
        name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    }


def as_json(each: Explained) -> dict[str, Any]:
    return {
        "file": each.case.name,
        "at": each.at.isoformat(),
        "facts": asdict(each.case.facts),
        **_plain(each.decision),
        "policy_revision": each.decision.revision,
        "order": each.order,
        "withheld": [caution.text for caution in each.left_out],
        "verdicts": [asdict(verdict) for verdict in each.verdicts],
    }


def _plain(decision: Decision) -> dict[str, Any]:
    """Every field, a version as `alias@version`, a set in order."""
    made = asdict(decision)
    for name in ("model", "moved_from", "ended"):
        version = getattr(decision, name)
        made[name] = f"{version.alias}@{version.version}" if version else None
    for name in ("operation", "operation_moved_from", "operation_ended"):
        version = getattr(decision, name)
        made[name] = f"{OPERATION}@{version.version}" if version else None
    made["sections"] = sorted(decision.sections) if decision.sections is not None else None
    return made


def show(console: Console, each: Explained) -> None:
    decision = each.decision
    mark = "[green]permitted[/green]" if decision.permitted else "[red]refused[/red]"
    console.print(f"{each.case.name}: {mark} by {', '.join(decision.rules)}", soft_wrap=True)
    if decision.why:
        _say(console, f"because {decision.why}")
    known = {name: value for name, value in asdict(each.case.facts).items() if value not in ("", (), None)}
    _say(console, "facts: " + "; ".join(f"{name} {_words(value)}" for name, value in known.items()))
    _show_rules(console, each)
    if decision.operation is not None:
        _show_operation(console, decision, decision.operation)
    if decision.model is not None:
        _show_model(console, each)
    for notice in decision.notices:
        _say(console, f"notice: {notice.text}")
    for caution in each.left_out:
        _say(console, caution.text)
    console.print(f"policy revision {decision.revision}, decided at {each.at:%Y-%m-%d %H:%M %Z}")


def _show_rules(console: Console, each: Explained) -> None:
    rules = Table("rule", "effect", "applies", "what it saw", box=None, header_style="bold", pad_edge=False)
    changes = {shadowed.rule: shadowed.would_change for shadowed in each.decision.shadowed}
    for verdict in each.verdicts:
        seen = "; ".join(
            f"{fact} {value} {'yes' if passed else 'NO'}" for fact, value, passed in verdict.tests
        )
        applies = verdict.error or ("yes" if verdict.applies else "no")
        if verdict.shadow:
            changed = "would change it" if changes.get(verdict.rule) else "would change nothing"
            applies += f" (shadow: {changed})"
        rules.add_row(verdict.rule, verdict.effect, applies, printable(seen) or "always")
    console.print(rules)


def _show_operation(console: Console, decision: Decision, operation: OperationVersion) -> None:
    before = decision.operation_moved_from
    moved = f" in place of version {before.version}" if before else ""
    wording = f", models instructed by prompt {operation.prompt}" if operation.prompt else ""
    _say(console, f"operation {OPERATION}@{operation.version}{moved}{wording}")


def _show_model(console: Console, each: Explained) -> None:
    decision = each.decision
    assert decision.model is not None  # noqa: S101
    moved = f" in place of version {decision.moved_from.version}" if decision.moved_from else ""
    _say(
        console,
        f"model {decision.model.alias}@{decision.model.version}{moved}, deidentify {decision.deidentify}, "
        f"unsupported {decision.unsupported}",
    )
    if decision.sections is not None or decision.max_tokens is not None:
        parts = (
            "everything" if decision.sections is None else ", ".join(sorted(decision.sections)) or "nothing"
        )
        bound = f" and write {decision.max_tokens} tokens" if decision.max_tokens else ""
        _say(console, f"a model may read {parts}{bound}")
    backends = Table("backend", "", "why", box=None, header_style="bold", pad_edge=False)
    for candidate in decision.candidates:
        became = "kept" if candidate.kept else "dropped"
        if candidate.kept and candidate.reads_stripped:
            became += ", without what is protected"
        backends.add_row(candidate.backend, became, candidate.why)
    console.print(backends)
    _say(console, f"would be tried in this order: {', '.join(each.order) or 'none'}")
    if decision.return_to:
        _say(console, f"the summary of an event is returned to {decision.return_to}")


def _say(console: Console, text: str) -> None:
    console.print(printable(text), soft_wrap=True, markup=False, highlight=False)


def _words(value: object) -> str:
    if isinstance(value, tuple):  # of words, or of consents, which have names
        return ", ".join(each["reference"] if isinstance(each, dict) else str(each) for each in value)
    return str(value)


def said(value: object) -> str:
    """One side of a difference."""
    if isinstance(value, list | tuple):
        return ", ".join(said(each) for each in value) or "none"
    if isinstance(value, dict):
        return str(value.get("text", value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | date) or value else "none"
