"""Errors as SOAP faults: one table from `ErrorKind` to codes and statuses, and each service's own detail.

Which of a service's errors are not faults at all (an HL7 v2 answer, NoteReader's `Error`) is decided in
`translator.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from gateway.errors import Denial, ErrorKind, GatewayError
from gateway.messages import InboundMessage, Reply
from translators.soap import names
from translators.soap.faults import FaultCode, SoapError
from translators.soap.reply_envelope import add, element, enveloped, xml_text
from translators.soap.services import IIS, NOTEREADER, SUMMARIZE, Service
from translators.soap.terms import ReplyTerms, SoapVersion


class Retry(StrEnum):
    """What the sender may do about it, in the `Retry` of `SummarizeFault`."""

    LATER = "Later"
    AFTER_CORRECTION = "AfterCorrection"
    CONTACT_SUPPORT = "ContactSupport"


@dataclass(frozen=True, slots=True)
class FaultRow:
    code: FaultCode
    retry: Retry
    number: int
    """`Code` of the CDC faults, which must be a number."""
    subcode: str = ""
    """`{namespace}local`: the faultcode of 1.1, the Subcode of 1.2."""
    http: int | None = None
    """Instead of what the SOAP HTTP bindings say: 400 for a 1.2 Sender, 500 for all else."""


_SENDER, _RECEIVER = FaultCode.SENDER, FaultCode.RECEIVER
_INVALID_SECURITY = f"{{{names.WSSE}}}InvalidSecurity"
_FAILED_AUTHENTICATION = f"{{{names.WSSE}}}FailedAuthentication"

FAULTS: dict[ErrorKind, FaultRow] = {
    ErrorKind.MALFORMED: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 100),
    ErrorKind.REQUIRED_MISSING: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 101),
    ErrorKind.INVALID_VALUE: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 102),
    ErrorKind.UNKNOWN_CODE: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 103),
    ErrorKind.UNKNOWN_PARAMETER: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 104),
    ErrorKind.UNSUPPORTED_TYPE: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 110),
    ErrorKind.UNSUPPORTED_EVENT: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 111),
    ErrorKind.UNSUPPORTED_VERSION: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 112),
    ErrorKind.VERSION_ENDED: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 124),
    ErrorKind.UNSUPPORTED_PROCESSING_ID: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 113),
    ErrorKind.UNSUPPORTED_ENCODING: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 114),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 115, http=415),
    ErrorKind.NOT_ACCEPTABLE: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 116, http=406),
    ErrorKind.WRONG_METHOD: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 117, http=405),
    ErrorKind.UNKNOWN_OPERATION: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 118),
    ErrorKind.NOT_FOUND: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 119, http=404),
    ErrorKind.TOO_LARGE: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 120),
    ErrorKind.NO_CLINICAL_CONTENT: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 121),
    ErrorKind.SEVERAL_PATIENTS: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 122),
    ErrorKind.CONTEXT_EXCEEDED: FaultRow(_SENDER, Retry.AFTER_CORRECTION, 123),
    ErrorKind.UNAUTHENTICATED: FaultRow(_SENDER, Retry.CONTACT_SUPPORT, 130, _FAILED_AUTHENTICATION),
    ErrorKind.FORBIDDEN: FaultRow(_SENDER, Retry.CONTACT_SUPPORT, 131),
    ErrorKind.THROTTLED: FaultRow(_RECEIVER, Retry.LATER, 140),
    ErrorKind.QUOTA_EXCEEDED: FaultRow(_RECEIVER, Retry.LATER, 141),
    ErrorKind.OVERLOADED: FaultRow(_RECEIVER, Retry.LATER, 142),
    ErrorKind.STORE_UNAVAILABLE: FaultRow(_RECEIVER, Retry.LATER, 150),
    ErrorKind.BACKEND_UNAVAILABLE: FaultRow(_RECEIVER, Retry.LATER, 151),
    ErrorKind.BACKEND_TIMEOUT: FaultRow(_RECEIVER, Retry.LATER, 152),
    ErrorKind.BACKEND_REFUSED: FaultRow(_RECEIVER, Retry.CONTACT_SUPPORT, 153),
    ErrorKind.INTERNAL: FaultRow(_RECEIVER, Retry.LATER, 199),
}

_RETRY_AFTER_S = 30
"""When an error that passes with time does not say how soon."""
_LANGUAGE = "en"
_ALLOWED_METHODS = "POST, GET, HEAD"
_PREFIXES = {names.WSSE: "wsse", names.WSA_2005: "wsa", names.WSA_2004: "wsa"}


def fault(
    message: InboundMessage,
    terms: ReplyTerms,
    service: Service | None,
    error: GatewayError,
    *,
    is_unread: bool = False,
) -> Reply:
    """The fault that answers `error`, in the version and with the detail element of the service asked.

    `is_unread`: nothing of the envelope was read, so that what HTTP says of a body's length is true of it.
    """
    row = FAULTS[error.kind]
    code, subcodes = _codes(error, row)
    about_header = isinstance(error, SoapError) and error.code is not None
    detail = None
    if service is not None and not about_header:  # SOAP 1.1 section 4.4: detail is of the body only
        detail = _DETAILS[service.base](message, error, row)
    build = _fault_11 if terms.version is SoapVersion.V11 else _fault_12
    content = build(code, subcodes, error.public, detail)
    body = enveloped(
        message,
        terms,
        content,
        _fault_action(terms, subcodes),
        _fault_headers(terms, code, error),
        is_fault=True,
    )
    suppressed = terms.correlation is not None and terms.correlation.no_fault
    return Reply(
        body=b"" if suppressed else body,
        status=413 if is_unread and error.kind is ErrorKind.TOO_LARGE else _status(terms, code, row),
        content_type="" if suppressed else terms.version.content_type,
        headers=(("Cache-Control", "no-store"), *_http_headers(error)),
        positive=False,
        code=f"soap:{code.in_version(terms.version)}",
    )


def plain_refusal(error: GatewayError) -> Reply:
    """For callers that speak HTTP but not SOAP: a wrong path or verb from a browser or a probe."""
    return Reply(
        body=f"{error.public}\n".encode(),
        status=FAULTS[error.kind].http or 400,
        content_type="text/plain; charset=utf-8",
        headers=_http_headers(error),
        positive=False,
        code=error.kind.value,
    )


def _codes(error: GatewayError, row: FaultRow) -> tuple[FaultCode, tuple[str, ...]]:
    if isinstance(error, SoapError) and error.code is not None:
        return error.code, error.subcodes
    if error.denial is Denial.REPLAYED:
        return row.code, (_INVALID_SECURITY,)
    return row.code, (row.subcode,) if row.subcode else ()


def _status(terms: ReplyTerms, code: FaultCode, row: FaultRow) -> int:
    if row.http is not None:
        return row.http
    return 400 if terms.version is SoapVersion.V12 and code is FaultCode.SENDER else 500


def _http_headers(error: GatewayError) -> tuple[tuple[str, str], ...]:
    if error.kind is ErrorKind.WRONG_METHOD:
        return (("Allow", _ALLOWED_METHODS),)
    seconds = error.retry_after_s
    if seconds is None and error.kind.passes_with_time:
        seconds = _RETRY_AFTER_S
    return () if seconds is None else (("Retry-After", str(seconds)),)


def _fault_11(
    code: FaultCode, subcodes: tuple[str, ...], public: str, detail: etree._Element | None
) -> etree._Element:
    """SOAP 1.1 section 4.4: the children are in no namespace, and the most specific code stands alone."""
    made, qname = _fault_element(SoapVersion.V11, code, subcodes)
    etree.SubElement(made, "faultcode").text = qname[-1]
    reason = etree.SubElement(made, "faultstring")
    reason.set(f"{{{names.XML}}}lang", _LANGUAGE)
    reason.text = xml_text(public)
    if detail is not None:
        etree.SubElement(made, "detail").append(detail)
    return made


def _fault_12(
    code: FaultCode, subcodes: tuple[str, ...], public: str, detail: etree._Element | None
) -> etree._Element:
    made, qnames = _fault_element(SoapVersion.V12, code, subcodes)
    parent = add(made, "Code")
    add(parent, "Value", qnames[0])
    for qname in qnames[1:]:
        parent = add(parent, "Subcode")
        add(parent, "Value", qname)
    reason = add(add(made, "Reason"), "Text", public)
    reason.set(f"{{{names.XML}}}lang", _LANGUAGE)
    if detail is not None:
        add(made, "Detail").append(detail)
    return made


def _fault_element(
    version: SoapVersion, code: FaultCode, subcodes: tuple[str, ...]
) -> tuple[etree._Element, list[str]]:
    """The empty Fault, and its codes as QNames whose prefixes it declares."""
    namespaces = {"soap": version.namespace}
    qnames = [f"soap:{code.in_version(version)}"]
    for subcode in subcodes:
        name = etree.QName(subcode)
        prefix = _PREFIXES[name.namespace or ""]
        namespaces[prefix] = name.namespace or ""
        qnames.append(f"{prefix}:{name.localname}")
    return etree.Element(f"{{{version.namespace}}}Fault", nsmap=namespaces), qnames


def _fault_action(terms: ReplyTerms, subcodes: tuple[str, ...]) -> str:
    """WS-Addressing 1.0 SOAP Binding section 6: its own faults under one action, SOAP's under another."""
    if terms.correlation is None:
        return ""
    namespace = terms.correlation.namespace
    if namespace == names.WSA_2004 or any(code.startswith(f"{{{namespace}}}") for code in subcodes):
        return f"{namespace}/fault"
    return f"{namespace}/soap/fault"


