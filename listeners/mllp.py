"""The MLLP listener: one connection is one ordered lane.

A connection handles its messages one after another, so what is stored and what is answered keep the
order of arrival, and an answer can never be taken for another's. Speed comes from many connections.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

import structlog
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress, IConsumer, IPushProducer, IReactorTime, ITCPTransport
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.internet.task import LoopingCall
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure
from zope.interface import implementer

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import InboundMessage, Reply
from gateway.messages import Protocol as Wire
from listeners.mllp_framing import Frame, FrameReader, framed
from listeners.reception import Reception
from listeners.tls import PeerCertificate, handshake_failure, peer_certificate

log = structlog.get_logger("mllp")


@dataclass(frozen=True, slots=True)
class MllpLimits:
    """What a connection may cost. Times in seconds."""

    max_payload_bytes: int = 16 * 1024 * 1024
    max_connections: int = 256
    max_waiting_bytes: int = 1024 * 1024
    """Whole frames that wait for the one in work; beyond it reading pauses and TCP slows the sender."""
    idle_timeout_s: float = 24 * 3600
    """Between frames. A feed that is silent for hours at night is healthy."""
    stalled_frame_timeout_s: float = 30
    """Within a frame, since its last byte."""
    end_by_silence_s: float = 1
    """After an FS without its CR: the frame is taken as complete."""
    unread_answers_timeout_s: float = 60
    """Since a peer stopped reading what we write."""


class IStreamTransport(ITCPTransport, IConsumer, IPushProducer):
    """What Twisted's stream transports are, TLS or not, and no interface of its says."""


