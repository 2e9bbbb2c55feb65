"""What flows through the gateway: a message's bytes on the way in, its meaning, and the reply's bytes.

`InboundMessage` and `Reply` are bytes of some protocol; `SummarizationRequest` and `Summary` are the
same whatever came in and whichever model answers. Everything here is frozen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from enum import Enum, StrEnum
from typing import Generic, Self, TypeVar

from gateway.clinical import (
    Caution,
    ClinicalFact,
    ClinicalNote,
    Consent,
    Encounter,
    LabelledPart,
    Labels,
    Patient,
    Reading,
    Unread,
    UnreadReason,
)
from gateway.values import carrier, value


class Protocol(StrEnum):
    """The wire a message came over; each has one translator."""

    HL7V2 = "hl7v2"
    FHIR = "fhir"
    SOAP = "soap"


@carrier
class InboundMessage:
    """One whole message as its listener received it, not yet understood."""

    id: str
    """Ours: 18 characters, sorts by time of receipt (`gateway.ids`)."""
    protocol: Protocol
    listener: str
    peer: str
    """The other end's address, `127.0.0.1`."""
    received_at: datetime
    body: bytes = field(repr=False)
    method: str = ""
    """HTTP method; empty over MLLP, like the four below."""
    base: str = ""
    """The path at which the protocol is served: `/fhir/R4`, `/soap/iis`."""
    target: str = ""
    """The path below `base`, percent-decoded: `Patient/$summarize`."""
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Names in lower case."""
    client_certificate: str | None = None
    """Subject of the verified client certificate, RFC 4514."""
    client_certificate_names: tuple[str, ...] = ()
    """Its alternative names: `DNS:...`, `URI:...`, `email:...`."""
    client_certificate_until: datetime | None = None
    """When it ends; the handshake looked once, and a connection may live for months."""


@carrier
class PasswordDigest:
    """A UsernameToken's proof that its sender knows a password (Username Token Profile 1.1.1, 3.1)."""

    digest: str
    """Base64, as sent."""
    nonce: bytes
    created: str
    """As sent: the digest is made of these characters."""
    created_at: datetime


@carrier
class Claims:
    """Who the sender says it is. Nothing here is believed before the partner table agrees."""

    sending_application: str = ""  # MSH-3.1
    sending_facility: str = ""  # MSH-4.1
    api_key: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    login: str = ""
    """How user name and password were sent: `username-token`, `iis-credentials` or `basic`."""
    digest: PasswordDigest | None = field(default=None, repr=False)
    """Instead of the password."""


class Wish(Enum):
    """What a sender wants to happen with its message."""

    SUMMARIZE = "summarize"
    """Summarize now and answer with the summary on the waiting connection."""
    RECORD = "record"
    """An event: acknowledge once it is safe; its summary is made afterwards."""
    RETRIEVE = "retrieve"
    """Answer with the latest summary for a patient or visit (`QBP^Q15`)."""
    ECHO = "echo"
    """A test of the connection: nothing is authenticated, stored or summarized."""
    NOTHING = "nothing"
    """To be dropped without any answer, such as an acknowledgment: an ACK is never acknowledged."""


Parsed = TypeVar("Parsed")


@carrier
class Opened(Generic[Parsed]):
    """What can be told of a message before its sender is trusted and its content read."""

    wish: Wish
    claims: Claims
    control_id: str
    """MSH-10, `X-Request-Id`, `wsa:MessageID`; empty when there is none."""
    message_type: str
    """`ADT^A01`, `Patient/$summarize`, `submitSingleMessage`."""
    version: str
    parsed: Parsed = field(repr=False)
    """The translator's own form, so that later steps need not parse again."""
    duplicate_key: bytes | None = None
    """Equal for a message and its resends, apart from the partner. None: never taken for a resend."""
    parts: tuple[InboundMessage, ...] = field(default=(), repr=False)
    """The messages of a batch; when there are any, the batch itself has no other content."""
    operation_version: str = ""
    """The version of the operation that its header asks for; what the content asks for is in the `Task`."""


@carrier
class Reply:
    """What goes back on the connection that asked."""

    body: bytes = field(repr=False)
    """One MLLP payload, or the body of the HTTP response. Empty over MLLP: no answer."""
    also: tuple[bytes, ...] = field(default=(), repr=False)
    """Further MLLP payloads to write after `body`: the application ACK after the accept ACK."""
    status: int = 200
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    positive: bool = True
    """It promises the sender something that must be on disk before it leaves."""
    code: str = ""
    """The protocol's own word for the outcome, for logs and metrics: `AA`, `200`, `soap:Sender`."""
    close: bool = False
    """Close the connection after it; with an empty body, instead of an answer."""


class Purpose(StrEnum):
    """What the summary is for."""

    HANDOFF = "handoff"
    DISCHARGE = "discharge"
    REFERRAL = "referral"
    RESULTS = "results"
    LONGITUDINAL = "longitudinal"
    PATIENT_LETTER = "patient-letter"


class Audience(StrEnum):
    """Who reads the summary."""

    CLINICIAN = "clinician"
    PATIENT = "patient"
    CAREGIVER = "caregiver"
    CODER = "coder"


