"""WS-Addressing 1.0 (2005/08) and its 2004/08 submission, read from the header blocks of a request.

Only answers on the same connection are given: an address named by a caller is never dialled.
"""

from collections.abc import Mapping, Sequence

from lxml import etree

from gateway.errors import ErrorKind
from translators.soap import names
from translators.soap.faults import FaultCode, SoapError
from translators.soap.terms import Correlation

HEADERS = frozenset(
    f"{{{namespace}}}{name}"
    for namespace in (names.WSA_2005, names.WSA_2004)
    for name in ("To", "From", "ReplyTo", "FaultTo", "Action", "MessageID", "RelatesTo")
)
"""The header blocks that are understood."""

_ONCE = ("To", "From", "ReplyTo", "FaultTo", "Action", "MessageID")
_MOST_ID_CHARACTERS = 255
_MOST_PARAMETERS = 20

ANONYMOUS = {
    names.WSA_2005: f"{names.WSA_2005}/anonymous",
    names.WSA_2004: f"{names.WSA_2004}/role/anonymous",
}
_NONE = f"{names.WSA_2005}/none"

_INVALID_HEADER = {
    names.WSA_2005: "InvalidAddressingHeader",
    names.WSA_2004: "InvalidMessageInformationHeader",
}
_REQUIRED = {
    names.WSA_2005: "MessageAddressingHeaderRequired",
    names.WSA_2004: "MessageInformationHeaderRequired",
}


def correlation_of(blocks: Sequence[etree._Element]) -> Correlation | None:
    """The edition spoken and the message's id where it is unambiguous; None without WS-Addressing."""
    spoken = {etree.QName(block).namespace for block in blocks if block.tag in HEADERS}
    if not spoken:
        return None
    namespace = names.WSA_2005 if names.WSA_2005 in spoken else names.WSA_2004
    ids = [block for block in blocks if block.tag == f"{{{namespace}}}MessageID"]
    message_id = _text(ids[0]) if len(ids) == 1 else ""
    return Correlation(namespace, message_id if len(message_id) <= _MOST_ID_CHARACTERS else "")


def checked(correlation: Correlation, blocks: Sequence[etree._Element]) -> tuple[Correlation, str]:
    """The correlation complete, and the `Action`. Raises `SoapError` with the standard's own codes."""
    namespace = correlation.namespace
    found: dict[str, etree._Element] = {}
    for block in blocks:
        name = etree.QName(block)
        if name.namespace != namespace or name.localname not in _ONCE:
            continue
        if name.localname in found:
            raise _invalid(namespace, name.localname, "InvalidCardinality", "stands more than once")
        found[name.localname] = block
    for required in ("Action", "MessageID"):
        if required not in found or not _text(found[required]):
            raise _missing(namespace, required)
    if not correlation.message_id:
        raise _invalid(namespace, "MessageID", "", f"is longer than {_MOST_ID_CHARACTERS} characters")
    no_reply, parameters = _endpoint(namespace, "ReplyTo", found)
    no_fault, fault_parameters = _endpoint(namespace, "FaultTo" if "FaultTo" in found else "ReplyTo", found)
    return (
        Correlation(namespace, correlation.message_id, no_reply, no_fault, parameters, fault_parameters),
        _text(found["Action"]),
    )


def action_mismatch(namespace: str) -> SoapError:
    """The HTTP action and `wsa:Action` differ (WS-Addressing 1.0 SOAP Binding 6.4.1.7)."""
    return _invalid(namespace, "Action", "ActionMismatch", "differs from the SOAPAction or action parameter")


def action_not_supported(namespace: str) -> SoapError:
    return SoapError(
        ErrorKind.INVALID_VALUE,
        location="/Envelope/Header/Action",
        public="The addressing header Action does not name the operation of the body",
        code=FaultCode.SENDER,
        subcodes=(f"{{{namespace}}}ActionNotSupported",),
        problem_header=f"{{{namespace}}}Action",
    )


def _endpoint(
    namespace: str, name: str, found: Mapping[str, etree._Element]
) -> tuple[bool, tuple[bytes, ...]]:
    """Whether the answer is to be dropped, and what the sender wants back beside it (WS-Addressing 1.0
    SOAP Binding 3.3). Raises `SoapError` for any address but this connection's."""
    endpoint = found.get(name)
    if endpoint is None:
        return False, ()
    address = endpoint.find(f"{{{namespace}}}Address")
    if address is None:
        raise _invalid(namespace, name, "MissingAddressInEPR", "has no Address in its own namespace")
    is_none = namespace == names.WSA_2005 and _text(address) == _NONE
    if not is_none and _text(address) != ANONYMOUS[namespace]:
        raise _invalid(
            namespace,
            name,
            "OnlyAnonymousAddressSupported",
            "must be anonymous: answers go back on this connection",
        )
    parameters = endpoint.findall(f"{{{namespace}}}ReferenceParameters/*")
    if len(parameters) > _MOST_PARAMETERS:
        raise _invalid(namespace, name, "InvalidEPR", f"has more than {_MOST_PARAMETERS} parameters")
    return is_none, tuple(etree.tostring(each, with_tail=False) for each in parameters)


def _invalid(namespace: str, header: str, specific: str, what: str) -> SoapError:
    subcodes = [f"{{{namespace}}}{_INVALID_HEADER[namespace]}"]
    if specific and namespace == names.WSA_2005:  # the 2004/08 submission has no second level
        subcodes.append(f"{{{namespace}}}{specific}")
    return SoapError(
        ErrorKind.INVALID_VALUE,
        location=f"/Envelope/Header/{header}",
        public=f"The addressing header {header} {what}",
        code=FaultCode.SENDER,
        subcodes=tuple(subcodes),
        problem_header=f"{{{namespace}}}{header}",
    )


def _missing(namespace: str, header: str) -> SoapError:
    return SoapError(
        ErrorKind.REQUIRED_MISSING,
        location=f"/Envelope/Header/{header}",
        public=f"The addressing header {header} is required and missing or empty",
        code=FaultCode.SENDER,
        subcodes=(f"{{{namespace}}}{_REQUIRED[namespace]}",),
        problem_header=f"{{{namespace}}}{header}",
    )


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()
