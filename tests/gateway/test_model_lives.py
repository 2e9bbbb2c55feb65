"""How long a provider says that a model will live, asked for and warned of without anything of a request."""

import asyncio
import json

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from gateway.backend_metrics import BackendMetrics
from gateway.backend_table import watched_lives
from gateway.backends.anthropic import AnthropicModel
from gateway.backends.failure import BackendFailure
from gateway.backends.model_life import ModelLife, life_call, read_life
from gateway.model_lives import ModelLives
from gateway.settings import parse
from tests.fakes.http_server import Exchange, HttpServer, Response
from tests.on_reactor import on_reactor

KEY = "s3cr3t"
FILE = """
listeners: [{name: web, protocol: http, bind: "127.0.0.1:0"}]
partners: {epic: {identify: [{sending_application: EPIC}]}}
backends: {claude: {type: anthropic, model: claude-opus-4-1, api_key: KEY, base_url: "URL", watch_life: true}}
models: {clinical: {default: "1", versions: {"1": {targets: [{backend: claude}]}}}}
"""


def test_the_question_names_the_model_and_holds_the_key_and_nothing_else() -> None:
    call = life_call(AnthropicModel("claude-opus-4-1", "http://127.0.0.1:1/", KEY))
    assert (call.method, call.url, call.body) == ("GET", "http://127.0.0.1:1/v1/models/claude-opus-4-1", b"")
    assert call.headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(call)


@pytest.mark.parametrize(
    ("said", "stage", "retires"),
    [
        ({"lifecycle": "active", "retires_at": None}, "active", ""),
        ({"lifecycle": "deprecated", "retires_at": "2027-02-05T00:00:00Z"}, "deprecated", "2027-02-05"),
        ({"lifecycle": "deprecated", "retires_at": "soon"}, "deprecated", ""),
        ({"lifecycle": "retired"}, "retired", ""),
    ],
)
def test_what_is_said_of_a_life_is_read(said: dict[str, object], stage: str, retires: str) -> None:
    life = read_life(200, json.dumps(said).encode())
    assert (life.stage, str(life.retires or "")) == (stage, retires)
    assert life.is_ending is (stage != "active")


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"{}"), (200, b"[]"), (200, b"<html>"), (200, b'{"lifecycle": "new"}'), (500, b"")],
)
def test_an_answer_that_does_not_tell_is_none(status: int, body: bytes) -> None:
    with pytest.raises(BackendFailure):
        read_life(status, body)


@on_reactor
async def test_a_model_that_is_ending_is_warned_of_and_shown_in_the_metrics() -> None:
    async def answer(exchange: Exchange) -> None:
        said = {"lifecycle": "deprecated", "retires_at": "2027-02-05T00:00:00Z"}
        exchange.respond(Response(200, json.dumps(said).encode()))

    registry = CollectorRegistry()
    metrics, seen = BackendMetrics(registry), []
    async with HttpServer(answer) as server:
        text = FILE.replace("URL", server.url).replace("KEY", KEY)

        def told(name: str, life: ModelLife) -> None:
            metrics.lives(name, life)
            seen.append(life)

        lives = ModelLives(watched_lives(parse(text, {})[0]), told)
        with capture_logs() as logs:
            lives.start()
            async with asyncio.timeout(10):
                while not seen:
                    await asyncio.sleep(0.01)
        await lives.stop()
    [warned] = [each for each in logs if each["event"] == "model_is_ending"]
    assert (warned["backend"], warned["stage"], warned["retires"]) == ("claude", "deprecated", "2027-02-05")
    assert KEY not in str(logs)
    assert (
        registry.get_sample_value("ehr_gateway_backend_model_retires_seconds", {"backend": "claude"})
        == 1801785600
    )


def test_nobody_is_asked_unless_the_file_says_so() -> None:
    text = FILE.replace(", watch_life: true", "").replace("URL", "http://127.0.0.1:1")
    assert watched_lives(parse(text, {})[0]) == {}
