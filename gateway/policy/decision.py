"""May this request be served, by which model and which backends, and why. Pure: no clock, no I/O."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from gateway.policy.rules import (
    BackendFacts,
    Deidentify,
    Effect,
    Matcher,
    ModelVersion,
    Operation,
    Policy,
    RequestFacts,
    Rule,
    Treatment,
)
from gateway.values import carrier

DEFAULT_DENY = "default-deny"


@carrier
class Verdict:
    """How one rule came out."""

    rule: str
    effect: str
    applies: bool
    tests: tuple[tuple[str, str, bool], ...]
    """(fact, the value it had, whether it passed)"""
    error: str = ""
    """The rule could not be evaluated: then nothing is permitted."""


@carrier
class Candidate:
    """A backend that could serve the model, and what became of it."""

    backend: str
    kept: bool
    why: str


@carrier
class Decision:
    permitted: bool
    rules: tuple[str, ...]
    """Ids of the rules that determined it; `default-deny` when none permits."""
    revision: str
    model: ModelVersion | None = None
    candidates: tuple[Candidate, ...] = ()
    deidentify: Deidentify = Deidentify.NONE
    unsupported: Treatment = Treatment.MARK
    why: str = ""

    @property
    def backends(self) -> tuple[str, ...]:
        """Those that may be called, targets before fallbacks."""
        return tuple(candidate.backend for candidate in self.candidates if candidate.kept)


def decide(facts: RequestFacts, policy: Policy, today: date) -> Decision:
    """The decision; the same for every order of the rules. A rule that fails to evaluate denies."""
    try:
        return _decide(facts, policy, today)
    except Exception as error:
        why = f"a rule could not be evaluated: {type(error).__name__}"
        return Decision(False, _erring(policy.rules, facts) or (DEFAULT_DENY,), policy.revision, why=why)


def _decide(facts: RequestFacts, policy: Policy, today: date) -> Decision:
    applicable = tuple(rule for rule in policy.rules if _passes(rule.on_request, facts))
    # What follows depends on nothing else, and a feed brings the same few cases all day.
    case = (tuple([rule.id for rule in applicable]), facts.operation, facts.model, today)
    known = policy.decided.get(case)
    if known is None:
        known = _outcome(facts, policy, applicable, today)
        if facts.model is None or facts.model in policy.models:  # a caller's own words are not remembered
            policy.decided[case] = known
    return known


def _outcome(facts: RequestFacts, policy: Policy, applicable: Sequence[Rule], today: date) -> Decision:
    forbids = sorted(rule.id for rule in applicable if rule.effect is Effect.FORBID and not rule.on_backend)
    if forbids:
        return Decision(False, tuple(forbids), policy.revision, why="forbidden")
    permits = [rule for rule in applicable if rule.effect is Effect.PERMIT]
    if not permits:
        return Decision(False, (DEFAULT_DENY,), policy.revision, why="no rule permits it")
    if facts.operation is not Operation.SUMMARIZE:  # nothing goes to any backend
        return Decision(True, tuple(sorted(rule.id for rule in permits)), policy.revision)
    return _route(facts, policy, applicable, permits, today)


def explain(facts: RequestFacts, policy: Policy) -> tuple[Verdict, ...]:
    """Every rule with every value that it saw, in the order of the file."""
    return tuple(_verdict(rule, facts) for rule in policy.rules)


def _passes(tests: Mapping[str, Matcher], facts: RequestFacts | BackendFacts) -> bool:
    return not tests or all(test(getattr(facts, name)) for name, test in tests.items())


def _route(
    facts: RequestFacts, policy: Policy, applicable: Sequence[Rule], permits: Sequence[Rule], today: date
) -> Decision:
    version, why = _model(facts, policy, permits, today)
    if version is None:
        return Decision(False, tuple(sorted(rule.id for rule in permits)), policy.revision, why=why)
    deciding: set[str] = set()
    deidentify = Deidentify.NONE
    unsupported = Treatment.MARK
    candidates = []
    for name in version.backends:
        backend = policy.backends[name]
        on_backend = [rule for rule in applicable if _passes(rule.on_backend, backend)]
        permitting = [rule for rule in on_backend if rule.effect is Effect.PERMIT]
        wanted = _strictest(rule.deidentify for rule in permitting)
        candidate, rules = _judge(backend, on_backend, wanted)
        candidates.append(candidate)
        if candidate.kept:
            deciding |= rules
            deidentify = _strictest((deidentify, wanted))
            unsupported = _strictest_treatment((unsupported, *(rule.unsupported for rule in permitting)))
    kept = any(candidate.kept for candidate in candidates)
    dropped_by = {rule.id for rule in applicable if rule.effect is Effect.FORBID}
    return Decision(
        permitted=kept,
        rules=tuple(sorted(deciding if kept else dropped_by or {DEFAULT_DENY})),
        revision=policy.revision,
        model=version,
        candidates=tuple(candidates),
        deidentify=deidentify,
        unsupported=unsupported,
        why=why if kept else "no backend is left",
    )


def _judge(
    backend: BackendFacts, rules: Sequence[Rule], deidentify: Deidentify
) -> tuple[Candidate, set[str]]:
    """Whether a backend may be called, under the rules that apply to it."""
    forbids = sorted(rule.id for rule in rules if rule.effect is Effect.FORBID)
    permits = {rule.id for rule in rules if rule.effect is Effect.PERMIT}
    if forbids:
        return Candidate(backend.name, False, f"forbidden by {', '.join(forbids)}"), set()
    if not permits:
        return Candidate(backend.name, False, "no rule permits it"), set()
    if not backend.available:
        return Candidate(backend.name, False, "this gateway has no code for its type"), set()
    if deidentify is not Deidentify.NONE and not backend.in_process:
        # An obligation that cannot be met is a refusal, never a shrug.
        return Candidate(backend.name, False, f"deidentify: {deidentify} cannot be met"), set()
    return Candidate(backend.name, True, f"permitted by {', '.join(sorted(permits))}"), permits


def _model(
    facts: RequestFacts, policy: Policy, permits: Sequence[Rule], today: date
) -> tuple[ModelVersion | None, str]:
    """The version to use: what was asked for where a rule allows it, else what the first rule by id says."""
    allowed = [rule.model or next(iter(policy.models)) for rule in sorted(permits, key=lambda rule: rule.id)]
    chosen = next((each for each in allowed if facts.model in (each, each.partition("@")[0])), allowed[0])
    alias, _, name = chosen.partition("@")
    version = policy.models[alias][name or policy.defaults[alias]]
    if version.sunset is not None and today >= version.sunset:
        successor = f"; its successor is {version.successor}" if version.successor else ""
        return None, f"model {alias} version {version.version} ended on {version.sunset}{successor}"
    if facts.model and facts.model.partition("@")[0] != alias:
        return version, f"{facts.model} was asked for; policy gives {alias}"
    return version, ""


def _strictest(levels: Iterable[Deidentify]) -> Deidentify:
    return max(levels, key=list(Deidentify).index, default=Deidentify.NONE)


def _strictest_treatment(treatments: Iterable[Treatment]) -> Treatment:
    return max(treatments, key=list(Treatment).index)


def _verdict(rule: Rule, facts: RequestFacts) -> Verdict:
    try:
        tests = tuple(
            (name, str(getattr(facts, name)), test(getattr(facts, name)))
            for name, test in rule.on_request.items()
        )
    except Exception as error:
        return Verdict(rule.id, rule.effect.value, False, (), type(error).__name__)
    return Verdict(rule.id, rule.effect.value, all(passed for _, _, passed in tests), tests)


def _erring(rules: Iterable[Rule], facts: RequestFacts) -> tuple[str, ...]:
    return tuple(sorted(rule.id for rule in rules if _verdict(rule, facts).error))
