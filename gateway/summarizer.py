"""A summary by the backends that a decision permits, one after another, within the model's deadline."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from gateway.checking import treated
from gateway.clinical import Caution
from gateway.errors import ErrorKind, GatewayError
from gateway.interfaces import Backend
from gateway.messages import Answer, SummarizationRequest
from gateway.policy.decision import Decision
from gateway.routing import order_backends

log = structlog.get_logger("summarizer")

_NEXT_BACKEND_MAY_HELP = (
    ErrorKind.BACKEND_UNAVAILABLE,
    ErrorKind.BACKEND_TIMEOUT,
    ErrorKind.CONTEXT_EXCEEDED,
)
"""Not `BACKEND_REFUSED`: what one provider declined is not carried to another behind its back."""


class Summarizer:
    def __init__(
        self,
        backends: Mapping[str, Backend],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._backends = backends
        self._now = now
        self._monotonic = monotonic

    def is_repeatable(self, decision: Decision) -> bool:
        """Whatever backend answers, a second call would cost nothing and disclose nothing."""
        return all(self._backends[name].repeatable for name in decision.backends)

    async def summarize(self, request: SummarizationRequest, decision: Decision) -> Answer:
        """Raises `GatewayError` when no permitted backend gave a summary."""
        if decision.model is None:
            raise GatewayError(ErrorKind.FORBIDDEN, decision.why)
        model = f"{decision.model.alias}@{decision.model.version}"
        ends_at = self._monotonic() + decision.model.deadline_s
        failure = GatewayError(ErrorKind.BACKEND_UNAVAILABLE)
        cautions: list[Caution] = []
        for name in order_backends(decision, _sticky_key(request)):
            remaining_s = ends_at - self._monotonic()
            if remaining_s <= 0:
                raise GatewayError(
                    ErrorKind.BACKEND_TIMEOUT, "the deadline of the model is over"
                ) from failure
            try:
                summary = await self._backends[name].summarize(request, model, remaining_s)
                if not self._backends[name].repeatable:  # a model's words, not the built-in's own
                    summary = treated(summary, request, decision.unsupported)
            except GatewayError as error:
                if error.kind not in _NEXT_BACKEND_MAY_HELP:
                    raise
                log.warning("backend_failed", id=request.id, backend=name, kind=error.kind.value)
                cautions.append(Caution(code="backend-failed", text=f"{name}: {error.public}"))
                failure = error
                continue
            cautions += _overridden(decision)
            return Answer(
                request=request,
                summary=replace(summary, warnings=(*summary.warnings, *cautions)),
                generated_at=self._now(),
                rules=decision.rules,
                policy_revision=decision.revision,
            )
        raise failure


def _overridden(decision: Decision) -> list[Caution]:
    return [Caution(code="model-overridden", text=decision.why)] if decision.why else []


def _sticky_key(request: SummarizationRequest) -> str:
    """The same patient of the same partner meets the same target of a weighted route."""
    number = request.patient.identifiers[0].value if request.patient.identifiers else request.id
    return f"{request.partner}:{number}"
