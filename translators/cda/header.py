"""The header of a CDA document: the patient, the encounter it belongs to, who took part, and its time."""

from gateway.clinical import (
    Address,
    Contact,
    Encounter,
    Identifier,
    Name,
    Participant,
    Patient,
    Reading,
    Unread,
    UnreadReason,
)
from gateway.errors import ErrorKind, GatewayError
from translators.cda.datatypes import (
    MASKED,
    address,
    code_of,
    codes_of,
    concept,
    entity_name,
    identifier,
    period,
    person_name,
    telecom,
)
from translators.cda.narrative import Anchors, Narrative
from translators.cda.tags import (
    ADDR,
    ADMINISTRATIVE_GENDER_CODE,
    ASSIGNED_AUTHOR,
    ASSIGNED_ENTITY,
    ASSIGNED_PERSON,
    ASSOCIATED_ENTITY,
    ASSOCIATED_PERSON,
    AUTHOR,
    BIRTH_TIME,
    CODE,
    COMPONENT_OF,
    DISCHARGE_DISPOSITION_CODE,
    DOCUMENTATION_OF,
    EFFECTIVE_TIME,
    ENCOMPASSING_ENCOUNTER,
    ENCOUNTER_PARTICIPANT,
    FUNCTION_CODE,
    GUARDIAN,
    GUARDIAN_PERSON,
    HEALTH_CARE_FACILITY,
    ID,
    LANGUAGE_CODE,
    LANGUAGE_COMMUNICATION,
    LOCATION,
    NAME,
    PARTICIPANT,
    PATIENT,
    PATIENT_ROLE,
    PERFORMER,
    PREFERENCE_IND,
    RECORD_TARGET,
    RESPONSIBLE_PARTY,
    SDTC_DECEASED_IND,
    SDTC_DECEASED_TIME,
    SERVICE_EVENT,
    SERVICE_PROVIDER_ORGANIZATION,
    TELECOM,
    Element,
    child,
)

ENCOUNTER_ORIGIN = "componentOf/encompassingEncounter"

_SEXES = {"F": "female", "M": "male", "UN": "other", "O": "other", "U": "unknown", "UNK": "unknown"}

_RELATIONSHIPS = {  # RoleClass of associatedEntity, where no code says more
    "NOK": "next of kin",
    "ECON": "emergency contact",
    "CAREGIVER": "caregiver",
    "GUARD": "guardian",
    "AGNT": "agent",
    "PRS": "personal relationship",
    "CON": "contact",
}

_ENCOUNTER_CLASSES = frozenset(
    {"IMP", "AMB", "EMER", "OBSENC", "PRENC", "SS", "HH", "VR", "ACUTE", "NONAC", "FLD"}
)
_ACT_CODE = "2.16.840.1.113883.5.4"

_ROLES = {  # v3-ParticipationType
    "ATND": "attending",
    "ADM": "admitting",
    "DIS": "discharging",
    "CON": "consulting",
    "REF": "referring",
    "PRF": "performer",
    "PPRF": "primary performer",
    "SPRF": "performer",
    "PCP": "primary care",
    "PP": "primary care",
    "RESP": "responsible",
}


def read_header(document: Element, reading: Reading, prefix: str) -> str:
    """Fill patient and encounter; the document's own time, ISO 8601.

    Raises `GatewayError` for a document about several patients.
    """
    targets = list(document.iterchildren(RECORD_TARGET))
    if len(targets) > 1:
        raise GatewayError(ErrorKind.SEVERAL_PATIENTS, location=f"{prefix}recordTarget[2]")
    narrative = Narrative(None, Anchors(document))
    role = child(targets[0], PATIENT_ROLE) if targets else None
    if role is not None:
        reading.patient = _patient(document, role, narrative)
        _list_masked(role, reading, prefix)
    encounter = child(document, COMPONENT_OF, ENCOMPASSING_ENCOUNTER)
    if encounter is not None:
        reading.encounter = _encounter(document, encounter, narrative, prefix)
    return period(child(document, EFFECTIVE_TIME)).start


def _patient(document: Element, role: Element, narrative: Narrative) -> Patient:
    identifiers = tuple(_identifiers(role))
    addresses = _addresses(role)
    telecoms = _telecoms(role)
    person = child(role, PATIENT)
    if person is None:
        return Patient(identifiers=identifiers, addresses=addresses, telecoms=telecoms)
    guardians = (_guardian(each, narrative) for each in person.iterchildren(GUARDIAN))
    return Patient(
        identifiers=identifiers,
        names=_names(person),
        birth_date=period(child(person, BIRTH_TIME)).start[:10],
        sex=_sex(child(person, ADMINISTRATIVE_GENDER_CODE)),
        deceased=_deceased(person),
        addresses=addresses,
        telecoms=telecoms,
        contacts=(*guardians, *_contacts(document, narrative)),
        language=_language(person),
    )


def _identifiers(holder: Element, kind: str = "") -> list[Identifier]:
    read = [identifier(each, kind) for each in holder.iterchildren(ID)]
    return [each for each in read if each is not None]


def _names(person: Element) -> tuple[Name, ...]:
    read = [person_name(each) for each in person.iterchildren(NAME)]
    return tuple(each for each in read if each is not None)


