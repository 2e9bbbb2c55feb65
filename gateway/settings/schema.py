"""What may stand in the operator's file, key by key. Unknown keys are refused."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, field_validator, model_validator

from gateway.identity.methods import Method
from gateway.policy.minimum import NOTE_PREFIX, PARTS
from gateway.settings.backends import AnyBackend
from gateway.settings.identity import IdentifySettings, TokenIssuerSettings
from gateway.settings.limits import LimitSettings, QuotaSettings
from gateway.settings.strict import Name, Strict
from gateway.settings.versions import LifeSettings, OperationsSettings, OperationVersionName

PurposeOfUse = Literal["TREAT", "ETREAT", "HPAYMT", "HOPERAT", "PATRQT", "HRESCH", "PUBHLTH", "BTG"]


def _bind(text: object) -> object:
    """`host:port` as a pair; port 0 lets the system choose."""
    if not isinstance(text, str):
        return text
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError("is host:port, as in 127.0.0.1:2575")
    return (host.strip("[]"), int(port))


Bind = Annotated[tuple[str, int], BeforeValidator(_bind)]


class GatewaySettings(Strict):
    name: str = Field("EHR-GATEWAY", max_length=180)
    """MSH-3 of what we send."""
    facility: str = Field("", max_length=180)
    environment: Literal["development", "production"] = "development"
    data_dir: Path = Path("./var")
    keep_trying_h: float = Field(24, gt=0)
    """An event whose backends are down is tried again until it is so old; then it is `failed`."""
    finish_s: float = Field(5, ge=0)
    """At the stop, what is under way has so long to end by itself; then it is cut off."""
    time_zone: str = "UTC"
    """IANA name: in which days begin, and rules about the time of day are meant."""
    store: str = Field("sqlite", pattern=r"^(sqlite|postgresql://.+)$")
    recogniser: str | None = Field(None, pattern=r"^[\w.]+:\w+$")
    """What makes a recogniser of identifiers that is asked beside the built-in ones:
    `gateway.deidentify.presidio:recogniser`, or your own `package.module:name`."""
    public_url: str = Field("", pattern=r"^(https?://\S+[^/\s])?$")
    """Where callers reach the HTTP listener: stands in WSDLs and FHIR canonicals."""

    @field_validator("time_zone")
    @classmethod
    def _is_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"there is no time zone {name}") from error
        return name


class TlsSettings(Strict):
    certificate: Path
    key: Path
    client_ca: Path | None = None
    client_certificate: Literal["none", "optional", "required"] = "none"


class ListenerSettings(Strict):
    name: Name
    protocol: Literal["mllp", "http"]
    bind: Bind
    partners: tuple[Name, ...] = ()
    """Only these may use it; empty: every partner."""
    serve: tuple[Literal["fhir", "soap", "console", "metrics"], ...] = ("fhir", "soap")
    tls: TlsSettings | None = None
    max_payload_bytes: int = Field(16 * 1024 * 1024, ge=1024, le=1024 * 1024 * 1024)
    max_connections: int = Field(256, ge=1)
    idle_timeout_s: float = Field(86400, gt=0)
    stalled_frame_timeout_s: float = Field(30, gt=0)
    unread_answers_timeout_s: float = Field(60, gt=0)


class Hl7v2PartnerSettings(Strict):
    answer: Literal["deferred", "none"] = "deferred"
    transient_failure: Literal["accept", "close", "AE", "AR"] = "accept"
    acknowledgment: Literal["original", "enhanced"] = "original"
    """enhanced: MSH-15 and MSH-16 decide which acknowledgments are sent."""
    summarize: tuple[str, ...] = ("*",)
    """The events whose messages are summarized, `ADT^A03`, `ORU^*`; the others are kept."""


class ReturnSettings(Strict):
    mllp: Bind
    message: Literal["MDM^T02", "ORU^R01"] = "MDM^T02"


class ConsentSettings(Strict):
    """Where the consents of a partner's patients come from."""

    source: Literal["bundle", "file"]
    """bundle: Consent resources that come with the content, permits too; file: the records at `path`."""
    path: Path | None = None

    @model_validator(mode="after")
    def _has_its_path(self) -> Self:
        if (self.source == "file") != (self.path is not None):
            raise ValueError("source: file needs a path, and nothing else does")
        return self


class PartnerSettings(Strict):
    identify: tuple[IdentifySettings, ...] = ()
    """Beside these, every key counts that was issued by `ehr-gateway keys new`."""
    purpose_of_use: tuple[PurposeOfUse, ...] = ()
    hl7v2: Hl7v2PartnerSettings = Hl7v2PartnerSettings()
    models: dict[str, str] = Field(default_factory=dict)
    """Alias -> the version that it means for this partner."""
    operations: dict[Literal["summarize"], OperationVersionName] = Field(default_factory=dict)
    """The version of the operation that a call of this partner's is of when it names none."""
    returns: ReturnSettings | None = Field(None, alias="return")
    consent: ConsentSettings | None = None


class TargetSettings(Strict):
    backend: Name
    weight: int = Field(1, ge=0)


class VersionSettings(LifeSettings):
    targets: tuple[TargetSettings, ...] = Field(min_length=1)
    fallback: tuple[Name, ...] = ()
    deadline_s: float = Field(30, gt=0)
    around_refusals: bool = False
    """Content that one backend declines is carried to the next."""
    after_interruption: Literal["ask_again", "leave"] = "leave"
    """A call that a crash cut off may have been paid. Backends in this process are always asked again."""


