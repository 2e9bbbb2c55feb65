"""API keys from outside: issued, used, rotated and revoked while the gateway runs."""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.identity.issued_keys import is_key
from tests.processes import ROOT, Server, gateway

CONFIG = """
gateway: {data_dir: DATA}
listeners:
  - {name: web, protocol: http, bind: "127.0.0.1:0", serve: [fhir]}
partners:
  portal: {purpose_of_use: [TREAT]}
backends: {builtin: {type: extractive}}
models: {summary: {default: "1", versions: {"1": {targets: [{backend: builtin}]}}}}
policy: {rules: [{id: treatment, effect: permit, when: {purpose_of_use: [TREAT]}}]}
"""
BUNDLE = (ROOT / "samples/fhir/patient_bundle.json").read_bytes()


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    path = folder / "gateway.yaml"
    path.write_text(CONFIG.replace("DATA", str(folder / "var")))
    return path


@pytest.fixture(scope="module")
def early(config: Path) -> str:
    """Issued before the gateway ran for the first time."""
    return keys(config, "new", "--partner", "portal", "--name", "night batch").stdout.strip()


@pytest.fixture(scope="module")
def server(config: Path, early: str) -> Iterator[Server]:
    with gateway(config, config.parent / "var") as running:
        yield running


def keys(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway", "keys", *arguments, "--config", str(config)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def status(server: Server, key: str) -> int:
    url = f"http://127.0.0.1:{server.ports['web']}/fhir/R4/$summarize"
    headers = {"Content-Type": "application/fhir+json", "Authorization": f"Bearer {key}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, BUNDLE, headers), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def becomes(server: Server, key: str, wanted: int) -> bool:
    until = time.monotonic() + 5
    while (found := status(server, key)) != wanted and time.monotonic() < until:
        time.sleep(0.1)
    return found == wanted


def test_a_key_is_issued_rotated_and_revoked_while_the_gateway_runs(
    config: Path, early: str, server: Server
) -> None:
    assert is_key(early)
    assert status(server, early) == 200
    assert status(server, early[:-1] + ("1" if early[-1] == "0" else "0")) == 401
    second = keys(config, "new", "--partner", "portal").stdout.strip()
    assert becomes(server, second, 200)
    assert status(server, early) == 200  # both count while callers change over
    listed = json.loads(keys(config, "list", "--json").stdout)
    assert [(key["partner"], key["state"]) for key in listed] == [("portal", "good")] * 2
    assert keys(config, "revoke", listed[0]["id"]).returncode == 0
    assert becomes(server, early, 401)
    assert status(server, second) == 200
    assert keys(config, "revoke", listed[0]["id"]).returncode == 65
    shown = keys(config, "list").stdout
    assert re.search(r"portal +night batch +revoked", shown)
    used = {key["id"]: key["used_at"] for key in json.loads(keys(config, "list", "--json").stdout)}
    assert used[listed[0]["id"]] is not None


def test_no_key_is_kept_or_shown_again(config: Path, early: str, server: Server) -> None:
    assert early not in keys(config, "list").stdout + keys(config, "list", "--json").stdout
    for file in (config.parent / "var").iterdir():
        assert early.encode() not in file.read_bytes()


def test_who_issued_and_used_a_key_stands_in_the_audit(config: Path, server: Server, early: str) -> None:
    command = [sys.executable, "-m", "gateway", "audit", "export", "--config", str(config)]
    events = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "keys new" in events
    assert "api-key" in events
    assert "night batch" in events


@pytest.mark.parametrize(
    "wrong", [["--partner", "nobody"], ["--partner", "portal", "--expires", "2020-01-01"]]
)
def test_a_key_for_nobody_or_for_the_past_is_not_issued(config: Path, wrong: list[str]) -> None:
    done = keys(config, "new", *wrong)
    assert done.returncode == 64
    assert not done.stdout
