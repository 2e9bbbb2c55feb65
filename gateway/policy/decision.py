"""May this request be served, by which model and which backends, and why. Pure: no clock, no I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from gateway.errors import ErrorKind, GatewayError
from gateway.policy.leaving import leaving, unconsented
from gateway.policy.lives import Chosen, model_chosen, operation_chosen
from gateway.policy.notices import notices_of, operation_notices
from gateway.policy.obligations import Obligations, gathered
from gateway.policy.rules import (
    BackendFacts,
    Deidentify,
    Effect,
    Matcher,
    ModelVersion,
    Moment,
    Operation,
    Policy,
    RequestFacts,
    Rule,
    Treatment,
)
from gateway.policy.sensitive import Protected
from gateway.records import Destination
from gateway.summary import Notice
from gateway.values import carrier
from gateway.versions import OperationVersion

DEFAULT_DENY = "default-deny"
CONSENT = "consent"
"""Determined by what the patient said, not by a rule."""
OPERATION_VERSION = "operation-version"
"""Determined by the version of the operation that was asked for: there is none, or it has ended."""

_MOST_REMEMBERED = 10_000


@carrier
class Verdict:
    """How one rule came out."""

    rule: str
    effect: str
    applies: bool
    """To the request; which backends it is about, the candidates tell."""
    tests: tuple[tuple[str, str, bool], ...]
    """(fact, the value it had, whether it passed)"""
    error: str = ""
    """The rule could not be evaluated: then nothing is permitted."""
    shadow: bool = False


@carrier
class Candidate:
    """A backend that could serve the model, and what became of it."""

    backend: str
    kept: bool
    why: str
    reads_stripped: bool = False
    """It gets the request without its protected parts only."""


@carrier
class Shadowed:
    """A shadow rule that applied, and whether it would have changed who is served or by which backends."""

    rule: str
    effect: str
    would_change: bool


@carrier
class Decision:
    permitted: bool
    rules: tuple[str, ...]
    """Ids of the rules that determined it; `default-deny` when none permits, or one of the words above."""
    revision: str
    model: ModelVersion | None = None
    candidates: tuple[Candidate, ...] = ()
    destinations: tuple[Destination, ...] = ()
    """Those kept that are outside of this process, as they stood on the day."""
    deidentify: Deidentify = Deidentify.NONE
    deidentify_by: tuple[str, ...] = ()
    """Ids of the rules that ask for that level."""
    unsupported: Treatment = Treatment.MARK
    sections: frozenset[str] | None = None
    """The parts of the record that a model may read (`minimum`); None: everything."""
    max_tokens: int | None = None
    notices: tuple[Notice, ...] = ()
    """What has to stand in the answer."""
    return_to: str = ""
    moved_from: ModelVersion | None = None
    """The version that was meant; it has ended, and `model` is its successor."""
    why: str = ""
    public: str = ""
    """Of a refusal: what the caller may be told of the reason; empty: nothing."""
    break_glass: bool = False
    """It stands in an emergency: quotas do not hold it up."""
    ended: ModelVersion | None = None
    """Of a refusal: the version that was meant and is no more."""
    operation: OperationVersion | None = None
    """The version of `$summarize` by which it is answered."""
    operation_moved_from: OperationVersion | None = None
    operation_ended: OperationVersion | None = None
    refused_as: ErrorKind | None = None
    """Of a refusal: what kind of error it is; None: forbidden."""
    shadowed: tuple[Shadowed, ...] = ()
    erring: tuple[str, ...] = ()
    """Ids of the rules for which it is no, because they could not be evaluated."""

    @property
    def backends(self) -> tuple[str, ...]:
        """Those that may be called, targets before fallbacks."""
        return tuple(candidate.backend for candidate in self.candidates if candidate.kept)

    @property
    def stripped_for(self) -> frozenset[str]:
        """Those of them that must not read what is protected."""
        return frozenset(each.backend for each in self.candidates if each.kept and each.reads_stripped)


def refusal_of(decision: Decision) -> GatewayError:
    kind = decision.refused_as or ErrorKind.FORBIDDEN
    return GatewayError(kind, decision.why, public=decision.public)


@carrier
class Days:
    """In the policy's time zone."""

    today: date
    of_lives: date
    """On which a version has to be alive: what was acknowledged is held to the day of its acceptance."""


def decide(
    facts: RequestFacts, policy: Policy, now: datetime, accepted_at: datetime | None = None
) -> Decision:
    """The decision; the same for every order of the rules. A rule that fails to evaluate denies.

    `now` is aware; days and times are those of the policy's time zone. `accepted_at`: of a message that was
    acknowledged before; a version that lived then still answers it.
    """
    moment = now.astimezone(policy.zone)
    accepted = accepted_at.astimezone(policy.zone) if accepted_at else moment
    try:
        return _decide(facts, policy, moment, Days(moment.date(), accepted.date()))
    except Exception as error:
        why = f"a rule could not be evaluated: {type(error).__name__}"
        erring = _erring(policy.rules, facts, Moment.of(moment)) or (DEFAULT_DENY,)
        return Decision(False, erring, policy.revision, why=why, erring=erring)


