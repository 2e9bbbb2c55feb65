"""The Patient resource, and the names, identifiers and addresses of people."""

from gateway.clinical import Address, Contact, Identifier, Name, Patient
from translators.fhir.bundle import Entry, Graph
from translators.fhir.elements import boolean, child, children, concept, concepts, string, strings, words
from translators.fhir.json_guard import Element


def read_patient(resource: Element) -> Patient:
    """Raises `GatewayError` when an element is not as FHIR defines it."""
    return Patient(
        identifiers=tuple(read_identifiers(resource)),
        names=tuple(read_names(resource)),
        birth_date=string(resource, "birthDate"),
        sex=string(resource, "gender"),
        deceased=_deceased(resource),
        addresses=tuple([_address(each) for each in children(resource, "address")]),
        telecoms=_telecoms(resource),
        contacts=tuple([_contact(each) for each in children(resource, "contact")]),
        language=_language(resource),
    )


def read_identifiers(resource: Element) -> list[Identifier]:
    return [as_identifier(each) for each in children(resource, "identifier") if string(each, "use") != "old"]


def as_identifier(element: Element) -> Identifier:
    kind = concept(element, "type")
    return Identifier(
        value=words(element, "value"),
        system=string(element, "system"),
        type=kind.codes[0].code if kind.codes else kind.text,
    )


_NAME_ORDER = {"official": 0, "usual": 1, "": 2, "maiden": 4, "old": 5}


def read_names(resource: Element) -> list[Name]:
    """The official name first, former names last."""
    sent = sorted(children(resource, "name"), key=lambda name: _NAME_ORDER.get(string(name, "use"), 3))
    return [as_name(each) for each in sent]


def as_name(element: Element) -> Name:
    return Name(
        family=words(element, "family"),
        given=tuple(strings(element, "given")),
        prefix=" ".join(strings(element, "prefix")),
        suffix=" ".join(strings(element, "suffix")),
        text=words(element, "text"),
    )


def name_of(reference: Element, entry: Entry, graph: Graph) -> Name:
    """The name of a person that is referred to: as the resource gives it, else as the reference shows it."""
    target = graph.resolve(reference, entry)
    if target and target.type == "PractitionerRole":
        practitioner = child(target.resource, "practitioner")
        return (
            name_of(practitioner, target, graph) if practitioner else Name(text=words(reference, "display"))
        )
    if target and target.type in ("Practitioner", "RelatedPerson", "Patient"):
        names = read_names(target.resource)
        if names:
            return names[0]
    return Name(text=words(reference, "display"))


def _deceased(resource: Element) -> str:
    if boolean(resource, "deceasedBoolean"):
        return "true"
    return string(resource, "deceasedDateTime")


def _address(element: Element) -> Address:
    return Address(
        lines=tuple(strings(element, "line")) or tuple(filter(None, [words(element, "text")])),
        city=words(element, "city"),
        state=words(element, "state"),
        postal_code=words(element, "postalCode"),
        country=words(element, "country"),
    )


def _telecoms(resource: Element) -> tuple[str, ...]:
    sent = [words(each, "value") for each in children(resource, "telecom")]
    return tuple([value.removeprefix("tel:").removeprefix("mailto:") for value in sent if value])


def _contact(element: Element) -> Contact:
    address, name = child(element, "address"), child(element, "name")
    return Contact(
        name=as_name(name) if name else Name(),
        relationship=", ".join(each.text for each in concepts(element, "relationship") if each.text),
        telecoms=_telecoms(element),
        addresses=(_address(address),) if address else (),
    )


def _language(resource: Element) -> str:
    spoken = children(resource, "communication")
    preferred = [each for each in spoken if boolean(each, "preferred")] or spoken
    if not preferred:
        return ""
    language = concept(preferred[0], "language")
    return language.codes[0].code if language.codes else language.text
