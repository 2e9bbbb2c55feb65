"""What the calls made for one request have cost and who was shown it, the failed ones included."""

from gateway.backends.failure import BackendFailure
from gateway.summary import Usage

_NOTHING = Usage(calls=0)
_POSSIBLY_PAID = Usage(calls=1, calls_possibly_paid=1)


class Account:
    """Filled while a request is served; what it holds is true at any moment, also when the caller goes."""

    def __init__(self) -> None:
        self.usage = _NOTHING
        self.by_backend: dict[str, Usage] = {}
        """The same, apart by who was asked, where that is known: prices differ."""
        self.shown_to: tuple[str, ...] = ()
        """Backends outside of this process that were called with the content, each once, failed ones too."""

    def shows(self, backend: str) -> None:
        if backend not in self.shown_to:
            self.shown_to = (*self.shown_to, backend)

    def used(self, usage: Usage, backend: str = "") -> None:
        self.usage = total(self.usage, usage)
        self.by_backend[backend] = total(self.by_backend.get(backend, _NOTHING), usage)

    def failed(self, failure: BackendFailure, backend: str = "") -> Usage | None:
        """What a failed call cost; None: nothing."""
        if failure.usage is not None:
            self.used(failure.usage, backend)
            return failure.usage
        return self.unknown(backend) if failure.may_have_been_paid else None

    def unknown(self, backend: str = "") -> Usage:
        """A call was sent and its outcome was not waited for, or never came."""
        self.used(_POSSIBLY_PAID, backend)
        return _POSSIBLY_PAID


def total(one: Usage, other: Usage) -> Usage:
    return Usage(
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        cache_read_tokens=one.cache_read_tokens + other.cache_read_tokens,
        cache_write_tokens=one.cache_write_tokens + other.cache_write_tokens,
        calls=one.calls + other.calls,
        calls_possibly_paid=one.calls_possibly_paid + other.calls_possibly_paid,
    )


def difference(later: Usage, earlier: Usage) -> Usage:
    return Usage(
        input_tokens=later.input_tokens - earlier.input_tokens,
        output_tokens=later.output_tokens - earlier.output_tokens,
        cache_read_tokens=later.cache_read_tokens - earlier.cache_read_tokens,
        cache_write_tokens=later.cache_write_tokens - earlier.cache_write_tokens,
        calls=later.calls - earlier.calls,
        calls_possibly_paid=later.calls_possibly_paid - earlier.calls_possibly_paid,
    )
