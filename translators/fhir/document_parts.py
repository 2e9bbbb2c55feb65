"""What the resources of a reply share: their addresses, and how they point back to what was sent."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from translators.fhir.narrative import folded

Resource = dict[str, Any]
"""A FHIR resource, or a part of one, that is to be written as JSON."""

_URI = re.compile(r"[!-~]{1,2000}")
_NAMESPACE = UUID("5d1c0a56-5f0c-5b43-9c0a-0f6f6b0a9a4e")


class FullUrls:
    """fullUrls, the same whenever the reply to one message is built."""

    def __init__(self, message_id: str) -> None:
        self._message_id = message_id

    def url(self, name: str) -> str:
        return f"urn:uuid:{uuid5(_NAMESPACE, f'{self._message_id}/{name}')}"

    def reference(self, name: str) -> Resource:
        return {"reference": self.url(name)}


@dataclass(frozen=True, slots=True)
class Sources:
    """How a reply can point the sender back to its own resources."""

    references: Mapping[str, str] = field(default_factory=dict)
    """fullUrl or `Type/id` by the start of an origin (`Bundle.entry[2]`, `Observation`)."""
    shows_evidence: bool = True

    def of(self, origin: str) -> str:
        """Empty when the resource has no address."""
        end = origin.find("]") + 1 if origin.startswith("Bundle.entry[") else 0
        place = origin[:end] if end else origin.partition(".")[0].partition("/")[0]
        reference = self.references.get(place, "")
        return reference if _URI.fullmatch(reference) else ""

    def references_to(self, origins: Iterable[str]) -> list[Resource]:
        """Each resource once, shown by the first place in it that was used."""
        found: dict[str, str] = {}
        for origin in origins:
            reference = self.of(origin)
            if reference:
                found.setdefault(reference, origin)
        return [{"reference": reference, "display": folded(origin)} for reference, origin in found.items()]


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
