"""Is the audit as it was written? Entry by entry and checkpoint by checkpoint, whatever their number, in
the same little memory. Pure: who reads them hands them in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson

from gateway.audit.chain import BEGINNING, Checkpoint, Head, Sealed, continues, is_genuine
from gateway.audit.entries import Entry, Event

_CHANGED = "was changed, or is not where it was written"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written."""

    number: int
    """Of the entry; 0 where it is about none."""
    what: str

    def __str__(self) -> str:
        return f"entry {self.number}: {self.what}" if self.number else self.what


class Verification:
    """One verification. Entries are handed in by number, checkpoints after them, then `ended` is asked."""

    def __init__(self, key: bytes, public_key: bytes) -> None:
        self._key = key
        self._public_key = public_key
        self._head = Head()
        self._begun_at: Sealed | None = None
        """The first entry, where those before it are gone: a deletion, which stands later, may say so."""
        self._beginning: bytes | None = None
        """The seal before it, as that deletion says."""
        self.entries = 0
        self.first = 0
        self.checkpoints = 0
        self.newest: Checkpoint | None = None

    @property
    def last(self) -> int:
        return self._head.number

    def entry(self, row: Sealed, said: Entry) -> Iterator[Finding]:
        """`said`: `row.entry` as it was parsed, empty where it is no JSON."""
        before, self._head = self._head, Head(row.number, row.mac)
        self.entries += 1
        if self.entries == 1:
            self.first = row.number
            before = Head(row.number - 1, BEGINNING)
            self._begun_at = row if row.number > 1 else None
        if row.number > before.number + 1:
            yield Finding(row.number, f"entries {before.number + 1} to {row.number - 1} are missing")
        elif row is not self._begun_at and not continues(self._key, before.mac, row):
            yield Finding(row.number, _CHANGED)
        if said.get("event") == Event.DELETION and said.get("through") == self.first - 1:
            self._beginning = _bytes_of(said.get("mac"))

    def checkpoint(self, line: int, text: bytes, seal_of: Callable[[int], bytes | None]) -> Iterator[Finding]:
        """One line of their file; `seal_of` gives an entry's, by its number."""
        checkpoint = read_checkpoint(text)
        if checkpoint is None:
            yield Finding(
                0, f"line {line} of the checkpoints is none: cut off while it was written, or changed"
            )
            return
        self.checkpoints += 1
        self.newest = checkpoint
        if not is_genuine(checkpoint, self._public_key):
            yield Finding(checkpoint.number, f"checkpoint in line {line} is not ours or was changed")
            return
        seal = seal_of(checkpoint.number)
        if seal is not None and seal.hex() != checkpoint.mac:
            yield Finding(checkpoint.number, f"is not what the checkpoint of {checkpoint.at} signed")
        elif seal is None and checkpoint.number > self.last:  # of those between, the chain tells
            yield Finding(checkpoint.number, f"is missing: the checkpoint of {checkpoint.at} signed it")

    def ended(self) -> Iterator[Finding]:
        first = self._begun_at
        if first is None:
            return
        if self._beginning is None:
            yield Finding(first.number, f"entries 1 to {first.number - 1} are missing")
        elif not continues(self._key, self._beginning, first):
            yield Finding(first.number, _CHANGED)


def read_checkpoint(text: bytes) -> Checkpoint | None:
    """None for what is no checkpoint: a line that a power cut left unfinished."""
    try:
        checkpoint = Checkpoint(**orjson.loads(text))
    except (ValueError, TypeError):
        return None
    words = (checkpoint.mac, checkpoint.at, checkpoint.signature)
    is_one = type(checkpoint.number) is int and all(type(word) is str for word in words)
    return checkpoint if is_one else None


def _bytes_of(hexadecimal: object) -> bytes:
    try:
        return bytes.fromhex(str(hexadecimal))
    except ValueError:
        return b""
