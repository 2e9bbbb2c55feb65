"""The faults do on the wire what their names say, seen with a plain client."""

import asyncio
import json
import time

import aiohttp
import pytest

from tests.fakes.langserve import LangServe
from tests.fakes.ollama import Ollama
from tests.fakes.provider import Fake
from tests.fakes.script import (
    CUT_CLEANLY,
    CUT_LATE,
    GOOD,
    MALFORMED,
    NO_END_MARKER,
    RATE_LIMITED,
    RESET,
    SILENT,
    STALLED,
    Behaviour,
    Says,
)
from tests.on_reactor import on_reactor

ASKED = {"model": "m", "messages": [{"role": "user", "content": "F1 allergy: nuts"}]}
CHAIN = {"input": {"system": "Summarize.", "user": "F1 allergy: nuts"}}


async def post(fake: Fake, path: str = "/api/chat", asked: object = ASKED, timeout_s: float = 5) -> bytes:
    """The body. Raises what aiohttp raises."""
    timeout = aiohttp.ClientTimeout(timeout_s)
    async with (
        aiohttp.ClientSession(timeout=timeout) as client,
        client.post(fake.url + path, json=asked) as response,
    ):
        return await response.read()


@on_reactor
async def test_a_script_is_used_up_call_by_call_and_then_the_rest_follows() -> None:
    async with Fake(Ollama(), [RATE_LIMITED, GOOD], otherwise=Behaviour(text="the end")) as fake:
        bodies = [await post(fake) for _ in range(3)]
    assert json.loads(bodies[0]) == {"error": "too many concurrent requests"}
    assert [call.status for call in fake.asked] == [429, 200, 200]
    assert [call.whole for call in fake.asked] == [True, True, True]
    assert fake.asked[0].input_billed == 0
    assert "".join(json.loads(line)["message"]["content"] for line in bodies[2].splitlines()) == "the end"


@pytest.mark.parametrize("fault", [RESET, CUT_LATE], ids=["reset", "cut"])
@on_reactor
async def test_a_broken_connection_is_seen_by_the_client(fault: Behaviour) -> None:
    async with Fake(Ollama(), [fault]) as fake:
        with pytest.raises(aiohttp.ClientError) as raised:
            await post(fake)
    assert fault is not RESET or isinstance(raised.value, ConnectionResetError | aiohttp.ClientOSError)
    assert not fake.asked[0].whole


@pytest.mark.parametrize("fault", [SILENT, STALLED], ids=["silent", "stalled"])
@on_reactor
async def test_a_client_that_gives_up_is_counted(fault: Behaviour) -> None:
    async with Fake(Ollama(), [fault]) as fake:
        with pytest.raises(TimeoutError):
            await post(fake, timeout_s=0.05)
        await asyncio.sleep(0.02)
        assert fake.asked[0].aborted
        assert fake.asked[0].input_billed > 0
        assert fake.connections_open == 0


@on_reactor
async def test_a_stream_may_end_in_order_and_yet_not_be_whole() -> None:
    async with Fake(Ollama(), [NO_END_MARKER, CUT_CLEANLY, MALFORMED]) as fake:
        bodies = [await post(fake) for _ in range(3)]
    assert [b'"done": true' in body for body in bodies] == [False, False, True]
    assert len(bodies[1].splitlines()) < len(bodies[0].splitlines())
    with pytest.raises(json.JSONDecodeError):
        [json.loads(line) for line in bodies[2].splitlines()]


@on_reactor
async def test_the_first_token_may_be_late_while_the_headers_are_not() -> None:
    slow = Behaviour(first_token_after_s=0.3)
    async with Fake(Ollama(), [slow]) as fake, aiohttp.ClientSession() as client:
        begun = time.monotonic()
        async with client.post(f"{fake.url}/api/chat", json=ASKED) as response:
            assert time.monotonic() - begun < 0.25
            await response.content.readany()
            assert time.monotonic() - begun >= 0.3


@pytest.mark.parametrize("chat", [True, False])
@on_reactor
async def test_langserve_streams_events_and_invokes_whole(chat: bool) -> None:
    failing = Behaviour(says=Says.ERROR_INSIDE)
    async with Fake(LangServe(chat=chat), [GOOD, GOOD, failing]) as fake:
        whole = json.loads(await post(fake, "/chain/invoke", CHAIN))["output"]
        events = (await post(fake, "/chain/stream", CHAIN)).split(b"\r\n\r\n")
        failed = await post(fake, "/chain/stream", CHAIN)
    chunks = [json.loads(event.split(b"data: ")[1]) for event in events if event.startswith(b"event: data")]
    streamed = "".join(chunk["content"] if chat else chunk for chunk in chunks)
    assert streamed == (whole["content"] if chat else whole)
    assert json.loads(streamed)["statements"][0]["evidence"] == ["F1"]
    assert events[-2:] == [b"event: end", b""]
    assert b"event: error" in failed
    assert b"event: end" not in failed
