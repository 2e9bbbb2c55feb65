"""TLS for listeners: server endpoints, and the subject of a client's verified certificate."""

from typing import TYPE_CHECKING, cast

from twisted.internet.interfaces import ISSLTransport, ITransport

if TYPE_CHECKING:
    from OpenSSL.crypto import X509


def certificate_subject(transport: ITransport | None) -> str | None:
    """The subject of the client certificate that the handshake verified, RFC 4514; None without one."""
    if not ISSLTransport.providedBy(transport):
        return None
    certificate = transport.getPeerCertificate()
    if certificate is None:
        return None
    return cast("X509", certificate).to_cryptography().subject.rfc4514_string()
