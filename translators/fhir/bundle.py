"""The resources of a message and how they refer to each other; what a resource says is not read here.

References are resolved inside what was sent and nowhere else (FHIR R4 3.1.2.2 and Bundle 2.36.4.1).
"""

from dataclasses import dataclass, field

from gateway.clinical import Caution, Patient, Unread, UnreadReason
from gateway.errors import ErrorKind, GatewayError
from translators.fhir.elements import child, children, string
from translators.fhir.json_guard import Element
from translators.fhir.resource_types import R4_TYPES

MAX_ENTRIES = 20_000


@dataclass(slots=True, eq=False)
class Entry:
    """One resource and where it stands."""

    origin: str
    """`Bundle.entry[2].resource`, `Bundle.entry[2].resource.contained[0]`, `Observation`."""
    resource: Element
    type: str
    full_url: str = ""
    container: "Entry | None" = None
    """The resource that contains it."""
    patient: Patient | None = None
    """Of a Patient: what it says, once it was read."""

    @property
    def id(self) -> str:
        value = self.resource.get("id")
        return value if type(value) is str else ""

    @property
    def reference(self) -> str:
        """How the sender can be pointed to it: its fullUrl, else `Type/id`, else empty."""
        if self.container:
            return self.container.reference
        if self.full_url:
            return self.full_url
        own_id = self.id
        return f"{self.type}/{own_id}" if own_id else ""


@dataclass(slots=True)
class Graph:
    """Everything that was sent."""

    root: Element
    root_type: str
    entries: list[Entry]
    unread: list[Unread] = field(default_factory=list)
    warnings: list[Caution] = field(default_factory=list)
    _by_url: dict[str, Entry] = field(default_factory=dict)
    _by_local: dict[str, Entry | None] = field(default_factory=dict)
    """By `Type/id`; None where two servers' resources share it."""
    _contained: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    _by_fragment: dict[str, dict[str, Entry]] = field(default_factory=dict)

    def index(self) -> None:
        """Make `entries`, which are final now, known by their addresses."""
        for entry in self.entries:
            if entry.full_url:
                self._by_url[entry.full_url] = entry
            own_id = entry.id
            local = f"{entry.type}/{own_id}" if own_id else _local(entry.full_url)
            if local:
                self._by_local[local] = None if local in self._by_local else entry

    def leave_out(self, origin: str, reason: UnreadReason, what: str) -> None:
        self.unread.append(Unread(origin=origin, reason=reason, what=what))

    def resolve(self, reference: Element | None, referrer: Entry) -> Entry | None:
        return self.find(string(reference, "reference"), referrer) if reference else None

    def find(self, target: str, referrer: Entry) -> Entry | None:
        """The resource that a reference from `referrer` means, if it was sent."""
        if not target:
            return None
        if target[0] == "#":
            return self._find_contained(referrer.container or referrer, target[1:])
        target = target.partition("/_history/")[0]
        found = self._by_url.get(target)
        if found or target.startswith("urn:"):
            return found
        if "://" not in target:
            near = self._by_url.get(_base(referrer) + target)
            return near or self._by_local.get(target)
        far = self._by_local.get(_local(target))
        # The same id at a named server is another resource; at none it is the one that was meant.
        return far if far and not far.full_url.startswith("http") else None

    def contained(self, entry: Entry) -> tuple[Entry, ...]:
        """The resources inside an entry."""
        found = self._contained.get(entry.origin)
        if found is None:
            found = tuple(
                Entry(f"{entry.origin}.contained[{index}]", resource, type_of(resource), container=entry)
                for index, resource in enumerate(children(entry.resource, "contained"))
            )
            self._contained[entry.origin] = found
            self._by_fragment[entry.origin] = {each.id: each for each in reversed(found)}
        return found

    def _find_contained(self, holder: Entry, wanted: str) -> Entry | None:
        if not wanted:
            return holder
        self.contained(holder)
        return self._by_fragment[holder.origin].get(wanted)


