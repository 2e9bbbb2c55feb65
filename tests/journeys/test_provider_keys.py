"""No provider key, and nothing of a patient, stands in anything that a running gateway writes or answers,
whatever the providers do: some quote in their errors what they were sent.
"""

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import yaml

from gateway.commands.inputs import Form, Input, inputs
from gateway.commands.offline import as_message, offline_translators, request_of
from gateway.commands.senders import Sender, Targets
from tests.fakes.formats import Ask, Said
from tests.fakes.provider import Fake
from tests.fakes.routes import KINDS
from tests.fakes.script import (
    CUT_CLEANLY,
    CUT_EARLY,
    CUT_LATE,
    MALFORMED,
    NO_END_MARKER,
    RESET,
    SILENT,
    STALLED,
    Behaviour,
    Fails,
    Says,
)
from tests.on_reactor import on_reactor
from tests.processes import ROOT, Server, gateway

SAMPLE = ROOT / "samples" / "fhir" / "parameters.json"
_KEYS = {kind: f"sk-{kind}-{hashlib.sha256(kind.encode()).hexdigest()[:24]}" for kind in KINDS}
_ASK = Ask("m", "F1 allergy: nuts", stream=True, body={"input": ""})
_FAULTS = (
    *(Behaviour(fails=fails) for fails in Fails),
    *(Behaviour(says=says) for says in Says),
    *(RESET, SILENT, STALLED, CUT_EARLY, CUT_LATE, CUT_CLEANLY, MALFORMED, NO_END_MARKER),
    Behaviour(text="The patient is well."),
)


@on_reactor
async def test_no_key_is_written_or_answered_whatever_the_providers_do(tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with AsyncExitStack() as stack:
        fakes = {
            kind: await stack.enter_async_context(Fake(KINDS[kind].make(), key=key))
            for kind, key in _KEYS.items()
        }
        config = tmp_path / "gateway.yaml"
        config.write_text(yaml.safe_dump(_settings(fakes)))
        server = stack.enter_context(gateway(config, tmp_path / "data", log=log, log_level="debug"))
        replies = [reply async for reply in _replies(server, fakes)]
        pages = await asyncio.to_thread(_pages, server)
    told = b"".join(
        _said(command, config) for command in (["check"], ["explain", str(SAMPLE), "--partner", "demo"])
    )
    written = {"log": log.read_bytes(), "replies": b"".join(replies), "pages": pages, "told": told}
    written |= {file.name: file.read_bytes() for file in (tmp_path / "data").iterdir()}
    found = {
        (place, name)
        for place, content in written.items()
        for name, secret in (_KEYS | _of_the_patient(place)).items()
        if secret.encode() in content
    }
    assert found == set()
    for kind, fake in fakes.items():
        assert len(fake.asked) >= len(_FAULTS), f"{kind} was not asked"
        assert not fake.refused, fake.refused
    for cause in (b"rate-limited", b"spend-limit", b"refused", b"cut", b"stalled", b"garbled"):
        assert cause in written["log"]


def _settings(fakes: dict[str, Fake]) -> dict[str, Any]:
    """Every message goes from backend to backend: each fails in its own way."""
    limits = {
        "first_byte_s": 0.15,
        "idle_s": 0.15,
        "retries": {"most": 1, "first_wait_s": 0.001, "longest_wait_s": 0.002, "budget": 1},
        # A spend limit opens it at once.
        "breaker": {
            "failures": 1_000_000,
            "least_calls": 1_000_000,
            "open_s": 0.001,
            "longest_open_s": 0.001,
        },
    }
    backends = {
        # On the premises: what the sample's labels cover does not leave them.
        kind: {**KINDS[kind].settings(fake.url, _KEYS[kind]), **limits, "on_premises": True}
        for kind, fake in fakes.items()
    }
    version = {
        "targets": [{"backend": next(iter(backends))}],
        "fallback": list(backends)[1:],
        "deadline_s": 60,
        "around_refusals": True,
    }
    demo = "2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea"
    return {
        "listeners": [
            {"name": "web", "protocol": "http", "bind": "127.0.0.1:0", "serve": ["fhir", "metrics"]}
        ],
        "partners": {"demo": {"identify": [{"api_key_sha256": demo}], "purpose_of_use": ["TREAT"]}},
        "backends": backends,
        "models": {"clinical": {"default": "1", "versions": {"1": version}}},
        "policy": {"rules": [{"id": "all", "effect": "permit", "when": {"partner": ["demo"]}}]},
    }


async def _replies(server: Server, fakes: dict[str, Fake]) -> Any:
    """The reply to the sample under each fault, at every provider at once."""
    sender = Sender(Targets("", f"http://127.0.0.1:{server.ports['web']}/fhir/R4", "", "demo"))
    for fault in _FAULTS:
        for kind, fake in fakes.items():
            fake.script.otherwise = _known_to(kind, fault)
        yield (await asyncio.to_thread(sender.send, _sample())).body


def _known_to(kind: str, fault: Behaviour) -> Behaviour:
    """Where a format has no such fault, the server fails."""
    try:
        made = KINDS[kind].make()
        said = Said(fault.says, ["x"], 1, 1)
        if fault.fails is not None:
            made.error(fault.fails, _ASK, None)
        else:
            made.events(_ASK, said)
    except KeyError:
        return Behaviour(fails=Fails.SERVER_ERROR)
    return fault


def _sample() -> Input:
    found = next(iter(inputs([SAMPLE])))
    assert found.form is Form.FHIR
    return found


def _pages(server: Server) -> bytes:
    def read() -> Iterator[bytes]:
        for path in ("/metrics", "/health/live", "/health/ready"):
            connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=10)
            connection.request("GET", path)
            yield connection.getresponse().read()

    return b"".join(read())


def _said(command: list[str], config: Path) -> bytes:
    """What the command line says of this file, the keys of which it has read."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *command, "--config", str(config)],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
    )
    assert b"anthropic" in done.stdout, done.stderr
    return done.stdout + done.stderr


def _of_the_patient(place: str) -> dict[str, str]:
    """What may stand in no place but the replies, which are the patient's own."""
    if place == "replies":
        return {}
    message = as_message(_sample())
    _, request = request_of(message, offline_translators()[message.protocol], "test")
    assert request is not None
    words = [name.family for name in request.patient.names]
    words += [each.value for each in request.patient.identifiers]
    words += [fact.text for fact in request.facts if len(fact.text) > 12]
    return {f"of the patient {number}": word for number, word in enumerate(words) if len(word) >= 5}