@implementer(IPushProducer)
class MllpConnection(Protocol):
    """Frames in, answers out in order of arrival, each in one write."""

    transport: IStreamTransport

    def __init__(self, factory: "MllpFactory", peer: str) -> None:
        self.factory = factory
        self._reception = factory.reception
        self._limits = factory.limits
        self._clock = factory.clock
        self._peer = peer
        self._reader = FrameReader(self._limits.max_payload_bytes)
        self._waiting: deque[Frame] = deque()
        self._waiting_bytes = 0
        self._working: asyncio.Future[Reply] | None = None
        self._reading_paused = False
        self._unread_since: float | None = None
        self._last_byte_at = self._clock.seconds()
        self._certificate: PeerCertificate | None = None

    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)
        self.transport.setTcpKeepAlive(True)  # so that cloud balancers do not cut a silent feed
        self.transport.registerProducer(self, True)
        self.factory.connections.add(self)

    def dataReceived(self, data: bytes) -> None:
        self._last_byte_at = self._clock.seconds()
        for frame in self._reader.feed(data):
            self._wait_in_line(frame)
        self._work()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.connections.discard(self)
        self._waiting.clear()
        failure = handshake_failure(reason)
        if failure:
            self._reception.handshake_failed(self._peer, failure)
        counts = self._reader.counts
        log.info(
            "mllp_connection_closed",
            listener=self._reception.listener,
            peer=self._peer,
            in_frame=self._reader.in_frame,
            dropped_bytes=counts.dropped_bytes,
            abandoned_frames=counts.abandoned_frames,
            ends_without_cr=counts.ends_without_cr,
            separators_in_payload=counts.separators_in_payload,
            empty_frames=counts.empty_frames,
            oversize_frames=counts.oversize_frames,
        )

    def sweep(self) -> None:
        """Called every second: end what has waited too long."""
        silent_s = self._clock.seconds() - self._last_byte_at
        if self._unread_since is not None:
            if self._clock.seconds() - self._unread_since > self._limits.unread_answers_timeout_s:
                self._cut("peer_does_not_read")
        elif self._working or self._reading_paused:
            return
        elif self._reader.may_have_ended and silent_s >= self._limits.end_by_silence_s:
            for frame in self._reader.end_by_silence():
                self._wait_in_line(frame)
            self._work()
        elif self._reader.in_frame and silent_s > self._limits.stalled_frame_timeout_s:
            self._cut("stalled_in_frame")
        elif silent_s > self._limits.idle_timeout_s:
            self._cut("idle")

    def pauseProducing(self) -> None:
        """The peer does not take our answers: begin no further work."""
        self._unread_since = self._clock.seconds()

    def resumeProducing(self) -> None:
        self._unread_since = None
        self._work()

    def stopProducing(self) -> None:
        self._unread_since = None

    def _wait_in_line(self, frame: Frame) -> None:
        self._waiting.append(frame)
        self._waiting_bytes += len(frame.payload)

    def _work(self) -> None:
        while self._waiting and self._working is None and self._unread_since is None:
            frame = self._waiting.popleft()
            self._waiting_bytes -= len(frame.payload)
            message = self._message(frame)
            if frame.is_oversize:
                self._write(self._reception.refuse(message, GatewayError(ErrorKind.TOO_LARGE)))
                continue
            self._working = asyncio.ensure_future(self._reception.handle(message))
            self._working.add_done_callback(self._answered)
        self._pace_reading()

    def _message(self, frame: Frame) -> InboundMessage:
        certificate = self._shown_certificate()
        return InboundMessage(
            id=self._reception.new_id(),
            protocol=Wire.HL7V2,
            listener=self._reception.listener,
            peer=self._peer,
            received_at=self._reception.now(),
            body=frame.payload,
            client_certificate=certificate.subject if certificate else None,
            client_certificate_names=certificate.names if certificate else (),
            client_certificate_until=certificate.until if certificate else None,
        )

    def _shown_certificate(self) -> PeerCertificate | None:
        # Not in connectionMade: the handshake is over only when the first byte has arrived.
        if self._certificate is None and self.factory.is_tls:
            self._certificate = peer_certificate(self.transport)
        return self._certificate

    def _answered(self, done: "asyncio.Future[Reply]") -> None:
        self._working = None
        if not done.cancelled():
            self._write(done.result())
        self._work()

    def _write(self, reply: Reply) -> None:
        if not self.connected:
            return
        for payload in (reply.body, *reply.also):
            if payload:
                self._send(framed(payload))
        if reply.close:
            self.transport.loseConnection()

    def _send(self, frame: bytes) -> None:
        """In one write, and at once where nothing waits before it: going round the reactor's loop for an
        answer that fits the socket's buffer costs a tenth of a small message's whole time."""
        transport = self.transport
        if isinstance(transport, Connection) and not transport.dataBuffer and not transport._tempDataBuffer:
            sent = transport.writeSomeData(frame)
            if isinstance(sent, int):
                frame = frame[sent:]
        if frame:
            transport.write(frame)

    def _pace_reading(self) -> None:
        behind = self._waiting_bytes > self._limits.max_waiting_bytes
        if behind and not self._reading_paused:
            self._reading_paused = True
            self.transport.pauseProducing()
        elif self._reading_paused and not behind:
            self._reading_paused = False
            self.transport.resumeProducing()

    def _cut(self, reason: str) -> None:
        log.warning("mllp_connection_cut", listener=self._reception.listener, peer=self._peer, reason=reason)
        self.transport.abortConnection()


class MllpFactory(ServerFactory):
    """Makes the connections of one listener and sweeps them."""

    noisy = False

    def __init__(
        self, reception: Reception, clock: IReactorTime, limits: MllpLimits, *, is_tls: bool = False
    ) -> None:
        self.reception = reception
        self.clock = clock
        self.limits = limits
        self.is_tls = is_tls
        self.connections: set[MllpConnection] = set()
        self._sweeping = LoopingCall(self._sweep)
        self._sweeping.clock = clock

    def startFactory(self) -> None:
        self._sweeping.start(1, now=False)

    def stopFactory(self) -> None:
        if self._sweeping.running:
            self._sweeping.stop()

    def buildProtocol(self, addr: IAddress | None) -> MllpConnection | None:
        peer = addr.host if isinstance(addr, IPv4Address | IPv6Address) else ""
        if len(self.connections) >= self.limits.max_connections:
            log.warning("mllp_at_capacity", listener=self.reception.listener, peer=peer)
            return None
        connection = MllpConnection(self, peer)
        connection.factory = self
        return connection

    def _sweep(self) -> None:
        for connection in tuple(self.connections):
            connection.sweep()
