"""What is kept of a message: its two axes of state, and the rows that the store is given.

The *work* says how far the summary is, the *answer* how far what is owed to the sender has come. They
move independently: a summary may be finished and its return undeliverable.
"""

from dataclasses import field
from datetime import date, datetime
from enum import StrEnum

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import InboundMessage, Reply
from gateway.request import SummarizationRequest, Task
from gateway.summary import Answer, Usage
from gateway.values import carrier


class Work(StrEnum):
    ACCEPTED = "accepted"
    """On disk and to be summarized; after a crash it is started again."""
    WORKING = "working"
    """A model is being asked, and may have been paid; after a crash it is interrupted."""
    SUMMARIZED = "summarized"
    KEPT = "kept"
    """On disk; no summary was asked for."""
    REFUSED = "refused"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class AnswerState(StrEnum):
    NONE = "none"
    """Nothing is owed beyond the reply on the connection."""
    OWED = "owed"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    UNDELIVERABLE = "undeliverable"


@carrier
class Hold:
    """What a message under way may use up of one measure of a quota."""

    message_id: str
    quota: str
    measure: str
    unit: str
    """minute, hour, day, month"""
    subject: str
    """The partner, listener, key or model that is counted."""
    began_at: float
    """Of the window in which it was taken, seconds since 1970."""
    amount: int
    expires_at: float


@carrier
class Charge:
    """What was really used of it."""

    quota: str
    measure: str
    unit: str
    subject: str
    began_at: float
    amount: int


@carrier
class Settlement:
    """The end of a message's holds."""

    message_id: str
    charges: tuple[Charge, ...]
    has_stored_holds: bool
    """Then it counts only while they are there: a second settlement changes nothing."""


@carrier
class NamedConsent:
    """A consent that decided, without what it says."""

    reference: str
    sha256: str


@carrier
class Destination:
    """A backend outside of this process that may be given the content, as it stood when that was decided."""

    backend: str
    on_premises: bool
    region: str
    """As declared; what the provider reports stands with the outcome."""
    baa_expires: date | None
    """None: there is no agreement."""
    retention_days: int | None
    """None: not known."""


class BreakGlass(StrEnum):
    """Access in an emergency, as it ended."""

    NOT_ASKED = ""
    GRANTED = "granted"
    ATTEMPTED = "attempted"
    """It was refused, for whatever reason."""


@carrier
class NewRecord:
    """A message about to be stored, with everything its acknowledgment promises."""

    message: InboundMessage
    partner: str = ""
    authentication: str = ""
    """How the sender proved who it is: `gateway.identity.methods.Method`; empty when it did not."""
    subject: str = ""
    """As whom: a certificate's subject, a key's name, a client id, a user. Never a secret."""
    control_id: str = ""
    message_type: str = ""
    version: str = ""
    duplicate_key: bytes | None = None
    """32 bytes that hold for the partner too. Refusals have none: a resend is judged anew."""
    work: Work = Work.ACCEPTED
    answer: AnswerState = AnswerState.NONE
    request: SummarizationRequest | None = field(default=None, repr=False)
    task: Task | None = None
    """Of a query that says what it is for: it has no request."""
    asked_for: str = field(default="", repr=False)
    """Of a query: the first number of a patient in it."""
    looked_up: SummarizationRequest | None = field(default=None, repr=False)
    """Of a query: what the summary that was found for it is of."""
    reply: Reply | None = field(default=None, repr=False)
    error: GatewayError | None = None
    rules: tuple[str, ...] = ()
    policy_revision: str = ""
    consent: str = ""
    """What the patient's consents say: `permit` or `deny`; empty where none speaks of it."""
    consents: tuple[NamedConsent, ...] = ()
    """Those that say so."""
    break_glass: BreakGlass = BreakGlass.NOT_ASKED
    destinations: tuple[Destination, ...] = ()
    operation_version: str = ""
    """Of `$summarize`, that was decided on."""
    holds: tuple[Hold, ...] = ()
    ended: "Progress | None" = field(default=None, repr=False)
    """What has become of it since, where both are written in one commit."""


@carrier
class Stored:
    """What the store says once a record is safe."""

    duplicate_of: str | None = None
    """The id of the same message, stored earlier; then nothing new was stored."""
    reply: Reply | None = field(default=None, repr=False)
    """The reply stored with the earlier one, if it had one yet."""
    control_id_reused: bool = False
    """The partner sent this control id before, with other content."""


@carrier
class Progress:
    """A change of state of a stored message."""

    message_id: str
    work: Work | None = None
    answer: AnswerState | None = None
    result: Answer | None = field(default=None, repr=False)
    reply: Reply | None = field(default=None, repr=False)
    error: GatewayError | None = None
    usage: Usage | None = None
    """What all calls for it have cost so far, where no summary says it."""
    frees_duplicate_key: bool = False
    """The message may be sent again and is then taken as new."""
    destinations: tuple[Destination, ...] = ()
    """Of what begins now: who may be given the content."""
    shown_to: tuple[str, ...] = ()
    """Of what ends: the backends outside of this process that were called with it."""
    holds: tuple[Hold, ...] = ()
    settlement: Settlement | None = None


@carrier
class Refusals:
    """Refusals of one partner by one limit or quota that followed the first, which is a record of its own."""

    partner: str
    limit: str
    kind: ErrorKind
    """`THROTTLED` or `QUOTA_EXCEEDED`."""
    count: int
    break_glass: int
    """So many of them asked for access in an emergency."""
    first_at: datetime
    last_at: datetime
    callers: tuple[tuple[str, int], ...]
    """How and as whom they were known and from where, and how many came from each."""


@carrier
class Unfinished:
    """A message that was accepted before the last stop and not finished."""

    message_id: str
    partner: str
    work: Work
    answer: AnswerState
    message_type: str
    received_at: datetime


@carrier
class Found:
    """For a query: the newest answer, and messages of the same patient whose summary is still to come."""

    answer: Answer | None = field(repr=False)
    pending: tuple[str, ...]
