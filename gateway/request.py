"""What is asked for, the same whatever protocol it came in: the request for a summary, the query for one."""

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

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
from gateway.messages import InboundMessage, Opened, Protocol
from gateway.values import carrier, value


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
        opened: Opened[Any],
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
    """Over HTTP a header says why access is asked for in an emergency, whatever the protocol; but a message
    that names the person who asks says so itself."""
    if operation_version and not task.operation_version:
        task = replace(task, operation_version=operation_version)
    if task.break_glass_by is not None:
        return task
    reason = " ".join(message.headers.get("x-break-glass-reason", "").split())[:MOST_REASON]
    return replace(task, break_glass=reason) if reason else task


@carrier
class SummaryQuery:
    """Whose latest summary is wanted. Identifiers match by value, and by system where both name one."""

    patient: Sequence[tuple[str, str]] = field(default=(), repr=False)
    """(value, system) pairs, any of which may match."""
    visit: Sequence[tuple[str, str]] = field(default=(), repr=False)
    maximum_lines: int | None = None
    task: Task = Task()
    """What it is wanted for, where the query says so: access in an emergency."""
