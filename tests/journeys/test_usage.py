"""`ehr-gateway usage` beside a running gateway: how far limits are used now, and that nobody knows without one."""

import json
import socket
import subprocess
import sys
import threading
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from gateway.pid_file import LOCK, Running, announce
from listeners.mllp_framing import framed
from tests.processes import ROOT, Server, gateway

CONFIG = """
gateway: {name: GW}
listeners:
  - {name: feed, protocol: mllp, bind: "127.0.0.1:0"}
  - {name: web, protocol: http, bind: "127.0.0.1:0", serve: [fhir]}
partners:
  ward: {identify: [{sending_application: WARDLINK, listener: feed}], purpose_of_use: [TREAT], hl7v2: {answer: none}}
  portal:
    identify: [{api_key_sha256: 2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea}]
    purpose_of_use: [TREAT]
backends: {silent: {type: openai, model: m, base_url: "http://127.0.0.1:PORT/v1", on_premises: true}}
models: {clinical: {default: "1", versions: {"1": {targets: [{backend: silent}], deadline_s: 120}}}}
policy:
  rules: [{id: all, effect: permit}]
  limits:
    - {id: slow, per: partner, of: [ward], requests: 2/hour, burst: 1}
    - {id: room, per: partner, concurrency: 8}
    - {id: keys, per: key, requests: 10/day, burst: 5, concurrency: 3}
    - {id: models, per: model, requests: 20/day}
"""
BUNDLE = (ROOT / "samples/fhir/patient_bundle.json").read_bytes()
EVENT = (ROOT / "samples/hl7v2/adt_a01_admission.hl7").read_bytes().replace(b"\n", b"\r")
CONTROL_ID = EVENT.split(b"\r")[0].split(b"|")[9]


def usage(folder: Path) -> tuple[dict[tuple[str, str], dict[str, Any]], str]:
    """(limit, who) -> its line; and what was said beside it."""
    command = [sys.executable, "-m", "gateway", "usage", "--json", "--config", folder / "gateway.yaml"]
    command += ["--data-dir", folder / "data"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return {(each["id"], each["who"]): each for each in json.loads(done.stdout)}, done.stderr


def used(folder: Path) -> dict[tuple[str, str], tuple[float | None, float | None, float | None]]:
    """(limit, who) -> (spent, in work, left)"""
    lines, said = usage(folder)
    assert said == ""
    return {name: (each["spent"], each["held"], each["left"]) for name, each in lines.items()}


def call(server: Server, number: int) -> None:
    connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=60)
    headers = {"Content-Type": "application/fhir+json", "Authorization": "Bearer demo"}
    try:
        connection.request("POST", "/fhir/R4/$summarize", BUNDLE + b" " * number, headers)
        connection.getresponse()
    except (OSError, HTTPException):
        return


def test_the_running_gateway_tells_how_far_its_limits_are_used(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # a model that takes every call and never answers
        config = CONFIG.replace("PORT", str(silent.getsockname()[1]))
        (tmp_path / "gateway.yaml").write_text(config)
        with gateway(tmp_path / "gateway.yaml", tmp_path / "data") as server:
            assert used(tmp_path) == {
                ("slow", "ward"): (0, 0, 1),
                ("room", "ward"): (None, 0, 8),
                ("room", "portal"): (None, 0, 8),
                ("keys", "each"): (0, 0, 3),
                ("models", "clinical"): (0, 0, 20),
            }
            for number in range(2):
                threading.Thread(target=call, args=(server, number), daemon=True).start()
            for _ in range(2):
                silent.accept()
            with socket.create_connection(("127.0.0.1", server.ports["feed"]), timeout=20) as feed:
                for control_id in (b"M1", b"M2", b"M3"):  # its second waits for half an hour
                    feed.sendall(framed(EVENT.replace(CONTROL_ID, control_id, 1)))
                assert b"MSA|AA|M1" in feed.recv(65536)
                lines = used(tmp_path)
                [key] = [who for limit, who in lines if limit == "keys"]
                assert key.startswith("portal/api-key:")
                assert lines["keys", key] == (2, 2, 1)
                assert lines["room", "portal"] == (None, 2, 6)
                assert lines["slow", "ward"] == (2, 0, 0)
                assert lines["models", "clinical"][0] == 3  # the event's summary too
                assert usage(tmp_path)[0]["slow", "ward"]["warns"]
            server.kill()
    lines, said = usage(tmp_path)
    assert said == f"no gateway runs on {tmp_path / 'data'}: how far limits are used is not known\n"
    assert {each["spent"] for each in lines.values()} == {each["left"] for each in lines.values()} == {None}


def test_what_was_told_is_for_its_own_user_alone_and_goes_with_the_gateway(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text(CONFIG.replace("PORT", "9"))
    with gateway(tmp_path / "gateway.yaml", tmp_path / "data"):
        used(tmp_path)
        told = tmp_path / "data" / "gateway.limits"
        assert told.stat().st_mode & 0o777 == 0o600
    assert not told.exists()


def test_a_gateway_that_does_not_know_the_signal_is_left_alone(tmp_path: Path) -> None:
    """One of an earlier version, still running after an upgrade: the signal would end it."""
    (tmp_path / "gateway.yaml").write_text(CONFIG.replace("PORT", "9"))
    data = tmp_path / "data"
    data.mkdir()
    holding = f"import fcntl; lock = open({str(data / LOCK)!r}, 'w'); fcntl.flock(lock, fcntl.LOCK_EX); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as earlier:
        assert earlier.stdout is not None and earlier.stdout.readline() == "1\n"
        announce(data, Running(earlier.pid, "r1"))
        lines, said = usage(tmp_path)
        assert (
            said
            == f"the gateway on {data} (pid {earlier.pid}) does not answer: how far limits are used is not known\n"
        )
        assert {each["spent"] for each in lines.values()} == {None}
        assert earlier.poll() is None
        earlier.communicate("\n")
        assert earlier.returncode == 0
