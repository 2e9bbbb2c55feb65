"""`explain` decides as the gateway did: what it makes no decision about, batches, and queries of the store."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.test_denied import mllp_to
from tests.processes import ROOT, gateway

CONFIG = """
gateway: {name: GW, data_dir: DIR/data}
listeners: [{name: feed, protocol: mllp, bind: "127.0.0.1:0"}]
partners:
  ward: {identify: [{sending_application: WARDLINK}], purpose_of_use: [TREAT], hl7v2: {answer: none}}
backends: {builtin: {type: extractive}}
models: {clinical: {default: "1", versions: {"1": {targets: [{backend: builtin}]}}}}
policy:
  rules: [{id: by-claim, effect: permit, when: {authentication: [mllp-sender], facility: [NORTHGATE]}}]
"""
QUERY = (ROOT / "samples/hl7v2/qbp_q15_query.hl7").read_bytes().replace(b"\n", b"\r")


def explain(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "gateway", "explain", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.yaml"
    path.write_text(CONFIG.replace("DIR", str(tmp_path)))
    return path


def test_a_stored_query_is_decided_with_what_its_sender_proved(config: Path, tmp_path: Path) -> None:
    stricter = tmp_path / "new.yaml"
    stricter.write_text(config.read_text().replace("mllp-sender", "client-certificate"))
    with gateway(config, tmp_path / "data") as server:
        answer = mllp_to(server.ports["feed"], QUERY)
        assert b"MSA|AA" in answer
    same = explain("--recorded", "1h", "--config", config, "--against", config)
    assert same.stdout.splitlines() == [
        "0 of 1 decisions would change; 0 were refused before any, 0 were decided under another policy"
        " than --config"
    ]
    changed = json.loads(
        explain("--recorded", "1h", "--config", config, "--against", stricter, "--json").stdout
    )
    assert (changed["changed"], changed["decided_otherwise"]) == (1, 0)
    assert changed["changes"][0]["changes"]["permitted"] == {"before": True, "after": False}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("samples/soap/iis_connectivity_test.xml", "a test of the connection"),
        ("ack.hl7", "an acknowledgment"),
    ],
)
def test_where_the_gateway_decides_nothing_no_decision_is_shown(
    config: Path, tmp_path: Path, name: str, why: str
) -> None:
    (tmp_path / "ack.hl7").write_bytes(b"MSH|^~\\&|WARDLINK|A|B|C|2026||ACK^A01|1|P|2.5\rMSA|AA|7\r")
    file = ROOT / name if (ROOT / name).exists() else tmp_path / name
    shown = explain(file, "--config", config)
    assert shown.returncode == 0
    assert "no decision is made" in shown.stdout and why in shown.stdout
    as_json = json.loads(explain(file, "--config", config, "--json").stdout)
    assert (as_json["decision"], why in as_json["why"]) == (None, True)
    assert "no difference" in explain(file, "--config", config, "--against", config).stdout


def test_each_message_of_a_batch_is_decided(config: Path, tmp_path: Path) -> None:
    message = (ROOT / "samples/hl7v2/adt_a01_admission.hl7").read_bytes().replace(b"\n", b"\r")
    batch = tmp_path / "batch.hl7"
    batch.write_bytes(
        b"BHS|^~\\&|WARDLINK|NORTHGATE\r"
        + message
        + message.replace(b"|NORTHGATE", b"|ELSEWHERE", 1)
        + b"BTS|2\r"
    )
    shown = explain(batch, "--config", config)
    assert shown.returncode == 1
    assert [line.partition(": ")[2] for line in shown.stdout.splitlines() if line.startswith(str(batch))] == [
        "permitted by by-claim",
        "refused by default-deny",
    ]
