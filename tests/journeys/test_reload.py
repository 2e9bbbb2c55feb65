"""A running gateway takes up a changed file, or refuses a bad one and stays as it was."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from gateway.pid_file import running_on
from tests.processes import ROOT, Server, gateway

CONFIG = """
gateway: {name: GW, data_dir: "DATA"}
listeners: [{name: web, protocol: http, bind: "127.0.0.1:0", serve: [fhir]}]
partners:
  all: {identify: [{network: 127.0.0.0/8}], purpose_of_use: [TREAT]}
backends:
  builtin: {type: extractive}
models:
  clinical: {default: "1", versions: {"1": {targets: [{backend: builtin}]}}}
policy:
  rules:
    - {id: treatment, effect: permit, when: {purpose_of_use: [TREAT]}}
"""
FORBIDS = (
    CONFIG
    + "    - {id: closed, effect: forbid, when: {protocol: [fhir, soap], message_type: ['$summarize']}}\n"
)


@contextmanager
def running(folder: Path) -> Iterator[tuple[Server, Callable[[str], "subprocess.CompletedProcess[str]"]]]:
    """A gateway, and what puts another text of its file in force."""
    config, data = folder / "gateway.yaml", folder / "data"

    def write(text: str) -> None:
        config.write_text(text.replace("DATA", str(data)))

    def reload(text: str) -> "subprocess.CompletedProcess[str]":
        write(text)
        command = [sys.executable, "-m", "gateway", "reload", "--config", str(config)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    write(CONFIG)
    with gateway(config, data, log=folder / "log") as server:
        yield server, reload


def test_versions_of_the_operation_are_told_as_they_are_in_force(tmp_path: Path) -> None:
    with running(tmp_path) as (server, reload):
        assert versions(server) == ["1"]
        lives = '"1": {sunset: 2026-01-01, successor: "2", on_sunset: successor}, "2": {}, "3": {}'
        taken = reload(CONFIG + f"operations: {{summarize: {{default: '2', versions: {{{lives}}}}}}}\n")
        assert taken.returncode == 0, taken.stdout + taken.stderr
        assert versions(server) == ["2", "3"]
        bombed = reload(CONFIG + "operations: {summarize: {versions: {'1': {sunset: 2030-01-01}}}}\n")
        assert bombed.returncode == 78
        assert "operations.summarize.default: version 1 refuses from 2030-01-01" in bombed.stderr
        assert versions(server) == ["2", "3"]


def versions(server: Server) -> list[str]:
    """Of the operation, as its CapabilityStatement lists them."""
    connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=30)
    connection.request("GET", "/fhir/R4/metadata")
    operations = json.loads(connection.getresponse().read())["rest"][0]["operation"]
    return [each["definition"].partition("|")[2] for each in operations]


def status(server: Server) -> tuple[int, str]:
    """Of a call for a summary, with the policy that decided."""
    connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=30)
    body = (ROOT / "samples/fhir/patient_bundle.json").read_bytes()
    connection.request("POST", "/fhir/R4/$summarize", body, {"Content-Type": "application/fhir+json"})
    response = connection.getresponse()
    return response.status, response.getheader("X-Policy-Revision", "")


def test_a_changed_file_is_put_in_force_and_a_bad_one_refused(tmp_path: Path) -> None:
    with running(tmp_path) as (server, reload):
        open_, first = status(server)
        done = reload(FORBIDS)
        assert done.returncode == 0, done.stderr
        closed, second = status(server)
        assert (open_, closed) == (200, 403)
        assert first != second
        assert done.stdout == f"policy revision {second} is in force\n"

        bad = reload(CONFIG.replace("effect: permit", "effect: maybe"))
        assert bad.returncode == 78
        assert "policy.rules[0].effect" in bad.stderr
        assert status(server) == (403, second)

        assert reload(CONFIG).returncode == 0
        assert status(server) == (200, first)


def test_a_signal_alone_is_enough_and_what_it_refuses_is_logged_by_its_key(tmp_path: Path) -> None:
    with running(tmp_path) as (server, _):
        before = status(server)
        config = tmp_path / "gateway.yaml"
        config.write_text(config.read_text().replace("effect: permit", "effect: maybe"))
        os.kill(server.pid, signal.SIGHUP)
        ends_at = time.monotonic() + 20
        while time.monotonic() < ends_at and "reload_refused" not in (tmp_path / "log").read_text():
            time.sleep(0.05)
        logged = (tmp_path / "log").read_text()
        assert "reload_refused" in logged
        assert "policy.rules[0].effect" in logged
        assert status(server) == before


def test_what_needs_a_restart_is_named_and_the_rest_is_in_force(tmp_path: Path) -> None:
    with running(tmp_path) as (server, reload):
        ward = (
            '  ward: {type: openai, model: m, base_url: "http://127.0.0.1:1/v1", on_premises: true}\nmodels:'
        )
        text = FORBIDS.replace("serve: [fhir]", "serve: [fhir, soap]").replace("name: GW", "name: OTHER")
        done = reload(text.replace("models:", ward))
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[1:] == [
            "gateway.name needs a restart",
            "listeners needs a restart",
            "backends.ward needs a restart",
        ]
        assert status(server)[0] == 403

        named = CONFIG.replace("models:", ward).replace(
            "[{backend: builtin}]", "[{backend: builtin}, {backend: ward}]"
        )
        refused = reload(named)
        assert refused.returncode == 1
        assert "models.clinical.versions.1.targets[1].backend: backend ward needs a restart" in refused.stderr
        assert "stays in force" in refused.stderr
        assert status(server)[0] == 403


def test_where_no_gateway_runs_nothing_is_signalled(tmp_path: Path) -> None:
    with running(tmp_path) as (server, reload):
        assert running_on(tmp_path / "data") is not None
        left_behind = (tmp_path / "data" / "gateway.pid").read_bytes()
        server.kill()
    (tmp_path / "data" / "gateway.pid").write_bytes(left_behind)
    assert json.loads(left_behind)["pid"] == server.pid
    assert running_on(tmp_path / "data") is None
    assert reload(CONFIG).returncode == 69
