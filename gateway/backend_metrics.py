"""What is counted of calls of backends. Labels are names from the operator's file and words of ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from gateway.attempts.breaker import BreakerState
from gateway.attempts.guard import Guard
from gateway.summary import Usage

if TYPE_CHECKING:
    from gateway.backends.model_life import ModelLife

_BUCKETS = (0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 60, 120)


class BackendMetrics:
    """The `Watch` of all attempts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"ehr_gateway_backend_{name}", text, ("backend", *labels), registry=registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"ehr_gateway_backend_{name}", text, ("backend", *labels), registry=registry)

        self._calls = counter("calls", "Calls of a backend by outcome: answered, or why not", "outcome")
        self._retries = counter("retries", "Calls made again after a failure that passes")
        self._hedges = counter("hedges", "Second calls beside a slow one")
        self._tokens = counter("tokens", "Tokens as the provider counted them, of failed calls too", "kind")
        self._possibly_paid = counter(
            "calls_possibly_paid", "Calls whose outcome is unknown: their tokens are not counted"
        )
        self._seconds = Histogram(
            "ehr_gateway_backend_call_seconds",
            "From the start of a call to its last byte or its failure",
            ("backend",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self._first_byte = Histogram(
            "ehr_gateway_backend_first_byte_seconds",
            "From the request sent to the first byte of the answer",
            ("backend",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self._in_flight = gauge("calls_in_flight", "Calls under way")
        self._queued = gauge("calls_queued", "Requests that wait for a place")
        self._breaker = gauge("breaker", "1 for the state in which the breaker is", "state")
        self._retires = gauge(
            "model_retires_seconds", "When its provider ends the model, in seconds since 1970"
        )
        self._kept: dict[tuple[str, str], Counter] = {}

    def watch_guard(self, guard: Guard, monotonic: Callable[[], float]) -> None:
        """Show what a guard holds whenever somebody looks."""
        name = guard.backend.name
        self._in_flight.labels(name).set_function(lambda: guard.gate.in_flight)
        self._queued.labels(name).set_function(lambda: guard.gate.queued)
        for state in BreakerState:
            self._breaker.labels(name, state.value).set_function(_is_in(guard, state, monotonic))

    def lives(self, backend: str, life: ModelLife) -> None:
        """No series for a model whose end is not known."""
        if life.retires is not None:
            self._retires.labels(backend).set(datetime.combine(life.retires, time(), UTC).timestamp())

    def attempted(self, backend: str, outcome: str, seconds: float | None) -> None:
        key = (backend, outcome)
        if key not in self._kept:
            self._kept[key] = self._calls.labels(*key)
        self._kept[key].inc()
        if seconds is not None:
            self._seconds.labels(backend).observe(seconds)

    def first_byte(self, backend: str, seconds: float) -> None:
        self._first_byte.labels(backend).observe(seconds)

    def retried(self, backend: str) -> None:
        self._retries.labels(backend).inc()

    def hedged(self, backend: str) -> None:
        self._hedges.labels(backend).inc()

    def used(self, backend: str, usage: Usage) -> None:
        tokens = {
            "input": usage.input_tokens,
            "output": usage.output_tokens,
            "cache_read": usage.cache_read_tokens,
            "cache_write": usage.cache_write_tokens,
        }
        for kind, number in tokens.items():
            if number > 0:
                self._tokens.labels(backend, kind).inc(number)
        if usage.calls_possibly_paid:
            self._possibly_paid.labels(backend).inc(usage.calls_possibly_paid)


def _is_in(guard: Guard, state: BreakerState, monotonic: Callable[[], float]) -> Callable[[], float]:
    return lambda: float(guard.breaker.state(monotonic()) is state)


def backend_states(guards: list[Guard], now: float) -> dict[str, dict[str, object]]:
    """For people and their tools: by name, whether it is called at present and what is under way."""
    return {
        guard.backend.name: {
            "type": guard.limits.provider,
            "breaker": guard.breaker.state(now).value,
            "tried_again_in_s": round(guard.breaker.opens_in_s(now), 1),
            "in_flight": guard.gate.in_flight,
            "queued": guard.gate.queued,
        }
        for guard in guards
    }
