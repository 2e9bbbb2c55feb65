"""What stays in a prompt when not everything has room, and how what goes is told.

In which order things go is `importance`. The same request and room give the same choice.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gateway.clinical import Caution, ClinicalFact, ClinicalNote
from gateway.errors import ErrorKind, GatewayError
from gateway.prompt.entries import Entry
from gateway.prompt.importance import (
    Series,
    Step,
    instant,
    is_about_allergies,
    is_repeated_narrative,
    step_of,
)
from gateway.prompt.quoting import block
from gateway.prompt.shortening import Part, Weight, parts_of
from gateway.prompt.tokens import MILLI, weight_of

_TOLD = "~ Left out here for lack of room: "
"""Begins the line that tells the model what is missing."""
_MANY = 100_000
"""A number as long as any of those in that line."""
_GAP_TOKENS = 16
"""Of the line that stands in a note where a part was left out."""
_PASSES = 3
"""A short part goes when a neighbour is gone, which may be in the next pass."""
_PLACES = 20
"""Origins named in one caution; more are counted."""

_STEP_OF_WEIGHT = {
    Weight.ORDINARY: Step.ORDINARY_TEXT,
    Weight.DECISIVE: Step.DECISIVE_TEXT,
    Weight.DENYING: Step.DENYING_TEXT,
    Weight.ALWAYS: Step.NEVER,
}
_ADJECTIVES = {
    Step.OLDER_NORMAL: "older normal ",
    Step.OLDER_UNFLAGGED: "older unflagged ",
    Step.NORMAL: "normal ",
    Step.BACKGROUND: "past or background ",
    Step.OLDER_ABNORMAL: "older abnormal ",
    Step.REST: "",
}
_REPEATED_PASSAGE = "passage of narrative that repeats facts", "passages of narrative that repeats facts"
_PASSAGE = "passage of a note", "passages of notes"


@dataclass(frozen=True, slots=True)
class Fitted:
    entries: Sequence[Entry]
    told: str = ""
    """For the model: `~ Left out here for lack of room: 12 older normal result entries.`"""
    cautions: tuple[Caution, ...] = ()
    """The same for people, with places."""


@dataclass(slots=True)
class _Shortened:
    """One note while parts of it go."""

    heading: str
    parts: list[Part]
    weights: list[int]
    """Of the parts, as they are written."""
    gone: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, entry: Entry, note: ClinicalNote) -> "_Shortened":
        parts = parts_of(note.text)
        weights = [weight_of("\n".join(block(part.text))) + MILLI for part in parts]
        return cls(entry.text.partition("\n")[0], parts, weights)

    @property
    def weight(self) -> int:
        """Of the whole, written in parts."""
        return weight_of(self.heading) + MILLI + sum(self.weights)

    @property
    def is_gone(self) -> bool:
        return len(self.gone) == len(self.parts)

    def freed_by(self, part: int) -> int:
        """Thousandths of a token that are free when this part goes too; the line at a gap costs some."""
        gaps = 1 - (part - 1 in self.gone) - (part + 1 in self.gone)
        is_last = len(self.gone) + 1 == len(self.parts)
        heading = weight_of(self.heading) + MILLI + _GAP_TOKENS * MILLI if is_last else 0
        return self.weights[part] - gaps * _GAP_TOKENS * MILLI + heading

    def written(self) -> str:
        lines = [self.heading]
        missing = 0
        for index, part in enumerate([*self.parts, None]):
            if index in self.gone:
                missing += 1
                continue
            if missing:
                lines.append(f"~ {_counted(missing, _PASSAGE)} left out here")
                missing = 0
            if part is not None:
                lines += block(part.text)
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Something that may go: a whole entry, or one part of a note."""

    step: Step
    time: str
    tie: int
    entry: int
    kind: tuple[str, str]
    part: int = -1
    """Of a note."""


