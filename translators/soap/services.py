"""The services served here and their operations: what dispatch, replies and descriptions agree on."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import ErrorKind, GatewayError
from translators.soap import names


class OperationName(StrEnum):
    SUMMARIZE = "Summarize"
    CONNECTIVITY_TEST = "connectivityTest"
    SUBMIT_SINGLE_MESSAGE = "submitSingleMessage"
    PROCESS_DOCUMENT = "ProcessDocument"


@dataclass(frozen=True, slots=True)
class Operation:
    name: OperationName
    """Local name of the body's element; its reply's is this with `Response`."""
    action: str
    reply_action: str
    """Of the WS-Addressing header, as the WSDL says."""

    def is_meant_by(self, action: str) -> bool:
        """Whether a SOAPAction or `wsa:Action` names this operation.

        Its own action, or any URI whose last part is the operation's name: senders differ in prefix and
        in a `Request` at the end (WS-Addressing's default pattern). Never one that names another.
        """
        if action == self.action:
            return True
        last = action.replace("/", ":").replace("#", ":").rpartition(":")[2]
        return last.removesuffix("Request") == self.name


@dataclass(frozen=True, slots=True)
class Service:
    base: str
    """Path at which it is served."""
    namespace: str
    operations: tuple[Operation, ...]
    accepts_username_token: bool
    """A `wsse:UsernameToken` tells who the caller is; otherwise `wsse:Security` is not understood."""

    def operation_of(self, tag: str) -> Operation:
        """The operation whose body element has this name, `{namespace}local`. Raises `GatewayError`."""
        for operation in self.operations:
            if tag == f"{{{self.namespace}}}{operation.name}":
                return operation
        names_here = " or ".join(operation.name for operation in self.operations)
        raise GatewayError(
            ErrorKind.UNKNOWN_OPERATION,
            f"body element {tag[:200]}",
            location="/Envelope/Body",
            public=f"The body must hold {names_here} in the namespace {self.namespace}",
        )


SUMMARIZE = Service(
    base="/soap/summarize",
    namespace=names.SUMMARIZE,
    operations=(
        Operation(
            OperationName.SUMMARIZE,
            action="urn:ehr-gateway:summarize:1:Summarize",
            reply_action="urn:ehr-gateway:summarize:1:SummarizeResponse",
        ),
    ),
    accepts_username_token=True,
)

IIS = Service(  # CDC IIS transport 2011, credentials in the body
    base="/soap/iis",
    namespace=names.IIS,
    operations=(
        Operation(
            OperationName.CONNECTIVITY_TEST,
            action="urn:cdc:iisb:2011:connectivityTest",
            reply_action="urn:cdc:iisb:2011:connectivityTestResponse",
        ),
        Operation(
            OperationName.SUBMIT_SINGLE_MESSAGE,
            action="urn:cdc:iisb:2011:submitSingleMessage",
            reply_action="urn:cdc:iisb:2011:submitSingleMessageResponse",
        ),
    ),
    accepts_username_token=False,
)

NOTEREADER = Service(  # Epic NoteReader CDI, `ICDSServices`
    base="/soap/notereader",
    namespace=names.NOTEREADER,
    operations=(
        Operation(
            OperationName.PROCESS_DOCUMENT,
            action="ProcessDocument",
            reply_action="urn:epic-com:Common.2013.Services:ICDSServices:ProcessDocumentResponse",
        ),
    ),
    accepts_username_token=True,
)

SERVICES: dict[str, Service] = {service.base: service for service in (SUMMARIZE, IIS, NOTEREADER)}


def service_at(base: str) -> Service:
    """Raises `GatewayError`."""
    if base not in SERVICES:
        raise GatewayError(ErrorKind.NOT_FOUND, public="There is no service at this path")
    return SERVICES[base]
