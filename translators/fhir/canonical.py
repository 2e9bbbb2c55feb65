"""The URLs under which the gateway publishes what it defines: from configuration, never a Host header."""

from urllib.parse import quote

from gateway.messages import GatewayIdentity

BASE = "/fhir/R4"
OPERATION = "Summarize"

_NOWHERE = "urn:ehr-gateway"
"""Stands where no public URL is configured: a name that resolves nowhere, but is the same everywhere."""


def base_url(identity: GatewayIdentity) -> str:
    root = identity.public_url.rstrip("/")
    return f"{root}{BASE}" if root else _NOWHERE


def operation_url(identity: GatewayIdentity) -> str:
    return _under(base_url(identity), "OperationDefinition", OPERATION)


def operation_canonical(identity: GatewayIdentity, version: str) -> str:
    """`url|version`, by which one version of the operation is meant (R4, "Canonical")."""
    return f"{operation_url(identity)}|{version}"


def error_system(identity: GatewayIdentity) -> str:
    """The code system of `ErrorKind`, the same for every protocol and version."""
    return _under(identity.public_url.rstrip("/") or _NOWHERE, "CodeSystem", "gateway-error")


def notice_system(identity: GatewayIdentity) -> str:
    """The code system of `NoticeCode`."""
    return _under(identity.public_url.rstrip("/") or _NOWHERE, "CodeSystem", "gateway-notice")


def message_system(identity: GatewayIdentity) -> str:
    """The namespace of our own message ids."""
    return _under(identity.public_url.rstrip("/") or _NOWHERE, "NamingSystem", "message")


def model_system(identity: GatewayIdentity) -> str:
    return _under(identity.public_url.rstrip("/") or _NOWHERE, "NamingSystem", "model")


def policy_url(identity: GatewayIdentity, revision: str, rule: str) -> str:
    root = identity.public_url.rstrip("/") or _NOWHERE
    return _under(root, "policy", quote(revision or "current", safe=""), quote(rule, safe=""))


def _under(root: str, *path: str) -> str:
    return (":" if root == _NOWHERE else "/").join((root, *path))