def fit(entries: Sequence[Entry], room: int) -> Fitted:
    """As much of the entries as has room, in thousandths of a token. Raises `CONTEXT_EXCEEDED` when what must
    stay has none."""
    costs = [weight_of(entry.text) + MILLI for entry in entries]  # with the end of its line
    excess = sum(costs) - room
    if excess <= 0:
        return Fitted(entries)
    excess += weight_of(f"{_TOLD}.\n")
    notes: dict[int, _Shortened] = {}
    pieces = sorted(_pieces(entries, notes), key=lambda each: (each.step, each.time, each.tie))
    # A long line that is parted is written as several, each with a beginning of its own.
    excess += sum(max(0, note.weight - costs[index]) for index, note in notes.items())
    gone: set[int] = set()
    counts: Counter[tuple[str, str]] = Counter()
    places: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    going = _going(pieces, costs, notes)
    while excess > 0 and (next_one := next(going, None)):
        piece, freed = next_one
        excess -= freed
        if piece.kind not in counts:
            excess += weight_of(f"{_counted(_MANY, piece.kind)}, ")
        counts[piece.kind] += 1
        places[piece.kind][entries[piece.entry].origin] = None
        if piece.entry not in notes or notes[piece.entry].is_gone:
            gone.add(piece.entry)
    if excess > 0:
        raise GatewayError(
            ErrorKind.CONTEXT_EXCEEDED,
            f"{-(-excess // MILLI)} tokens too many of what must stay in the prompt",
        )
    return Fitted(
        tuple(_staying(entries, notes, gone)),
        f"{_TOLD}{', '.join(_counted(n, kind) for kind, n in counts.items())}.",
        tuple(_caution(n, kind, list(places[kind])) for kind, n in counts.items()),
    )


def _going(
    pieces: Sequence[_Piece], costs: Sequence[int], notes: dict[int, _Shortened]
) -> Iterator[tuple[_Piece, int]]:
    """One piece after another, and what its going sets free in thousandths of a token."""
    for _ in range(_PASSES):
        short = []
        for piece in pieces:
            note = notes.get(piece.entry)
            freed = costs[piece.entry] if note is None else note.freed_by(piece.part)
            if freed <= 0:  # beside what stays it is worth no line that tells of a gap
                short.append(piece)
                continue
            if note is not None:
                note.gone.add(piece.part)
            yield piece, freed
        pieces = short


def _pieces(entries: Sequence[Entry], notes: dict[int, _Shortened]) -> Iterator[_Piece]:
    """Everything that may go; the notes among it are added to `notes` in parts."""
    series = Series(entry.source for entry in entries if isinstance(entry.source, ClinicalFact))
    for index, entry in enumerate(entries):
        source = entry.source
        if isinstance(source, ClinicalFact):
            step = step_of(source, series)
            if step is not Step.NEVER:
                kind = f"{_ADJECTIVES[step]}{source.kind.value.replace('-', ' ')}"
                yield _Piece(step, _age(source.time), index, index, (f"{kind} entry", f"{kind} entries"))
        elif isinstance(source, ClinicalNote) and not is_about_allergies(source):
            notes[index] = _Shortened.of(entry, source)
            yield from _parts(index, source, notes[index].parts)


def _parts(entry: int, note: ClinicalNote, parts: Sequence[Part]) -> Iterator[_Piece]:
    middle = (len(parts) - 1) / 2
    repeats = is_repeated_narrative(note)
    for index, part in enumerate(parts):
        step = _STEP_OF_WEIGHT[part.weight]
        if step is not Step.NEVER:
            distance = int(abs(index - middle) * 2)
            tie = (entry << 32) + (distance << 1) + (index > middle)
            if repeats:
                yield _Piece(Step.REPEATED_NARRATIVE, _age(note.time), tie, entry, _REPEATED_PASSAGE, index)
            else:
                yield _Piece(step, _age(note.time), tie, entry, _PASSAGE, index)


def _age(time: str) -> str:
    return instant(time) or "~"  # behind every date


def _staying(entries: Sequence[Entry], notes: dict[int, _Shortened], gone: set[int]) -> Iterator[Entry]:
    for index, entry in enumerate(entries):
        if index in gone:
            continue
        note = notes.get(index)
        yield replace(entry, text=note.written()) if note and note.gone else entry


def _counted(number: int, words: tuple[str, str]) -> str:
    return f"{number} {words[number != 1]}"


def _caution(number: int, kind: tuple[str, str], origins: Sequence[str]) -> Caution:
    more = f" and {len(origins) - _PLACES} more" if len(origins) > _PLACES else ""
    return Caution(
        code="left-out",
        text=f"{_counted(number, kind)} left out of what the model read: there was no room",
        location=", ".join(origins[:_PLACES]) + more,
    )
