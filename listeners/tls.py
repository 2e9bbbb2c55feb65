"""TLS for listeners: the server's side, and what a verified client certificate says."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from twisted.internet.interfaces import ISSLTransport, ITransport
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
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


@dataclass(frozen=True, slots=True)
class PeerCertificate:
    """Of the client certificate that a handshake verified."""

    subject: str
    """RFC 4514."""
    names: tuple[str, ...]
    """Alternative names: `DNS:...`, `URI:...`, `email:...`."""
    until: datetime


def peer_certificate(transport: ITransport | None) -> PeerCertificate | None:
    """None without one."""
    if not ISSLTransport.providedBy(transport):
        return None
    shown = transport.getPeerCertificate()
    if shown is None:
        return None
    certificate = cast("X509", shown).to_cryptography()
    return PeerCertificate(
        certificate.subject.rfc4514_string(), _alternative_names(certificate), certificate.not_valid_after_utc
    )


def _alternative_names(certificate: "Certificate") -> tuple[str, ...]:
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):  # a name that cannot be read is none by which to be known
        return ()
    return (
        *(f"DNS:{name}" for name in names.get_values_for_type(x509.DNSName)),
        *(f"URI:{name}" for name in names.get_values_for_type(x509.UniformResourceIdentifier)),
        *(f"email:{name}" for name in names.get_values_for_type(x509.RFC822Name)),
    )


def handshake_failure(reason: Failure) -> str:
    """OpenSSL's reason when a connection ended because its handshake failed; empty when it ended otherwise.

    A peer that only connects and leaves, as load balancers do, has failed nothing.
    """
    error = reason.value
    if error is None or type(error).__module__ != "OpenSSL.SSL" or not error.args:
        return ""
    told = error.args[0]
    why = str(told[-1][-1]) if isinstance(told, list) and told else ""
    return "" if "unexpected eof" in why else why
