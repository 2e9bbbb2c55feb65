"""What operators see of backends: calls and costs counted, breakers shown, nothing that a sender wrote."""

from prometheus_client import CollectorRegistry, generate_latest

from gateway.attempts.limits import BackendLimits, BreakerLimits, RetryLimits
from gateway.backend_metrics import BackendMetrics, backend_states
from gateway.backends.failure import Cause
from gateway.summarizer import Summarizer
from gateway.summary import Usage
from tests.gateway.attempts.scripted import REQUEST, Clock, Scripted, decision
from tests.gateway.plugs import NOW
from tests.on_reactor import on_reactor

USAGE = Usage(input_tokens=100, output_tokens=7, cache_read_tokens=60)


@on_reactor
async def test_a_failed_and_an_answered_call_are_told_apart() -> None:
    clock, registry = Clock(), CollectorRegistry()
    metrics = BackendMetrics(registry)
    ward = Scripted("ward", clock, [Cause.CUT] * 2)
    cloud = Scripted("cloud", clock, [USAGE])
    builtin = Scripted("builtin", clock, [Usage()], repeatable=True)
    limits = {"ward": BackendLimits("openai", breaker=BreakerLimits(failures=2), retries=RetryLimits(most=1))}
    service = Summarizer(
        {each.name: each for each in (ward, cloud, builtin)},
        lambda: NOW,
        clock,
        limits=limits,
        chance=lambda: 0.0,
        watch=metrics,
    )
    service._attempts._sleep = clock.sleep
    for guard in service.guards.values():
        metrics.watch_guard(guard, clock)
    await service.summarize(REQUEST, decision(["ward", "cloud"]))
    await service.summarize(REQUEST, decision(["builtin"]))

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"ehr_gateway_backend_{name}", labels)

    assert value("calls_total", backend="ward", outcome="cut") == 2
    assert value("calls_total", backend="cloud", outcome="answered") == 1
    assert value("calls_total", backend="builtin", outcome="answered") == 1
    assert value("retries_total", backend="ward") == 1
    assert value("calls_possibly_paid_total", backend="ward") == 2
    assert value("tokens_total", backend="cloud", kind="input") == 100
    assert value("tokens_total", backend="cloud", kind="cache_read") == 60
    assert value("call_seconds_count", backend="ward") == 2
    assert value("breaker", backend="ward", state="open") == 1
    assert value("breaker", backend="cloud", state="closed") == 1
    assert value("calls_in_flight", backend="ward") == 0
    assert b"MRN1" not in generate_latest(registry)
    assert backend_states([service.guards["ward"]], clock()) == {
        "ward": {
            "type": "openai",
            "breaker": "open",
            "tried_again_in_s": 5,
            "in_flight": 0,
            "queued": 0,
        }
    }
