"""What a security label covers beyond its own resource.

Other entries tell what a labelled one says: a report of its results, a prescription of the diagnosis behind
it, a section of all that it lists. Whoever refers to what is protected is taken to repeat it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gateway.clinical import LabelledPart
from translators.fhir.bundle import Entry, Graph
from translators.fhir.json_guard import Element
from translators.fhir.labels import LabelSet

_COVERS_ITS_PARTS = frozenset({"Composition", "DiagnosticReport", "List", "Observation"})
"""A label on one of these is on what it puts together, too."""
_SHARED = frozenset(
    "Patient Practitioner PractitionerRole Organization Location Device RelatedPerson Encounter".split()
)
"""What everything refers to: a label reaches over these only from one of them that has it itself."""
_ADDRESSES = ("reference", "url")


def labelled_parts(graph: Graph, labels: LabelSet) -> list[LabelledPart]:
    """One part for each set of sensitivities. `graph` is indexed."""
    if not labels.at:
        return []
    by_origin = {entry.origin: entry for entry in graph.entries}
    refers_to = {entry.origin: tuple(_targets(graph, entry)) for entry in graph.entries}
    referred_by: dict[str, list[str]] = {}
    for origin, targets in refers_to.items():
        for target in targets:
            referred_by.setdefault(target, []).append(origin)
    alike: dict[tuple[str, ...], list[str]] = {}
    for origin, matters in labels.at.items():
        alike.setdefault(tuple(sorted(matters)), []).append(origin)
    return [
        LabelledPart(
            sensitivity=matters, origins=tuple(sorted(_reach(origins, by_origin, refers_to, referred_by)))
        )
        for matters, origins in alike.items()
    ]


def _reach(
    labelled: Iterable[str],
    entries: Mapping[str, Entry],
    refers_to: Mapping[str, Sequence[str]],
    referred_by: Mapping[str, Sequence[str]],
) -> set[str]:
    """Down from what puts others together, then up to all that refer to any of it."""
    reached = set(labelled)
    pending = list(reached)
    while pending:
        origin = pending.pop()
        if origin in entries and entries[origin].type in _COVERS_ITS_PARTS:
            for part in refers_to[origin]:
                if part not in reached and entries[part].type not in _SHARED:
                    reached.add(part)
                    pending.append(part)
    pending = list(reached)
    while pending:
        for referrer in referred_by.get(pending.pop(), ()):
            if referrer not in reached:
                reached.add(referrer)
                if entries[referrer].type not in _SHARED:
                    pending.append(referrer)
    return reached


def _targets(graph: Graph, entry: Entry) -> Iterator[str]:
    """Origins of the entries that this one refers to, from wherever in it."""
    pending: list[object] = [entry.resource]
    while pending:
        node = pending.pop()
        if type(node) is list:
            pending += node
        elif type(node) is dict:
            yield from _target(graph, entry, node)
            pending += node.values()


def _target(graph: Graph, entry: Entry, node: Element) -> Iterator[str]:
    for key in _ADDRESSES:
        address = node.get(key)
        if type(address) is str:
            found = graph.find(address, entry)
            if found is not None and (found.container or found) is not entry:
                yield (found.container or found).origin
