"""What of a changed file can take effect in a running gateway, and what waits for a restart."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.settings.backends import AnyBackend
from gateway.settings.file import Path as KeyPath
from gateway.settings.file import SettingsProblem, UnusableSettings, path_text
from gateway.settings.schema import GatewaySettings, ListenerSettings, PartnerSettings, Settings

_FACTS = ("baa", "retention_days", "on_premises", "price")
"""What only rules and quotas read of a backend."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    settings: Settings
    """The running ones with every change that can be made now."""
    needs_restart: tuple[str, ...]
    """Paths of the keys whose change cannot."""


def reloaded(running: Settings, wanted: Settings) -> Reloaded:
    """Raises `UnusableSettings` when what can change needs what cannot: a model of a new backend."""
    missing = [SettingsProblem(path_text(path), text) for path, text in _needed(running, wanted)]
    if missing:
        raise UnusableSettings(missing)
    waiting: list[str] = []
    partners = {name: _partner(name, each, running, waiting) for name, each in wanted.partners.items()}
    changed = {
        "gateway": _gateway(running.gateway, wanted.gateway, waiting),
        "listeners": _listeners(running, wanted, waiting),
        "partners": partners,
        "backends": {
            name: _backend(name, each, wanted.backends.get(name), waiting)
            for name, each in running.backends.items()
        },
        "models": wanted.models,
        "operations": wanted.operations,
        "policy": wanted.policy,
    }
    settings = running.model_copy(update=changed)
    waiting += [
        key
        for key in Settings.model_fields
        if key not in changed and getattr(wanted, key) != getattr(running, key)
    ]
    waiting += [f"backends.{name}" for name in wanted.backends if name not in running.backends]
    return Reloaded(settings, tuple(waiting))


def _gateway(running: GatewaySettings, wanted: GatewaySettings, waiting: list[str]) -> GatewaySettings:
    for key in sorted(GatewaySettings.model_fields):
        if key not in ("time_zone", "data_dir") and getattr(running, key) != getattr(wanted, key):
            waiting.append(f"gateway.{key}")
    return running.model_copy(update={"time_zone": wanted.time_zone})


def _partner(name: str, wanted: PartnerSettings, running: Settings, waiting: list[str]) -> PartnerSettings:
    """With the return that connections are made for."""
    before = running.partners[name].returns if name in running.partners else None
    if wanted.returns == before:
        return wanted
    waiting.append(f"partners.{name}.return")
    return wanted.model_copy(update={"returns": before})


def _backend(name: str, running: AnyBackend, wanted: AnyBackend | None, waiting: list[str]) -> AnyBackend:
    if wanted is None or wanted == running:  # one that no model names any more may stay until the restart
        return running
    facts = {key: getattr(wanted, key) for key in _FACTS}
    changed = running.model_copy(update=facts)
    if changed == wanted:
        return changed
    waiting.append(f"backends.{name}")
    return running


def _listeners(running: Settings, wanted: Settings, waiting: list[str]) -> tuple[ListenerSettings, ...]:
    """As they run, for the partners that they are for from now on."""
    by_name = {each.name: each for each in wanted.listeners}
    made = tuple(
        each.model_copy(update={"partners": by_name[each.name].partners}) if each.name in by_name else each
        for each in running.listeners
    )
    if made != wanted.listeners:
        waiting.append("listeners")
    return made


def _needed(running: Settings, wanted: Settings) -> Iterator[tuple[KeyPath, str]]:
    for path, name in _backends_named(wanted):
        if name not in running.backends:
            yield path, f"backend {name} needs a restart"
    for index, rule in enumerate(wanted.policy.rules):
        receiver = rule.then.return_to
        before = running.partners.get(receiver) if receiver else None
        if receiver and (before is None or before.returns is None):
            path = ("policy", "rules", index, "then", "return_to")
            yield path, f"the return of partner {receiver} needs a restart"
    names = {each.name for each in wanted.listeners}
    for each in running.listeners:
        # Its list would become empty, and an empty one means everybody.
        if each.name not in names and not set(each.partners) <= wanted.partners.keys():
            yield ("partners",), f"listener {each.name} still runs for one that is gone: needs a restart"


def _backends_named(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    for alias, model in settings.models.items():
        for number, version in model.versions.items():
            here: KeyPath = ("models", alias, "versions", number)
            for index, target in enumerate(version.targets):
                yield (*here, "targets", index, "backend"), target.backend
            for index, name in enumerate(version.fallback):
                yield (*here, "fallback", index), name
