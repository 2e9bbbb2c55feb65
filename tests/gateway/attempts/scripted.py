"""A clock that only moves when told, and backends that do what a script says."""

from collections.abc import Iterable, Sequence

from gateway.attempts.limits import BackendLimits
from gateway.attempts.watch import NoWatch
from gateway.backends.failure import BackendFailure, Cause
from gateway.clinical import Identifier, Patient
from gateway.messages import Protocol
from gateway.policy.decision import Candidate, Decision
from gateway.policy.rules import ModelVersion
from gateway.request import SummarizationRequest
from gateway.summarizer import Summarizer
from gateway.summary import Summary, Usage
from tests.gateway.plugs import NOW

Step = Usage | Cause | BackendFailure | tuple[float, Cause | BackendFailure | Usage]
"""An answer with its usage, a failure, or either after so many seconds."""

REQUEST = SummarizationRequest(
    id="1" * 18,
    partner="epic",
    protocol=Protocol.FHIR,
    version="4.0.1",
    message_type="$summarize",
    control_id="C1",
    received_at=NOW,
    patient=Patient(identifiers=(Identifier(value="MRN1"),)),
)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Scripted:
    """Follows its script step by step; the last step is repeated."""

    def __init__(self, name: str, clock: Clock, script: Iterable[Step], *, repeatable: bool = False) -> None:
        self.name = name
        self.repeatable = repeatable
        self.given_s: list[float] = []
        self.called_at: list[float] = []
        self._clock = clock
        self._script = list(script)

    async def summarize(self, request: SummarizationRequest, model: str, timeout_s: float) -> Summary:
        self.given_s.append(timeout_s)
        self.called_at.append(self._clock.now)
        step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        seconds, outcome = step if isinstance(step, tuple) else (0.0, step)
        self._clock.now += min(seconds, timeout_s)
        if isinstance(outcome, Cause):
            raise BackendFailure(outcome)
        if isinstance(outcome, BackendFailure):
            raise BackendFailure(
                outcome.cause,
                retry_after_s=outcome.provider_retry_after_s,
                may_retry=outcome.may_retry,
                usage=outcome.usage,
            )
        return Summary(
            statements=(),
            text=self.name,
            backend=self.name,
            model_asked=model,
            model_served=self.name,
            usage=outcome,
        )


class Counted(NoWatch):
    """Keeps the outcomes in their order."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[str, str]] = []

    def attempted(self, backend: str, outcome: str, seconds: float | None) -> None:
        self.outcomes.append((backend, outcome))


def summarizer(
    clock: Clock, *backends: Scripted, watch: Counted | None = None, **limits: BackendLimits
) -> Summarizer:
    made = Summarizer(
        {backend.name: backend for backend in backends},
        lambda: NOW,
        clock,
        limits=limits,
        chance=lambda: 0.0,
        watch=watch,
    )
    made._attempts._sleep = clock.sleep
    return made


def decision(backends: Sequence[str], deadline_s: float = 30, *, around_refusals: bool = False) -> Decision:
    version = ModelVersion(
        "m", "1", ((backends[0], 1),), tuple(backends[1:]), deadline_s, around_refusals=around_refusals
    )
    candidates = tuple(Candidate(name, True, "") for name in backends)
    return Decision(True, ("r",), "r1", version, candidates)
