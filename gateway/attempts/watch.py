"""What is told of attempts to whoever counts them. Names of backends and causes only: closed sets."""

from typing import Protocol

from gateway.summary import Usage

ANSWERED = "answered"
ABANDONED = "abandoned"
"""The caller went away, or another call was quicker."""


class Watch(Protocol):
    def attempted(self, backend: str, outcome: str, seconds: float | None) -> None:
        """`outcome` is `ANSWERED`, `ABANDONED`, or the value of a `Cause`; no time is taken of calls within
        this process."""
        ...

    def retried(self, backend: str) -> None: ...

    def hedged(self, backend: str) -> None: ...

    def used(self, backend: str, usage: Usage) -> None: ...


class NoWatch:
    """Counts nothing."""

    def attempted(self, backend: str, outcome: str, seconds: float | None) -> None: ...

    def retried(self, backend: str) -> None: ...

    def hedged(self, backend: str) -> None: ...

    def used(self, backend: str, usage: Usage) -> None: ...
