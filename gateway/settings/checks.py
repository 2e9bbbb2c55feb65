"""From the file's text to `Settings`: first each key by itself, then what the keys say of one another."""

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from gateway.settings.attempt_contradictions import attempts_without_effect
from gateway.settings.backends import BACKEND_TYPES
from gateway.settings.consents import consent_source
from gateway.settings.contradictions import contradictions
from gateway.settings.file import Path as KeyPath
from gateway.settings.file import SettingsFile, SettingsProblem, UnusableSettings, path_text
from gateway.settings.mapping_checks import without_effect
from gateway.settings.production import anonymous
from gateway.settings.rule_analysis import senseless_rules, unprotected_backends
from gateway.settings.schema import Settings


def load(path: Path) -> tuple[Settings, list[SettingsProblem]]:
    """Settings and warnings. Raises `UnusableSettings` with every problem found, or `OSError`."""
    return parse(path.read_text(encoding="utf-8"), os.environ)


def parse(text: str, environment: Mapping[str, str]) -> tuple[Settings, list[SettingsProblem]]:
    """As `load`, of text at hand."""
    file = SettingsFile(text, environment)
    problems = list(file.problems)
    settings = None
    try:
        settings = Settings.model_validate(file.content)
    except ValidationError as error:
        places = [each["loc"] for each in error.errors()]
        problems += [
            _problem(file, each["loc"], each["msg"], each["type"])
            for each in error.errors()
            if not (each["type"] == "too_short" and _has_deeper(each["loc"], places))
        ]
    # On the plain values, so that a wrong key in one place does not hide a wrong reference in another.
    problems += [
        SettingsProblem(path_text(path), text, file.line(path)) for path, text in contradictions(file.content)
    ]
    if settings is not None and not problems:  # what no request can make of a rule is told of sound files
        in_production = settings.gateway.environment == "production"
        found = [*senseless_rules(settings), *(unprotected_backends(settings) if in_production else ())]
        problems += [SettingsProblem(path_text(path), text, file.line(path)) for path, text in found]
    if settings is not None:
        problems += [
            SettingsProblem(path_text(path), text, file.line(path)) for path, text in _consents(settings)
        ]
    if settings is None or problems:
        raise UnusableSettings(_in_order(problems))
    return settings, [
        SettingsProblem(path_text(path), text, file.line(path), is_warning=True)
        for path, text in (*_without_effect(settings), *_left_open(settings, file.content))
    ]


def _left_open(settings: Settings, content: object) -> Iterator[tuple[KeyPath, str]]:
    """What only production refuses, and ways to know a partner that never hold."""
    if settings.gateway.environment == "development":
        yield from anonymous(content)
    yield from without_effect(settings, datetime.now(UTC).date())


def _in_order(problems: list[SettingsProblem]) -> list[SettingsProblem]:
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.path))


def _has_deeper(place: KeyPath, places: list[KeyPath]) -> bool:
    """A list is "too short" to pydantic when its items are wrong; that is said already."""
    return any(other != place and other[: len(place)] == place for other in places)


def _problem(file: SettingsFile, location: KeyPath, message: str, kind: str) -> SettingsProblem:
    # pydantic puts the chosen member of a union into the path; it is not a key of the file
    path = tuple(part for i, part in enumerate(location) if not (i == 2 and part in BACKEND_TYPES))
    text = {
        "extra_forbidden": "there is no such key",
        "missing": "is missing",
    }.get(kind, message.removeprefix("Value error, "))
    return SettingsProblem(path_text(path), text, file.line(path))


def _consents(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    """Without its consents a partner's patients would be taken to have said nothing."""
    for name, partner in settings.partners.items():
        try:
            consent_source(partner.consent)
        except OSError as error:
            yield ("partners", name, "consent", "path"), f"cannot be read: {error.strerror}"
        except ValueError as error:
            yield ("partners", name, "consent", "path"), str(error)


def _without_effect(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    """What this version reads and does not yet do. Nothing here is ever skipped towards less safety."""
    for name, backend in settings.backends.items():
        if backend.missing_extra:
            yield ("backends", name), f"needs the extra {backend.missing_extra}: never called without it"
    yield from attempts_without_effect(settings)
    yield from unprotected_backends(settings)
    yield from _nothing_to_replace_with(settings)
    for index, listener in enumerate(settings.listeners):
        if "console" in listener.serve:
            yield ("listeners", index, "serve"), "the console is not built yet"


def _nothing_to_replace_with(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    """Where an answer that is to be replaced leaves the caller without any."""
    in_process = {name for name, backend in settings.backends.items() if backend.type == "extractive"}
    routes = [version for model in settings.models.values() for version in model.versions.values()]
    is_covered = all(in_process.intersection(route.fallback) for route in routes)
    for index, rule in enumerate(settings.policy.rules):
        if rule.then.unsupported == "replace" and not is_covered:
            path = ("policy", "rules", index, "then", "unsupported")
            yield path, "fails where no built-in backend is among the fallbacks of the model"