def _fault_headers(terms: ReplyTerms, code: FaultCode, error: GatewayError) -> list[etree._Element]:
    """Header blocks that a fault needs beside it: what was not understood, what could be, what was wrong."""
    if code is FaultCode.VERSION_MISMATCH:
        return [_upgrade()]
    if not isinstance(error, SoapError):
        return []
    if terms.version is SoapVersion.V12:
        return [_not_understood(name) for name in error.not_understood]
    if terms.correlation is not None and error.problem_header.startswith(f"{{{names.WSA_2005}}}"):
        problem = etree.Element(f"{{{names.WSA_2005}}}FaultDetail", nsmap={"wsa": names.WSA_2005})
        add(problem, "ProblemHeaderQName", f"wsa:{etree.QName(error.problem_header).localname}")
        return [problem]
    return []


def _upgrade() -> etree._Element:
    """The envelopes that are understood, the preferred first (SOAP 1.2 5.4.7; in 1.1 by appendix A)."""
    upgrade = etree.Element(
        f"{{{names.SOAP_12}}}Upgrade", nsmap={"env": names.SOAP_12, "soap11": names.SOAP_11}
    )
    for qname in ("env:Envelope", "soap11:Envelope"):
        add(upgrade, "SupportedEnvelope", qname=qname)
    return upgrade


