"""Clark names of CDA R2's elements, and the ways among an element's children. Nothing clinical."""

from lxml import etree

Element = etree._Element
Parts = dict[str, Element]
"""The first child of each name, so that a statement's children are walked once."""

V3_NAMESPACE = "urn:hl7-org:v3"
_V3 = "{urn:hl7-org:v3}"
_SDTC = "{urn:hl7-org:sdtc}"
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

CLINICAL_DOCUMENT = _V3 + "ClinicalDocument"

ACT = _V3 + "act"
ENCOUNTER = _V3 + "encounter"
OBSERVATION = _V3 + "observation"
OBSERVATION_MEDIA = _V3 + "observationMedia"
ORGANIZER = _V3 + "organizer"
PROCEDURE = _V3 + "procedure"
REGION_OF_INTEREST = _V3 + "regionOfInterest"
SUBSTANCE_ADMINISTRATION = _V3 + "substanceAdministration"
SUPPLY = _V3 + "supply"
STATEMENTS = frozenset(
    {
        ACT,
        ENCOUNTER,
        OBSERVATION,
        OBSERVATION_MEDIA,
        ORGANIZER,
        PROCEDURE,
        REGION_OF_INTEREST,
        SUBSTANCE_ADMINISTRATION,
        SUPPLY,
    }
)
"""CDA R2's clinicalStatement choice."""

