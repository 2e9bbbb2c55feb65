"""On what terms a message wants its answer: the SOAP version, and what WS-Addressing asked for."""

from dataclasses import dataclass
from enum import Enum

from translators.soap import names


class SoapVersion(Enum):
    """One envelope namespace each; replies go out in the version of the request."""

    V11 = "1.1"
    V12 = "1.2"

    @property
    def namespace(self) -> str:
        return _NAMESPACE[self]

    @property
    def content_type(self) -> str:
        return _CONTENT_TYPE[self]


_NAMESPACE = {SoapVersion.V11: names.SOAP_11, SoapVersion.V12: names.SOAP_12}
_CONTENT_TYPE = {
    SoapVersion.V11: "text/xml; charset=utf-8",
    SoapVersion.V12: "application/soap+xml; charset=utf-8",
}
VERSION_OF_NAMESPACE = {namespace: version for version, namespace in _NAMESPACE.items()}


@dataclass(frozen=True, slots=True)
class Correlation:
    """What of the request's WS-Addressing headers its answer depends on."""

    namespace: str
    """The edition the sender speaks: `names.WSA_2005` or `names.WSA_2004`."""
    message_id: str = ""
    """Empty when it was missing or not to be told from several."""
    no_reply: bool = False
    """`ReplyTo` is `.../none`: the answer is to be dropped (WS-Addressing 1.0 Core 2.1)."""
    no_fault: bool = False
    reply_parameters: tuple[bytes, ...] = ()
    """Elements, serialized, that `ReplyTo` wants among the headers of its answer."""
    fault_parameters: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyTerms:
    version: SoapVersion
    correlation: Correlation | None = None
    """None: the request carried no WS-Addressing, and neither does its answer."""