def type_of(resource: Element) -> str:
    """The type's name; empty for what is no resource of FHIR R4."""
    name = resource.get("resourceType")
    return name if type(name) is str and name in R4_TYPES else ""


def _base(referrer: Entry) -> str:
    """`http://server/fhir/` of `http://server/fhir/Observation/1`."""
    holder = referrer.container or referrer
    if not holder.full_url.startswith("http"):
        return ""
    return holder.full_url.rsplit("/", 2)[0] + "/"


def _local(url: str) -> str:
    """`Patient/1` of `http://server/fhir/Patient/1`."""
    if not url.startswith("http"):
        return ""
    return "/".join(url.rsplit("/", 2)[1:])


def read_graph(root: Element) -> Graph:
    """The entries of a Bundle, or a single resource as the only one. Raises `GatewayError` on too many."""
    root_type = type_of(root)
    if root_type != "Bundle":
        return Graph(root, root_type, [Entry(root_type, root, root_type)])
    given = root.get("entry")
    if given is not None and type(given) is not list:
        raise GatewayError(ErrorKind.INVALID_VALUE, location="Bundle.entry")
    if given and len(given) > MAX_ENTRIES:
        public = f"The Bundle has more than {MAX_ENTRIES} entries"
        raise GatewayError(ErrorKind.TOO_LARGE, location="Bundle.entry", public=public)
    graph = Graph(root, root_type, [])
    versions: dict[str, int | None] = {}
    for index, each in enumerate(given or ()):
        try:
            _take_entry(graph, f"Bundle.entry[{index}]", each, versions)
        except GatewayError:
            graph.leave_out(f"Bundle.entry[{index}]", UnreadReason.INVALID, "an entry of the Bundle")
    _say_what_is_missing(graph)
    return graph


def _take_entry(graph: Graph, place: str, given: object, versions: dict[str, int | None]) -> None:
    """`versions` holds the place in `graph.entries` by fullUrl or `Type/id`, None for what was deleted."""
    if type(given) is not dict:
        raise GatewayError(ErrorKind.INVALID_VALUE)
    full_url, request, resource = string(given, "fullUrl"), child(given, "request"), child(given, "resource")
    if request and string(request, "method") == "DELETE":
        versions[full_url or string(request, "url")] = None
        return graph.leave_out(place, UnreadReason.WITHDRAWN, "deleted entry")
    if resource is None:
        if full_url and not request:
            graph.leave_out(place, UnreadReason.EXTERNAL, "an entry without its resource")
        return None
    entry = Entry(f"{place}.resource", resource, type_of(resource), full_url)
    key = full_url or (f"{entry.type}/{entry.id}" if entry.id else "")
    if key in versions:
        return _choose_version(graph, versions[key], entry)
    if key:
        versions[key] = len(graph.entries)
    graph.entries.append(entry)
    return None


def _choose_version(graph: Graph, place: int | None, later: Entry) -> None:
    """Two versions of one resource never stand side by side. A history lists its newest first."""
    what = f"another version of a {later.type or 'resource'}"
    sooner = None if place is None else graph.entries[place]
    if place is None or sooner is None or _version(later) <= _version(sooner):
        return graph.leave_out(later.origin, UnreadReason.WITHDRAWN, what)
    graph.entries[place] = later
    return graph.leave_out(sooner.origin, UnreadReason.WITHDRAWN, what)


def _version(entry: Entry) -> tuple[str, int]:
    meta = child(entry.resource, "meta") or {}
    number = string(meta, "versionId")
    return string(meta, "lastUpdated"), int(number) if number.isascii() and number.isdigit() else 0


def _say_what_is_missing(graph: Graph) -> None:
    links = graph.root.get("link")
    for link in links if type(links) is list else ():
        if type(link) is dict and link.get("relation") == "next":
            text = "The search had further pages, which were not sent"
            graph.warnings.append(Caution(code="more-pages", text=text, location="Bundle.link"))
