"""What the limits and quotas say of the rest of the file. Reads plain values of any shape."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from gateway.settings.file import Path as KeyPath

Contradiction = tuple[KeyPath, str]


def of_limits(content: object) -> Iterator[Contradiction]:
    """Each with the path at which it is to be mended."""
    if not isinstance(content, dict) or not isinstance(content.get("policy"), dict):
        return
    kinds = {kind: _listed(content["policy"].get(kind)) for kind in ("limits", "quotas")}
    ids = Counter(str(each.get("id")) for found in kinds.values() for _, each in found)
    for kind, found in kinds.items():
        for index, each in found:
            here: KeyPath = ("policy", kind, index)
            if ids[str(each.get("id"))] > 1:
                yield (*here, "id"), f"{each.get('id')} is the id of another limit or quota too"
            yield from _unknown_names(content, here, each)
            if each.get("per") == "key" and not _takes_credentials(content):
                yield (*here, "per"), "no listener takes keys, tokens or certificates: it would never count"
            if kind == "quotas" and each.get("cost") is not None:
                yield from _without_price(content, here)


def _unknown_names(content: dict[str, Any], here: KeyPath, given: dict[str, Any]) -> Iterator[Contradiction]:
    listeners = [each.get("name") for _, each in _listed(content.get("listeners"))]
    known = {
        "partner": content.get("partners"),
        "listener": listeners,
        "model": content.get("models"),
    }.get(str(given.get("per")))
    names = given.get("of")
    if known is None or not isinstance(known, dict | list) or not isinstance(names, list):
        return
    for place, name in enumerate(names):
        if isinstance(name, str) and name not in known:
            yield (*here, "of", place), f"there is no {given['per']} {name}"


def _takes_credentials(content: dict[str, Any]) -> bool:
    """They come over HTTP, or as certificates of clients. A listener that is wrong itself may take some."""
    listeners = [each for _, each in _listed(content.get("listeners"))]
    return not listeners or any(
        each.get("protocol") != "mllp" or (isinstance(tls := each.get("tls"), dict) and tls.get("client_ca"))
        for each in listeners
    )


def _without_price(content: dict[str, Any], here: KeyPath) -> Iterator[Contradiction]:
    """A cost that nobody knows would count as nothing."""
    backends = content.get("backends")
    for name, backend in backends.items() if isinstance(backends, dict) else ():
        if isinstance(backend, dict) and backend.get("type") != "extractive" and not backend.get("price"):
            yield (*here, "cost"), f"backend {name} has no price"


def _listed(found: object) -> list[tuple[int, dict[str, Any]]]:
    given = found if isinstance(found, list) else []
    return [(index, each) for index, each in enumerate(given) if isinstance(each, dict)]
