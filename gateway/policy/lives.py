"""Which version of which model a request gets, by what was asked, what policy gives and which day. Pure."""

from collections.abc import Sequence
from datetime import date

from gateway.policy.rules import ModelVersion, Policy, RequestFacts, Rule
from gateway.values import carrier


@carrier
class Chosen:
    """A version, or why there is none."""

    version: ModelVersion | None
    why: str = ""
    public: str = ""
    """What the caller may be told of it: names of models and days only."""
    moved_from: ModelVersion | None = None
    """The version that was meant and whose day is over."""
    ended: ModelVersion | None = None
    """The version for whose end there is none."""


def chosen(facts: RequestFacts, policy: Policy, permits: Sequence[Rule], today: date) -> Chosen:
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
    found = _alive(policy, policy.models[alias][name], today)
    if found.version is not None and facts.model and facts.model.partition("@")[0] != alias:
        return Chosen(
            found.version, f"{facts.model} was asked for; policy gives {alias}", "", found.moved_from
        )
    return found


def _alive(policy: Policy, version: ModelVersion, today: date) -> Chosen:
    """The version itself, or the successor that has not ended; settings have no cycle of them."""
    meant = version
    while _has_ended(version, today):
        successor = policy.models[version.alias].get(version.successor or "")
        ended = f"model {version.alias} version {version.version} ended on {version.sunset}"
        if successor is None or not version.moves_on:
            named = f"; its successor is {version.successor}" if version.successor else ""
            return Chosen(None, ended + named, public=ended[0].upper() + ended[1:] + named, ended=version)
        version = successor
    return Chosen(version, moved_from=None if version is meant else meant)


def _has_ended(version: ModelVersion, today: date) -> bool:
    return version.sunset is not None and today >= version.sunset
