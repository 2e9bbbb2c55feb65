"""Quotas as callers and operators meet them, through a running gateway, a kill -9 included."""

import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from lxml import etree

from gateway.store.audit_log import AuditReader
from gateway.store.message_store import open_reader
from gateway.store.quota_table import QuotaReader
from gateway.store.reads import MessageFilter
from listeners.mllp_framing import framed
from tests.certificates import Authority
from tests.processes import ROOT, Server, gateway, model_server

CONFIG = """
gateway: {{name: GW, time_zone: America/New_York}}
listeners:
  - {{name: web, protocol: http, bind: "127.0.0.1:0", serve: [fhir, soap, metrics]}}
partners:
  portal:
    identify: [{{api_key_sha256: 2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea}}]
    purpose_of_use: [TREAT]
backends:
  ward: {{type: openai, model: m, base_url: "http://127.0.0.1:{port}/v1", on_premises: true, price: {{input_per_million: 3, output_per_million: 15}}}}
models: {{clinical: {{default: "1", versions: {{"1": {{targets: [{{backend: ward}}]}}}}}}}}
policy:
  rules: [{{id: all, effect: permit}}]
  limits: [{{id: portal-rate, per: partner, requests: 100/second}}]
  quotas:
    - {{id: portal-month, per: partner, requests: {requests}/month, tokens: 1000000/month, cost: 20.00/month}}
    - {{id: model-day, per: model, tokens: 900000/day}}
"""
BUNDLE = (ROOT / "samples/fhir/patient_bundle.json").read_bytes()
SUMMARIZE = (ROOT / "samples/soap/summarize_12.xml").read_bytes()


def post(
    server: Server,
    path: str = "/fhir/R4/$summarize",
    body: bytes = BUNDLE,
    media: str = "application/fhir+json",
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=30)
    connection.request("POST", path, body, {"Content-Type": media, "Authorization": "Bearer demo"})
    response = connection.getresponse()
    return response, response.read()


def usage(folder: Path, *options: str) -> str:
    command = [
        sys.executable,
        "-m",
        "gateway",
        "usage",
        "--config",
        str(folder / "gateway.yaml"),
        "--data-dir",
        str(folder / "data"),
        *options,
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30).stdout


