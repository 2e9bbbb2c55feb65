"""The built-in backend: summarizes in this process, without any model, at no cost."""

import asyncio

from gateway.backends.extractive.summarizing import summarize
from gateway.request import SummarizationRequest
from gateway.summary import Summary

_OFF_LOOP_CHARACTERS = 50_000
"""Notes longer than this take over ten milliseconds, which other callers would feel."""


class ExtractiveBackend:
    """Implements `gateway.interfaces.Backend`."""

    repeatable = True

    def __init__(self, name: str = "builtin") -> None:
        self.name = name

    async def summarize(self, request: SummarizationRequest, model: str, timeout_s: float) -> Summary:
        """Does not look at `timeout_s`: a megabyte of notes takes less than a second."""
        if sum(len(note.text) for note in request.notes) > _OFF_LOOP_CHARACTERS:
            return await asyncio.to_thread(summarize, request, backend=self.name, model_asked=model)
        return summarize(request, backend=self.name, model_asked=model)

    async def close(self) -> None:
        """There is nothing to close."""
