"""The client's side of each protocol, plain and blocking, for `replay`: one connection a thread."""

import http.client
import socket
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.commands.inputs import Form, Input
from gateway.commands.offline import carried_in_soap, content_type
from listeners.mllp_framing import FrameReader, framed

_TIMEOUT_S = 120.0
_UNANSWERED_S = 0.5


@dataclass(frozen=True, slots=True)
class Targets:
    """Where each protocol is served, and the key for HTTP."""

    mllp: str
    fhir: str
    soap: str
    key: str


@dataclass(frozen=True, slots=True)
class Received:
    """What came back: `status` 0 over MLLP."""

    body: bytes
    status: int = 0


class Sender:
    """Sends messages of any form; connections stay open between them. Raises `OSError`."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._local = threading.local()

    def send(self, source: Input) -> Received:
        if source.form is Form.HL7V2:
            return self._mllp(source.body)
        if source.form is Form.FHIR:
            url = f"{self._targets.fhir.rstrip('/')}/$summarize"
            return self._post(url, source.body, "application/fhir+json")
        body, service = source.body, source.service
        if source.form is Form.CDA:
            body, service = carried_in_soap(body), "summarize"
        return self._post(f"{self._targets.soap.rstrip('/')}/{service}", body, content_type(body))

    def mllp(self, payload: bytes) -> bytes:
        """One more message on this thread's connection."""
        return self._mllp(payload).body

    def _mllp(self, payload: bytes) -> Received:
        if b"\rMSA" in payload:
            return self._mllp_answer(payload)
        try:
            connection = self._mllp_connection()
            connection.sendall(framed(payload))
            reader = FrameReader(max_payload_bytes=64 * 1024 * 1024)
            while True:
                data = connection.recv(65536)
                if not data:
                    raise ConnectionResetError("the gateway closed the connection without an answer")
                for frame in reader.feed(data):
                    return Received(frame.payload)
        except OSError:
            self._local.mllp = None
            raise

    def _mllp_answer(self, payload: bytes) -> Received:
        """Send what is itself an answer, on a connection of its own: most are rightly not answered."""
        host, _, port = self._targets.mllp.rpartition(":")
        with socket.create_connection((host, int(port)), _TIMEOUT_S) as connection:
            connection.sendall(framed(payload))
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(_UNANSWERED_S)
            try:
                received = connection.recv(65536)
            except TimeoutError:
                received = b""
        return Received(b"".join(frame.payload for frame in FrameReader().feed(received)))

    def _mllp_connection(self) -> socket.socket:
        connection: socket.socket | None = getattr(self._local, "mllp", None)
        if connection is None:
            host, _, port = self._targets.mllp.rpartition(":")
            connection = self._local.mllp = socket.create_connection((host, int(port)), _TIMEOUT_S)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _post(self, url: str, body: bytes, media_type: str) -> Received:
        parts = urlsplit(url)
        headers = {"Content-Type": media_type, "Authorization": f"Bearer {self._targets.key}"}
        if "fhir" in media_type:
            headers["Accept"] = media_type
        connections: dict[str, http.client.HTTPConnection] = self._local.__dict__.setdefault("http", {})
        made = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = connections.setdefault(parts.netloc, made(parts.netloc, timeout=_TIMEOUT_S))
        try:
            connection.request("POST", parts.path, body, headers)
            response = connection.getresponse()
            return Received(response.read(), response.status)
        except http.client.HTTPException as error:
            connections.pop(parts.netloc).close()
            raise ConnectionResetError(type(error).__name__) from error
        except OSError:
            connections.pop(parts.netloc).close()
            raise
