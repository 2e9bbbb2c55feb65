"""The built-in backend: summarizes in this process, without any model, at no cost."""

from gateway.backends.extractive.summarizing import summarize
from gateway.messages import SummarizationRequest, Summary


class ExtractiveBackend:
    """Implements `gateway.interfaces.Backend`."""

    repeatable = True

    def __init__(self, name: str = "builtin") -> None:
        self.name = name

    async def summarize(self, request: SummarizationRequest, model: str, timeout_s: float) -> Summary:
        """Never waits, so that `timeout_s` has nothing to end."""
        return summarize(request, backend=self.name, model_asked=model)
