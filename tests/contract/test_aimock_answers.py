"""aimock, a second opinion on the wire formats by other people, answers our backends unchanged.

It is a package of npm: where there is no node, or the registry cannot be reached, this is skipped.
"""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.prompt.prompt import build_prompt
from tests.fakes.answers import good_answer
from tests.fakes.routes import REQUEST, Asking, settings_of
from tests.on_reactor import on_reactor
from tests.processes import free_port

VERSION = "1.43.0"
_INSTALLED = Path(sys.prefix) / f"aimock-{VERSION}"
"""Beside what else the tests need, so that it is fetched once."""

BACKENDS: dict[str, dict[str, Any]] = {
    "openai": {"type": "openai", "model": "gpt-5", "base_url": "{url}/v1", "api_key": "k"},
    "anthropic": {"type": "anthropic", "model": "claude-sonnet-5-5", "base_url": "{url}", "api_key": "k"},
    "vertex": {
        "type": "vertex",
        "model": "gemini-2.5-pro",
        "project": "p",
        "location": "us-central1",
        "base_url": "{url}",
        "access_token": "k",
    },
    "ollama": {"type": "ollama", "model": "llama3.1:8b", "base_url": "{url}"},
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a running aimock."""
    script = _installed()
    fixtures = tmp_path_factory.mktemp("aimock") / "answers.json"
    answer = good_answer(build_prompt(REQUEST).user)
    fixtures.write_text(
        json.dumps({"fixtures": [{"match": {"userMessage": "F1"}, "response": {"content": answer}}]})
    )
    port = free_port()
    command = ["node", str(script), "-p", str(port), "-h", "127.0.0.1", "-f", str(fixtures)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _installed() -> Path:
    script = _INSTALLED / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("aimock needs node and npm, which are not here")
    if not script.exists():
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0", "--fetch-timeout=5000"]
        command = ["npm", "install", *options, "--prefix", str(_INSTALLED), f"@copilotkit/aimock@{VERSION}"]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=20)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            pytest.skip("npm could not fetch aimock from its registry")
    return script


@pytest.mark.parametrize("name", BACKENDS)
@on_reactor
async def test_a_backend_gets_its_answer_from_aimock(name: str, url: str) -> None:
    await _is_up(url)
    settings = {
        key: value.format(url=url) if key == "base_url" else value for key, value in BACKENDS[name].items()
    }
    asking = Asking(settings_of({"first": settings}, 10))
    try:
        answer = await asking.ask()
    finally:
        await asking.close()
    assert answer.summary.backend == "first"
    assert {origin for each in answer.summary.statements for origin in each.evidence} == {
        "AL1[1]",
        "DG1[1]",
        "OBX[1]-5",
        "OBX[2]-5",
    }


async def _is_up(url: str) -> None:
    async with asyncio.timeout(20), aiohttp.ClientSession() as client:
        while True:
            try:
                async with client.get(url):
                    return
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.1)
