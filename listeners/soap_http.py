"""The paths of SOAP on HTTP: messages by POST, descriptions by `GET ?wsdl` and `GET ?xsd=name`.

What an envelope says is not known here, nor what a description holds: it is asked for.
"""

from collections.abc import Callable
from dataclasses import replace

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import InboundMessage, Protocol, Reply
from listeners.http_exchange import CappedRequest, ProtocolResource, write_reply
from listeners.reception import Reception

BASE = "/soap"
SERVICES = frozenset({"summarize", "iis", "notereader"})

Describer = Callable[[InboundMessage], Reply]
"""The description that a GET asks for; raises `GatewayError` when it asks for none."""


class SoapHttp(ProtocolResource):
    """Everything below `/soap`."""

    def __init__(self, reception: Reception, describe: Describer) -> None:
        super().__init__(reception, Protocol.SOAP, BASE)
        self._describe = describe

    def respond(self, request: CappedRequest, message: InboundMessage) -> None:
        try:
            message = _at_its_service(message)
            if message.method == "POST":
                self.pass_on(request, message)
            elif message.method in ("GET", "HEAD"):
                write_reply(request, self._describe(message))
            else:
                raise GatewayError(ErrorKind.WRONG_METHOD)
        except GatewayError as error:
            self.refuse(request, message, error)

    def refuse(self, request: CappedRequest, message: InboundMessage, error: GatewayError) -> None:
        if message.target in SERVICES:
            message = _at_its_service(message)
        super().refuse(request, message, error)


def soap_resource(reception: Reception, describe: Describer) -> SoapHttp:
    """To be put at `/soap` of an HTTP listener."""
    return SoapHttp(reception, describe)


def _at_its_service(message: InboundMessage) -> InboundMessage:
    """The message with the path of its service as `base`. Raises `GatewayError` where there is none."""
    if message.target not in SERVICES:
        raise GatewayError(ErrorKind.NOT_FOUND, public="There is no service at this path")
    return replace(message, base=f"{BASE}/{message.target}", target="")
