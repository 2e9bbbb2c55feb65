"""A gateway's route over fakes: a primary and a fallback of one format, built from an operator's settings."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gateway.attempts.account import Account
from gateway.attempts.watch import NoWatch
from gateway.backend_table import backends_of, limits_of
from gateway.clinical import ClinicalFact, ClinicalNote, FactKind, FactStatus, Identifier, Patient
from gateway.messages import Protocol
from gateway.policy.decision import Decision, decide
from gateway.policy.rules import Operation, RequestFacts
from gateway.request import SummarizationRequest
from gateway.settings.schema import Settings
from gateway.settings.to_policy import policy_of
from gateway.summarizer import Summarizer
from gateway.summary import Answer
from tests.fakes.anthropic import Anthropic
from tests.fakes.formats import Format
from tests.fakes.langserve import LangServe
from tests.fakes.ollama import Ollama
from tests.fakes.openai import OpenAi
from tests.fakes.provider import Fake
from tests.fakes.script import GOOD, Behaviour
from tests.fakes.vertex import ClaudeOnVertex, Vertex

FIRST_KEY = "sk-first-5cd41f1e0a"
SECOND_KEY = "sk-second-77b09ac3d2"
PATIENT_WORDS = ("Quillfeather", "MRN-5550123", "wears a heron tattoo")
"""Of the request below: none of them may stand in a log, an error or a metric."""

REQUEST = SummarizationRequest(
    id="000000000000000001",
    partner="epic",
    protocol=Protocol.FHIR,
    version="4.0",
    message_type="$summarize",
    control_id="c1",
    received_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    patient=Patient(identifiers=(Identifier(value="MRN-5550123"),), birth_date="1958-03-14", sex="female"),
    facts=(
        ClinicalFact(kind=FactKind.ALLERGY, text="penicillin", status=FactStatus.ACTIVE, origin="AL1[1]"),
        ClinicalFact(kind=FactKind.CONDITION, text="heart failure", origin="DG1[1]"),
        ClinicalFact(
            kind=FactKind.RESULT, text="Potassium", value="6.80", unit="mmol/L", flag="HH", origin="OBX[1]-5"
        ),
    ),
    notes=(
        ClinicalNote(
            text="Slept well. Mrs Quillfeather wears a heron tattoo.", title="Night", origin="OBX[2]-5"
        ),
    ),
)


@dataclass(frozen=True)
class Kind:
    """A column of the matrix: a format, and how an operator configures it."""

    make: Callable[[], Format]
    settings: Callable[[str, str], dict[str, Any]]
    """Of a URL and a key."""


def _vertex(url: str, key: str, model: str) -> dict[str, Any]:
    where = {"project": "p", "location": "us-central1", "base_url": url}
    return {"type": "vertex", "model": model, "access_token": key, **where}


KINDS = {
    "openai": Kind(
        OpenAi,
        lambda url, key: {"type": "openai", "model": "m", "base_url": f"{url}/v1", "api_key": key},
    ),
    "azure": Kind(
        OpenAi,
        lambda url, key: {
            "type": "openai",
            "model": "m",
            "azure": {"endpoint": url, "deployment": "ward"},
            "api_key": key,
        },
    ),
    "anthropic": Kind(
        Anthropic,
        lambda url, key: {
            "type": "anthropic",
            "model": "claude-sonnet-5-5",
            "base_url": url,
            "api_key": key,
        },
    ),
    "gemini": Kind(Vertex, lambda url, key: _vertex(url, key, "gemini-2.5-flash")),
    "claude-on-vertex": Kind(ClaudeOnVertex, lambda url, key: _vertex(url, key, "claude-sonnet-5-5")),
    "ollama": Kind(
        Ollama,
        lambda url, key: {"type": "ollama", "model": "llama3.1:8b", "base_url": url, "api_key": key},
    ),
    "langserve": Kind(
        LangServe, lambda url, key: {"type": "langserve", "url": f"{url}/chain", "api_key": key}
    ),
}


@dataclass(frozen=True)
class Limits:
    """What the operator gives both backends, and the route."""

    backend: dict[str, Any] = field(default_factory=dict)
    deadline_s: float = 5.0


class Outcomes(NoWatch):
    """Remembers how each call of a backend ended."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        """(backend, outcome)"""

    def attempted(self, backend: str, outcome: str, seconds: float) -> None:
        self.seen.append((backend, outcome))


class Asking:
    """The gateway from a decision on: its summarizer with the backends of an operator's settings."""

    def __init__(self, settings: Settings) -> None:
        self.outcomes = Outcomes()
        self.backends = backends_of(settings)
        self._decision = _decision(settings)
        self._summarizer = Summarizer(
            self.backends,
            lambda: datetime.now(UTC),
            time.monotonic,
            limits=limits_of(settings),
            watch=self.outcomes,
        )

    async def ask(self, account: Account | None = None, request: SummarizationRequest = REQUEST) -> Answer:
        """Raises what a caller of the gateway would be told."""
        return await self._summarizer.summarize(request, self._decision, account)

    async def close(self) -> None:
        for backend in self.backends.values():
            if hasattr(backend, "close"):
                await backend.close()


@dataclass(frozen=True)
class Route:
    first: Fake
    second: Fake
    asking: Asking

    async def ask(self, account: Account | None = None) -> Answer:
        return await self.asking.ask(account)


@asynccontextmanager
async def route(
    kind: str,
    calls: list[Behaviour] | tuple[Behaviour, ...] = (),
    otherwise: Behaviour = GOOD,
    *,
    second: Behaviour = GOOD,
    limits: Limits = Limits(),
    make: Callable[[], Format] | None = None,
) -> AsyncIterator[Route]:
    """`make`: another variety of the format than the kind's own."""
    make, settings = make or KINDS[kind].make, KINDS[kind].settings
    async with (
        Fake(make(), calls, otherwise, key=FIRST_KEY) as primary,
        Fake(make(), (), second, key=SECOND_KEY) as fallback,
    ):
        backends = {
            "first": {**settings(primary.url, FIRST_KEY), **limits.backend},
            "second": {**settings(fallback.url, SECOND_KEY), **limits.backend},
        }
        asking = Asking(settings_of(backends, limits.deadline_s))
        try:
            yield Route(primary, fallback, asking)
        finally:
            await asking.close()


def settings_of(backends: dict[str, dict[str, Any]], deadline_s: float) -> Settings:
    """The first backend is the target, the others are its fallbacks in their order."""
    backends = {name: {"baa": {"expires": "2099-01-01"}} | each for name, each in backends.items()}
    first, *others = backends
    version = {"targets": [{"backend": first}], "fallback": others, "deadline_s": deadline_s}
    return Settings.model_validate(
        {
            "listeners": [{"name": "web", "protocol": "http", "bind": "127.0.0.1:0", "serve": ["fhir"]}],
            "partners": {"epic": {"identify": [{"sending_application": "EPIC"}]}},
            "backends": backends,
            "models": {"clinical": {"default": "1", "versions": {"1": version}}},
            "policy": {"rules": [{"id": "all", "effect": "permit"}]},
        }
    )


def _decision(settings: Settings) -> Decision:
    facts = RequestFacts(
        partner="epic",
        listener="web",
        protocol="fhir",
        message_type="$summarize",
        operation=Operation.SUMMARIZE,
    )
    decision = decide(facts, policy_of(settings), datetime(2026, 11, 23, tzinfo=UTC))
    assert decision.permitted, decision
    return decision
