"""TLS for listeners: the server's side, and the subject of a verified client certificate."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from twisted.internet.interfaces import ISSLTransport, ITransport

if TYPE_CHECKING:
    from OpenSSL.crypto import X509
    from twisted.internet.ssl import CertificateOptions


def server_context(
    certificate: Path,
    key: Path,
    client_ca: Path | None,
    client_certificate: Literal["none", "optional", "required"],
) -> "CertificateOptions":
    """TLS 1.2 and up (ITI-19). Raises `OSError` or `ValueError` naming the file that cannot be used."""
    # Twisted's TLS brings pyOpenSSL: a tenth of a second that plain listeners need not pay.
    from OpenSSL import SSL, crypto
    from twisted.internet import ssl

    try:
        chain = ssl.PrivateCertificate.loadPEM(key.read_bytes() + b"\n" + certificate.read_bytes())
        trust = ssl.Certificate.loadPEM(client_ca.read_bytes()) if client_ca else None
    except crypto.Error as error:
        raise ValueError(f"{certificate}, {key} or {client_ca} is not usable PEM") from error
    verify = trust is not None and client_certificate != "none"
    options = ssl.CertificateOptions(
        privateKey=chain.privateKey.original,
        certificate=chain.original,
        trustRoot=trust if verify else None,
        raiseMinimumTo=ssl.TLSVersion.TLSv1_2,
    )
    if verify and client_certificate == "optional":
        # trustRoot demands a certificate; "optional" verifies one only where it is shown.
        context = options.getContext()
        context.set_verify(SSL.VERIFY_PEER, lambda *_: bool(_[-1]))
    return options


def certificate_subject(transport: ITransport | None) -> str | None:
    """The subject of the client certificate that the handshake verified, RFC 4514; None without one."""
    if not ISSLTransport.providedBy(transport):
        return None
    certificate = transport.getPeerCertificate()
    if certificate is None:
        return None
    return cast("X509", certificate).to_cryptography().subject.rfc4514_string()
