"""One way to know a partner, as the operator's file gives it. Pure: what is compared was shown already."""

import hmac
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

import re2

from gateway.identity.methods import Method
from gateway.identity.shown import Shown
from gateway.identity.username_tokens import UsernameSecret
from gateway.messages import Protocol


@dataclass(frozen=True)
class Identification:
    """Everything that is given must hold; one that gives nothing never holds."""

    sending_application: str | None = None
    sending_facility: str | None = None
    client_certificate: str | None = None
    """Subject, RFC 4514, exact."""
    client_certificate_pattern: str | None = None
    """Of the whole subject, in RE2's syntax."""
    client_certificate_san: str | None = None
    """One of the certificate's alternative names: `DNS:...`, `URI:...` or `email:...`, exact."""
    api_key_sha256: str | None = field(default=None, repr=False)
    username: str | None = None
    password_sha256: str | None = field(default=None, repr=False)
    wsse: UsernameSecret | None = None
    token_issuer: str | None = None
    """Name of the issuer in the operator's file."""
    token_client: str | None = None
    """The token's `client_id`, or its `sub` where it has none."""
    network: IPv4Network | IPv6Network | None = None
    listener: str | None = None
    expires: date | None = None
    """The last day (UTC) on which it holds."""

    def holds(self, shown: Shown) -> bool:
        return (
            self.method is not None
            and self._is_in_time(shown)
            and self._is_here(shown)
            and self._sent_by(shown)
            and self._certified(shown)
            and (self.api_key_sha256 is None or shown.has_key(self.api_key_sha256))
            and (self.username is None or self._logged_in(shown, self.username))
            and (self.wsse is None or self.wsse.is_shown(shown.claims))
            and self._has_token(shown)
        )

    @cached_property
    def method(self) -> Method | None:
        """By which the caller is known when it holds; None where nothing is asked for."""
        given: tuple[tuple[Any, Method], ...] = (
            (self.token_issuer, Method.ACCESS_TOKEN),
            (self._certificate_tests, Method.CLIENT_CERTIFICATE),
            (self.api_key_sha256, Method.API_KEY),
            (self.wsse, Method.USERNAME_TOKEN),
            (self.username, Method.BASIC),
            (self.sending_application, Method.MLLP_SENDER),
            (self.sending_facility, Method.MLLP_SENDER),
            (self.network, Method.NETWORK),
            (self.listener, Method.NETWORK),
        )
        return next((method for value, method in given if value), None)

    @property
    def proves(self) -> bool:
        return self.method is not None and self.method.proves

    def proven_by(self, shown: Shown) -> tuple[Method, str]:
        """How, and as whom, once it holds."""
        method, claims = self.method, shown.claims
        match method:
            case Method.ACCESS_TOKEN if shown.token is not None:
                return method, shown.token.subject
            case Method.CLIENT_CERTIFICATE:
                return method, shown.message.client_certificate or ""
            case Method.API_KEY:
                return method, f"api_key_sha256 {shown.key_sha256[:8]}"
            case Method.USERNAME_TOKEN:
                return method, claims.username or ""
            case Method.BASIC:
                return Method(claims.login or Method.BASIC), claims.username or ""
            case Method.MLLP_SENDER:
                return method, f"{claims.sending_application}|{claims.sending_facility}"
            case _:
                return Method.NETWORK, shown.message.peer

    @cached_property
    def _certificate_tests(self) -> tuple[str, ...]:
        given = (self.client_certificate, self.client_certificate_pattern, self.client_certificate_san)
        return tuple(each for each in given if each is not None)

    @cached_property
    def _pattern(self) -> Any:
        return re2.compile(self.client_certificate_pattern or "")

    def _is_in_time(self, shown: Shown) -> bool:
        return self.expires is None or shown.message.received_at.date() <= self.expires

    def _is_here(self, shown: Shown) -> bool:
        if self.listener is not None and shown.message.listener != self.listener:
            return False
        return self.network is None or _is_inside(shown.message.peer, self.network)

    def _sent_by(self, shown: Shown) -> bool:
        if self.sending_application is None and self.sending_facility is None:
            return True
        claims = shown.claims
        # MSH-3/4 identify only on MLLP, where the operator chose who can connect.
        return (
            shown.message.protocol is Protocol.HL7V2
            and self.sending_application in (None, claims.sending_application)
            and self.sending_facility in (None, claims.sending_facility)
        )

    def _certified(self, shown: Shown) -> bool:
        if not self._certificate_tests:
            return True
        message = shown.message
        if message.client_certificate is None:
            return False
        until = message.client_certificate_until
        if until is not None and message.received_at > until:  # it was valid when the connection began
            return False
        return (
            self.client_certificate in (None, message.client_certificate)
            and (
                self.client_certificate_pattern is None
                or self._pattern.fullmatch(message.client_certificate) is not None
            )
            and (
                self.client_certificate_san is None
                or self.client_certificate_san in message.client_certificate_names
            )
        )

    def _logged_in(self, shown: Shown, username: str) -> bool:
        # Both are compared whatever the first gives, so that time does not tell which was wrong.
        name = hmac.compare_digest(
            (shown.claims.username or "").encode("utf-8", "surrogatepass"), username.encode()
        )
        return shown.has_password(self.password_sha256 or "") and name

    def _has_token(self, shown: Shown) -> bool:
        if self.token_issuer is None:
            return True
        token = shown.token
        return (
            token is not None
            and token.issuer == self.token_issuer
            and self.token_client in (None, token.client)
        )


def _is_inside(peer: str, network: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(peer) in network
    except ValueError:
        return False
