"""Which version of the operation, and of which model, a request gets: by what was asked, what policy gives
and which day. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Generic, TypeVar

from gateway.errors import ErrorKind
from gateway.policy.rules import ModelVersion, Policy, RequestFacts, Rule
from gateway.values import carrier
from gateway.versions import OPERATION, OperationVersion, Versioned, as_subject, has_ended

V = TypeVar("V", bound=Versioned)


@carrier
class Chosen(Generic[V]):
    """A version, or why there is none."""

    version: V | None
    why: str = ""
    public: str = ""
    """What the caller may be told of it: names of models and versions, and days only."""
    moved_from: V | None = None
    """The version that was meant and whose day is over."""
    ended: V | None = None
    """The version for whose end there is none."""
    refused_as: ErrorKind | None = None
    """Where there is none."""


def operation_chosen(facts: RequestFacts, policy: Policy, today: date) -> Chosen[OperationVersion]:
    """The version asked for, else the partner's, else the default.

    One that nobody knows is never another one: whoever names it relies on what it promises.
    """
    versions = policy.operation.versions
    named = facts.operation_version or policy.operation_pins.get(facts.partner) or policy.operation.default
    if named in versions:
        return _alive(versions, versions[named], today)
    living = ", ".join(each.version for each in policy.operation.living(today))
    return Chosen(
        None,
        f"there is no version {named} of the operation {OPERATION}",
        f"There is no such version of the operation {OPERATION}; there are: {living}",
        refused_as=ErrorKind.UNSUPPORTED_VERSION,
    )


def model_chosen(
    facts: RequestFacts, policy: Policy, permits: Sequence[Rule], today: date
) -> Chosen[ModelVersion]:
    """What was asked for where a rule allows it, else what the first rule by id says.

    A version that nobody names is the partner's, else the alias's default.
    """
    allowed = [rule.model or next(iter(policy.models)) for rule in sorted(permits, key=lambda rule: rule.id)]
    given = next((each for each in allowed if facts.model in (each, each.partition("@")[0])), None)
    asked_version = ""
    if given is None and facts.model and "@" in facts.model:
        alias, _, asked_version = facts.model.partition("@")
        # An alias that is allowed as a whole is allowed in each of its versions.
        given = alias if alias in allowed and asked_version in policy.models[alias] else None
        asked_version = asked_version if given else ""
    alias, _, name = (given or allowed[0]).partition("@")
    name = name or asked_version or policy.pins.get(facts.partner, {}).get(alias) or policy.defaults[alias]
    found = _alive(policy.models[alias], policy.models[alias][name], today)
    if found.version is not None and facts.model and facts.model.partition("@")[0] != alias:
        return replace(found, why=f"{facts.model} was asked for; policy gives {alias}")
    return found


def _alive(versions: Mapping[str, V], meant: V, today: date) -> Chosen[V]:
    """The version itself, or the successor that has not ended; settings have no cycle of them."""
    version = meant
    while has_ended(version, today):
        successor = versions.get(version.successor or "")
        if successor is None or not version.moves_on:
            named = f"; its successor is {version.successor}" if version.successor else ""
            ended = f"ended on {version.sunset}{named}"
            why, public = f"{version.called} {ended}", f"{as_subject(version)} {ended}"
            return Chosen(None, why, public, ended=version, refused_as=ErrorKind.VERSION_ENDED)
        version = successor
    return Chosen(version, moved_from=None if version is meant else meant)
