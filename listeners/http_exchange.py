"""One HTTP request taken whole and one reply written: what every HTTP protocol here shares.

What a path or a body means is not known here; the resource of each protocol says it.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.python.failure import Failure
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import InboundMessage, Protocol, Reply
from listeners.reception import Reception
from listeners.tls import handshake_failure, peer_certificate

_DISCARD_FACTOR = 4
"""A body over its cap is read on, unkept, up to this many times the cap: a client that is still sending
does not read the refusal. Beyond it the connection is cut."""
_MOST_QUERY_FIELDS = 100
"""A longer query is nobody's mistake and is not read."""


class CappedRequest(Request):
    """An HTTP request whose body is never held beyond the cap, and never parsed as a form."""

    site: "CappedSite"

    def gotLength(self, length: int | None) -> None:
        self.site = site = self.channel.factory
        self.content = self.body = BytesIO()
        self.received_bytes = 0
        self._too_slow = site.clock.callLater(site.body_timeout_s, self.channel.forceAbortClient)

    def handleContentChunk(self, data: bytes) -> None:
        self.received_bytes += len(data)
        if not self.is_too_large:
            self.body.write(data)
        elif self.received_bytes > self.site.max_body_bytes * _DISCARD_FACTOR:
            self.channel.forceAbortClient()

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """As in twisted.web, without its parsing of forms, which answers bad ones in words of its own."""
        self._stop_waiting()
        self.args = {}
        self.method, self.uri, self.clientproto = command, path, version
        self.path, _, _ = path.partition(b"?")
        self.process()

    def render(self, resource: IResource) -> None:
        self.responseHeaders.removeHeader(b"server")  # versions are of use to attackers only
        super().render(resource)

    def connectionLost(self, reason: Failure) -> None:
        self._stop_waiting()
        super().connectionLost(reason)

    @property
    def is_too_large(self) -> bool:
        return self.received_bytes > self.site.max_body_bytes

    def _stop_waiting(self) -> None:
        if self._too_slow.active():
            self._too_slow.cancel()


class CappedSite(Site):
    """Serves `root`. Times in seconds: `idle_timeout_s` between bytes, `body_timeout_s` for a whole body."""

    requestFactory = CappedRequest

    def __init__(
        self,
        root: IResource,
        clock: IReactorTime,
        *,
        max_body_bytes: int,
        idle_timeout_s: float = 60,
        body_timeout_s: float = 120,
        handshake_failed: Callable[[str, str], None] | None = None,
    ) -> None:
        super().__init__(root, timeout=idle_timeout_s, reactor=clock)
        self._handshake_failed = handshake_failed
        self.clock = clock
        self.max_body_bytes = max_body_bytes
        self.body_timeout_s = body_timeout_s

    def buildProtocol(self, addr: IAddress | None) -> Any:
        channel: Any = super().buildProtocol(addr)
        if channel is not None and self._handshake_failed is not None:
            _tell_of_handshake(channel, addr, self._handshake_failed)
        return channel

    def log(self, request: object) -> None:
        """Nothing: a path or query may name a patient. The pipeline logs every message with its id."""


def _tell_of_handshake(channel: Any, addr: IAddress | None, tell: Callable[[str, str], None]) -> None:
    """Calls `tell` with the peer and the reason when the connection ends in its handshake."""
    lost = channel.connectionLost

    def connection_lost(reason: Failure) -> None:
        failure = handshake_failure(reason)
        if failure:
            tell(getattr(addr, "host", ""), failure)
        lost(reason)

    channel.connectionLost = connection_lost


class ProtocolResource(Resource):
    """One protocol served below one base path. Subclasses override `respond`."""

    isLeaf = True

    def __init__(self, reception: Reception, protocol: Protocol, base: str) -> None:
        super().__init__()
        self.reception = reception
        self.protocol = protocol
        self.base = base

    def render(self, request: CappedRequest) -> int:
        message = self._message(request)
        if request.is_too_large:
            self.refuse(request, message, GatewayError(ErrorKind.TOO_LARGE))
        else:
            self.respond(request, message)
        return NOT_DONE_YET

    def respond(self, request: CappedRequest, message: InboundMessage) -> None:
        """Answer by `write_reply`, `self.refuse` or `self.pass_on`."""
        raise NotImplementedError

    def refuse(self, request: CappedRequest, message: InboundMessage, error: GatewayError) -> None:
        write_reply(request, self.reception.refuse(message, error))

    def pass_on(self, request: CappedRequest, message: InboundMessage) -> None:
        """Hand the message to the pipeline and write its reply; a caller that hangs up cancels the work."""
        work = asyncio.ensure_future(self.reception.handle(message))
        gone = request.notifyFinish()

        def answered(done: "asyncio.Future[Reply]") -> None:
            if not done.cancelled():
                write_reply(request, done.result())

        def hung_up(failure: Failure) -> None:
            failure.trap(ConnectionDone, ConnectionLost)
            work.cancel()

        work.add_done_callback(answered)
        gone.addErrback(hung_up)

    def _message(self, request: CappedRequest) -> InboundMessage:
        headers = {
            name.decode("latin-1").lower(): ", ".join(value.decode("latin-1") for value in values)
            for name, values in request.requestHeaders.getAllRawHeaders()
        }
        path = unquote(request.path.decode("latin-1"))
        certificate = peer_certificate(request.transport)
        return InboundMessage(
            id=self.reception.new_id(),
            protocol=self.protocol,
            listener=self.reception.listener,
            peer=request.getClientAddress().host,
            received_at=self.reception.now(),
            body=request.body.getvalue(),
            method=request.method.decode("latin-1"),
            base=self.base,
            target=path[len(self.base) :].strip("/"),
            query=_query(request.uri),
            headers=headers,
            client_certificate=certificate.subject if certificate else None,
            client_certificate_names=certificate.names if certificate else (),
            client_certificate_until=certificate.until if certificate else None,
        )


def _query(uri: bytes) -> tuple[tuple[str, str], ...]:
    query = uri.partition(b"?")[2].decode("latin-1")
    return tuple(parse_qsl(query, keep_blank_values=True)) if query.count("&") < _MOST_QUERY_FIELDS else ()


def write_reply(request: Request, reply: Reply) -> None:
    """Write the whole response in one piece; nothing is written to a caller who has gone."""
    if request._disconnected or request.finished:
        return
    request.setResponseCode(reply.status, HTTPStatus(reply.status).phrase.encode())  # Twisted knows no 422
    if reply.content_type:
        request.setHeader("Content-Type", reply.content_type)
    for name, value in reply.headers:
        request.responseHeaders.addRawHeader(name, value)
    request.setHeader("Content-Length", str(len(reply.body)))
    if reply.close:
        request.setHeader("Connection", "close")
    request.write(reply.body)
    request.finish()
