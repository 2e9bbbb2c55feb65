"""The operator's rules, models and backends as the values that decisions are made of."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.policy.rules import (
    BackendFacts,
    Deidentify,
    Effect,
    Matcher,
    ModelVersion,
    Policy,
    Rule,
    Treatment,
    any_of,
    any_pattern,
    at_most,
    equal,
)
from gateway.settings.schema import RuleSettings, Settings

_MATCHERS: Mapping[str, tuple[str, Callable[[Any], Matcher]]] = {
    # key of the file -> (fact, test)
    "partner": ("partner", any_of),
    "listener": ("listener", any_of),
    "protocol": ("protocol", any_of),
    "message_type": ("message_type", any_pattern),
    "operation": ("operation", any_of),
    "purpose": ("purpose", any_of),
    "audience": ("audience", any_of),
    "purpose_of_use": ("purpose_of_use", any_of),
    "confidentiality": ("confidentiality", any_of),
    "sensitivity": ("sensitivity", any_of),
    "patient_class": ("patient_class", any_of),
    "max_size_bytes": ("size_bytes", at_most),
    "backend": ("name", any_of),
    "backend_on_premises": ("on_premises", equal),
    "backend_region": ("region", any_of),
}


def policy_of(settings: Settings) -> Policy:
    """The policy, with a revision that changes with anything that could change a decision."""
    return Policy(
        rules=tuple(_rule(rule) for rule in settings.policy.rules),
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
            )
            for name, backend in settings.backends.items()
        },
        revision=_revision(settings),
    )


def _rule(rule: RuleSettings) -> Rule:
    given = rule.when.model_dump(exclude_none=True)
    tests = {key: _MATCHERS[key][1](value) for key, value in given.items()}
    backend_keys = {key for key in given if key == "backend" or key.startswith("backend_")}
    return Rule(
        id=rule.id,
        effect=Effect(rule.effect),
        on_request=_tests(tests, [key for key in given if key not in backend_keys]),
        on_backend=_tests(tests, [key for key in given if key in backend_keys]),
        model=rule.then.model,
        deidentify=Deidentify(rule.then.deidentify),
        unsupported=Treatment(rule.then.unsupported),
    )


def _tests(tests: Mapping[str, Matcher], keys: Sequence[str]) -> dict[str, Matcher]:
    return {_MATCHERS[key][0]: tests[key] for key in keys}


def _revision(settings: Settings) -> str:
    # Without defaults: a key that a new version of the gateway brings changes no decision of an old file.
    without_secrets = settings.model_dump_json(
        exclude_defaults=True,
        include={"partners", "models", "policy", "backends"},
        exclude={"backends": {"__all__": {"api_key", "access_token", "proxy"}}},
    )
    return hashlib.sha256(without_secrets.encode()).hexdigest()[:12]
