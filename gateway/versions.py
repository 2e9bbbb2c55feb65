"""Versions and their lives: current, deprecated, ended; and those of `$summarize` itself."""

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, date, datetime, tzinfo
from typing import Protocol

from gateway.values import carrier

OPERATION = "summarize"


class Versioned(Protocol):
    """What has a life: a version of a model or of the operation."""

    @property
    def version(self) -> str: ...

    @property
    def called(self) -> str:
        """`model clinical version 1`"""
        ...

    @property
    def deprecated(self) -> date | None:
        """From this day on it works and warns."""
        ...

    @property
    def sunset(self) -> date | None:
        """From this day on it is no more."""
        ...

    @property
    def successor(self) -> str | None: ...

    @property
    def moves_on(self) -> bool:
        """From its sunset on its successor answers; else it is refused."""
        ...

    @property
    def documentation(self) -> str:
        """Address of a page for people about its end; empty: none."""
        ...


def is_deprecated(version: Versioned, day: date) -> bool:
    return version.deprecated is not None and day >= version.deprecated


def has_ended(version: Versioned, day: date) -> bool:
    return version.sunset is not None and day >= version.sunset


def as_subject(version: Versioned) -> str:
    """What it is called, at the beginning of a sentence."""
    return version.called[0].upper() + version.called[1:]


def life_told(version: Versioned, day: date) -> str:
    """In a sentence; empty for one that is current."""
    named = as_subject(version)
    follows = f"; its successor is version {version.successor}." if version.successor else "."
    if has_ended(version, day):
        return f"{named} ended on {version.sunset}{follows}"
    if is_deprecated(version, day):
        ends = f" and ends on {version.sunset}" if version.sunset else ""
        return f"{named} is deprecated since {version.deprecated}{ends}{follows}"
    return ""


@carrier
class OperationVersion:
    """One version of `$summarize`: what it holds to, and its life as `Versioned` says."""

    version: str
    prompt: str = ""
    """The wording of a model's instructions; empty: the newest."""
    deprecated: date | None = None
    sunset: date | None = None
    successor: str | None = None
    moves_on: bool = False
    documentation: str = ""

    @property
    def called(self) -> str:
        return f"operation {OPERATION} version {self.version}"


@carrier
class OperationVersions:
    """The versions of `$summarize` that the operator's file knows."""

    default: str = "1"
    """What a call is of that names none."""
    versions: Mapping[str, OperationVersion] = field(default_factory=lambda: {"1": OperationVersion("1")})
    zone: tzinfo = UTC
    """In which days begin."""

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def default_first(self) -> tuple[OperationVersion, ...]:
        return tuple(sorted(self.versions.values(), key=lambda each: each.version != self.default))

    def living(self, day: date) -> tuple[OperationVersion, ...]:
        """Those that a caller may name on the day, the default first."""
        return tuple(each for each in self.default_first() if not has_ended(each, day))
