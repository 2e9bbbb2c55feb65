"""`ehr-gateway check`: every error of the operator's file, or what the gateway would start."""

import os
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.commands.writable import data_dir_problem
from gateway.settings import Settings, UnusableSettings, load
from gateway.settings.backends import AnyBackend, VertexSettings
from gateway.settings.limits import LimitSettings, QuotaSettings
from gateway.settings.schema import RuleSettings
from gateway.settings.to_policy import policy_of
from gateway.settings.versions import LifeSettings
from gateway.versions import OPERATION


def check(config: Path) -> int:
    """Exit code: 0 usable, 78 (EX_CONFIG) not."""
    console = Console()
    try:
        settings, warnings = load(config)
    except UnusableSettings as error:
        for problem in error.problems:
            console.print(f"[red]error[/red]    {escape(str(problem))}", soft_wrap=True)
        console.print(f"{config}: {len(error.problems)} errors")
        return os.EX_CONFIG
    except OSError as error:
        console.print(f"[red]error[/red]    {config}: {error.strerror}")
        return os.EX_CONFIG
    unwritable = data_dir_problem(settings.gateway)
    if unwritable is not None and not unwritable.is_warning:
        console.print(f"[red]error[/red]    {escape(str(unwritable))}", soft_wrap=True)
        console.print(f"{config}: 1 error")
        return os.EX_CONFIG
    for warning in (*warnings, *([unwritable] if unwritable else [])):
        console.print(f"[yellow]warning[/yellow]  {escape(str(warning))}", soft_wrap=True)
    console.print(_would_start(settings))
    console.print(f"{config}: usable, policy revision {policy_of(settings).revision}")
    return os.EX_OK


def _would_start(settings: Settings) -> Table:
    table = Table("what", "name", "how", box=None, header_style="bold", pad_edge=False)
    for listener in settings.listeners:
        host, port = listener.bind
        served = f" serving {', '.join(listener.serve)}" if listener.protocol == "http" else ""
        for_whom = f" for {', '.join(listener.partners)}" if listener.partners else " for every partner"
        tls = " with TLS" if listener.tls else ""
        table.add_row("listener", listener.name, f"{listener.protocol} {host}:{port}{tls}{served}{for_whom}")
    for name, partner in settings.partners.items():
        mappings = [" and ".join(sorted(each.model_fields_set)) for each in partner.identify]
        known_by = " or ".join([*mappings, "an issued key"])
        table.add_row("partner", name, f"known by {known_by}")
    for name, backend in settings.backends.items():
        table.add_row("backend", name, _backend(backend))
    for alias, model in settings.models.items():
        for version, life in model.versions.items():
            route = ", ".join(target.backend for target in life.targets)
            fallback = f", then {', '.join(life.fallback)}" if life.fallback else ""
            is_default = " (default)" if version == model.default else ""
            around = "; refusals go on to the next" if life.around_refusals else ""
            table.add_row(
                "model", f"{alias}@{version}{is_default}", f"{route}{fallback}{around}{_life(life)}"
            )
    operation = settings.operations.summarize
    for name, declared in operation.versions.items():
        is_default = " (default)" if name == operation.default else ""
        wording = f"prompt {declared.prompt}" if declared.prompt else "the newest prompt"
        table.add_row("operation", f"{OPERATION}@{name}{is_default}", f"{wording}{_life(declared)}")
    for rule in settings.policy.rules:
        table.add_row(f"{rule.effect}{' (shadow)' if rule.shadow else ''}", rule.id, _rule(rule))
    for limit in settings.policy.limits:
        table.add_row("limit", limit.id, _limit(limit))
    for quota in settings.policy.quotas:
        table.add_row("quota", quota.id, _limit(quota))
    return table


def _limit(given: LimitSettings | QuotaSettings) -> str:
    amounts = given.model_dump(exclude_none=True, exclude={"id", "per", "of", "warn_at", "on_store_error"})
    said = ", ".join(f"{key} {value}" for key, value in amounts.items())
    return f"{said} for {f'{given.per} {_values(given.of)}' if given.of else f'each {given.per}'}"


def _rule(rule: RuleSettings) -> str:
    when = rule.when.model_dump(exclude_none=True)
    tests = "; ".join(f"{key} {_values(value)}" for key, value in when.items())
    then = rule.then.model_dump(exclude_defaults=True)
    asked = "; ".join(f"{key} {_values(value)}" for key, value in then.items() if key != "model")
    return (tests or "always") + (f" -> {asked}" if asked else "")


def _life(version: LifeSettings) -> str:
    said = f"; deprecated {version.deprecated}" if version.deprecated else ""
    if version.sunset:
        after = f"{version.successor} answers" if version.on_sunset == "successor" else "refused"
        said += f"; from {version.sunset} on {after}"
    return said


def _backend(backend: AnyBackend) -> str:
    where = "on the premises" if backend.on_premises else f"in {backend.region or 'an undeclared region'}"
    said = " ".join(part for part in (backend.type, getattr(backend, "model", ""), where) if part)
    if isinstance(backend, VertexSettings) and not backend.is_claude:
        # Which filter a patient's record meets is a decision that somebody must be able to see.
        return f"{said}, safety filter {backend.safety}"
    return said


def _values(value: object) -> str:
    if isinstance(value, tuple):
        return " or ".join("-".join(each) if isinstance(each, tuple) else str(each) for each in value)
    return str(value)
