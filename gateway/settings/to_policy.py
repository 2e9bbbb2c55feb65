"""The operator's rules, models and backends as the values that decisions are made of."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from gateway.policy.rules import (
    BackendFacts,
    Deidentify,
    Effect,
    Matcher,
    ModelVersion,
    Policy,
    Rule,
    Sensitive,
    Treatment,
    any_of,
    any_pattern,
    any_window,
    at_least,
    at_most,
    equal,
    every,
    is_known,
    over,
)
from gateway.settings.backends import RunnableSettings
from gateway.settings.schema import RuleSettings, Settings
from gateway.versions import OperationVersion, OperationVersions

_MATCHERS: Mapping[str, tuple[str, Callable[[Any], Matcher]]] = {
    # key of the file -> (fact, test)
    "partner": ("partner", any_of),
    "listener": ("listener", any_of),
    "protocol": ("protocol", any_of),
    "message_type": ("message_type", any_pattern),
    "operation": ("operation", any_of),
    "operation_version": ("operation_version", any_of),
    "purpose": ("purpose", any_of),
    "audience": ("audience", any_of),
    "purpose_of_use": ("purpose_of_use", any_of),
    "confidentiality": ("confidentiality", any_of),
    "sensitivity": ("sensitivity", any_of),
    "consent": ("consent", any_of),
    "break_glass": ("break_glass", equal),
    "patient_class": ("patient_class", any_of),
    "max_size_bytes": ("size_bytes", at_most),
    "min_size_bytes": ("size_bytes", at_least),
    "facility": ("facility", any_pattern),
    "min_age": ("age", at_least),
    "max_age": ("age", at_most),
    "age_known": ("age", is_known),
    "priority": ("priority", any_of),
    "authentication": ("authentication", any_of),
    "time_of_day": ("time", any_window),
    "weekday": ("weekday", any_of),
    "backend": ("name", any_of),
    "backend_on_premises": ("on_premises", equal),
    "backend_region": ("region", any_of),
    "backend_baa": ("baa", equal),
    "backend_max_retention_days": ("retention_days", at_most),
    "backend_retention_over_days": ("retention_days", over),
}
_OF_MOMENT = frozenset({"time_of_day", "weekday", "operation_version"})


def policy_of(settings: Settings) -> Policy:
    """The policy, with a revision that changes with anything that could change a decision."""
    return Policy(
        rules=tuple(rule_of(rule) for rule in settings.policy.rules),
        models={
            alias: {
                name: ModelVersion(
                    alias=alias,
                    version=name,
                    targets=tuple((target.backend, target.weight) for target in version.targets),
                    fallback=version.fallback,
                    deadline_s=version.deadline_s,
                    deprecated=version.deprecated,
                    sunset=version.sunset,
                    successor=version.successor,
                    moves_on=version.on_sunset == "successor",
                    documentation=version.documentation,
                    around_refusals=version.around_refusals,
                    asks_again_after_interruption=version.after_interruption == "ask_again",
                )
                for name, version in model.versions.items()
            }
            for alias, model in settings.models.items()
        },
        defaults={alias: model.default for alias, model in settings.models.items()},
        backends={
            name: BackendFacts(
                name=name,
                on_premises=backend.on_premises,
                region=backend.region,
                in_process=backend.type == "extractive",
                available=not backend.missing_extra,
                baa_expires=backend.baa.expires if backend.baa else None,
                retention_days=backend.retention_days,
                bounds_answers=not isinstance(backend, RunnableSettings),
            )
            for name, backend in settings.backends.items()
        },
        revision=_revision(settings),
        pins={name: partner.models for name, partner in settings.partners.items() if partner.models},
        operation=operation_versions(settings),
        operation_pins={
            name: version
            for name, partner in settings.partners.items()
            for version in partner.operations.values()
        },
        require_consent=frozenset(settings.policy.require_consent),
        zone=ZoneInfo(settings.gateway.time_zone),
    )


def operation_versions(settings: Settings) -> OperationVersions:
    operation = settings.operations.summarize
    return OperationVersions(
        default=operation.default,
        versions={
            name: OperationVersion(
                version=name,
                prompt=version.prompt or "",
                deprecated=version.deprecated,
                sunset=version.sunset,
                successor=version.successor,
                moves_on=version.on_sunset == "successor",
                documentation=version.documentation,
            )
            for name, version in operation.versions.items()
        },
        zone=ZoneInfo(settings.gateway.time_zone),
    )


def rule_of(rule: RuleSettings) -> Rule:
    given = rule.when.model_dump(exclude_none=True)
    of_backend = {key for key in given if key == "backend" or key.startswith("backend_")}
    of_moment = _OF_MOMENT & given.keys()
    return Rule(
        id=rule.id,
        effect=Effect(rule.effect),
        on_request=_tests({key: given[key] for key in given.keys() - of_backend - of_moment}),
        on_backend=_tests({key: given[key] for key in of_backend}),
        on_moment=_tests({key: given[key] for key in of_moment}),
        shadow=rule.shadow,
        model=rule.then.model,
        deidentify=Deidentify(rule.then.deidentify),
        unsupported=Treatment(rule.then.unsupported),
        sensitive=Sensitive(rule.then.sensitive),
        sections=None if rule.then.sections is None else frozenset(rule.then.sections),
        max_tokens=rule.then.max_tokens,
        review=rule.then.review,
        notice=rule.then.notice,
        return_to=rule.then.return_to or "",
    )


def _tests(given: Mapping[str, Any]) -> dict[str, Matcher]:
    """In the order of the table, which is that of explanations too; a fact may have two tests to pass."""
    tests: dict[str, list[Matcher]] = {}
    for key, (fact, matcher) in _MATCHERS.items():
        if key in given:
            tests.setdefault(fact, []).append(matcher(given[key]))
    return {fact: found[0] if len(found) == 1 else every(found) for fact, found in tests.items()}


def _revision(settings: Settings) -> str:
    # Without defaults: a key that a new version of the gateway brings changes no decision of an old file.
    without_secrets = settings.model_dump_json(
        exclude_defaults=True,
        include={
            "gateway": {"time_zone"},
            "partners": True,
            "models": True,
            "operations": True,
            "policy": True,
            "backends": True,
        },
        exclude={"backends": {"__all__": {"api_key", "access_token", "proxy"}}},
    )
    return hashlib.sha256(without_secrets.encode()).hexdigest()[:12]
