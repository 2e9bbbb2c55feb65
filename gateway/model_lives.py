"""Asks providers now and then how long the models of the operator's file will live, and warns in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import structlog

from gateway.backends.failure import BackendFailure
from gateway.backends.model_life import ModelLife, life_call, read_life

if TYPE_CHECKING:
    from gateway.backends.anthropic import AnthropicModel
    from gateway.backends.http import Sender

log = structlog.get_logger("model_lives")

_EVERY_S = 86_400.0
_FAILED_EVERY_S = 3_600.0
_WITHIN_S = 15.0
_MOST_BYTES = 64 * 1024

OnLife = Callable[[str, ModelLife], None]
"""Told the name of a backend and what its provider says of its model."""


class ModelLives:
    def __init__(self, asked: Mapping[str, tuple[AnthropicModel, Sender]], on_life: OnLife) -> None:
        """`asked`: by the name of the backend."""
        self._asked = asked
        self._on_life = on_life
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.ensure_future(self._watch(name)) for name in self._asked]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for _, sender in self._asked.values():
            await sender.close()

    async def _watch(self, name: str) -> None:
        while True:
            wait_s = _EVERY_S
            try:
                self._tell(name, await self._life(name))
            except BackendFailure as failure:
                log.info("model_life_unknown", backend=name, cause=failure.cause.value)
                wait_s = _FAILED_EVERY_S
            await asyncio.sleep(wait_s)

    async def _life(self, name: str) -> ModelLife:
        model, sender = self._asked[name]
        body = bytearray()
        async with sender.send(life_call(model), _WITHIN_S) as received:
            async for chunk in received.chunks:
                body += chunk[: _MOST_BYTES - len(body)]
            return read_life(received.status, bytes(body))

    def _tell(self, name: str, life: ModelLife) -> None:
        self._on_life(name, life)
        if life.is_ending:
            model, _ = self._asked[name]
            retires = life.retires.isoformat() if life.retires else "not said"
            log.warning("model_is_ending", backend=name, model=model.model, stage=life.stage, retires=retires)
