"""Limits as their callers meet them, in each protocol, through a running gateway on real sockets."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from lxml import etree

from gateway.audit.export import audit_event
from gateway.repeated_refusals import WINDOW_S
from gateway.store.audit_log import AuditReader
from gateway.store.message_store import open_reader
from gateway.store.reads import MessageFilter
from listeners.mllp_framing import FrameReader, framed
from tests.processes import ROOT, Server, gateway

CONFIG = """
gateway: {name: GW}
listeners:
  - {name: feed, protocol: mllp, bind: "127.0.0.1:0"}
  - {name: web, protocol: http, bind: "127.0.0.1:0", serve: [fhir, soap, metrics]}
partners:
  ward: {identify: [{sending_application: WARDLINK, listener: feed}], purpose_of_use: [TREAT], hl7v2: {answer: none}}
  slow: {identify: [{sending_application: SLOW, listener: feed}], purpose_of_use: [TREAT], hl7v2: {answer: none}}
  portal:
    identify: [{api_key_sha256: 2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea}]
    purpose_of_use: [TREAT]
backends: {builtin: {type: extractive}}
models: {clinical: {default: "1", versions: {"1": {targets: [{backend: builtin}]}}}}
policy:
  rules: [{id: all, effect: permit}]
  limits:
    - {id: feed-rate, per: listener, of: [feed], requests: 40/second, burst: 1}
    - {id: slow, per: partner, of: [slow], requests: 2/minute, burst: 1}
    - {id: portal-rate, per: key, requests: 3/hour}
