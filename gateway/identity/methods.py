"""The ways in which a caller can prove who it is."""

from enum import StrEnum


class Method(StrEnum):
    """The strongest proof first: a caller who gave several is known by the first of them."""

    ACCESS_TOKEN = "access-token"  # noqa: S105
    """A token of an issuer whom the operator trusts: SMART Backend Services."""
    CLIENT_CERTIFICATE = "client-certificate"
    API_KEY = "api-key"
    USERNAME_TOKEN = "username-token"  # noqa: S105
    """WS-Security's, as digest or text."""
    IIS_CREDENTIALS = "iis-credentials"
    """User name and password in the body of the CDC's `submitSingleMessage`."""
    BASIC = "basic"
    """HTTP's own (RFC 7617)."""
    MLLP_SENDER = "mllp-sender"
    """MSH-3 and MSH-4: a claim, to be believed on connections that the operator trusts."""
    NETWORK = "network"
    """The address or the listener alone."""

    @property
    def proves(self) -> bool:
        """It takes a secret or a certificate, not merely a claim or a place."""
        return self not in (Method.MLLP_SENDER, Method.NETWORK)


PROVING = frozenset(method.value for method in Method if method.proves)
"""As they stand in a request."""
