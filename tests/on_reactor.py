"""Tests written as asyncio coroutines, run on the reactor's own loop."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import pytest_twisted
from twisted.internet.defer import Deferred


def on_reactor(test: Callable[..., Awaitable[None]]) -> Callable[..., Any]:
    """The reactor is asyncio's loop, so a test may await futures and streams as the gateway does."""

    @wraps(test)
    async def run(*arguments: object, **named: object) -> None:
        await Deferred.fromFuture(asyncio.ensure_future(test(*arguments, **named)))

    return pytest_twisted.ensureDeferred(run)
