"""Which Patient a message is about. Content about two people is refused, never mixed."""

from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl

from gateway.clinical import Name, Patient
from gateway.errors import ErrorKind, GatewayError
from gateway.values import carrier
from translators.fhir.bundle import Entry, Graph
from translators.fhir.elements import child, children, string, words
from translators.fhir.json_guard import Element
from translators.fhir.patient import as_identifier, read_patient

_MOST_NAMED = 4
"""Places that a refusal names, one for each person."""


@carrier
class Subject:
    """Whom the entries are about."""

    patient: Patient
    entry: Entry | None = None
    """The Patient resource, when it was sent."""
    reference: str = ""
    """As the entries write it."""
    is_one_of_several: bool = False
    """Other people were sent too: what names nobody may be about them."""


def check_patient(entry: Entry) -> None:
    """Read the Patient. Raises `GatewayError` when it cannot be read."""
    entry.patient = read_patient(entry.resource)
    for link in children(entry.resource, "link"):
        string(child(link, "other") or {}, "reference")
        string(link, "type")


def reference_to_subject(entry: Entry) -> Element | None:
    """The reference by which an entry says whom it is about."""
    resource = entry.resource
    subject = child(resource, "subject") or child(resource, "patient")
    if subject is None and entry.type == "Appointment":
        actors = [child(each, "actor") or {} for each in children(resource, "participant")]
        return next((each for each in actors if "Patient/" in string(each, "reference")), None)
    return subject


def kind_of_subject(entry: Entry, graph: Graph) -> str:
    """`Patient`, `Group`, `Device`, `Location` ...; empty when it is not said."""
    subject = reference_to_subject(entry)
    if subject is None:
        return ""
    target = graph.resolve(subject, entry)
    if target:
        return target.type
    said = string(subject, "type").rpartition("/")[2]
    path = string(subject, "reference").partition("/_history/")[0].partition("?")[0].split("/")
    return said or next((part for part in path[-2:] if part[:1].isupper()), "")


def find_subject(graph: Graph, entries: Iterable[Entry]) -> Subject:
    """The one Patient that `entries` are about.

    Raises `GatewayError` (SEVERAL_PATIENTS), which names an entry of each, when there are more.
    """
    people = _People(graph)
    about: dict[str, tuple[Entry, Element]] = {}
    for entry in entries:
        subject = reference_to_subject(entry)
        key = people.key(subject, entry) if subject else ""
        if subject and key:
            about.setdefault(key, (entry, subject))
    if len(about) > 1:
        raise several_patients([f"{entry.origin}.subject" for entry, _ in about.values()])
    alone = {people.current(patient).origin: patient for patient in people.patients}
    if about:
        entry, subject = next(iter(about.values()))
        return people.identify(subject, entry, is_one_of_several=len(alone) > 1)
    if len(alone) > 1:
        raise several_patients(list(alone))
    return people.read(next(iter(alone.values()))) if alone else Subject(Patient())


def names_nobody(entry: Entry) -> bool:
    """It has no subject, or one that only displays something."""
    subject = reference_to_subject(entry)
    return subject is None or not (string(subject, "reference") or child(subject, "identifier"))


def several_patients(places: Sequence[str]) -> GatewayError:
    return GatewayError(ErrorKind.SEVERAL_PATIENTS, location=", ".join(places[:_MOST_NAMED]))


class _People:
    """The Patients of a message, found by whatever way an entry refers to them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.patients = [entry for entry in graph.entries if entry.type == "Patient"]
        self._current = self._linked()
        self._keys: dict[str, str] = {}
        self._by_identifier: dict[tuple[str, str], Entry] = {}
        for patient in reversed(self.patients):
            for each in children(patient.resource, "identifier"):
                value = string(each, "value")
                self._by_identifier[string(each, "system"), value] = patient
                self._by_identifier["", value] = patient

    def key(self, subject: Element, entry: Entry) -> str:
        """Equal for references to the same person; empty when a reference tells nothing."""
        sent = string(subject, "reference")
        known = self._keys.get(sent)
        if known is not None:
            return known
        target = self._find(subject, entry)
        if target and target.container:
            return repr(read_patient(target.resource))
        if target:
            key = self.current(target).origin
            if "identifier" not in subject and ("://" in sent or sent.startswith("urn:")):
                self._keys[sent] = key  # an absolute reference means the same in every entry
            return key
        sent = sent.partition("/_history/")[0]
        if sent:
            near = "://" not in sent and not sent.startswith("urn:") and entry.full_url.startswith("http")
            return entry.full_url.rsplit("/", 2)[0] + "/" + sent if near else sent
        identifier = child(subject, "identifier")
        return f"{string(identifier, 'system')}|{string(identifier, 'value')}" if identifier else ""

    def identify(self, subject: Element, entry: Entry, *, is_one_of_several: bool) -> Subject:
        target = self._find(subject, entry)
        reference = string(subject, "reference")
        if target:
            return self.read(self.current(target), reference, is_one_of_several)
        identifier, shown = child(subject, "identifier"), words(subject, "display")
        patient = Patient(
            identifiers=(as_identifier(identifier),) if identifier else (),
            names=(Name(text=shown),) if shown else (),
        )
        return Subject(patient, None, reference, is_one_of_several)

    def read(self, patient: Entry, reference: str = "", is_one_of_several: bool = False) -> Subject:
        read = patient.patient or read_patient(patient.resource)
        return Subject(read, patient, reference, is_one_of_several)

    def current(self, patient: Entry) -> Entry:
        """Of the Patients that are linked as records of one person, the one that counts."""
        return self._current.get(patient.origin, patient)

    def _find(self, subject: Element, entry: Entry) -> Entry | None:
        target = self.graph.resolve(subject, entry)
        if target:
            return target
        identifier = child(subject, "identifier")
        wanted = (string(identifier, "system"), string(identifier, "value")) if identifier else None
        path, _, query = string(subject, "reference").partition("?")
        if path == "Patient" and query:  # a conditional reference of a transaction
            token = dict(parse_qsl(query)).get("identifier", "")
            system, _, value = token.rpartition("|")
            wanted = (system, value)
        if wanted:
            return self._by_identifier.get(wanted)
        if len(self.patients) == 1 and not self.patients[0].reference:
            return self.patients[0]  # it has no address: no other way to refer to it
        return None

    def _linked(self) -> dict[str, Entry]:
        """The first of each group of linked Patients that is not replaced by another, by origin."""
        leader = {patient.origin: patient for patient in self.patients}
        groups = {patient.origin: [patient] for patient in self.patients}
        for patient in self.patients:
            for link in children(patient.resource, "link"):
                other = self.graph.resolve(child(link, "other"), patient)
                if other is None or other.type != "Patient" or other.origin not in leader:
                    continue
                one, two = leader[patient.origin], leader[other.origin]
                if one is not two:
                    small, large = sorted((one, two), key=lambda each: len(groups[each.origin]))
                    for member in groups.pop(small.origin):
                        leader[member.origin] = large
                        groups[large.origin].append(member)
        current = {}
        for group in groups.values():
            best = next((each for each in group if not _is_replaced(each)), group[0])
            current.update({member.origin: best for member in group})
        return current


def _is_replaced(patient: Entry) -> bool:
    return any(string(link, "type") == "replaced-by" for link in children(patient.resource, "link"))
