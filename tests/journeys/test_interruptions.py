"""A running gateway whose callers hang up, that is killed in the middle of a paid call, or told to stop."""

import asyncio
import json
import signal
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from gateway.records import Work
from gateway.store.message_store import open_reader
from gateway.store.reads import ListedMessage, MessageFilter
from listeners.mllp_framing import framed
from tests.bench.payloads import adt
from tests.fakes.openai import OpenAi
from tests.fakes.provider import Fake
from tests.fakes.script import GOOD, OVERLOADED, SILENT
from tests.on_reactor import on_reactor
from tests.processes import ROOT, Server, gateway

CONFIG = """
gateway: {{name: GW, finish_s: 0.5}}
listeners:
  - {{name: feed, protocol: mllp, bind: "127.0.0.1:0"}}
  - {{name: web, protocol: http, bind: "127.0.0.1:0", serve: [fhir, soap, metrics]}}
partners:
  all: {{identify: [{{network: 127.0.0.0/8}}], purpose_of_use: [TREAT], hl7v2: {{answer: none}}}}
backends:
  builtin: {{type: extractive}}
  ward:
    type: openai
    model: m
    base_url: "{url}/v1"
    on_premises: true
    retries: {{most: 1, first_wait_s: 0.01}}
    breaker: {{failures: 2, open_s: 60, longest_open_s: 60}}{of_ward}
models:
  m: {{default: "1", versions: {{"1": {{targets: [{{backend: ward}}], fallback: [{fallback}]{more}}}}}}}
policy: {{rules: [{{id: all, effect: permit, when: {{partner: [all]}}}}]}}
"""
SAMPLE = ROOT / "samples/fhir/patient_bundle.json"


def config(folder: Path, fake: Fake, *, fallback: str = "", more: str = "", of_ward: str = "") -> Path:
    path = folder / "gateway.yaml"
    path.write_text(CONFIG.format(url=fake.url, fallback=fallback, more=more, of_ward=of_ward))
    return path


async def until(holds: Callable[[], Any], within_s: float = 10) -> None:
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.02)


def stored(data_dir: Path) -> list[ListedMessage]:
    return open_reader(data_dir).list(MessageFilter())


