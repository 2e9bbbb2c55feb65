"""Which partner a message comes from: what it claims, held against the operator's table."""

import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_address

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Claims, InboundMessage, Protocol

_Test = Callable[[Claims, InboundMessage], bool]


@dataclass(frozen=True, slots=True)
class Identification:
    """One way to know a partner: everything that is given must hold."""

    sending_application: str | None = None
    sending_facility: str | None = None
    client_certificate: str | None = None
    api_key_sha256: str | None = field(default=None, repr=False)
    username: str | None = None
    password_sha256: str | None = field(default=None, repr=False)
    network: IPv4Network | IPv6Network | None = None
    listener: str | None = None

    def holds(self, claims: Claims, message: InboundMessage) -> bool:
        return all(test(claims, message) for test in self._tests())

    def _tests(self) -> Sequence[_Test]:
        tests: list[_Test] = []
        if self.sending_application is not None or self.sending_facility is not None:
            tests.append(self._sent_by)
        if self.client_certificate is not None:
            tests.append(lambda _, message: message.client_certificate == self.client_certificate)
        if self.api_key_sha256 is not None:
            tests.append(lambda claims, _: _is_secret(claims.api_key, self.api_key_sha256))
        if self.username is not None:
            tests.append(self._logged_in)
        if self.listener is not None:
            tests.append(lambda _, message: message.listener == self.listener)
        if self.network is not None:
            tests.append(lambda _, message: self._is_inside(message.peer))
        return tests

    def _sent_by(self, claims: Claims, message: InboundMessage) -> bool:
        # MSH-3/4 identify only on MLLP, where the operator chose who can connect.
        return (
            message.protocol is Protocol.HL7V2
            and self.sending_application in (None, claims.sending_application)
            and self.sending_facility in (None, claims.sending_facility)
        )

    def _logged_in(self, claims: Claims, _: InboundMessage) -> bool:
        # Both are compared whatever the first gives, so that time does not tell which was wrong.
        name = hmac.compare_digest((claims.username or "").encode(), (self.username or "").encode())
        return _is_secret(claims.password, self.password_sha256) and name

    def _is_inside(self, peer: str) -> bool:
        try:
            return self.network is not None and ip_address(peer) in self.network
        except ValueError:
            return False


def _is_secret(given: str | None, expected_sha256: str | None) -> bool:
    digest = sha256((given or "").encode("utf-8", "surrogatepass")).hexdigest()
    return hmac.compare_digest(digest, expected_sha256 or "") and given is not None


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

    def wants_summary_of(self, message_type: str) -> bool:
        return any(fnmatchcase(message_type, pattern) for pattern in self.summarizes)


class PartnerTable:
    """All partners, and which of them may use which listener."""

    def __init__(self, partners: Mapping[str, Partner], listeners: Mapping[str, Sequence[str]]) -> None:
        """`listeners`: listener -> names of its partners; a listener without names serves all."""
        self._partners = partners
        self._listeners = {name: tuple(names) or tuple(partners) for name, names in listeners.items()}

    def __getitem__(self, name: str) -> Partner:
        return self._partners[name]

    def __iter__(self) -> Iterator[Partner]:
        return iter(self._partners.values())

    def identify(self, claims: Claims, message: InboundMessage) -> Partner:
        """Raises `UNAUTHENTICATED`, the same for an unknown sender and a wrong secret."""
        for name in self._listeners.get(message.listener, ()):
            partner = self._partners[name]
            if any(each.holds(claims, message) for each in partner.identifications):
                return partner
        raise GatewayError(ErrorKind.UNAUTHENTICATED)
