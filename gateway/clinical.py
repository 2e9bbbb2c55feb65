"""Clinical content as the gateway holds it: patient, encounter, facts, notes, and what was not read.

Identity stands in `Patient` (and names of staff in `Encounter.participants`) and nowhere else by
design; the text of notes may still quote it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.errors import ErrorKind, GatewayError
from gateway.values import value


@value
class Code:
    """A code as its source gave it; `system` is the canonical URI where it is known."""

    code: str
    system: str = ""
    display: str = ""


@value
class Identifier:
    value: str
    system: str = ""
    """Assigning authority: namespace id, OID or URI, as the source wrote it."""
    type: str = ""  # table 0203: MR, VN, SS ...


@value
class Name:
    family: str = ""
    given: tuple[str, ...] = ()
    prefix: str = ""
    suffix: str = ""
    text: str = ""
    """As the source displays it, when it does."""


@value
class Address:
    lines: tuple[str, ...] = ()
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@value
class Contact:
    """A relative or other contact person (NK1, Patient.contact, participant)."""

    name: Name = Name()
    relationship: str = ""
    telecoms: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()


@value
class Patient:
    identifiers: tuple[Identifier, ...] = ()
    names: tuple[Name, ...] = ()
    birth_date: str = ""
    """ISO 8601 with the precision the source gave: `1958`, `1958-03`, `1958-03-14`."""
    sex: str = ""
    """`female`, `male`, `other`, `unknown`; empty when not said."""
    deceased: str = ""
    """`true`, or the date; empty when not said to be."""
    addresses: tuple[Address, ...] = ()
    telecoms: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()
    language: str = ""


@value
class Participant:
    role: str
    """attending, referring, consulting, admitting, discharging, author, performer ..."""
    name: Name = Name()


@value
class Encounter:
    visit_numbers: tuple[Identifier, ...] = ()
    encounter_class: str = ""
    """v3-ActCode where it is known: IMP, AMB, EMER, OBSENC, PRENC, SS, HH, VR; else as sent."""
    type: str = ""
    status: str = ""
    """planned, in-progress, finished, cancelled; empty when not said."""
    start: str = ""
    end: str = ""
    location: str = ""
    service: str = ""
    reason: str = ""
    disposition: str = ""
    participants: tuple[Participant, ...] = ()
    origin: str = ""


class FactKind(StrEnum):
    CONDITION = "condition"
    ALLERGY = "allergy"
    MEDICATION = "medication"
    RESULT = "result"
    VITAL_SIGN = "vital-sign"
    PROCEDURE = "procedure"
    IMMUNIZATION = "immunization"
    ENCOUNTER = "encounter"
    ORDER = "order"
    APPOINTMENT = "appointment"
    GOAL = "goal"
    CARE_PLAN = "care-plan"
    SOCIAL_HISTORY = "social-history"
    FAMILY_HISTORY = "family-history"
    FUNCTIONAL_STATUS = "functional-status"
    DEVICE = "device"
    DIRECTIVE = "directive"
    SPECIMEN = "specimen"
    ASSESSMENT = "assessment"
    OTHER = "other"


class FactStatus(StrEnum):
    """One list for all kinds. `UNKNOWN` when the source says nothing or something unmapped: never `FINAL`."""

    UNKNOWN = "unknown"
    ACTIVE = "active"
    INACTIVE = "inactive"
    RESOLVED = "resolved"
    REGISTERED = "registered"
    PARTIAL = "partial"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    CORRECTED = "corrected"
    PLANNED = "planned"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    NOT_DONE = "not-done"


class Certainty(StrEnum):
    """How sure the source is of a condition or allergy (FHIR verificationStatus, PRB-13, DG1-6)."""

    CONFIRMED = "confirmed"
    PROVISIONAL = "provisional"
    DIFFERENTIAL = "differential"
    UNCONFIRMED = "unconfirmed"
    REFUTED = "refuted"


class DetailName(StrEnum):
    REACTION = "reaction"
    SEVERITY = "severity"
    CRITICALITY = "criticality"
    DOSE = "dose"
    STRENGTH = "strength"
    FORM = "form"
    ROUTE = "route"
    FREQUENCY = "frequency"
    QUANTITY = "quantity"
    INSTRUCTIONS = "instructions"
    SITE = "site"
    LATERALITY = "laterality"
    METHOD = "method"
    SPECIMEN = "specimen"
    REASON = "reason"
    COMMENT = "comment"
    STAGE = "stage"
    RANK = "rank"
    LOT = "lot"
    MANUFACTURER = "manufacturer"
    RELATIONSHIP = "relationship"
    PRIORITY = "priority"
    LOCATION = "location"
    OUTCOME = "outcome"
    ONSET = "onset"


@value
class Detail:
    name: DetailName
    text: str


@value
class ClinicalFact:
    """One thing the source says of the patient, with the place where it says it."""

    kind: FactKind
    text: str
    """What it is, in the source's words: `Potassium`, `Penicillin`. Names the thing itself without
    negation, so that `negated` is the only place where a meaning is turned round: for "no known
    allergies" it is `known allergies` with `negated` true."""
    codes: tuple[Code, ...] = ()
    """As sent, the original first, then its translations."""
    value: str | None = None
    """A result's value as sent, decimals and comparators kept: `6.80`, `>100`, `1:128`."""
    unit: str = ""
    flag: str = ""
    """Interpretation, table 0078 / v3-ObservationInterpretation: H, HH, L, LL, A, AA, N, S, I, R ..."""
    reference_range: str = ""
    time: str = ""
    """ISO 8601 with the precision and offset sent, no offset invented. Clinically relevant time: onset,
    collection, start of therapy, date given."""
    end: str = ""
    status: FactStatus = FactStatus.UNKNOWN
    status_sent: str = ""
    """The source's own code: `OBX-11=P`, `clinicalStatus=active`."""
    certainty: Certainty | None = None
    negated: bool = False
    """The patient does not have it, it was not done or not given, or it was refused."""
    category: str = ""
    """problem-list, encounter-diagnosis, admission-diagnosis, discharge-diagnosis, past-history;
    order, dispense, administration, statement; drug, food, environment ..."""
    group: str = ""
    """The panel, battery or organizer that it belongs to."""
    details: tuple[Detail, ...] = ()
    origin: str
    """Where it stands, in the sender's terms: `OBX[3]-5`, `Bundle.entry[2].resource`,
    `section[10160-0]/entry[1]`. In a carried document: `OBX[2]-5/section[10160-0]/entry[1]`."""


