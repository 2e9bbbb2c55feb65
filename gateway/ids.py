"""Our own message ids: short enough for MSH-10, sortable by time, never the same twice."""

from collections.abc import Callable

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_RANDOM_BITS = 40


class IdSource:
    """Gives ids of 18 characters, 10 of milliseconds since 1970 and 8 of chance; each above the last.

    MSH-10 holds 20 characters up to HL7 2.6, which leaves two for a suffix (`A` the acknowledgment,
    `S` the summary's own message).
    """

    def __init__(self, milliseconds: Callable[[], int], random_bits: Callable[[int], int]) -> None:
        self._milliseconds = milliseconds
        self._random_bits = random_bits
        self._last = 0

    def next(self) -> str:
        fresh = self._milliseconds() << _RANDOM_BITS | self._random_bits(_RANDOM_BITS)
        # Within one millisecond, or when the clock steps back, count on from the last one.
        self._last = fresh if fresh >> _RANDOM_BITS > self._last >> _RANDOM_BITS else self._last + 1
        return _base32(self._last)


_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)


def _base32(number: int) -> str:
    """18 characters of 5 bits, two at a time."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(80, -1, -10)])