async def send_event(server: Server, number: int = 1) -> None:
    """Returns once it is acknowledged."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.ports["feed"])
    writer.write(framed(adt(number)))
    assert b"|AA|" in await reader.readuntil(b"\x1c\r")
    writer.close()


async def ask(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    body = SAMPLE.read_bytes()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.ports["web"])
    head = (
        "POST /fhir/R4/$summarize HTTP/1.1\r\nHost: gw\r\nContent-Type: application/fhir+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    return reader, writer


def get(server: Server, path: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


@on_reactor
async def test_a_caller_who_hangs_up_ends_the_call_at_the_provider(tmp_path: Path) -> None:
    async with Fake(OpenAi(), [SILENT]) as fake:
        with gateway(config(tmp_path, fake), tmp_path / "data") as server:
            _, writer = await ask(server)
            await until(lambda: fake.asked)
            writer.transport.abort()
            await until(lambda: fake.asked[0].aborted, 2)
            await until(lambda: stored(tmp_path / "data")[0].work == Work.INTERRUPTED, 2)
            assert fake.connections_open == 0
            _, metrics = await asyncio.to_thread(get, server, "/metrics")
            assert b'ehr_gateway_backend_calls_possibly_paid_total{backend="ward"} 1.0' in metrics
            assert b'ehr_gateway_backend_calls_in_flight{backend="ward"} 0.0' in metrics
        [message] = stored(tmp_path / "data")
        usage = open_reader(tmp_path / "data").content(message.id, "usage")
        assert usage is not None
        assert json.loads(usage)["calls_possibly_paid"] == 1


@on_reactor
async def test_a_slow_call_is_overtaken_by_a_second_one_and_ended(tmp_path: Path) -> None:
    async with Fake(OpenAi(), [SILENT], otherwise=GOOD) as fake:
        settings = config(tmp_path, fake, of_ward="\n    hedge_after_s: 0.2")
        with gateway(settings, tmp_path / "data") as server:
            reader, writer = await ask(server)
            assert b" 200 " in await asyncio.wait_for(reader.readline(), 5)
            writer.close()
            await until(lambda: fake.asked[0].aborted, 2)
            assert [each.whole for each in fake.asked] == [False, True]
            _, metrics = await asyncio.to_thread(get, server, "/metrics")
            assert b'ehr_gateway_backend_hedges_total{backend="ward"} 1.0' in metrics
    answer = open_reader(tmp_path / "data").answer(stored(tmp_path / "data")[0].id)
    assert answer is not None
    assert (answer.summary.usage.calls, answer.summary.usage.calls_possibly_paid) == (2, 1)


@pytest.mark.parametrize(
    ("after", "work", "calls"), [("leave", Work.INTERRUPTED, 1), ("ask_again", Work.SUMMARIZED, 2)]
)
@on_reactor
async def test_killed_in_a_paid_call_it_asks_again_only_where_the_version_says_so(
    tmp_path: Path, after: str, work: Work, calls: int
) -> None:
    async with Fake(OpenAi(), [SILENT], otherwise=GOOD) as fake:
        settings = config(tmp_path, fake, more=f", after_interruption: {after}")
        with gateway(settings, tmp_path / "data") as server:
            await send_event(server)
            await until(lambda: fake.asked)
            server.kill()
        assert stored(tmp_path / "data")[0].work == Work.WORKING
        with gateway(settings, tmp_path / "data"):
            await until(lambda: stored(tmp_path / "data")[0].work == work)
        assert len(fake.asked) == calls


@on_reactor
async def test_an_event_outlives_an_outage_of_its_only_backend_and_a_kill(tmp_path: Path) -> None:
    async with Fake(OpenAi(), otherwise=OVERLOADED) as fake:
        settings = config(tmp_path, fake)
        with gateway(settings, tmp_path / "data") as server:
            for number in range(1, 6):
                await send_event(server, number)
            await until(lambda: len(fake.asked) >= 2)
            await asyncio.sleep(0.5)
            states = json.loads((await asyncio.to_thread(get, server, "/health/backends"))[1])
            assert states["ward"]["breaker"] == "open"
            server.kill()
        assert {each.work for each in stored(tmp_path / "data")} == {Work.ACCEPTED}
        asked = len(fake.asked)
        assert asked <= 6, "the breaker spares the backend"
        fake.script.otherwise = GOOD
        with gateway(settings, tmp_path / "data") as server:
            await until(lambda: {each.work for each in stored(tmp_path / "data")} == {Work.SUMMARIZED})
            _, metrics = await asyncio.to_thread(get, server, "/metrics")
            assert b'ehr_gateway_backend_first_byte_seconds_count{backend="ward"} 5.0' in metrics
        assert len(fake.asked) == asked + 5


@on_reactor
async def test_it_is_ready_while_a_fallback_answers_and_says_which_backend_is_left_alone(
    tmp_path: Path,
) -> None:
    async with Fake(OpenAi(), otherwise=OVERLOADED) as fake:
        with gateway(config(tmp_path, fake, fallback="builtin"), tmp_path / "data") as server:
            for _ in range(3):
                reader, writer = await ask(server)
                assert b" 200 " in await reader.readline()
                writer.close()
            status, body = await asyncio.to_thread(get, server, "/health/ready")
            assert (status, json.loads(body)["status"]) == (200, "ok")
            _, body = await asyncio.to_thread(get, server, "/health/backends")
            ward = json.loads(body)["ward"]
            assert (ward["type"], ward["breaker"], ward["in_flight"]) == ("openai", "open", 0)
            assert 50 < ward["tried_again_in_s"] <= 60
            _, metrics = await asyncio.to_thread(get, server, "/metrics")
            assert b'ehr_gateway_backend_breaker{backend="ward",state="open"} 1.0' in metrics
            assert b'ehr_gateway_backend_calls_total{backend="builtin",outcome="answered"} 3.0' in metrics
        assert len(fake.asked) == 2


@on_reactor
async def test_told_to_stop_it_ends_in_bounded_time_and_every_connection_with_it(tmp_path: Path) -> None:
    async with Fake(OpenAi(), otherwise=SILENT) as fake:
        with gateway(config(tmp_path, fake), tmp_path / "data") as server:
            await send_event(server)
            _, writer = await ask(server)
            await until(lambda: len(fake.asked) == 2)
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(server.process.wait, 20)
            assert time.monotonic() - began < 5
            await until(lambda: fake.connections_open == 0, 2)
            writer.close()
        works = {each.protocol: each.work for each in stored(tmp_path / "data")}
        assert works == {"hl7v2": Work.WORKING, "fhir": Work.INTERRUPTED}