"""
BUNDLE = (ROOT / "samples/fhir/patient_bundle.json").read_bytes()
SUMMARIZE = (ROOT / "samples/soap/summarize_12.xml").read_bytes()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "gateway.yaml").write_text(CONFIG)
    with gateway(tmp_path / "gateway.yaml", tmp_path / "data") as running:
        yield running


def post(server: Server, path: str, body: bytes, media_type: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=30)
    headers = {"Content-Type": media_type, "Authorization": "Bearer demo"}
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    return response, response.read()


def message(control_id: str) -> bytes:
    text = (
        (ROOT / "samples/hl7v2/adt_a01_admission.hl7")
        .read_bytes()
        .replace(b"\r\n", b"\r")
        .replace(b"\n", b"\r")
    )
    header, _, rest = text.partition(b"\r")
    fields = header.split(b"|")
    fields[9] = control_id.encode()
    return b"|".join(fields) + b"\r" + rest


def feed(server: Server, control_ids: list[str]) -> list[str]:
    """All at once on one connection; the control ids in the order of their acknowledgments."""
    answers: list[str] = []
    reader = FrameReader(1 << 20)
    with socket.create_connection(("127.0.0.1", server.ports["feed"]), timeout=20) as connection:
        connection.sendall(b"".join(framed(message(each)) for each in control_ids))
        while len(answers) < len(control_ids):
            for frame in reader.feed(connection.recv(65536)):
                code, control_id = frame.payload.split(b"\rMSA|")[1].split(b"|")[:2]
                assert code in (b"AA", b"CA")
                answers.append(control_id.split(b"\r")[0].decode())
    return answers


def test_a_feed_is_slowed_and_every_message_acknowledged_in_order(server: Server) -> None:
    lanes = [[f"L{lane}N{number}" for number in range(10)] for lane in range(3)]
    began = time.monotonic()
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda ids: feed(server, ids), lanes)) == lanes
    assert time.monotonic() - began > 29 / 40 * 0.95
    connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=30)
    connection.request("GET", "/metrics")
    assert b'ehr_gateway_limited_total{how="delayed",limit="feed-rate"}' in connection.getresponse().read()


def test_http_callers_are_told_how_much_is_left_and_when_to_come_again(server: Server) -> None:
    for left in (2, 1, 0):
        good, _ = post(server, "/fhir/R4/$summarize", BUNDLE, "application/fhir+json")
        assert good.status == 200
        assert good.headers["RateLimit-Policy"] == '"portal-rate";q=3;w=3600'
        assert good.headers["RateLimit"].startswith(f'"portal-rate";r={left};t=')
    refused, body = post(server, "/fhir/R4/$summarize", BUNDLE, "application/fhir+json")
    assert refused.status == 429 and b'"throttled"' in body
    assert 1100 < int(refused.headers["Retry-After"]) <= 1200
    assert refused.headers["RateLimit"].startswith('"portal-rate";r=0;t=')


def test_a_soap_caller_gets_a_receiver_fault_with_the_time_to_wait(server: Server) -> None:
    for _ in range(4):
        response, body = post(server, "/soap/summarize", SUMMARIZE, "application/soap+xml")
    code = etree.fromstring(body).findtext(".//{http://www.w3.org/2003/05/soap-envelope}Value")
    assert response.status == 503 or response.status == 500
    assert code is not None and code.endswith("Receiver")
    assert int(response.headers["Retry-After"]) > 1100


def test_a_flood_of_refusals_is_one_record_and_a_count(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text(CONFIG)
    data = tmp_path / "data"
    with gateway(tmp_path / "gateway.yaml", data) as server:
        assert [statuses(server, 5)] == [[200, 200, 200, 429, 429]]
        assert len(throttled(data)) == 1, "the first stands there at once"
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(lambda _: statuses(server, 50), range(4))) == [[429] * 50] * 4
        post(server, "/soap/summarize", SUMMARIZE, "application/soap+xml")
    [first] = throttled(data)
    assert (first["limit"], first["partner"], first["error"]) == ("portal-rate", "portal", "throttled")
    joined = [each for each in entries(data) if each["event"] == "refusals"]
    assert sum(each["count"] for each in joined) == 202
    assert len(joined) <= 2 + elapsed(joined) / WINDOW_S
    assert joined[0]["first_at"] <= joined[0]["last_at"] <= joined[-1]["last_at"]
    callers = {caller: count for each in joined for caller, count in each["callers"].items()}
    assert list(callers) == ["api-key api_key_sha256 2a97516c from 127.0.0.1 on web"]
    assert AuditReader(data).verify(print).entries == len(entries(data))
    exported = [audit_event(row, "GW") for row in AuditReader(data).entries()]
    [event, *_] = [each for each in exported if "period" in each]
    AuditEvent.model_validate(event)
    assert (event["outcome"], event["outcomeDesc"]) == ("4", "throttled")
    assert {"type": "limit", "valueString": "portal-rate"} in event["entity"][-1]["detail"]
    reader = open_reader(data)
    [listed] = reader.list(MessageFilter(work="refused"))
    assert (listed.error_kind, listed.id) == ("throttled", first["message"])
    assert reader.content(listed.id, "body") is None


def test_what_a_crash_takes_of_refusals_is_the_count_of_the_last_window(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text(CONFIG)
    with gateway(tmp_path / "gateway.yaml", tmp_path / "data") as server:
        assert statuses(server, 6)[3:] == [429, 429, 429]
        time.sleep(WINDOW_S + 1)
        assert statuses(server, 1) == [429]
        server.kill()
    assert len(throttled(tmp_path / "data")) == 1
    joined = [each for each in entries(tmp_path / "data") if each["event"] == "refusals"]
    assert sum(each["count"] for each in joined) == 2


def statuses(server: Server, count: int) -> list[int]:
    sent = [post(server, "/fhir/R4/$summarize", BUNDLE, "application/fhir+json") for _ in range(count)]
    return [response.status for response, _ in sent]


def entries(data_dir: Path) -> list[dict[str, Any]]:
    return [json.loads(row.entry) for row in AuditReader(data_dir).entries()]


def throttled(data_dir: Path) -> list[dict[str, Any]]:
    decisions = [each for each in entries(data_dir) if each["event"] == "decision"]
    return [each for each in decisions if each.get("error") == "throttled"]


def elapsed(joined: list[dict[str, Any]]) -> float:
    first, last = (datetime.fromisoformat(at) for at in (joined[0]["first_at"], joined[-1]["last_at"]))
    return (last - first).total_seconds()


def test_a_feed_that_sends_more_than_it_may_is_not_read_on(server: Server) -> None:
    """What waits is bounded by the connection's own bound and the system's buffers; nothing is refused."""
    padding = b"\rNTE|1||" + b"x" * 100_000
    before_mb, sent = server.memory_mb(), 0
    with socket.create_connection(("127.0.0.1", server.ports["feed"]), timeout=1) as connection:
        try:
            for number in range(400):
                connection.sendall(framed(message(f"B{number}").replace(b"WARDLINK", b"SLOW", 1) + padding))
                sent += 100_000
        except TimeoutError:
            pass
        assert sent < 30_000_000, "it was read on"
        assert server.memory_mb() - before_mb < 40
        assert b"MSA|AA|B0" in connection.recv(65536)
