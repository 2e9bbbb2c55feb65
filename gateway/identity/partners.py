"""The partners, what was agreed with each, and which of them a message comes from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gateway.errors import Denial, ErrorKind, GatewayError
from gateway.identity.consents import NO_SOURCE, ConsentSource
from gateway.identity.identification import Identification
from gateway.identity.issued_keys import IssuedKeys
from gateway.identity.methods import Method
from gateway.identity.scopes import Grant
from gateway.identity.shown import Shown
from gateway.identity.tokens import AccessToken
from gateway.messages import Claims, InboundMessage
from gateway.values import carrier


@dataclass(frozen=True, slots=True)
class ReturnRoute:
    """Where a partner takes summaries of its event messages."""

    host: str
    port: int
    message: str
    """`MDM^T02` or `ORU^R01`."""


@dataclass(frozen=True, slots=True)
class Partner:
    """Who is at the other end, and what was agreed with them."""

    name: str
    identifications: tuple[Identification, ...]
    purpose_of_use: tuple[str, ...] = ()
    summarizes: tuple[str, ...] = ("*",)
    """Events whose messages get a summary."""
    transient_failure: str = "accept"
    enhanced_acknowledgment: bool = False
    returns: ReturnRoute | None = None
    consents: ConsentSource = NO_SOURCE

    def wants_summary_of(self, message_type: str) -> bool:
        return any(fnmatchcase(message_type, pattern) for pattern in self.summarizes)


@carrier
class Principal:
    """A caller who is known."""

    partner: Partner
    method: Method
    subject: str
    """For the audit: the certificate's subject, a key's name, a client id, a user. Never a secret."""
    grant: Grant | None = None
    """What its access token's scopes allow; None: the caller came without one, and policy alone decides."""


class PartnerTable:
    """All partners, and which of them may use which listener."""

    def __init__(
        self,
        partners: Mapping[str, Partner],
        listeners: Mapping[str, Sequence[str]],
        issued: IssuedKeys | None = None,
    ) -> None:
        """`listeners`: listener -> names of its partners; a listener without names serves all."""
        self._partners = partners
        self._listeners = {name: tuple(names) or tuple(partners) for name, names in listeners.items()}
        self._issued = issued or IssuedKeys()

    def __getitem__(self, name: str) -> Partner:
        return self._partners[name]

    def __iter__(self) -> Iterator[Partner]:
        return iter(self._partners.values())

    def identify(
        self, claims: Claims, message: InboundMessage, token: AccessToken | None = None
    ) -> Principal:
        """Raises `UNAUTHENTICATED`, the same for an unknown sender and a wrong secret.

        Who shows a secret is judged by it: a wrong one does not pass because of where it comes from.
        """
        shown = Shown(claims, message, token)
        names = self._listeners.get(message.listener, ())
        key = self._issued.find(shown.key_sha256, message.received_at) if claims.api_key else None
        if key is not None and key.partner in names:
            return Principal(self._partners[key.partner], Method.API_KEY, key.subject)
        for name in names:
            partner = self._partners[name]
            for each in partner.identifications:
                if each.holds(shown) and (each.proves or not shown.has_secret):
                    method, subject = each.proven_by(shown)
                    return Principal(partner, method, subject, token.grant if token else None)
        denial = Denial.INVALID_TOKEN if claims.api_key else None
        # With a detail, as every other failed proof has: one row less is written faster.
        raise GatewayError(ErrorKind.UNAUTHENTICATED, "no mapping of any partner holds", denial=denial)
