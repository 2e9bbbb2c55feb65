"""What the keys about versions say of one another: their lives, and for whom an alias means which."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from gateway.settings.file import Path as KeyPath

Contradiction = tuple[KeyPath, str]


def of_lives(here: KeyPath, content: object) -> Iterator[Contradiction]:
    """Of one model or operation: `default` and `versions`. Each with the path at which it is to be mended."""
    versions = content.get("versions") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(versions, dict):
        return
    default = content.get("default")
    if isinstance(default, str) and default not in versions:
        yield (*here, "default"), f"there is no version {default}"
    elif isinstance(default, str):
        yield from _default(here, default, versions)
    for name, version in versions.items():
        if isinstance(version, dict):
            yield from _life((*here, "versions", name), name, version, versions)


def of_pins(partners: Mapping[str, Any], models: Mapping[str, Any]) -> Iterator[Contradiction]:
    for name, partner in partners.items():
        pins = partner.get("models") if isinstance(partner, dict) else None
        for alias, version in (pins if isinstance(pins, dict) else {}).items():
            here: KeyPath = ("partners", name, "models", alias)
            model = models.get(alias)
            versions = model.get("versions") if isinstance(model, dict) else None
            if alias not in models:
                yield here, f"there is no model {alias}"
            elif isinstance(versions, dict) and version not in versions:
                yield here, f"model {alias} has no version {version}"


def of_operation_pins(partners: Mapping[str, Any], versions: Mapping[str, Any]) -> Iterator[Contradiction]:
    for name, partner in partners.items():
        pins = partner.get("operations") if isinstance(partner, dict) else None
        for operation, version in (pins if isinstance(pins, dict) else {}).items():
            if isinstance(version, str) and version not in versions:
                yield ("partners", name, "operations", operation), f"{operation} has no version {version}"


def _default(here: KeyPath, default: str, versions: Mapping[str, Any]) -> Iterator[Contradiction]:
    """One day nobody who names no version would be served, and nobody would have changed anything."""
    followed = [default]
    version = versions.get(default)
    while isinstance(version, dict) and version.get("sunset") is not None:
        if version.get("on_sunset") != "successor":
            refuses = f"version {followed[-1]} refuses from {version['sunset']} on whoever names no version"
            yield (*here, "default"), f"{refuses}: give it on_sunset: successor, or choose another default"
            return
        successor = version.get("successor")
        if successor in followed:  # a circle, which is told by itself
            return
        followed.append(str(successor))
        version = versions.get(str(successor))


def _life(
    here: KeyPath, name: str, version: Mapping[str, Any], versions: Mapping[str, Any]
) -> Iterator[Contradiction]:
    deprecated, sunset = version.get("deprecated"), version.get("sunset")
    if isinstance(deprecated, date) and isinstance(sunset, date) and sunset < deprecated:
        yield (*here, "sunset"), "is before deprecated"
    successor = version.get("successor")
    if successor is None:
        if deprecated is not None:
            yield (*here, "successor"), "is missing: a deprecated version names what follows it"
        elif version.get("on_sunset") == "successor":
            yield (*here, "successor"), "is missing: on_sunset says that it answers"
        return
    if isinstance(successor, str) and successor not in versions:
        yield (*here, "successor"), f"there is no version {successor}"
    followed = [name]
    while isinstance(successor, str) and successor in versions:
        if successor in followed:
            if successor == name:  # those outside of the circle that lead into it are told by its members
                yield (*here, "successor"), f"leads back to itself: {' -> '.join([*followed, name])}"
            return
        followed.append(successor)
        after = versions[successor]
        successor = after.get("successor") if isinstance(after, dict) else None
