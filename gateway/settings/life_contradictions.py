"""What the keys about versions say of one another: their lives, and for whom an alias means which."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.settings.file import Path as KeyPath

Contradiction = tuple[KeyPath, str]


def of_lives(models: Mapping[str, Any]) -> Iterator[Contradiction]:
    """Each with the path at which it is to be mended."""
    for alias, model in models.items():
        versions = model.get("versions") if isinstance(model, dict) else None
        if not isinstance(versions, dict):
            continue
        for name, version in versions.items():
            if isinstance(version, dict):
                yield from _life(("models", alias, "versions", name), name, version, versions)


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


def _life(
    here: KeyPath, name: str, version: Mapping[str, Any], versions: Mapping[str, Any]
) -> Iterator[Contradiction]:
    successor = version.get("successor")
    if successor is None:
        if version.get("deprecated") is not None:
            yield (*here, "successor"), "is missing: a deprecated version names what follows it"
        elif version.get("on_sunset") == "successor":
            yield (*here, "successor"), "is missing: on_sunset says that it answers"
        return
    followed = [name]
    while isinstance(successor, str) and successor in versions:
        if successor in followed:
            if successor == name:  # those outside of the circle that lead into it are told by its members
                yield (*here, "successor"), f"leads back to itself: {' -> '.join([*followed, name])}"
            return
        followed.append(successor)
        after = versions[successor]
        successor = after.get("successor") if isinstance(after, dict) else None
