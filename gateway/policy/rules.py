"""Rules and what they may ask about. Deny by default, forbid over permit, order never matters (Cedar)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Self

from gateway.policy.consent import ConsentVerdict
from gateway.policy.sensitive import Protected
from gateway.records import NamedConsent
from gateway.values import carrier
from gateway.versions import OperationVersions


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
    operation_version: str = ""
    """Of `$summarize`, as the caller named it; empty when it did not."""
    facility: str = ""
    """Of the sender: MSH-4, else where the encounter is; empty when the message does not say."""
    age: int | None = None
    """Completed years on the day of receipt; None when the birth date is not told."""
    priority: str = "routine"
    """`stat`, `urgent` or `routine`, from orders and from the flags of new results."""
    authentication: str = ""
    """How the caller proved who it is: `api-key`, `client-certificate` ...; empty when not known."""
    protected: Protected = Protected.NOTHING
    """How much of it has labels that must stay on the premises (`sensitive`)."""
    consent: ConsentVerdict = ConsentVerdict.NONE
    """What the patient's consents say of it."""
    consented_by: tuple[NamedConsent, ...] = ()
    """Those that say so; no rule asks for them."""
    break_glass: bool = False
    """Asked for in an emergency, with a reason, by a caller who proved who it is."""
    substance_use: bool = False
    """Something of it is labelled so that 42 CFR Part 2 may apply."""


@carrier
class Moment:
    """What is known when a request is decided: the clock on the wall of the gateway's time zone, and the
    version of `$summarize` that answers on that day."""

    time: str
    """`HH:MM`"""
    weekday: str
    """`mon` ... `sun`"""
    operation_version: str = ""

    @classmethod
    def of(cls, local: datetime, operation_version: str = "") -> Self:
        return cls(f"{local.hour:02}:{local.minute:02}", WEEKDAYS[local.weekday()], operation_version)


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


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
    baa_expires: date | None = None
    """Last day of the business associate agreement; None: there is none."""
    retention_days: int | None = None
    """For so long its provider keeps what it is sent; None: not known."""
    bounds_answers: bool = True
    """It can be told how many tokens it may write at most."""
    baa: bool = False
    """The agreement holds on the day of the decision (`on`)."""

    @property
    def holds_content(self) -> bool:
        """What it reads stays with whoever runs this gateway."""
        return self.on_premises or self.in_process

    def on(self, day: date) -> "BackendFacts":
        return replace(self, baa=self.baa_expires is not None and day <= self.baa_expires)


class Effect(StrEnum):
    PERMIT = "permit"
    FORBID = "forbid"


class Deidentify(StrEnum):
    """What must be taken out before a model sees anything, the strictest last (45 CFR 164.514)."""

    NONE = "none"
    LIMITED = "limited"
    SAFE_HARBOR = "safe_harbor"


class Sensitive(StrEnum):
    """What becomes of labelled content where a backend off the premises would read it, the strictest last."""

    STRIP = "strip"
    """That backend reads the rest, where there is any and it can be told apart."""
    REFUSE = "refuse"
    """That backend reads nothing of the request."""


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
    """The three mappings are of the name of a fact to the test it must pass; all must pass."""

    id: str
    effect: Effect
    on_request: Mapping[str, Matcher] = field(default_factory=dict)
    on_backend: Mapping[str, Matcher] = field(default_factory=dict)
    on_moment: Mapping[str, Matcher] = field(default_factory=dict)
    shadow: bool = False
    """It is evaluated and counted, and decides nothing."""
    model: str | None = None
    deidentify: Deidentify = Deidentify.NONE
    unsupported: Treatment = Treatment.MARK
    sensitive: Sensitive = Sensitive.STRIP
    sections: frozenset[str] | None = None
    """What a model may read (`minimum`); None: what the purpose of use gives by default."""
    max_tokens: int | None = None
    """The most that a model may write."""
    review: bool = False
    """The answer says that a person has to review it before use."""
    notice: str = ""
    """Stands in the answer."""
    return_to: str = ""
    """The partner on whose return connection the summary of an event leaves; empty: the sender's own."""


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
    """Never of what is not known."""
    return lambda fact: isinstance(fact, int) and fact <= limit


def at_least(limit: int) -> Matcher:
    """Never of what is not known."""
    return lambda fact: isinstance(fact, int) and fact >= limit


def over(limit: int) -> Matcher:
    """Also of what is not known: it may be any number."""
    return lambda fact: not isinstance(fact, int) or fact > limit


def is_known(wanted: bool) -> Matcher:
    return lambda fact: (fact is not None) is wanted


def any_window(windows: Sequence[tuple[str, str]]) -> Matcher:
    """`HH:MM` within one of the windows, the end excluded; one that ends before it begins spans midnight."""

    def matches(fact: object) -> bool:
        time = str(fact)
        return any(
            begin <= time < end if begin < end else time >= begin or time < end for begin, end in windows
        )

    return matches


def every(tests: Sequence[Matcher]) -> Matcher:
    return lambda fact: all(test(fact) for test in tests)


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version of what callers ask for, the backends that serve it, and its life (`Versioned`)."""

    alias: str
    version: str
    targets: tuple[tuple[str, int], ...]
    """(backend, weight)"""
    fallback: tuple[str, ...] = ()
    deadline_s: float = 30
    deprecated: date | None = None
    sunset: date | None = None
    successor: str | None = None
    moves_on: bool = False
    documentation: str = ""
    around_refusals: bool = False
    """What one backend declines may be asked of the next."""
    asks_again_after_interruption: bool = False
    """A call that a crash of the gateway cut off is made again, though it may have been paid."""

    @property
    def called(self) -> str:
        return f"model {self.alias} version {self.version}"

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
    pins: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Partner -> alias -> the version that it means for them."""
    operation: OperationVersions = field(default_factory=OperationVersions)
    operation_pins: Mapping[str, str] = field(default_factory=dict)
    """Partner -> the version of the operation that it means for them."""
    require_consent: frozenset[str] = frozenset()
    """Purposes of use for which a consent has to permit; `PART2` for substance use records."""
    zone: tzinfo = UTC
    """In which days begin and rules about the time of day are meant."""
    decided: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)
    """What `decision.decide` found for cases it has met; its keys are `decision.Case`."""