@value
class ClinicalNote:
    """Free text: a whole note, or the narrative of one section of a document."""

    text: str
    """Lines ended by LF; table cells kept apart by ` | `."""
    title: str = ""
    section: str = ""
    """LOINC code of the document or section where it is known: `8648-8`."""
    status: FactStatus = FactStatus.UNKNOWN
    time: str = ""
    origin: str
    repeats_facts: bool = False
    """It is the narrative of a section whose entries were read as facts: say it once."""


class UnreadReason(StrEnum):
    WITHDRAWN = "withdrawn"
    """Deleted, wrong, or entered in error: excluded on purpose."""
    BINARY = "binary"
    """A PDF, an image or another format whose text is not extracted."""
    EXTERNAL = "external"
    """Only a pointer was sent; it is never followed."""
    UNSUPPORTED = "unsupported"
    """A segment, resource or entry of a type that is not read."""
    LOCAL = "local"
    """A Z-segment or extension: kept with the message, not read."""
    INVALID = "invalid"
    """It does not follow the standard so far that its meaning is uncertain."""
    MASKED = "masked"
    NO_INFORMATION = "no-information"
    """The source says that it has no information."""


@value
class Unread:
    """Something in the message that is not among facts and notes. Never dropped in silence."""

    origin: str
    reason: UnreadReason
    what: str = ""
    """For people, without identity: `PDF document, 34 KB`, `OBX-11=W Potassium`."""


@value
class Caution:
    """Something a reader should know of how the message was read."""

    code: str
    text: str
    """Never quotes identity."""
    location: str = ""


@value
class Labels:
    """Security labels, the strictest of all that the message carries."""

    confidentiality: str = ""
    """v3-Confidentiality: U, L, M, N, R, V; empty when nothing was said."""
    sensitivity: tuple[str, ...] = ()
    """v3-ActCode and others as sent, sorted: ETH, SUD, HIV, PSY, SDV, 42CFRPart2 ..."""


