"""What operators and their tools read: where things are, health and metrics."""

from collections.abc import Callable, Sequence

import orjson
from prometheus_client import CollectorRegistry, generate_latest
from twisted.web.resource import Resource
from twisted.web.server import Request


class RootResource(Resource):
    """`/`, and an answer in plain words for every path that is nobody's."""

    def __init__(self) -> None:
        super().__init__()
        self._served: list[str] = []

    def serve(self, name: str, resource: Resource, paths: Sequence[str]) -> None:
        """`paths` are what a person may want to open below `name`."""
        self.putChild(name.encode(), resource)
        self._served += paths

    def getChild(self, path: bytes, request: Request) -> Resource:
        return self if path == b"" else _NothingHere()

    def render_GET(self, request: Request) -> bytes:
        request.setHeader("Content-Type", "text/plain; charset=utf-8")
        return "\n".join(["EHR Summarization Gateway", *self._served, ""]).encode()


class _NothingHere(Resource):
    isLeaf = True

    def render(self, request: Request) -> bytes:
        request.setResponseCode(404)
        request.setHeader("Content-Type", "text/plain; charset=utf-8")
        return b"There is nothing at this path; / lists what is served\n"


class HealthResource(Resource):
    """200 while `is_well`, else 503."""

    isLeaf = True

    def __init__(self, is_well: Callable[[], bool]) -> None:
        super().__init__()
        self._is_well = is_well

    def render_GET(self, request: Request) -> bytes:
        request.setHeader("Content-Type", "application/json")
        if self._is_well():
            return b'{"status":"ok"}'
        request.setResponseCode(503)
        return b'{"status":"unavailable"}'


class StateResource(Resource):
    """What `state` says at the moment, as JSON."""

    isLeaf = True

    def __init__(self, state: Callable[[], object]) -> None:
        super().__init__()
        self._state = state

    def render_GET(self, request: Request) -> bytes:
        request.setHeader("Content-Type", "application/json")
        return orjson.dumps(self._state())


class MetricsResource(Resource):
    """Prometheus text format 0.0.4."""

    isLeaf = True

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__()
        self._registry = registry

    def render_GET(self, request: Request) -> bytes:
        request.setHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        return generate_latest(self._registry)
