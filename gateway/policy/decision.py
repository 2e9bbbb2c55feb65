"""May this request be served, by which model and which backends, and why. Pure: no clock, no I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from gateway.messages import Notice
from gateway.policy.leaving import leaving, unconsented
from gateway.policy.lives import Chosen, chosen
from gateway.policy.notices import notices_of
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
from gateway.values import carrier

DEFAULT_DENY = "default-deny"
CONSENT = "consent"
"""Determined by what the patient said, not by a rule."""

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
    """Ids of the rules that determined it; `default-deny` when none permits."""
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


def decide(facts: RequestFacts, policy: Policy, now: datetime) -> Decision:
    """The decision; the same for every order of the rules. A rule that fails to evaluate denies.

    `now` is aware; days and times are those of the policy's time zone.
    """
    moment = now.astimezone(policy.zone)
    try:
        return _decide(facts, policy, moment)
    except Exception as error:
        why = f"a rule could not be evaluated: {type(error).__name__}"
        erring = _erring(policy.rules, facts, Moment.of(moment)) or (DEFAULT_DENY,)
        return Decision(False, erring, policy.revision, why=why, erring=erring)


def _decide(facts: RequestFacts, policy: Policy, local: datetime) -> Decision:
    moment, today = Moment.of(local), local.date()
    applicable = [rule for rule in policy.rules if _applies(rule, facts, moment)]
    # What follows depends on nothing else, and a feed brings the same few cases all day.
    case = (
        tuple([rule.id for rule in applicable]),
        facts.operation,
        facts.model,
        facts.purpose_of_use,
        facts.partner if facts.partner in policy.pins else "",
        facts.protected,
        facts.consent,
        facts.break_glass,
        facts.substance_use,
        today,
    )
    known = policy.decided.get(case)
    if known is None:
        known = _outcome(facts, policy, applicable, today)
        if len(policy.decided) >= _MOST_REMEMBERED:  # a caller chooses some of the words in a case
            policy.decided.clear()
        policy.decided[case] = known
    return known


def _applies(rule: Rule, facts: RequestFacts, moment: Moment) -> bool:
    try:
        return _passes(rule.on_request, facts) and _passes(rule.on_moment, moment)
    except Exception:
        if rule.shadow:  # it decides nothing, so it denies nothing
            return False
        raise


def _outcome(facts: RequestFacts, policy: Policy, applicable: Sequence[Rule], today: date) -> Decision:
    """With what the shadow rules among the applicable ones would have made of it."""
    enforced = [rule for rule in applicable if not rule.shadow]
    decision = _enforced(facts, policy, enforced, today)
    if facts.break_glass and decision.permitted:
        decision = replace(decision, break_glass=True)
    shadowed = tuple(
        Shadowed(rule.id, rule.effect.value, _would_change(decision, facts, policy, [*enforced, rule], today))
        for rule in applicable
        if rule.shadow
    )
    return replace(decision, shadowed=shadowed) if shadowed else decision


def _would_change(
    decision: Decision, facts: RequestFacts, policy: Policy, rules: Sequence[Rule], today: date
) -> bool:
    try:
        otherwise = _enforced(facts, policy, rules, today)
    except Exception:  # an erring rule denies, once it is enforced
        return decision.permitted
    return (otherwise.permitted, otherwise.backends) != (decision.permitted, decision.backends)


def _enforced(facts: RequestFacts, policy: Policy, applicable: Sequence[Rule], today: date) -> Decision:
    forbids = sorted(rule.id for rule in applicable if rule.effect is Effect.FORBID and not rule.on_backend)
    if forbids:
        return Decision(False, tuple(forbids), policy.revision, why="forbidden")
    refused = unconsented(facts, policy.require_consent)
    if refused:
        return Decision(
            False, (CONSENT,), policy.revision, why=refused, public="The patient's consent is lacking"
        )
    permits = [rule for rule in applicable if rule.effect is Effect.PERMIT]
    if not permits:
        return Decision(False, (DEFAULT_DENY,), policy.revision, why="no rule permits it")
    if facts.operation is not Operation.SUMMARIZE:  # nothing goes to any backend
        return Decision(True, tuple(sorted(rule.id for rule in permits)), policy.revision)
    model = chosen(facts, policy, permits, today)
    if model.version is None:
        ids = tuple(sorted(rule.id for rule in permits))
        return Decision(False, ids, policy.revision, why=model.why, public=model.public, ended=model.ended)
    return _route(facts, policy, applicable, model, model.version, today)


def explain(facts: RequestFacts, policy: Policy, now: datetime) -> tuple[Verdict, ...]:
    """Every rule with every value that it saw, in the order of the file."""
    moment = Moment.of(now.astimezone(policy.zone))
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
    model: Chosen,
    version: ModelVersion,
    today: date,
) -> Decision:
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
        notices=notices_of(facts, version, model.moved_from, asked, today),
        return_to=asked.return_to,
        moved_from=model.moved_from,
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