MOST_REASON = 200
"""Characters of why, and of who, access in an emergency is asked for."""


@value
class Task:
    """What kind of summary is wanted."""

    purpose: Purpose = Purpose.LONGITUDINAL
    audience: Audience = Audience.CLINICIAN
    language: str = "en"
    """BCP 47."""
    max_length: int | None = None
    """Characters of the summary's text."""
    model: str | None = None
    """The alias asked for; policy may choose another and the summary says which ran."""
    purpose_of_use: tuple[str, ...] = ()
    """v3-ActReason: TREAT, ETREAT, HPAYMT, HOPERAT, PATRQT, HRESCH. Empty: the partner's."""
    operation_version: str = ""
    """The version of `$summarize` asked for; empty: the partner's, else the default."""
    max_tokens: int | None = None
    """The most that a model may write. Set by policy, never by the caller."""
    prompt_version: str = ""
    """The wording of a model's instructions; empty: the newest. Set by policy, never by the caller."""
    break_glass: str = ""
    """Why access is asked for in an emergency, in the caller's words."""
    break_glass_by: str | None = None
    """The person who asks for it, where a message has to name one (EVN-5); empty: it does not. None: the
    caller itself."""


@value
class SummarizationRequest:
    """The one form that every message takes, whichever protocol it came by."""

    schema_version: str = "1"
    id: str
    partner: str
    protocol: Protocol
    version: str
    message_type: str
    control_id: str
    received_at: datetime
    listener: str = ""
    authentication: str = ""
    """How the sender proved who it is: `gateway.identity.methods.Method`."""
    caller: str = ""
    """The credential that was shown, as limits and quotas count it; empty: a claim or an address alone."""
    size_bytes: int = 0
    """Of the message as received."""
    facility: str = ""
    """Of the sender, where the message names it: MSH-4."""
    task: Task = Task()
    patient: Patient = Patient()
    encounter: Encounter | None = None
    facts: tuple[ClinicalFact, ...] = ()
    notes: tuple[ClinicalNote, ...] = ()
    labels: Labels = Labels()
    labelled: tuple[LabelledPart, ...] = ()
    consents: tuple[Consent, ...] = ()
    """Those that came with the message."""
    unread: tuple[Unread, ...] = ()
    warnings: tuple[Caution, ...] = ()

    def has_content(self) -> bool:
        """There is something that could be summarized."""
        return bool(self.facts or self.notes or self.encounter)

    def only_takes_back(self) -> bool:
        """Nothing but withdrawals: what was said before of the patient, and any summary of it, is past."""
        return not self.has_content() and any(
            unread.reason is UnreadReason.WITHDRAWN for unread in self.unread
        )

    def changes_the_record(self) -> bool:
        return self.has_content() or self.only_takes_back()

    def text_length(self) -> int:
        """Characters of free text, near enough to tell large records from others."""
        return sum(len(note.text) for note in self.notes) + sum(
            len(fact.text) + len(fact.value or "") + sum(len(each.text) for each in fact.details)
            for fact in self.facts
        )

    @classmethod
    def of(
        cls,
        message: InboundMessage,
        opened: Opened[Parsed],
        partner: str,
        task: Task,
        reading: Reading,
    ) -> Self:
        """The request made of what a translator read."""
        return cls(
            id=message.id,
            partner=partner,
            protocol=message.protocol,
            version=opened.version,
            message_type=opened.message_type,
            control_id=opened.control_id,
            received_at=message.received_at,
            listener=message.listener,
            size_bytes=len(message.body),
            facility=opened.claims.sending_facility,
            task=_asked_in_headers(task, message, opened.operation_version),
            patient=reading.patient,
            encounter=reading.encounter,
            facts=tuple(reading.facts),
            notes=tuple(reading.notes),
            labels=reading.labels,
            labelled=tuple(reading.labelled),
            consents=tuple(reading.consents),
            unread=tuple(reading.unread),
            warnings=tuple(reading.warnings),
        )


def _asked_in_headers(task: Task, message: InboundMessage, operation_version: str) -> Task:
    """Over HTTP, whatever the protocol, a header says why access is asked for in an emergency."""
    if operation_version and not task.operation_version:
        task = replace(task, operation_version=operation_version)
    reason = " ".join(message.headers.get("x-break-glass-reason", "").split())[:MOST_REASON]
    return replace(task, break_glass=reason) if reason else task


class SummarySection(StrEnum):
    """The parts of a summary, in the order in which they stand."""

    OVERVIEW = "overview"
    COURSE = "course"
    ALLERGIES = "allergies"
    PROBLEMS = "problems"
    MEDICATIONS = "medications"
    RESULTS = "results"
    VITAL_SIGNS = "vital-signs"
    PROCEDURES = "procedures"
    IMMUNIZATIONS = "immunizations"
    HISTORY = "history"
    NOTES = "notes"
    PLAN = "plan"
    LIMITS = "limits"
    """What could not be read or was left out."""


UNSUPPORTED = "unsupported"
"""The flag of a statement that says what its evidence does not."""


