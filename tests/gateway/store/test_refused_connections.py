"""Refused connections in the audit: gathered, bounded, and none lost at the stop."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.store.refused_connections import RefusedConnections
from tests.on_reactor import on_reactor


@on_reactor
async def test_what_strangers_cause_is_one_entry_for_each_peer_and_reason() -> None:
    written: list[Sequence[Mapping[str, Any]]] = []
    refused = RefusedConnections(written.append, every_s=0.01)
    for _ in range(500):
        refused.note("feed", "10.0.0.1", "unsupported protocol")
    refused.note("feed", "10.0.0.2", "certificate verify failed")
    await asyncio.sleep(0.1)
    [entries] = written
    assert [(each["peer"], each["error"], each["count"]) for each in entries] == [
        ("10.0.0.1", "unsupported protocol", 500),
        ("10.0.0.2", "certificate verify failed", 1),
    ]
    refused.note("web", "10.0.0.1", "no shared cipher")
    await refused.stop()
    assert written[1][0]["listener"] == "web"


@on_reactor
async def test_a_thousand_peers_cannot_flood_the_audit() -> None:
    written: list[Sequence[Mapping[str, Any]]] = []
    refused = RefusedConnections(written.append)
    for number in range(1000):
        refused.note("feed", f"10.0.{number // 256}.{number % 256}", "no shared cipher")
    await refused.stop()
    [entries] = written
    assert len(entries) == 201
    assert sum(each["count"] for each in entries) == 1000


@on_reactor
async def test_an_audit_that_cannot_be_written_does_not_end_the_gateway() -> None:
    def failing(_: object) -> None:
        raise OSError("full")

    refused = RefusedConnections(failing, every_s=0.01)
    refused.note("feed", "10.0.0.1", "x")
    await asyncio.sleep(0.05)
    await refused.stop()
