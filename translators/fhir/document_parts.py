"""What the resources of a reply share: their addresses, and how they point back to what was sent."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha1
from typing import Any
from uuid import UUID

from gateway.values import carrier
from translators.fhir.narrative import folded

Resource = dict[str, Any]
"""A FHIR resource, or a part of one, that is to be written as JSON."""

_LONGEST_URI = 2000
_NAMESPACE = UUID("5d1c0a56-5f0c-5b43-9c0a-0f6f6b0a9a4e").bytes


class FullUrls:
    """fullUrls, the same whenever the reply to one message is built."""

    def __init__(self, message_id: str) -> None:
        self._message_id = message_id
        self._urls: dict[str, str] = {}

    def url(self, name: str) -> str:
        url = self._urls.get(name)
        if url is None:
            url = self._urls[name] = _name_based(f"{self._message_id}/{name}")
        return url

    def reference(self, name: str) -> Resource:
        return {"reference": self.url(name)}


@carrier
class Sources:
    """How a reply can point the sender back to its own resources."""

    references: Mapping[str, str] = field(default_factory=dict)
    """fullUrl or `Type/id` by the start of an origin (`Bundle.entry[2]`, `Observation`)."""
    shows_evidence: bool = True
    _shown: dict[str, Resource | None] = field(default_factory=dict, repr=False, compare=False)
    """What was pointed to before: sections and provenance name the same places."""

    def of(self, origin: str) -> str:
        """Empty when the resource has no address."""
        end = origin.find("]") + 1 if origin.startswith("Bundle.entry[") else 0
        place = origin[:end] if end else origin.partition(".")[0].partition("/")[0]
        reference = self.references.get(place, "")
        return reference if _is_uri(reference) else ""

    def references_to(self, origins: Iterable[str]) -> list[Resource]:
        """Each resource once, shown by the first place in it that was used."""
        found: dict[str, Resource] = {}
        for origin in origins:
            shown = self._shown[origin] if origin in self._shown else self._show(origin)
            if shown:
                found.setdefault(shown["reference"], shown)
        return list(found.values())

    def _show(self, origin: str) -> Resource | None:
        reference = self.of(origin)
        shown = {"reference": reference, "display": folded(origin)} if reference else None
        self._shown[origin] = shown
        return shown


def _name_based(name: str) -> str:
    """A UUID of version 5 (RFC 9562 5.5) as a URN: `uuid.uuid5` takes three times as long."""
    made = sha1(_NAMESPACE + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(made[16], 16) & 3]
    return f"urn:uuid:{made[:8]}-{made[8:12]}-5{made[13:16]}-{variant}{made[17:20]}-{made[20:32]}"


def _is_uri(text: str) -> bool:
    """Nothing but visible ASCII."""
    return 0 < len(text) <= _LONGEST_URI and text.isascii() and text.isprintable() and " " not in text


@lru_cache(maxsize=8)  # a document says it five times
def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