@value
class Statement:
    """One sentence or line of a summary and the places it came from."""

    section: SummarySection
    text: str
    evidence: tuple[str, ...]
    """Origins of facts and notes of the request; never empty, but for `LIMITS`."""
    flags: tuple[str, ...] = ()
    """`critical`, `abnormal`, `unsupported`."""


@value
class Usage:
    """What model calls consumed, failed attempts included where they were counted."""

    input_tokens: int = 0
    """All of the prompt, whether read anew or from the provider's cache."""
    output_tokens: int = 0
    """With what the model thought."""
    cache_read_tokens: int = 0
    """Of the input: read from the provider's cache."""
    cache_write_tokens: int = 0
    calls: int = 1
    """Attempts that reached a model."""
    calls_possibly_paid: int = 0
    """Attempts whose outcome is unknown: they may have been paid, and their tokens are not counted here."""


@value
class Summary:
    """A model's answer, the same whichever backend gave it."""

    statements: tuple[Statement, ...]
    text: str
    """Plain text, lines ended by LF, first line `REVIEW_NOTICE`."""
    backend: str
    model_asked: str
    model_served: str
    region: str = ""
    language: str = "en"
    usage: Usage = Usage()
    finish: str = "stop"
    prompt_version: str = ""
    load_s: float = 0.0
    """Of the time it took: for loading the model, where the backend says so."""
    warnings: tuple[Caution, ...] = ()


REVIEW_NOTICE = "AI-generated summary, not reviewed by a clinician."


DEIDENTIFIED = "de-identified"
"""The code of the caution that identity was taken out of what a model read."""


REGION_MISMATCH = "region-mismatch"
"""The code of the caution that a provider worked elsewhere than was declared."""


@value
class Redaction:
    """How often identifiers of one category were found and replaced. Never what they were."""

    category: str
    """`name`, `date`, `record-number` ...: `gateway.deidentify.categories`."""
    found: int
    replaced: int
    """The others are such as the level leaves: a limited data set keeps dates and towns."""


@value
class Deidentification:
    """How identity was taken out of what the answering model read."""

    level: str
    """`limited` or `safe_harbor`."""
    rules: tuple[str, ...]
    """Ids of the policy rules that ask for it."""


class NoticeCode(StrEnum):
    """What a notice is about, for readers that are programs."""

    MODEL_DEPRECATED = "model-deprecated"
    MODEL_MOVED = "model-moved"
    OPERATION_DEPRECATED = "operation-deprecated"
    OPERATION_MOVED = "operation-moved"
    REVIEW_REQUIRED = "review-required"
    POLICY = "policy-notice"
    PART2 = "part-2"
    """Substance use records: who gets the answer is bound by 42 CFR Part 2."""
    SUPPRESSED = "suppressed"
    """Labelled parts were kept from the model that answered."""


ABOUT_LIVES = frozenset(
    {
        NoticeCode.MODEL_DEPRECATED,
        NoticeCode.MODEL_MOVED,
        NoticeCode.OPERATION_DEPRECATED,
        NoticeCode.OPERATION_MOVED,
    }
)
"""Notices to those who run the interface; the others are to whoever reads the summary."""


@value
class Notice:
    """What policy has to say to whoever reads an answer."""

    code: NoticeCode
    text: str
    """One sentence or more, without anything of the message."""


@value
class Answer:
    """A summary with the request it answers and how it came about: what a reply is built from."""

    request: SummarizationRequest
    summary: Summary
    generated_at: datetime
    rules: tuple[str, ...] = ()
    """Ids of the policy rules that permitted it."""
    policy_revision: str = ""
    redactions: tuple[Redaction, ...] = ()
    """What de-identification took out before a model read the request; empty when none was asked for."""
    deidentified: Deidentification | None = None
    """None: what answered read the record with its identity, or is no model."""
    notices: tuple[Notice, ...] = ()
    return_to: str = ""
    """The partner on whose connection it is returned; empty: the sender's own."""
    operation_version: str = ""
    """Of `$summarize`; empty where it was made before there were versions of it."""


@carrier
class SummaryQuery:
    """Whose latest summary is wanted. Identifiers match by value, and by system where both name one."""

    patient: Sequence[tuple[str, str]] = field(default=(), repr=False)
    """(value, system) pairs, any of which may match."""
    visit: Sequence[tuple[str, str]] = field(default=(), repr=False)
    maximum_lines: int | None = None
    task: Task = Task()
    """What it is wanted for, where the query says so: access in an emergency."""


@carrier
class GatewayIdentity:
    """Who this gateway is in what it sends."""

    name: str
    """MSH-3 of our own messages; the device name in FHIR and CDA."""
    facility: str  # MSH-4
    version: str
    """Of the gateway's software."""
    public_url: str = ""
    """Where callers reach the HTTP listener, from configuration: never from a Host header."""


@carrier
class SmartServer:
    """The authorization server whose tokens are taken here, as clients are told of it. URLs are absolute."""

    issuer: str
    token_endpoint: str
    jwks_url: str = ""
    introspection_endpoint: str = ""
    algorithms: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    """Of the operation; empty: its OperationDefinition's URL."""