def _decide(facts: RequestFacts, policy: Policy, local: datetime, days: Days) -> Decision:
    operation = operation_chosen(facts, policy, days.of_lives)
    moment = _moment(local, operation)
    applicable = [rule for rule in policy.rules if _applies(rule, facts, moment)]
    # What follows depends on nothing else, and a feed brings the same few cases all day.
    case = (
        tuple([rule.id for rule in applicable]),
        facts.operation,
        facts.model,
        facts.purpose_of_use,
        facts.partner if facts.partner in policy.pins else "",
        operation,
        facts.protected,
        facts.consent,
        facts.break_glass,
        facts.substance_use,
        days,
    )
    known = policy.decided.get(case)
    if known is None:
        known = _outcome(facts, operation, policy, applicable, days)
        if len(policy.decided) >= _MOST_REMEMBERED:  # a caller chooses some of the words in a case
            policy.decided.clear()
        if operation.version is not None and _knows_model(policy, facts.model):  # else they have any length
            policy.decided[case] = known
    return known


def _knows_model(policy: Policy, asked: str | None) -> bool:
    alias, at, version = (asked or "").partition("@")
    return not asked or (alias in policy.models and (not at or version in policy.models[alias]))


def _applies(rule: Rule, facts: RequestFacts, moment: Moment) -> bool:
    try:
        return _passes(rule.on_request, facts) and _passes(rule.on_moment, moment)
    except Exception:
        if rule.shadow:  # it decides nothing, so it denies nothing
            return False
        raise


def _moment(local: datetime, operation: Chosen[OperationVersion]) -> Moment:
    meant = operation.version or operation.ended
    return Moment.of(local, meant.version if meant else "")


def _outcome(
    facts: RequestFacts,
    operation: Chosen[OperationVersion],
    policy: Policy,
    applicable: Sequence[Rule],
    days: Days,
) -> Decision:
    """With what the shadow rules among the applicable ones would have made of it."""
    enforced = [rule for rule in applicable if not rule.shadow]
    decision = _enforced(facts, operation, policy, enforced, days)
    if facts.break_glass and decision.permitted:
        decision = replace(decision, break_glass=True)
    shadowed = tuple(
        Shadowed(
            rule.id,
            rule.effect.value,
            _would_change(decision, facts, operation, policy, [*enforced, rule], days),
        )
        for rule in applicable
        if rule.shadow
    )
    return replace(decision, shadowed=shadowed) if shadowed else decision


def _would_change(
    decision: Decision,
    facts: RequestFacts,
    operation: Chosen[OperationVersion],
    policy: Policy,
    rules: Sequence[Rule],
    days: Days,
) -> bool:
    try:
        otherwise = _enforced(facts, operation, policy, rules, days)
    except Exception:  # an erring rule denies, once it is enforced
        return decision.permitted
    return (otherwise.permitted, otherwise.backends) != (decision.permitted, decision.backends)


def _enforced(
    facts: RequestFacts,
    operation: Chosen[OperationVersion],
    policy: Policy,
    applicable: Sequence[Rule],
    days: Days,
) -> Decision:
    forbids = sorted(rule.id for rule in applicable if rule.effect is Effect.FORBID and not rule.on_backend)
    if forbids:
        return Decision(False, tuple(forbids), policy.revision, why="forbidden")
    refused = unconsented(facts, policy.require_consent)
    if refused:
        return Decision(
            False, (CONSENT,), policy.revision, why=refused, public="The patient's consent is lacking"
        )
    if operation.version is None and facts.operation is not Operation.RECORD:
        return _refused(operation, (OPERATION_VERSION,), policy, operation_ended=operation.ended)
    permits = [rule for rule in applicable if rule.effect is Effect.PERMIT]
    if not permits:
        return Decision(False, (DEFAULT_DENY,), policy.revision, why="no rule permits it")
    ids = tuple(sorted(rule.id for rule in permits))
    if facts.operation is Operation.RECORD:  # no summary, so no version of one
        return Decision(True, ids, policy.revision)
    if facts.operation is Operation.RETRIEVE:  # nothing goes to any backend
        return Decision(
            True,
            ids,
            policy.revision,
            notices=operation_notices(operation, days.today),
            operation=operation.version,
            operation_moved_from=operation.moved_from,
        )
    model = model_chosen(facts, policy, permits, days.of_lives)
    if model.version is None:
        return _refused(model, ids, policy, ended=model.ended)
    return _route(facts, policy, applicable, operation, model, days.today)