def _addresses(holder: Element) -> tuple[Address, ...]:
    read = [address(each) for each in holder.iterchildren(ADDR)]
    return tuple(each for each in read if each is not None)


def _telecoms(holder: Element) -> tuple[str, ...]:
    read = [telecom(each) for each in holder.iterchildren(TELECOM)]
    return tuple(each for each in read if each)


def _sex(element: Element | None) -> str:
    if element is None:
        return ""
    code = code_of(element) or element.get("nullFlavor") or ""
    return _SEXES.get(code.upper(), "")


def _deceased(person: Element) -> str:
    when = period(child(person, SDTC_DECEASED_TIME)).start
    if when:
        return when
    said = child(person, SDTC_DECEASED_IND)
    return "true" if said is not None and said.get("value") in ("true", "1") else ""


def _language(person: Element) -> str:
    """The preferred one, else the first."""
    first = ""
    for each in person.iterchildren(LANGUAGE_COMMUNICATION):
        code = code_of(child(each, LANGUAGE_CODE))
        preferred = child(each, PREFERENCE_IND)
        if code and preferred is not None and preferred.get("value") == "true":
            return code
        first = first or code
    return first


def _guardian(guardian: Element, narrative: Narrative) -> Contact:
    return Contact(
        name=person_name(child(guardian, GUARDIAN_PERSON, NAME)) or Name(),
        relationship=concept(child(guardian, CODE), narrative).text or "guardian",
        telecoms=_telecoms(guardian),
        addresses=_addresses(guardian),
    )


def _contacts(document: Element, narrative: Narrative) -> list[Contact]:
    found: dict[Contact, None] = {}
    for participant in document.iterchildren(PARTICIPANT):
        entity = child(participant, ASSOCIATED_ENTITY)
        person = child(entity, ASSOCIATED_PERSON) if entity is not None else None
        if entity is None or person is None or entity.get("classCode") not in _RELATIONSHIPS:
            continue
        code = concept(child(entity, CODE), narrative).text
        contact = Contact(
            name=person_name(child(person, NAME)) or Name(),
            relationship=code or _RELATIONSHIPS[entity.get("classCode") or ""],
            telecoms=_telecoms(entity),
            addresses=_addresses(entity),
        )
        found[contact] = None
    return list(found)


def _list_masked(role: Element, reading: Reading, prefix: str) -> None:
    if any(each.get("nullFlavor") == MASKED for each in role.iterchildren(ID)):
        unread = Unread(
            origin=f"{prefix}recordTarget", reason=UnreadReason.MASKED, what="an identifier of the patient"
        )
        reading.unread.append(unread)


def _encounter(document: Element, encounter: Element, narrative: Narrative, prefix: str) -> Encounter:
    when = period(child(encounter, EFFECTIVE_TIME))
    code = child(encounter, CODE)
    kind = concept(code, narrative)
    facility = child(encounter, LOCATION, HEALTH_CARE_FACILITY)
    return Encounter(
        visit_numbers=tuple(_identifiers(encounter, "VN")),
        encounter_class=_encounter_class(code),
        type=kind.text,
        start=when.start,
        end="" if when.end == when.start else when.end,
        location=_facility_name(facility, narrative) if facility is not None else "",
        disposition=concept(child(encounter, DISCHARGE_DISPOSITION_CODE), narrative).text,
        participants=tuple(_participants(document, encounter)),
        origin=prefix + ENCOUNTER_ORIGIN,
    )


def _encounter_class(code: Element | None) -> str:
    """v3-ActCode where the code or a translation is one. A CPT code tells no class."""
    if code is None:
        return ""
    for each in (code, *code):
        if each.get("codeSystem") in (_ACT_CODE, None) and code_of(each) in _ENCOUNTER_CLASSES:
            return code_of(each)
    return ""


def _facility_name(facility: Element, narrative: Narrative) -> str:
    named = entity_name(child(facility, LOCATION))
    organization = entity_name(child(facility, SERVICE_PROVIDER_ORGANIZATION))
    return named or organization or concept(child(facility, CODE), narrative).text


def _participants(document: Element, encounter: Element) -> list[Participant]:
    found: dict[Participant, None] = {}
    responsible = child(encounter, RESPONSIBLE_PARTY)
    if responsible is not None:
        _add(found, "responsible", child(responsible, ASSIGNED_ENTITY))
    for each in encounter.iterchildren(ENCOUNTER_PARTICIPANT):
        sent = each.get("typeCode") or ""
        _add(found, _ROLES.get(sent, sent.lower()), child(each, ASSIGNED_ENTITY))
    for documented in document.iterchildren(DOCUMENTATION_OF):
        event = child(documented, SERVICE_EVENT)
        for each in () if event is None else event.iterchildren(PERFORMER):
            function = next(
                (_ROLES[code] for code in codes_of(child(each, FUNCTION_CODE)) if code in _ROLES), ""
            )
            _add(found, function or "performer", child(each, ASSIGNED_ENTITY))
    for each in document.iterchildren(AUTHOR):
        _add(found, "author", child(each, ASSIGNED_AUTHOR))
    return list(found)


def _add(found: dict[Participant, None], role: str, entity: Element | None) -> None:
    person = child(entity, ASSIGNED_PERSON) if entity is not None else None
    name = person_name(child(person, NAME)) if person is not None else None
    if name is not None:
        found[Participant(role=role, name=name)] = None
