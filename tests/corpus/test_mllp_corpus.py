"""All real-world HL7 v2 over a real socket: an answer for each message, its control id byte for byte."""

import re
import socket
from collections import Counter
from pathlib import Path

from gateway.messages import Wish
from listeners.mllp_framing import CR, FS, VT, FrameReader, framed
from tests.corpus.test_hl7v2_translation import is_well_formed, messages
from tests.figures import report
from tests.processes import gateway
from tests.shared_data import shared_data
from tests.translators.hl7v2.messages import TRANSLATOR, inbound
from translators.hl7v2.head import head_fields

_MSA = re.compile(rb"\rMSA(.)([A-Z]{2})\1([^\r]*)\r", re.DOTALL)


class Client:
    """A sender that keeps one connection and waits for each answer."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._reader = FrameReader()

    def exchange(self, payload: bytes) -> bytes:
        self._socket.sendall(framed(payload))
        while True:
            for frame in self._reader.feed(self._socket.recv(65536)):
                return frame.payload


def test_every_message_of_the_corpus_is_answered_with_its_own_control_id(tmp_path: Path) -> None:
    payloads = [(name, _on_the_wire(payload)) for name, payload in messages(shared_data("hl7v2"))]
    codes: Counter[str] = Counter()
    wrong: list[str] = []
    well_formed = accepted = 0
    log = tmp_path / "log"
    with gateway(None, tmp_path / "data", log=log) as server:
        client = Client(server.ports["feed"])
        for name, payload in payloads:
            if _is_itself_an_answer(payload):
                continue
            reply = client.exchange(payload)
            msa = _MSA.search(reply)
            if msa is None or msa[3].split(msa[1])[0] != _control_id(payload):
                wrong.append(name)
                continue
            codes[msa[2].decode()] += 1
            if is_well_formed(payload):
                well_formed += 1
                accepted += msa[2] == b"AA"
    errors = [line for line in log.read_text().splitlines() if '"level":"error"' in line]
    report(
        f"HL7 v2 corpus over MLLP: {len(payloads)} messages, answered {dict(codes)}, wrong control id"
        f" {len(wrong)}; well-formed {well_formed}, AA for {accepted / well_formed:.2%}; errors logged {len(errors)}"
    )
    assert wrong == []
    assert accepted / well_formed >= 0.995
    assert errors == []


def _on_the_wire(payload: bytes) -> bytes:
    """Line ends as the standard has them, and nothing that MLLP itself cannot carry."""
    payload = payload.replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    return bytes(byte for byte in payload if byte not in (VT, FS)).rstrip(bytes((CR,))) + b"\r"


def _is_itself_an_answer(payload: bytes) -> bool:
    try:
        return TRANSLATOR.open(inbound(payload)).wish is Wish.NOTHING
    except Exception:
        return False


def _control_id(payload: bytes) -> bytes:
    """As sent, without the control characters that would break a peer's framing."""
    return bytes(byte for byte in head_fields(payload).fields[10] if byte >= 0x20)