def _refused(chosen: Chosen[Any], rules: tuple[str, ...], policy: Policy, **ended: Any) -> Decision:
    why, public = chosen.why, chosen.public
    return Decision(
        False, rules, policy.revision, why=why, public=public, refused_as=chosen.refused_as, **ended
    )


def explain(facts: RequestFacts, policy: Policy, now: datetime) -> tuple[Verdict, ...]:
    """Every rule with every value that it saw, in the order of the file."""
    local = now.astimezone(policy.zone)
    moment = _moment(local, operation_chosen(facts, policy, local.date()))
    return tuple(_verdict(rule, facts, moment) for rule in policy.rules)


def _passes(tests: Mapping[str, Matcher], facts: RequestFacts | BackendFacts | Moment) -> bool:
    for name, test in tests.items():  # noqa: SIM110 - a generator costs as much again, for each rule
        if not test(getattr(facts, name)):
            return False
    return True


def _route(
    facts: RequestFacts,
    policy: Policy,
    applicable: Sequence[Rule],
    operation: Chosen[OperationVersion],
    model: Chosen[ModelVersion],
    today: date,
) -> Decision:
    version = model.version
    assert version is not None  # noqa: S101
    permitting: dict[str, Rule] = {}
    candidates, destinations = [], []
    for name in version.backends:
        backend = policy.backends[name].on(today)
        on_backend = [rule for rule in applicable if _passes(rule.on_backend, backend)]
        permits = [rule for rule in on_backend if rule.effect is Effect.PERMIT]
        candidate = _judge(facts, backend, on_backend, gathered(permits, facts.purpose_of_use))
        candidates.append(candidate)
        if candidate.kept:
            permitting |= {rule.id: rule for rule in permits}
            destinations += [] if backend.in_process else [_destination(backend)]
    asked = gathered(permitting.values(), facts.purpose_of_use)
    dropped_by = {rule.id for rule in applicable if rule.effect is Effect.FORBID}
    return Decision(
        permitted=bool(permitting),
        rules=tuple(sorted(permitting or dropped_by or {DEFAULT_DENY})),
        revision=policy.revision,
        model=version,
        candidates=tuple(candidates),
        destinations=tuple(destinations),
        deidentify=asked.deidentify,
        deidentify_by=asked.deidentify_by,
        unsupported=asked.unsupported,
        sections=asked.sections,
        max_tokens=asked.max_tokens,
        notices=notices_of(facts, operation, model, asked, today),
        return_to=asked.return_to,
        moved_from=model.moved_from,
        operation=operation.version,
        operation_moved_from=operation.moved_from,
        why=model.why if permitting else "no backend is left",
    )


def _destination(backend: BackendFacts) -> Destination:
    return Destination(
        backend.name, backend.on_premises, backend.region, backend.baa_expires, backend.retention_days
    )


def _judge(
    facts: RequestFacts, backend: BackendFacts, rules: Sequence[Rule], asked: Obligations
) -> Candidate:
    """Whether a backend may be called, under the rules that apply to it and what they ask for."""
    forbids = sorted(rule.id for rule in rules if rule.effect is Effect.FORBID)
    permits = sorted(rule.id for rule in rules if rule.effect is Effect.PERMIT)
    if forbids:
        return Candidate(backend.name, False, f"forbidden by {', '.join(forbids)}")
    if not permits:
        return Candidate(backend.name, False, "no rule permits it")
    if not backend.available:
        return Candidate(backend.name, False, "this gateway has no code for its type")
    # An obligation that cannot be met is a refusal, never a shrug.
    if asked.max_tokens is not None and not backend.bounds_answers:
        return Candidate(backend.name, False, "max_tokens cannot be met")
    unsafe = leaving(facts, backend, asked)
    if unsafe:
        return Candidate(backend.name, False, unsafe)
    is_stripped = facts.protected is not Protected.NOTHING and not backend.holds_content
    without = ", without what is labelled" if is_stripped else ""
    return Candidate(backend.name, True, f"permitted by {', '.join(permits)}{without}", is_stripped)


def _verdict(rule: Rule, facts: RequestFacts, moment: Moment) -> Verdict:
    sources: tuple[tuple[Mapping[str, Matcher], RequestFacts | Moment], ...] = (
        (rule.on_request, facts),
        (rule.on_moment, moment),
    )
    try:
        tests = tuple(
            (name, _shown(getattr(source, name)), test(getattr(source, name)))
            for given, source in sources
            for name, test in given.items()
        )
    except Exception as error:
        return Verdict(rule.id, rule.effect.value, False, (), type(error).__name__, rule.shadow)
    applies = all(passed for _, _, passed in tests)
    return Verdict(rule.id, rule.effect.value, applies, tests, shadow=rule.shadow)


def _shown(value: object) -> str:
    if value is None:
        return "unknown"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _erring(rules: Iterable[Rule], facts: RequestFacts, moment: Moment) -> tuple[str, ...]:
    return tuple(sorted(rule.id for rule in rules if _verdict(rule, facts, moment).error))
