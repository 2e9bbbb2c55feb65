"""How partners prove who they are, as the operator's file says it."""

from datetime import date
from ipaddress import ip_network
from typing import Self

import re2
from pydantic import Field, SecretStr, field_validator, model_validator

from gateway.settings.strict import Name, Sha256, Strict

_NOBODY = "CN=nobody.9f3b1c.example,O=No such organisation"


class WsseSettings(Strict):
    """A WS-Security UsernameToken whose digest needs the secret in clear: best as `${NAME}`."""

    username: str = Field(min_length=1)
    password: SecretStr = Field(min_length=1)


class IdentifySettings(Strict):
    """All that is given must hold; any one mapping of a partner is enough."""

    sending_application: str | None = None
    sending_facility: str | None = None
    client_certificate: str | None = None
    """Subject, RFC 4514, exact."""
    client_certificate_pattern: str | None = None
    """Of the whole subject, in RE2's syntax."""
    client_certificate_san: str | None = Field(None, pattern=r"^(DNS|URI|email):\S+$")
    """One of its alternative names, exact."""
    api_key_sha256: Sha256 | None = None
    username: str | None = None
    password_sha256: Sha256 | None = None
    wsse: WsseSettings | None = None
    network: str | None = None
    """CIDR: whoever connects from there. Enough by itself only where the network is trusted."""
    listener: Name | None = None
    """Holds on this listener only."""
    expires: date | None = None
    """The last day (UTC) on which the mapping holds."""

    @field_validator("network")
    @classmethod
    def _is_network(cls, network: str | None) -> str | None:
        if network is not None:
            ip_network(network)
        return network

    @field_validator("client_certificate_pattern")
    @classmethod
    def _is_pattern(cls, pattern: str | None) -> str | None:
        if pattern is None:
            return None
        try:
            compiled = re2.compile(pattern)
        except re2.error as error:
            raise ValueError("is not a pattern that RE2 reads") from error
        if compiled.fullmatch(_NOBODY):
            raise ValueError("fits every subject: name at least the common name or the organisation")
        return pattern

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - {"expires"}:
            raise ValueError("names nothing to identify the partner by")
        if (self.username is None) != (self.password_sha256 is None):
            raise ValueError("username and password_sha256 stand together")
        return self
