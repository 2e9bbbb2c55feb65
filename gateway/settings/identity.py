"""How partners prove who they are, as the operator's file says it."""

from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

import re2
from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from gateway.identity.tokens import Algorithm
from gateway.settings.strict import LOOPBACK_HOSTS, Name, Sha256, Strict


def _is_safe_endpoint(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS):
        return url
    raise ValueError("is https, or http on loopback: what decides who is let in is not fetched in the clear")


EndpointUrl = Annotated[str, Field(pattern=r"^https?://\S+$"), AfterValidator(_is_safe_endpoint)]

CERTIFICATE_KEYS = frozenset({"client_certificate", "client_certificate_pattern", "client_certificate_san"})
SECRET_KEYS = frozenset({"api_key_sha256", "username", "wsse", "token_issuer"})
"""Shown over HTTP only."""
PROOF_KEYS = CERTIFICATE_KEYS | SECRET_KEYS
"""Keys of a mapping that take more than to connect and to claim."""
_NOBODY = "CN=nobody.9f3b1c.example,O=No such organisation"


class WsseSettings(Strict):
    """A WS-Security UsernameToken whose digest needs the secret in clear: best as `${NAME}`."""

    username: str = Field(min_length=1)
    password: SecretStr = Field(min_length=1)


class IntrospectionSettings(Strict):
    """RFC 7662: the issuer is asked what a token is worth."""

    url: EndpointUrl
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=1)


class TokenIssuerSettings(Strict):
    """An authorization server whose access tokens are taken (SMART Backend Services)."""

    issuer: str = Field(pattern=r"^https?://\S+$")
    """`iss`, exact."""
    audience: tuple[str, ...] = Field(min_length=1)
    """Any one of these must stand in `aud`: as a rule the base URL of the FHIR server."""
    jwks_url: EndpointUrl | None = None
    jwks_file: Path | None = None
    introspection: IntrospectionSettings | None = None
    algorithms: tuple[Algorithm, ...] = Field(("RS384", "ES384"), min_length=1)
    skew_s: float = Field(30, ge=0, le=300)
    scopes: tuple[str, ...] = ()
    """Any one of them allows `$summarize`; without the key the URL of its OperationDefinition."""
    token_endpoint: EndpointUrl | None = None
    """Told in `.well-known/smart-configuration`, where clients look for it."""
    ca: Path | None = None
    """Certificates, PEM, by which its server is known instead of the public ones."""

    @model_validator(mode="after")
    def _has_one_way(self) -> Self:
        if sum(each is not None for each in (self.jwks_url, self.jwks_file, self.introspection)) != 1:
            raise ValueError("needs exactly one of jwks_url, jwks_file and introspection")
        return self


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
    token_issuer: Name | None = None
    """One of `token_issuers`."""
    token_client: str | None = None
    """The `client_id` of its token, or the `sub` where it has none."""
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
        if (self.token_issuer is None) != (self.token_client is None):
            raise ValueError("token_issuer and token_client stand together")
        return self
