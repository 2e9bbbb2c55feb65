"""What stands in the audit of a running gateway: where content went, and emergencies in a flood of refusals."""

import asyncio
import json
import subprocess
import sys
from contextlib import AsyncExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import yaml

from gateway.store.audit_log import AuditReader
from tests.fakes.provider import Fake
from tests.fakes.routes import KINDS
from tests.fakes.script import GOOD, SERVER_ERROR
from tests.on_reactor import on_reactor
from tests.processes import ROOT, gateway

DEMO = "2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea"
BUNDLE = (ROOT / "samples/fhir/patient_bundle.json").read_bytes()


def settings(backend: dict[str, Any], **policy: Any) -> str:
    version = {"targets": [{"backend": "model"}]}
    return yaml.safe_dump(
        {
            "gateway": {"name": "GW"},
            "listeners": [{"name": "web", "protocol": "http", "bind": "127.0.0.1:0", "serve": ["fhir"]}],
            "partners": {"portal": {"identify": [{"api_key_sha256": DEMO}], "purpose_of_use": ["TREAT"]}},
            "backends": {"model": backend},
            "models": {"clinical": {"default": "1", "versions": {"1": version}}},
            "policy": {"rules": [{"id": "all", "effect": "permit"}], **policy},
        }
    )


def ask(port: int, **headers: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    sent = {"Authorization": "Bearer demo", "Content-Type": "application/fhir+json", **headers}
    connection.request("POST", "/fhir/R4/$summarize", BUNDLE, sent)
    response = connection.getresponse()
    response.read()
    return response.status


def submit(port: int, envelope: bytes) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    sent = {"Authorization": "Bearer demo", "Content-Type": "application/soap+xml"}
    connection.request("POST", "/soap/summarize", envelope, sent)
    return connection.getresponse().read()


def entries(data_dir: Path, event: str) -> list[dict[str, Any]]:
    every = (json.loads(row.entry) for row in AuditReader(data_dir).entries())
    return [each for each in every if each["event"] == event]


@on_reactor
async def test_where_content_went_stands_there_as_declared_and_as_the_provider_says(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(Fake(KINDS["anthropic"].make()))
        terms = {"region": "eu", "residency": False, "baa": {"expires": "2099-01-31"}, "retention_days": 30}
        config = tmp_path / "gateway.yaml"
        config.write_text(settings({**KINDS["anthropic"].settings(fake.url, "k"), **terms}))
        server = stack.enter_context(gateway(config, tmp_path / "data"))
        assert await asyncio.to_thread(ask, server.ports["web"]) == 200
    [decision] = entries(tmp_path / "data", "decision")
    assert decision["to"] == [
        {
            "backend": "model",
            "on_premises": False,
            "region": "eu",
            "baa_expires": "2099-01-31",
            "retention_days": 30,
        }
    ]
    [outcome] = entries(tmp_path / "data", "outcome")
    assert (outcome["backend"], outcome["region"], outcome["region_mismatch"]) == ("model", "us", True)


@on_reactor
async def test_who_was_shown_the_content_stands_there_though_it_failed(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(Fake(KINDS["openai"].make(), otherwise=each))
            for each in (SERVER_ERROR, GOOD)
        ]
        given = yaml.safe_load(settings({}))
        given["backends"] = {
            name: {**KINDS["openai"].settings(fake.url, "k"), "on_premises": True, "retries": 0}
            for name, fake in (("first", first), ("second", second))
        }
        version = {"targets": [{"backend": "first"}], "fallback": ["second"]}
        given["models"]["clinical"]["versions"]["1"] = version
        config = tmp_path / "gateway.yaml"
        config.write_text(yaml.safe_dump(given))
        server = stack.enter_context(gateway(config, tmp_path / "data"))
        assert await asyncio.to_thread(ask, server.ports["web"]) == 200
        second.script.otherwise = SERVER_ERROR
        assert await asyncio.to_thread(ask, server.ports["web"]) == 503
    answered, failed = entries(tmp_path / "data", "outcome")
    assert answered["backend"] == "second"
    assert answered["shown_to"] == failed["shown_to"] == ["first", "second"]
    assert failed["error"] == "backend-unavailable"


def test_emergencies_among_refusals_that_were_joined_are_counted_and_stand_in_the_list(
    tmp_path: Path,
) -> None:
    config, data = tmp_path / "gateway.yaml", tmp_path / "data"
    config.write_text(
        settings(
            {"type": "extractive"}, limits=[{"id": "one", "per": "partner", "requests": "1/hour", "burst": 1}]
        )
    )
    emergency = {"X-Break-Glass-Reason": "unconscious"}
    with gateway(config, data) as server:
        port = server.ports["web"]
        statuses = [ask(port), ask(port), ask(port, **emergency), ask(port, **emergency), ask(port)]
        assert statuses == [200, 429, 429, 429, 429]
    joined = entries(data, "refusals")
    assert sum(each["count"] for each in joined) == 3
    assert sum(each.get("break_glass_count", 0) for each in joined) == 2
    command = [sys.executable, "-m", "gateway", "audit", "breakglass", "--data-dir", str(data)]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    *_, last = shown.splitlines()
    assert last == "2 requests"
    assert "more by portal: throttled" in shown


def test_a_resend_that_gets_the_answer_of_the_first_has_an_entry_of_its_own(tmp_path: Path) -> None:
    sample = (ROOT / "samples/soap/summarize_12.xml").read_bytes()
    with gateway(None, tmp_path / "data") as server:
        port = server.ports["web"]
        replies = [submit(port, sample) for _ in range(2)]
    assert replies[0] == replies[1]
    first, again = entries(tmp_path / "data", "decision")
    assert again["resend_of"] == first["message"]
    its_own = {"message", "received_at", "resend_of", "peer"}
    of_the_first = {"work", "to", "reply"}
    assert {name: each for name, each in again.items() if name not in its_own} == {
        name: each for name, each in first.items() if name not in its_own | of_the_first
    }
    assert {"partner", "authentication", "patient", "rules", "input_sha256"} <= again.keys()
