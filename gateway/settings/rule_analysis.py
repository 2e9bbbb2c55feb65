"""Rules that never hold, permits that a forbid always overrides, backends that records could go to without an
agreement. Reads settings that are sound otherwise."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from gateway.settings.backends import AnyBackend
from gateway.settings.file import Path as KeyPath
from gateway.settings.schema import ConditionSettings, RuleSettings, Settings

Contradiction = tuple[KeyPath, str]

_PATTERNS = frozenset({"message_type", "facility"})
_PROTOCOLS = {"mllp": frozenset({"hl7v2"}), "http": frozenset({"fhir", "soap"})}


def senseless_rules(settings: Settings) -> Iterator[Contradiction]:
    """Each with the key that is to be mended."""
    for index, rule in enumerate(settings.policy.rules):
        here: KeyPath = ("policy", "rules", index)
        never = [(here + key, text) for key, text in _never(settings, rule)]
        yield from never
        if not never and rule.effect == "permit" and not rule.shadow:
            for other in settings.policy.rules:
                if _overrides(other, rule):
                    yield (*here, "id"), f"{rule.id} permits nothing: {other.id} forbids all of it"


def unprotected_backends(settings: Settings) -> Iterator[Contradiction]:
    """Backends elsewhere, without an agreement or a region, that some rule lets records go to."""
    for name, backend in settings.backends.items():
        if backend.on_premises:  # as what runs in this process always is
            continue
        opening = opened_by(settings, name)
        if not opening:
            continue
        for key, is_missing in (("baa", backend.baa is None), ("region", not backend.region)):
            if is_missing:
                rules = ", ".join(opening)
                yield (
                    ("backends", name, key),
                    f"is missing, and rule {rules} can send patients' records there",
                )


def _never(settings: Settings, rule: RuleSettings) -> Iterator[Contradiction]:
    """Conditions that no request, or no backend of the file, ever meets. A forbid for backends of a kind
    that is not there yet, or for a purpose that nobody has yet, is no mistake: it keeps a later one from
    being used unseen."""
    when = rule.when
    for key in when.model_fields_set:
        if getattr(when, key) == ():
            yield ("when", key), "is an empty list: it never holds"
    yield from _bounds(when)
    partners = when.partner or tuple(settings.partners)
    granted = {purpose for name in partners for purpose in settings.partners[name].purpose_of_use}
    if when.purpose_of_use and rule.effect == "permit" and granted.isdisjoint(when.purpose_of_use):
        nobody = "none of these partners" if when.partner else "no partner"
        yield (
            ("when", "purpose_of_use"),
            f"never holds: {nobody} was granted {' or '.join(when.purpose_of_use)}",
        )
    if when.listener:
        yield from _listeners(settings, when)
    if _asks_backends(when) and rule.effect == "permit":
        fitting = [name for name, each in settings.backends.items() if _fits(when, name, each)]
        key = min(key for key in when.model_fields_set if key.startswith("backend"))
        if not fitting:
            yield ("when", key), "never holds: no backend is so"
        elif not any(_serves(settings, rule, name) for name in fitting):
            yield ("when", key), f"never holds: no version of its model goes to {' or '.join(fitting)}"
    if _asks_backends(when) and when.operation and "summarize" not in when.operation:
        yield ("when", "operation"), "never holds together with a backend: nothing is sent to any"


def _bounds(when: ConditionSettings) -> Iterator[Contradiction]:
    for kind in ("age", "size_bytes"):
        least, most = getattr(when, f"min_{kind}"), getattr(when, f"max_{kind}")
        if least is not None and most is not None and least > most:
            yield ("when", f"min_{kind}"), f"is more than max_{kind}: the rule never holds"
    if when.age_known is False and (when.min_age is not None or when.max_age is not None):
        yield ("when", "age_known"), "is false beside a bound on the age: the rule never holds"
    most, over = when.backend_max_retention_days, when.backend_retention_over_days
    if most is not None and over is not None and over >= most:
        yield ("when", "backend_retention_over_days"), "is not below backend_max_retention_days"


def _listeners(settings: Settings, when: ConditionSettings) -> Iterator[Contradiction]:
    listeners = [each for each in settings.listeners if each.name in (when.listener or ())]
    if when.protocol and not any(_PROTOCOLS[each.protocol] & set(when.protocol) for each in listeners):
        yield ("when", "protocol"), "never holds: the listeners of this rule speak another"
    if when.partner and not any(
        not each.partners or set(each.partners) & set(when.partner) for each in listeners
    ):
        yield ("when", "partner"), "never holds: the listeners of this rule are not for them"


def _asks_backends(when: ConditionSettings) -> bool:
    return any(key.startswith("backend") for key in when.model_fields_set)


def _fits(when: ConditionSettings, name: str, backend: AnyBackend) -> bool:
    """As far as the file tells: an agreement that ends one day holds on another."""
    return (
        (when.backend is None or name in when.backend)
        and when.backend_on_premises in (None, backend.on_premises)
        and (when.backend_region is None or backend.region in when.backend_region)
        and not (when.backend_baa is True and backend.baa is None)
        and not (
            when.backend_max_retention_days is not None
            and (backend.retention_days is None or backend.retention_days > when.backend_max_retention_days)
        )
        and not (
            when.backend_retention_over_days is not None
            and backend.retention_days is not None
            and backend.retention_days <= when.backend_retention_over_days
        )
    )


def _overrides(forbid: RuleSettings, permit: RuleSettings) -> bool:
    """Whatever meets the conditions of the permit meets those of the forbid, before any backend is asked."""
    if forbid.effect != "forbid" or forbid.shadow or _asks_backends(forbid.when):
        return False
    return all(
        _implies(key, getattr(permit.when, key), getattr(forbid.when, key))
        for key in forbid.when.model_fields_set
        if getattr(forbid.when, key) is not None
    )


def _implies(key: str, given: Any, wanted: Any) -> bool:
    """A fact that passes `given` passes `wanted` too."""
    if given is None:
        return False
    if key in _PATTERNS:
        return all(any(fnmatchcase(each, pattern) for pattern in wanted) for each in given)
    if key.startswith("max_"):
        return bool(given <= wanted)
    if key.startswith("min_"):
        return bool(given >= wanted)
    return set(given) <= set(wanted) if isinstance(wanted, tuple) else bool(given == wanted)


def _opens(settings: Settings, rule: RuleSettings, name: str) -> bool:
    """The rule may send a request to this backend, in some version that a caller may get."""
    if rule.effect != "permit" or rule.shadow or not _fits(rule.when, name, settings.backends[name]):
        return False
    if rule.when.operation is not None and "summarize" not in rule.when.operation:
        return False
    return _serves(settings, rule, name)


def _serves(settings: Settings, rule: RuleSettings, name: str) -> bool:
    """The backend is in the route of a version that the rule gives."""
    alias, _, version = (rule.then.model or next(iter(settings.models))).partition("@")
    versions = settings.models[alias].versions
    return any(
        name in (*(target.backend for target in each.targets), *each.fallback)
        for each in ([versions[version]] if version else versions.values())
    )


def opened_by(settings: Settings, name: str) -> tuple[str, ...]:
    """Ids of the rules that can send a request to this backend."""
    if _is_closed(settings, name):
        return ()
    return tuple(rule.id for rule in settings.policy.rules if _opens(settings, rule, name))


def _is_closed(settings: Settings, name: str) -> bool:
    """Some forbid drops it whatever the request."""
    return any(
        rule.effect == "forbid"
        and not rule.shadow
        and all(key.startswith("backend") for key in rule.when.model_fields_set)
        # Whether an agreement holds changes with the day; that of none never does.
        and (rule.when.backend_baa is not False or settings.backends[name].baa is None)
        and _fits(rule.when, name, settings.backends[name])
        for rule in settings.policy.rules
    )