def _not_understood(name: str) -> etree._Element:
    missed = etree.QName(name)
    namespaces = {"env": names.SOAP_12} | ({"missed": missed.namespace} if missed.namespace else {})
    block = etree.Element(f"{{{names.SOAP_12}}}NotUnderstood", nsmap=namespaces)
    block.set("qname", f"missed:{missed.localname}" if missed.namespace else missed.localname)
    return block


def _summarize_detail(message: InboundMessage, error: GatewayError, row: FaultRow) -> etree._Element:
    detail = element(names.SUMMARIZE, "SummarizeFault")
    add(detail, "Code", error.kind.value)
    add(detail, "Reason", error.public)
    if error.location:
        add(detail, "Location", error.location)
    add(detail, "Retry", row.retry.value)
    add(detail, "Incident", message.id)
    return detail


_CDC_FAULTS = {  # element name and, but for the last, its fixed Reason (NIST IIS SOAP suite)
    ErrorKind.UNAUTHENTICATED: ("SecurityFault", "Security"),
    ErrorKind.FORBIDDEN: ("SecurityFault", "Security"),
    ErrorKind.TOO_LARGE: ("MessageTooLargeFault", "MessageTooLarge"),
    ErrorKind.UNKNOWN_OPERATION: ("UnsupportedOperationFault", "UnsupportedOperation"),
}


def _iis_detail(message: InboundMessage, error: GatewayError, row: FaultRow) -> etree._Element:
    name, reason = _CDC_FAULTS.get(error.kind, ("fault", error.kind.value))
    detail = element(names.IIS, name)
    add(detail, "Code", str(row.number))
    add(detail, "Reason", reason)
    add(detail, "Detail", f"{error.public} (incident {message.id})")
    return detail


def _notereader_detail(message: InboundMessage, error: GatewayError, row: FaultRow) -> etree._Element:
    """The interface declares two details with one `Type` each; anything else breaks generated clients."""
    is_theirs = row.code is FaultCode.SENDER
    detail = element(names.NOTEREADER, "ClientFault" if is_theirs else "ServerFault")
    add(detail, "Type", "".join(word.capitalize() for word in error.kind.value.split("-")))
    return detail


_DETAILS: dict[str, Callable[[InboundMessage, GatewayError, FaultRow], etree._Element]] = {
    SUMMARIZE.base: _summarize_detail,
    IIS.base: _iis_detail,
    NOTEREADER.base: _notereader_detail,
}
