"""Rules and what they may ask about. Deny by default, forbid over permit, order never matters (Cedar)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from gateway.values import carrier


class Operation(StrEnum):
    SUMMARIZE = "summarize"
    """A backend reads the content, now or later."""
    RECORD = "record"
    """The message is kept and no summary of it is made."""
    RETRIEVE = "retrieve"
    """A summary made earlier is handed out."""


@carrier
class RequestFacts:
    """What rules know of a request."""

    partner: str
    listener: str
    protocol: str
    message_type: str
    operation: Operation
    purpose: str = ""
    audience: str = ""
    purpose_of_use: tuple[str, ...] = ()
    confidentiality: str = ""
    sensitivity: tuple[str, ...] = ()
    patient_class: str = ""
    size_bytes: int = 0
    model: str | None = None
    """The alias the caller asked for."""


@dataclass(frozen=True, slots=True)
class BackendFacts:
    """What rules know of a backend."""

    name: str
    on_premises: bool = False
    region: str = ""
    in_process: bool = False
    """It runs inside the gateway: content does not leave."""
    available: bool = True
    """There is code for it in this gateway."""


class Effect(StrEnum):
    PERMIT = "permit"
    FORBID = "forbid"


class Deidentify(StrEnum):
    """What must be taken out before a model sees anything, the strictest last (45 CFR 164.514)."""

    NONE = "none"
    LIMITED = "limited"
    SAFE_HARBOR = "safe_harbor"


class Treatment(StrEnum):
    """What becomes of a model's statement that says what its evidence does not, the strictest last."""

    MARK = "mark"
    """It stays, and says that its source does not bear it."""
    DROP = "drop"
    """It is left out and counted."""
    REPLACE = "replace"
    """The whole answer counts as failed: the route's next backend answers."""


Matcher = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """`on_request` and `on_backend` map the name of a fact to the test it must pass; all must pass."""

    id: str
    effect: Effect
    on_request: Mapping[str, Matcher] = field(default_factory=dict)
    on_backend: Mapping[str, Matcher] = field(default_factory=dict)
    model: str | None = None
    deidentify: Deidentify = Deidentify.NONE
    unsupported: Treatment = Treatment.MARK


def any_of(values: Sequence[str]) -> Matcher:
    """The fact is one of the values, or, when it is itself several, shares one with them."""
    allowed = frozenset(values)

    def matches(fact: object) -> bool:
        return not allowed.isdisjoint(fact) if isinstance(fact, tuple) else fact in allowed

    return matches


def any_pattern(patterns: Sequence[str]) -> Matcher:
    """The fact fits one of the patterns, in which `*` stands for anything."""
    return lambda fact: any(fnmatchcase(str(fact), pattern) for pattern in patterns)


def equal(value: object) -> Matcher:
    return lambda fact: fact == value


def at_most(limit: int) -> Matcher:
    return lambda fact: isinstance(fact, int) and fact <= limit


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version of what callers ask for, and the backends that serve it."""

    alias: str
    version: str
    targets: tuple[tuple[str, int], ...]
    """(backend, weight)"""
    fallback: tuple[str, ...] = ()
    deadline_s: float = 30
    deprecated: date | None = None
    sunset: date | None = None
    successor: str | None = None
    around_refusals: bool = False
    """What one backend declines may be asked of the next."""
    asks_again_after_interruption: bool = False
    """A call that a crash of the gateway cut off is made again, though it may have been paid."""

    @property
    def backends(self) -> tuple[str, ...]:
        """All that may serve it, each once, targets before fallbacks."""
        return tuple(dict.fromkeys((*(name for name, _ in self.targets), *self.fallback)))


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything a decision depends on besides the request and the day."""

    rules: tuple[Rule, ...]
    models: Mapping[str, Mapping[str, ModelVersion]]
    defaults: Mapping[str, str]
    """Alias -> the version that it means."""
    backends: Mapping[str, BackendFacts]
    revision: str
    """Hash of all of it, as it stands in audit, replies and logs."""
    decided: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)
    """What `decision.decide` found for cases it has met: (applicable rules, operation, model, day)."""
