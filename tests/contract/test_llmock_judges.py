"""llmock, which others wrote, breaks its answers and judges how our backends cope."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from gateway.clinical import ClinicalNote
from gateway.prompt.prompt import build_prompt
from tests.fakes.relay import gemini_relay
from tests.fakes.routes import REQUEST, Asking, settings_of
from tests.figures import report
from tests.on_reactor import on_reactor
from tests.processes import free_port

_LIMITS: dict[str, Any] = {
    "timeout_s": 3,
    "connect_s": 1,
    "first_byte_s": 0.4,
    "idle_s": 0.4,
    "retries": {"most": 2, "first_wait_s": 0.1, "longest_wait_s": 2},
}

_FAULTS: dict[str, tuple[dict[str, Any], int]] = {
    # (behaviour, calls that reach llmock)
    "no fault": ({"type": "delay", "seconds": 0}, 1),
    "429 with Retry-After": ({"type": "fail", "status": 429, "retry_after": 0.3}, 2),
    "429 twice": ({"type": "fail", "status": 429, "retry_after": 0.2, "times": 2}, 3),
    "500": ({"type": "fail", "status": 500}, 2),
    "502": ({"type": "fail", "status": 502}, 2),
    "503 twice": ({"type": "fail", "status": 503, "retry_after": 0.1, "times": 2}, 3),
    "529 with Retry-After": ({"type": "fail", "status": 529, "retry_after": 0.2}, 2),
    "408": ({"type": "fail", "status": 408}, 2),
    "503 for good": ({"type": "fail", "status": 503, "retry_after": 0.1, "times": 3}, 3),
    "400": ({"type": "fail", "status": 400}, 1),
    "401": ({"type": "fail", "status": 401}, 1),
    "403": ({"type": "fail", "status": 403}, 1),
    "404": ({"type": "fail", "status": 404}, 1),
    "422": ({"type": "fail", "status": 422}, 1),
    "disconnect at once": ({"type": "stream_fault", "kind": "disconnect", "after_chunks": 0}, 2),
    "disconnect": ({"type": "stream_fault", "kind": "disconnect", "after_chunks": 3}, 2),
    "truncate": ({"type": "stream_fault", "kind": "truncate", "after_chunks": 3, "times": 2}, 3),
    "malformed": ({"type": "stream_fault", "kind": "malformed", "after_chunks": 3}, 2),
    "stall": (
        {"type": "stream_fault", "kind": "stall", "after_chunks": 3, "stall_seconds": 2},
        1,
    ),
    "slow first token": ({"type": "slow_first_token", "seconds": 1.5}, 1),
    "no answer": ({"type": "delay", "seconds": 1.5}, 1),
}
_FALLBACK_ANSWERS = {
    *("503 for good", "400", "401", "403", "404", "422"),
    *("stall", "slow first token", "no answer"),
}


@contextmanager
def llmock() -> Iterator[int]:
    """The port of a running one."""
    port = free_port()
    command = [sys.executable, "-m", "llmock.cli", "serve", "-h", "127.0.0.1", "-p", str(port)]
    # Without a pause the whole stream is out before a client can stop reading at a malformed chunk.
    options = ["--log-level", "critical", "--stream-chunk-delay-ms", "5"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


@asynccontextmanager
async def backends(port: int) -> AsyncIterator[dict[str, dict[str, Any]]]:
    """Name of llmock's provider -> how an operator would configure it."""
    url = f"http://127.0.0.1:{port}"
    async with gemini_relay(port, b"/gemini/v1beta/models/") as relay:
        yield {
            "openai": {"type": "openai", "model": "gpt-5", "base_url": f"{url}/v1", "api_key": "k"},
            "anthropic": {
                "type": "anthropic",
                "model": "claude-sonnet-5-5",
                "base_url": f"{url}/anthropic",
                "api_key": "k",
            },
            "gemini": {
                "type": "vertex",
                "model": "gemini-2.5-pro",
                "project": "p",
                "location": "us-central1",
                "base_url": relay,
                "access_token": "k",
            },
        }


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with llmock() as made:
        yield made


@on_reactor
async def test_llmock_finds_nothing_to_fail_or_to_warn_of(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/_llmock", trust_env=False) as control:
        await _is_up(control)
        await _script(control, {"type": "reply", "text": _good(), "times": None})
        async with backends(port) as made:
            answered = await asyncio.gather(
                *(_answered_by(control, provider, settings) for provider, settings in made.items())
            )
        calls = await _calls(control)
        verdict = (await control.get("/verdict")).json()
    report(
        f"llmock: {verdict['calls']} calls, {verdict['attempts']} attempts, {verdict['faults_injected']} faults "
        f"over {len(made)} formats: {verdict['errors']} FAIL, {verdict['warnings']} WARN"
    )
    assert verdict["findings"] == []
    cells = [(provider, fault) for provider in made for fault in _FAULTS]
    assert calls == {(provider, fault): _FAULTS[fault][1] for provider, fault in cells}
    assert {cell: by for of_provider in answered for cell, by in of_provider.items()} == {
        (provider, fault): "builtin" if fault in _FALLBACK_ANSWERS else "first" for provider, fault in cells
    }
    assert verdict["calls"] == len(_FAULTS) * len(made)
    assert verdict["faults_injected"] >= 16 * len(made)


async def _answered_by(
    control: httpx.AsyncClient, provider: str, settings: dict[str, Any]
) -> dict[tuple[str, str], str]:
    """(provider, fault) -> the backend that answered, every fault after the other."""
    answered: dict[tuple[str, str], str] = {}
    for fault, (behaviour, _) in _FAULTS.items():
        await _script(control, {**behaviour, "match": {"provider": provider}})
        asking = Asking(
            settings_of({"first": {**settings, **_LIMITS}, "builtin": {"type": "extractive"}}, 10)
        )
        # llmock takes a body that it has seen fail for a retry, so each fault has a request of its own.
        note = ClinicalNote(text=f"Slept well, {fault}, quietly", title="Night", origin="OBX[2]-5")
        answer = await asking.ask(request=replace(REQUEST, notes=(note,)))
        await asking.close()
        answered[provider, fault] = answer.summary.backend
    return answered


async def _script(control: httpx.AsyncClient, behaviour: dict[str, Any]) -> None:
    (await control.post("/scenario", json={"behaviors": [behaviour]})).raise_for_status()


async def _calls(control: httpx.AsyncClient) -> Counter[tuple[str, str]]:
    """(provider, fault) -> calls that llmock saw."""
    records = (await control.get("/requests")).json()["requests"]
    return Counter((each["provider"], _fault_of(json.dumps(each["body"]))) for each in records)


def _fault_of(body: str) -> str:
    return body.partition("Slept well, ")[2].partition(", quietly")[0]


async def _is_up(control: httpx.AsyncClient) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await control.get("/requests")
                return
            except httpx.ConnectError:
                await asyncio.sleep(0.1)


def _good() -> str:
    """Short: llmock waits before each word of it."""
    entry = "F1"
    assert f"{entry} " in build_prompt(REQUEST).user
    statement = {"section": "allergies", "text": "penicillin is an active allergy", "evidence": [entry]}
    return json.dumps({"statements": [statement]})