class ModelSettings(Strict):
    default: str
    versions: dict[str, VersionSettings] = Field(min_length=1)


def _window(text: object) -> object:
    """`HH:MM-HH:MM` as a pair."""
    if not isinstance(text, str):
        return text
    found = re.fullmatch(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)", text)
    if found is None or found[1] == found[2]:
        raise ValueError("is HH:MM-HH:MM, as in 07:00-19:00")
    return (found[1], found[2])


Window = Annotated[tuple[str, str], BeforeValidator(_window)]


class ConditionSettings(Strict):
    """All keys that are given must hold; within a key any value is enough."""

    partner: tuple[str, ...] | None = None
    listener: tuple[str, ...] | None = None
    protocol: tuple[Literal["hl7v2", "fhir", "soap"], ...] | None = None
    message_type: tuple[str, ...] | None = None
    """`*` stands for anything: `ORU^*`."""
    operation: tuple[Literal["summarize", "record", "retrieve"], ...] | None = None
    operation_version: tuple[str, ...] | None = None
    """Of `$summarize`: the one that answers."""
    purpose: tuple[str, ...] | None = None
    audience: tuple[str, ...] | None = None
    purpose_of_use: tuple[PurposeOfUse, ...] | None = None
    confidentiality: tuple[Literal["U", "L", "M", "N", "R", "V"], ...] | None = None
    sensitivity: tuple[str, ...] | None = None
    consent: tuple[Literal["none", "permit", "deny"], ...] | None = None
    """What the patient's consents say. A denial refuses without any rule."""
    break_glass: bool | None = None
    patient_class: tuple[str, ...] | None = None
    max_size_bytes: int | None = None
    min_size_bytes: int | None = None
    facility: tuple[str, ...] | None = None
    """`*` stands for anything."""
    min_age: int | None = Field(None, ge=0)
    """Completed years. Never holds, like max_age, where the birth date is not told."""
    max_age: int | None = Field(None, ge=0)
    age_known: bool | None = None
    priority: tuple[Literal["stat", "urgent", "routine"], ...] | None = None
    time_of_day: tuple[Window, ...] | None = None
    """`07:00-19:00`, the end excluded, in the gateway's time zone; `22:00-06:00` spans midnight."""
    weekday: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] | None = None
    authentication: tuple[Method, ...] | None = None
    """How the caller proved who it is."""
    backend: tuple[str, ...] | None = None
    backend_on_premises: bool | None = None
    backend_region: tuple[str, ...] | None = None
    backend_baa: bool | None = None
    """A business associate agreement holds on the day."""
    backend_max_retention_days: int | None = Field(None, ge=0)
    """Its provider keeps what it is sent no longer; never holds where that is not known."""
    backend_retention_over_days: int | None = Field(None, ge=0)
    """It keeps it longer, or nobody knows."""


class ObligationSettings(Strict):
    model: str | None = None
    """An alias, or `alias@version`."""
    deidentify: Literal["none", "limited", "safe_harbor"] = "none"
    unsupported: Literal["mark", "drop", "replace"] = "mark"
    """What becomes of a model's statement that says what its evidence does not."""
    sensitive: Literal["strip", "refuse"] = "strip"
    """A backend off the premises never reads labelled content: it gets the rest, or nothing."""
    sections: tuple[str, ...] | None = None
    """The parts of the record that a model may read; without it, the purpose of use decides."""
    max_tokens: int | None = Field(None, ge=64)
    """The most that a model may write."""
    review: bool = False
    """The answer says that a clinician has to review it before use."""
    notice: str = Field("", max_length=400, pattern=r"^[^\r\n]*$")
    """Stands in the answer."""
    return_to: str | None = None
    """The partner on whose `return` the summary of an event leaves."""

    @field_validator("sections")
    @classmethod
    def _are_parts(cls, sections: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for part in sections or ():
            if part not in PARTS and not part.startswith(NOTE_PREFIX):
                raise ValueError(f"there is no part {part}: {', '.join(sorted(PARTS))} or note:LOINC")
        return sections


class RuleSettings(Strict):
    id: Name
    effect: Literal["permit", "forbid"]
    shadow: bool = False
    """Evaluated, counted and shown, not enforced."""
    when: ConditionSettings = ConditionSettings()
    then: ObligationSettings = ObligationSettings()


class PolicySettings(Strict):
    require_consent: tuple[PurposeOfUse | Literal["PART2"], ...] = ()
    """For these purposes of use a consent has to permit; PART2: for substance use records."""
    rules: tuple[RuleSettings, ...] = ()
    limits: tuple[LimitSettings, ...] = ()
    quotas: tuple[QuotaSettings, ...] = ()


class Settings(Strict):
    """The whole file."""

    gateway: GatewaySettings = GatewaySettings()
    listeners: tuple[ListenerSettings, ...] = Field(min_length=1)
    partners: dict[Name, PartnerSettings] = Field(min_length=1)
    token_issuers: dict[Name, TokenIssuerSettings] = Field(default_factory=dict)
    backends: dict[Name, AnyBackend] = Field(min_length=1)
    models: dict[Name, ModelSettings] = Field(min_length=1)
    operations: OperationsSettings = OperationsSettings()
    policy: PolicySettings = PolicySettings()
