"""One message on its way through the pipeline, and what was in force when it came."""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from gateway.admission import Entry
from gateway.attempts.account import Account
from gateway.errors import GatewayError
from gateway.identity.partners import Partner, PartnerTable, Principal
from gateway.interfaces import Translator
from gateway.messages import InboundMessage, Opened, Protocol, Reply
from gateway.policy.break_glass import HEADER, is_asked_for
from gateway.policy.decision import Decision
from gateway.policy.limits import Per
from gateway.policy.reply_headers import reply_headers
from gateway.policy.rules import Policy, RequestFacts
from gateway.records import BreakGlass, NewRecord, Progress, Work
from gateway.request import SummarizationRequest, SummaryQuery, Task
from gateway.spending import Held


@dataclass(frozen=True, slots=True)
class InForce:
    """What the operator's file says of who may do what. Swapped as a whole; a message keeps what it met."""

    partners: PartnerTable
    policy: Policy


@dataclass(slots=True)
class Passage:
    """One message on its way, as far as it has come."""

    message: InboundMessage
    translator: Translator
    in_force: InForce
    opened: Opened[Any] | None = None
    principal: Principal | None = None
    request: SummarizationRequest | None = field(default=None, repr=False)
    query: SummaryQuery | None = None
    looked_up: SummarizationRequest | None = field(default=None, repr=False)
    """What the summary is of that was found for the query."""
    facts: RequestFacts | None = None
    """By which it was decided last."""
    decision: Decision | None = None
    break_glass: BreakGlass = BreakGlass.NOT_ASKED
    is_stored: bool = False
    is_unproven: bool = False
    """It was refused, or one of its parts, because its sender could not prove who it is."""
    is_begun: bool = False
    """Its summary was begun before anything of it is stored."""
    subjects: tuple[tuple[Per, str], ...] = ()
    """By which limits count it."""
    entry: Entry | None = None
    """It was let in, and takes up room until it is done."""
    held: Held | None = None
    """Of the quotas, until it is settled."""
    account: Account = field(default_factory=Account)
    """What the calls of models have cost so far."""

    @property
    def key(self) -> str:
        """The credential that was shown; empty: a claim or an address alone."""
        principal = self.principal
        if principal is None or not principal.method.proves:
            return ""
        return f"{principal.partner.name}/{principal.method.value}:{_client(principal)}"

    @property
    def partner(self) -> Partner | None:
        return self.principal.partner if self.principal else None

    @property
    def partner_name(self) -> str:
        return self.principal.partner.name if self.principal else ""

    @property
    def caller(self) -> str:
        """How and as whom the sender is known, and from where, for the audit."""
        principal, message = self.principal, self.message
        known = f"{principal.method.value} {_client(principal)}" if principal else "nobody"
        return f"{known} from {message.peer} on {message.listener}"

    @property
    def asks_to_break_glass(self) -> bool:
        """As far as it was read: of a stranger's message, the header."""
        task = self.task or Task()
        return is_asked_for(task.purpose_of_use, task.break_glass or self.message.headers.get(HEADER, ""))

    @property
    def task(self) -> Task | None:
        """What is asked for, once it is read."""
        asked = self.request or self.query
        return asked.task if asked else None

    @property
    def duplicate_key(self) -> bytes | None:
        """Equal for a message of this partner and its resends. None: never taken for a resend."""
        opened = self.opened
        if opened is None or opened.duplicate_key is None or not opened.control_id:
            return None
        return sha256(self.partner_name.encode() + b"\0" + opened.duplicate_key).digest()

    def headed(self, reply: Reply) -> Reply:
        """Over HTTP a reply names the policy that decided, and what is to be known of the model's life."""
        if self.decision is None or self.message.protocol is Protocol.HL7V2:
            return reply
        added = reply_headers(self.decision, self.in_force.policy, self.message)
        return replace(reply, headers=(*reply.headers, *added))

    def _operation_version(self) -> str:
        operation = self.decision.operation or self.decision.operation_ended if self.decision else None
        return operation.version if operation else ""

    def record(self, work: Work, **more: Any) -> NewRecord:
        opened = self.opened
        return NewRecord(
            message=self.message,
            partner=self.partner_name,
            authentication=self.principal.method.value if self.principal else "",
            subject=self.principal.subject if self.principal else "",
            control_id=opened.control_id if opened else "",
            message_type=opened.message_type if opened else "",
            version=opened.version if opened else "",
            work=work,
            request=self.request,
            task=self.query.task if self.query and self.query.task != Task() else None,
            asked_for=self.query.patient[0][0] if self.query and self.query.patient else "",
            looked_up=self.looked_up,
            rules=self.decision.rules if self.decision else (),
            policy_revision=self.decision.revision if self.decision else "",
            consent=self.facts.consent.value if self.facts and self.facts.consented_by else "",
            consents=self.facts.consented_by if self.facts else (),
            break_glass=self.break_glass,
            destinations=self.decision.destinations if self.decision else (),
            operation_version=self._operation_version(),
            **more,
        )

    def failed(self, error: GatewayError, reply: Reply) -> Progress:
        return Progress(
            self.message.id,
            work=Work.FAILED,
            error=error,
            reply=reply,
            usage=self.account.usage,
            shown_to=self.account.shown_to,
            frees_duplicate_key=True,
            settlement=self.held.settle() if self.held else None,
        )


def _client(principal: Principal) -> str:
    """Of an access token the client: by its number, every token would be a caller of its own."""
    return principal.subject.partition(" jti ")[0]