ADDR = _V3 + "addr"
ADMINISTRATION_UNIT_CODE = _V3 + "administrationUnitCode"
ADMINISTRATIVE_GENDER_CODE = _V3 + "administrativeGenderCode"
APPROACH_SITE_CODE = _V3 + "approachSiteCode"
ASSIGNED_AUTHOR = _V3 + "assignedAuthor"
ASSIGNED_ENTITY = _V3 + "assignedEntity"
ASSIGNED_PERSON = _V3 + "assignedPerson"
ASSOCIATED_ENTITY = _V3 + "associatedEntity"
ASSOCIATED_PERSON = _V3 + "associatedPerson"
AUTHOR = _V3 + "author"
BIRTH_TIME = _V3 + "birthTime"
CENTER = _V3 + "center"
CODE = _V3 + "code"
COMP = _V3 + "comp"
COMPONENT = _V3 + "component"
COMPONENT_OF = _V3 + "componentOf"
CONFIDENTIALITY_CODE = _V3 + "confidentialityCode"
CONSUMABLE = _V3 + "consumable"
CRITERION = _V3 + "criterion"
DENOMINATOR = _V3 + "denominator"
DISCHARGE_DISPOSITION_CODE = _V3 + "dischargeDispositionCode"
DOCUMENTATION_OF = _V3 + "documentationOf"
DOSE_QUANTITY = _V3 + "doseQuantity"
EFFECTIVE_TIME = _V3 + "effectiveTime"
ENCOMPASSING_ENCOUNTER = _V3 + "encompassingEncounter"
ENCOUNTER_PARTICIPANT = _V3 + "encounterParticipant"
ENTRY = _V3 + "entry"
ENTRY_RELATIONSHIP = _V3 + "entryRelationship"
EVENT = _V3 + "event"
EXTERNAL_DOCUMENT = _V3 + "externalDocument"
FUNCTION_CODE = _V3 + "functionCode"
GUARDIAN = _V3 + "guardian"
GUARDIAN_PERSON = _V3 + "guardianPerson"
HEALTH_CARE_FACILITY = _V3 + "healthCareFacility"
HIGH = _V3 + "high"
ID = _V3 + "id"
INTERPRETATION_CODE = _V3 + "interpretationCode"
LABELED_DRUG = _V3 + "manufacturedLabeledDrug"
LANGUAGE_CODE = _V3 + "languageCode"
LANGUAGE_COMMUNICATION = _V3 + "languageCommunication"
LOCATION = _V3 + "location"
LOT_NUMBER_TEXT = _V3 + "lotNumberText"
LOW = _V3 + "low"
MANUFACTURED_MATERIAL = _V3 + "manufacturedMaterial"
MANUFACTURED_PRODUCT = _V3 + "manufacturedProduct"
MANUFACTURER_ORGANIZATION = _V3 + "manufacturerOrganization"
MAX_DOSE_QUANTITY = _V3 + "maxDoseQuantity"
METHOD_CODE = _V3 + "methodCode"
NAME = _V3 + "name"
NON_XML_BODY = _V3 + "nonXMLBody"
NUMERATOR = _V3 + "numerator"
OBSERVATION_RANGE = _V3 + "observationRange"
OFFSET = _V3 + "offset"
ORIGINAL_TEXT = _V3 + "originalText"
PARENT_DOCUMENT = _V3 + "parentDocument"
PARTICIPANT = _V3 + "participant"
PARTICIPANT_ROLE = _V3 + "participantRole"
PATIENT = _V3 + "patient"
PATIENT_ROLE = _V3 + "patientRole"
PERFORMER = _V3 + "performer"
PERIOD = _V3 + "period"
PLAYING_DEVICE = _V3 + "playingDevice"
PLAYING_ENTITY = _V3 + "playingEntity"
PRECONDITION = _V3 + "precondition"
PREFERENCE_IND = _V3 + "preferenceInd"
PRIORITY_CODE = _V3 + "priorityCode"
PRODUCT = _V3 + "product"
QUALIFIER = _V3 + "qualifier"
QUANTITY = _V3 + "quantity"
RATE_QUANTITY = _V3 + "rateQuantity"
RECORD_TARGET = _V3 + "recordTarget"
REFERENCE = _V3 + "reference"
REFERENCE_RANGE = _V3 + "referenceRange"
RELATED_DOCUMENT = _V3 + "relatedDocument"
RELATED_SUBJECT = _V3 + "relatedSubject"
RENDER_MULTIMEDIA = _V3 + "renderMultiMedia"
REPEAT_NUMBER = _V3 + "repeatNumber"
RESPONSIBLE_PARTY = _V3 + "responsibleParty"
ROUTE_CODE = _V3 + "routeCode"
SECTION = _V3 + "section"
SERVICE_EVENT = _V3 + "serviceEvent"
SERVICE_PROVIDER_ORGANIZATION = _V3 + "serviceProviderOrganization"
SET_ID = _V3 + "setId"
SPECIMEN = _V3 + "specimen"
SPECIMEN_PLAYING_ENTITY = _V3 + "specimenPlayingEntity"
SPECIMEN_ROLE = _V3 + "specimenRole"
STATUS_CODE = _V3 + "statusCode"
STRUCTURED_BODY = _V3 + "structuredBody"
SUBJECT = _V3 + "subject"
TARGET_SITE_CODE = _V3 + "targetSiteCode"
TELECOM = _V3 + "telecom"
TEMPLATE_ID = _V3 + "templateId"
TEXT = _V3 + "text"
TITLE = _V3 + "title"
TRANSLATION = _V3 + "translation"
VALUE = _V3 + "value"
VERSION_NUMBER = _V3 + "versionNumber"
WIDTH = _V3 + "width"

SDTC_DECEASED_IND = _SDTC + "deceasedInd"
SDTC_DECEASED_TIME = _SDTC + "deceasedTime"
SDTC_DISCHARGE_DISPOSITION_CODE = _SDTC + "dischargeDispositionCode"


def v3(name: str) -> str:
    """The Clark name of an element of CDA R2's namespace."""
    return _V3 + name


def local_name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def parts_of(element: Element) -> Parts:
    return {child.tag: child for child in reversed(element)}


def child(element: Element, *path: str) -> Element | None:
    """The first child by that name, or the first grandchild along that path of first children."""
    found: Element | None = element
    for name in path:
        if found is None:
            return None
        found = next(found.iterchildren(name), None)
    return found


def xsi_type(element: Element) -> str:
    """`PQ` of `xsi:type="ns:PQ"`; empty without one. Undeclared prefixes leave the attribute as written."""
    sent = element.get(_XSI_TYPE) or element.get("xsi:type") or ""
    return sent.rpartition(":")[2].strip()


def template_roots(element: Element) -> list[str]:
    """Extensions name a release of the same template, so only roots tell which one it is."""
    return [(each.get("root") or "").strip() for each in element.iterchildren(TEMPLATE_ID)]
