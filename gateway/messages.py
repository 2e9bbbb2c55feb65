"""What comes in and goes out on the wire: a message, what its sender says of itself, and the reply.

What it means is a `gateway.request`, what is made of it a `gateway.summary`. Everything here is frozen.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Generic, TypeVar

from gateway.values import carrier


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
