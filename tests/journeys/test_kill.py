"""Killed at any moment under load, a gateway loses nothing that it acknowledged and does nothing twice."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from gateway.records import Work
from gateway.store.message_store import open_reader
from gateway.store.reads import MessageFilter
from listeners.mllp_framing import framed
from tests.bench.payloads import adt
from tests.figures import report
from tests.on_reactor import on_reactor
from tests.processes import Server, gateway

KILLS = 30
CONNECTIONS = 8


class Senders:
    """Interface engines: each sends its next message once the last is acknowledged, and the same one
    again after a lost connection."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = count(1)
        self._unanswered: list[int] = []
        self.acknowledged: list[str] = []

    async def run(self, port: int) -> None:
        await asyncio.gather(*(self._one(port) for _ in range(CONNECTIONS)))

    async def _one(self, port: int) -> None:
        number = self._unanswered.pop() if self._unanswered else next(self._numbers)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while True:
                writer.write(framed(adt(number)))
                answer = await reader.readuntil(b"\x1c\r")
                assert f"MSA|AA|B{number}\r".encode() in answer
                self.acknowledged.append(f"B{number}")
                number = next(self._numbers)
        self._unanswered.append(number)


async def _kill_after(server: Server, seconds: float, senders: Senders) -> None:
    sending = asyncio.ensure_future(senders.run(server.ports["feed"]))
    await asyncio.sleep(seconds)
    server.kill()
    await sending


@on_reactor
async def test_thirty_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    senders, chance = Senders(), random.Random(2026)
    for _ in range(KILLS):
        with gateway(None, tmp_path / "data", log=tmp_path / "log") as server:
            await _kill_after(server, chance.uniform(0.02, 0.7), senders)
    with gateway(None, tmp_path / "data", log=tmp_path / "log"):
        listed = await _settled(tmp_path / "data")
    rows = Counter(each.control_id for each in listed)
    lost = sum(rows[each] == 0 for each in senders.acknowledged)
    report(
        f"{KILLS} kills under load: {len(senders.acknowledged)} acknowledged, {lost} lost,"
        f" {sum(times > 1 for times in rows.values())} stored twice"
    )
    assert len(senders.acknowledged) > 20 * KILLS
    assert [each for each in senders.acknowledged if rows[each] != 1] == []
    assert [each for each, times in rows.items() if times != 1] == []
    assert {each.work for each in listed} == {Work.SUMMARIZED}


async def _settled(data_dir: Path) -> list:
    """All messages, once the gateway has made up for what the kills interrupted."""
    reader = open_reader(data_dir)
    ends_at = time.monotonic() + 60
    while reader.list(MessageFilter(work=Work.ACCEPTED, limit=1)) and time.monotonic() < ends_at:
        await asyncio.sleep(0.2)
    return reader.list(MessageFilter(limit=1_000_000))