def used(folder: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """(quota, measure) -> (spent, held)"""
    return {
        (each["id"], each["allowed"].split()[1].partition("/")[0]): (each["spent"], each["held"])
        for each in json.loads(usage(folder, "--json"))
        if each["began_at"]  # limits have no window
    }


@pytest.fixture
def model() -> Iterator[Server]:
    with model_server(0.01) as running:
        yield running


def audited(data_dir: Path, event: str) -> list[tuple[str, int]]:
    """(quota, how many were joined) of the refusals."""
    entries = [json.loads(row.entry) for row in AuditReader(data_dir).entries()]
    refused = [each for each in entries if each["event"] == event and each.get("error") == "quota-exceeded"]
    return [(each["limit"], each.get("count", 0)) for each in refused]


def configured(folder: Path, port: int, requests: int) -> Path:
    (folder / "gateway.yaml").write_text(CONFIG.format(port=port, requests=requests))
    return folder / "gateway.yaml"


def test_a_caller_over_quota_is_told_when_the_window_opens_and_operators_see_it(
    tmp_path: Path, model: Server
) -> None:
    with gateway(configured(tmp_path, model.ports["web"], 2), tmp_path / "data") as server:
        for _ in range(2):
            response, _ = post(server)
            assert response.status == 200
        refused, body = post(server)
        assert refused.status == 429 and b'"quota-exceeded"' in body
        assert 0 < int(refused.headers["Retry-After"]) <= 31 * 86400
        assert '"portal-month-requests";r=0;t=' in refused.headers["RateLimit"]
        response, fault = post(server, "/soap/summarize", SUMMARIZE, "application/soap+xml")
        code = etree.fromstring(fault).findtext(".//{http://www.w3.org/2003/05/soap-envelope}Value")
        assert code is not None and code.endswith("Receiver")
        assert int(response.headers["Retry-After"]) > 0
        assert audited(tmp_path / "data", "decision") == [("portal-month", 0)]
        spent = used(tmp_path)
        assert spent["portal-month", "requests"] == (2, 0)
        tokens, held = spent["portal-month", "tokens"]
        assert tokens > 0 and held == 0
        assert spent["model-day", "tokens"] == (tokens, 0)
        assert spent["portal-month", "cost"][0] > 0
        table = usage(tmp_path, "--partner", "portal").splitlines()
        assert table[0].split()[:4] == ["ID", "PER", "WHO", "ALLOWED"]
        assert table[1].split() == [
            "portal-rate",
            "partner",
            "portal",
            "100",
            "requests/second",
            "0",
            "0",
            "100",
            "-",
        ]
        assert table[2].split()[:9] == [
            "portal-month",
            "partner",
            "portal",
            "2",
            "requests/month",
            "2",
            "0",
            "0",
            "!",
        ]


def test_killed_in_the_middle_what_was_held_counts_once_and_nothing_stays_held(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # a model that takes every call and never answers
        config = configured(tmp_path, silent.getsockname()[1], 50)
        with gateway(config, tmp_path / "data") as server:
            for number in range(5):
                body = BUNDLE + b" " * number
                threading.Thread(target=_gone, args=(server, body), daemon=True).start()
            ends_at = time.monotonic() + 10
            while len(holds := QuotaReader.of(tmp_path / "data").holds()) < 20 and time.monotonic() < ends_at:
                time.sleep(0.05)
            assert len(holds) == 5 * 4
            before = used(tmp_path)
            server.kill()
        assert before["portal-month", "requests"] == (0, 5)
        assert used(tmp_path) == before
        charged = {(each.quota, each.measure): 0 for each in holds}
        for each in holds:
            charged[each.quota, each.measure] += each.amount
        for _ in range(2):
            with gateway(config, tmp_path / "data"):
                pass
            reader = QuotaReader.of(tmp_path / "data")
            assert reader.holds() == []
            assert {(each.quota, each.measure): each.amount for each in reader.spent()} == charged


def _gone(server: Server, body: bytes) -> None:
    try:
        post(server, body=body)
    except OSError:
        return


KEYED = """
gateway: {name: GW}
listeners:
  - name: feed
    protocol: mllp
    bind: "127.0.0.1:0"
    tls: {certificate: DIR/server.crt, key: DIR/server.key, client_ca: DIR/ca.pem, client_certificate: required}
  - {name: web, protocol: http, bind: "127.0.0.1:0", serve: [soap]}
partners:
  registry:
    identify: [{username: demo, password_sha256: DEMO}, {client_certificate: CN=ward}]
    purpose_of_use: [TREAT]
    hl7v2: {answer: none}
backends: {builtin: {type: extractive}}
models: {clinical: {default: "1", versions: {"1": {targets: [{backend: builtin}]}}}}
policy:
  rules: [{id: all, effect: permit}]
  quotas: [{id: each-key, per: key, requests: 1/month}]
"""


def test_events_count_for_the_key_they_came_with_also_after_a_restart(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "ca")
    for name in ("server", "ward"):
        authority.issue(name)
    config = KEYED.replace("DIR", str(tmp_path)).replace("DEMO", sha256(b"demo").hexdigest())
    (tmp_path / "gateway.yaml").write_text(config)
    submission = (ROOT / "samples/soap/iis_submit_single_message.xml").read_text()
    with gateway(tmp_path / "gateway.yaml", tmp_path / "data") as server:
        for control_id in ("VP-26-061200003", "VP-26-061200004"):
            body = submission.replace("VP-26-061200003", control_id).encode()
            response, answer = post(server, "/soap/iis", body, "application/soap+xml")
            assert response.status == 200 and f"MSA|AA|{control_id}".encode() in answer
        assert b"MSA|AA" in _by_certificate(server, tmp_path)
        assert _soon(lambda: _works(tmp_path) == ["summarized", "accepted", "summarized"])
        assert _of_keys(tmp_path) == {
            "registry/iis-credentials:demo": 1,
            "registry/client-certificate:CN=ward": 1,
        }
    with gateway(tmp_path / "gateway.yaml", tmp_path / "data"):
        time.sleep(1)
        assert _works(tmp_path) == ["summarized", "accepted", "summarized"]
    (tmp_path / "gateway.yaml").write_text(config.replace("1/month", "2/month"))
    with gateway(tmp_path / "gateway.yaml", tmp_path / "data"):
        assert _soon(lambda: _works(tmp_path) == ["summarized"] * 3)
        assert _of_keys(tmp_path)["registry/iis-credentials:demo"] == 2


def _by_certificate(server: Server, folder: Path) -> bytes:
    message = (ROOT / "samples/hl7v2/adt_a01_admission.hl7").read_bytes().replace(b"\n", b"\r")
    tls = ssl.create_default_context(cafile=folder / "ca.pem")
    tls.load_cert_chain(folder / "ward.crt", folder / "ward.key")
    with (
        socket.create_connection(("127.0.0.1", server.ports["feed"]), timeout=20) as plain,
        tls.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(framed(message))
        return connection.recv(65536)


def _works(folder: Path) -> list[str]:
    """In the order of receipt."""
    listed = open_reader(folder / "data").list(MessageFilter(limit=10))
    return [each.work for each in sorted(listed, key=lambda each: each.id)]


def _of_keys(folder: Path) -> dict[str, float]:
    return {each["who"]: each["spent"] for each in json.loads(usage(folder, "--json"))}


def _soon(is_so: Callable[[], bool]) -> bool:
    ends_at = time.monotonic() + 20
    while not is_so() and time.monotonic() < ends_at:
        time.sleep(0.1)
    return is_so()
