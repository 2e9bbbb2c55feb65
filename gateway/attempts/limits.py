"""What an operator allows one backend: how often it is asked again, how much at once, when it rests."""

from gateway.values import carrier


@carrier
class RetryLimits:
    most: int = 2
    """Further calls of the same backend for one request."""
    first_wait_s: float = 0.5
    longest_wait_s: float = 8.0
    budget: float = 0.2
    """Retries and hedges, as a share of this backend's recent calls: an outage must not double its load."""


@carrier
class BreakerLimits:
    failures: int = 5
    """In a row."""
    rate: float = 0.5
    """Share of failures among the calls of `window_s`, once there are `least_calls`."""
    least_calls: int = 20
    window_s: float = 30.0
    open_s: float = 5.0
    """The first time; doubled each time the probe fails, up to `longest_open_s`."""
    longest_open_s: float = 20.0


@carrier
class BackendLimits:
    provider: str = ""
    """The backend's type: a row of the table of retries."""
    timeout_s: float = 60.0
    """For one call, from its start to the last byte."""
    concurrency: int = 32
    queue: int = 128
    """Callers that may wait for a free place; those of the work queue are not counted."""
    retries: RetryLimits = RetryLimits()
    breaker: BreakerLimits = BreakerLimits()
    hedge_after_s: float | None = None
    """A second call begins when the first has not answered after this; None: never."""
    hedge_with: str = ""
    """The backend of the second call; empty: the same."""
