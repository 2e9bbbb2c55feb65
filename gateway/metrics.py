"""What is counted, for Prometheus. Labels are closed sets: never anything that a sender wrote."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from gateway.backend_metrics import BackendMetrics
from gateway.policy.decision import Decision

_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.backends = BackendMetrics(self.registry)
        self._messages = Counter(
            "ehr_gateway_messages",
            "Messages by how they were answered",
            ("protocol", "listener", "code"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "ehr_gateway_message_seconds",
            "From the last byte of a message to its reply",
            ("protocol",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._shadowed = Counter(
            "ehr_gateway_shadow_rules",
            "Requests to which a shadow rule applied, and whether it would have changed who may be asked",
            ("rule", "effect", "would_change"),
            registry=self.registry,
        )
        self._erring = Counter(
            "ehr_gateway_erring_rules",
            "Requests refused because a rule could not be evaluated",
            ("rule",),
            registry=self.registry,
        )
        self._broken_glass = Counter(
            "ehr_gateway_break_glass",
            "Requests in an emergency, past the patient's consent and quotas",
            ("partner", "permitted"),
            registry=self.registry,
        )
        self._served = Counter(
            "ehr_gateway_operation_version",
            "Permitted calls and queries by the version of the operation that answers",
            ("partner", "version"),
            registry=self.registry,
        )
        self._backlog = Gauge(
            "ehr_gateway_backlog", "Accepted messages whose summary is still to come", registry=self.registry
        )
        self._limited = Counter(
            "ehr_gateway_limited",
            "Messages that a rate or concurrency limit refused or made wait",
            ("limit", "how"),
            registry=self.registry,
        )
        self._quota_refused = Counter(
            "ehr_gateway_quota_refused",
            "Requests for which a quota left nothing",
            ("quota",),
            registry=self.registry,
        )
        self._quota_warned = Counter(
            "ehr_gateway_quota_warned",
            "Windows in which a quota came near its end",
            ("quota",),
            registry=self.registry,
        )
        self._kept: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}

    def watch_backlog(self, backlog: Callable[[], int]) -> None:
        self._backlog.set_function(backlog)

    def broken_glass(self, partner: str, is_permitted: bool) -> None:
        self._broken_glass.labels(partner, "yes" if is_permitted else "no").inc()

    def served(self, partner: str, version: str) -> None:
        self._served.labels(partner, version).inc()

    def decided(self, decision: Decision) -> None:
        for each in decision.shadowed:
            self._shadowed.labels(each.rule, each.effect, "yes" if each.would_change else "no").inc()
        for rule in decision.erring:
            self._erring.labels(rule).inc()

    def limited(self, limit: str, how: str) -> None:
        self._limited.labels(limit, how).inc()

    def quota_refused(self, quota: str) -> None:
        self._quota_refused.labels(quota).inc()

    def quota_warned(self, quota: str) -> None:
        self._quota_warned.labels(quota).inc()

    def answered(self, protocol: str, listener: str, code: str, seconds: float) -> None:
        key = (protocol, listener, code)
        if key not in self._kept:
            self._kept[key] = (self._messages.labels(*key), self._seconds.labels(protocol))
        messages, took = self._kept[key]
        messages.inc()
        took.observe(seconds)