@value
class LabelledPart:
    """What a sensitivity label covers. A label in `Labels` that no part names covers the whole message."""

    sensitivity: tuple[str, ...]
    origins: tuple[str, ...]
    """Everything at or below these places may tell what is protected; the empty origin is the message."""


@value
class Consent:
    """What the patient permits or denies, as far as it was read. Empty lists mean: whatever it is."""

    permits: bool
    purposes: tuple[str, ...] = ()
    """v3-PurposeOfUse."""
    unless_purposes: tuple[str, ...] = ()
    """Of a denial: it is none for these."""
    sensitivity: tuple[str, ...] = ()
    """Only of content with one of these labels."""
    start: str = ""
    end: str = ""
    """ISO 8601, both inclusive; empty: without bound."""
    system: str = ""
    """Assigning authority of the patient's number; empty: any."""
    origin: str = ""
    reference: str = ""
    """By which the audit names it: `Consent/c1/_history/2`; empty: by its origin."""
    sha256: str = ""
    """Of all it says but whose it is, hexadecimal: an edited consent is another one."""


@dataclass(slots=True)
class Reading:
    """What a payload says, whichever protocol carried it: a translator fills it while it reads."""

    patient: Patient = field(default_factory=Patient)
    encounter: Encounter | None = None
    facts: list[ClinicalFact] = field(default_factory=list)
    notes: list[ClinicalNote] = field(default_factory=list)
    labels: Labels = field(default_factory=Labels)
    labelled: list[LabelledPart] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    warnings: list[Caution] = field(default_factory=list)

    def is_empty(self) -> bool:
        """Nothing in it could be summarized."""
        return not (self.facts or self.notes or self.encounter)

    def add(self, carried: "Reading", location: str = "") -> None:
        """Take over what a carried document says; its patient and encounter only where there is none yet.

        Raises `GatewayError` when the document is about somebody else.
        """
        if are_different_people(self.patient, carried.patient):
            raise GatewayError(ErrorKind.SEVERAL_PATIENTS, location=location)
        if not self.patient.identifiers and not self.patient.names:
            self.patient = carried.patient
        self.encounter = self.encounter or carried.encounter
        self.facts += carried.facts
        self.notes += carried.notes
        self.unread += carried.unread
        self.warnings += carried.warnings
        self.labels = strictest((self.labels, carried.labels))
        self.labelled += carried.labelled
        self.consents += carried.consents


def are_different_people(one: Patient, other: Patient) -> bool:
    """They contradict each other: one birth date against another, two numbers from one authority, or, where
    neither can be compared, names without a word in common."""
    if one.birth_date and other.birth_date:
        shorter = min(len(one.birth_date), len(other.birth_date), 10)
        if one.birth_date[:shorter] != other.birth_date[:shorter]:
            return True
    numbers = {(authority(each.system), each.type): each.value for each in one.identifiers if each.system}
    shared = [each for each in other.identifiers if (authority(each.system), each.type) in numbers]
    if shared:
        return all(numbers[authority(each.system), each.type] != each.value for each in shared)
    return not (one.birth_date and other.birth_date) and _have_no_name_in_common(one, other)


def _have_no_name_in_common(one: Patient, other: Patient) -> bool:
    """Both are named, and no word of the names is the same."""
    words = [
        {
            word.casefold()
            for name in patient.names
            for written in (name.family, *name.given, name.text)
            for word in written.replace("-", " ").split()
        }
        for patient in (one, other)
    ]
    return bool(words[0] and words[1]) and words[0].isdisjoint(words[1])


def authority(system: str) -> str:
    """An assigning authority for comparison: FHIR writes an OID as `urn:oid:2.16...`, v2 and CDA bare."""
    return system.removeprefix("urn:oid:")


_CONFIDENTIALITY_ORDER = ("", "U", "L", "M", "N", "R", "V")


def strictest(labels: Sequence[Labels]) -> Labels:
    """The high-water mark of several labels: V > R > N > M > L > U, and every sensitivity."""
    return Labels(
        confidentiality=max(
            (label.confidentiality for label in labels), key=_CONFIDENTIALITY_ORDER.index, default=""
        ),
        sensitivity=tuple(sorted({code for label in labels for code in label.sensitivity})),
    )
