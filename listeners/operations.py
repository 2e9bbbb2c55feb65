"""What operators' tools read: health and metrics."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, generate_latest
from twisted.web.resource import Resource
from twisted.web.server import Request


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


class MetricsResource(Resource):
    """Prometheus text format 0.0.4."""

    isLeaf = True

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__()
        self._registry = registry

    def render_GET(self, request: Request) -> bytes:
        request.setHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        return generate_latest(self._registry)
