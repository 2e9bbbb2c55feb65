"""What of labelled notes was found, and what was taken that is no identifier."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.deidentify import Deidentified, deidentify
from gateway.deidentify.spans import Finds
from gateway.policy.rules import Deidentify
from tests.gateway.deidentify.carriers import CARRIERS, text_of
from tests.gateway.deidentify.notes import LabelledNote

_TOKEN = re.compile(r"\[[A-Z-]+-\d+[A-Z]{0,2}(?: [^\]]+)?\]")


@dataclass
class Score:
    labelled: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """(kind, whether it is this patient's own)"""
    found: Counter[tuple[str, bool]] = field(default_factory=Counter)
    taken: int = 0
    rightly: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def recall(self, *, own: bool | None = None, kind: str | None = None) -> float:
        keys = [
            key
            for key in self.labelled
            if (own is None or key[1] is own) and (kind is None or key[0] == kind)
        ]
        return sum(self.found[key] for key in keys) / max(1, sum(self.labelled[key] for key in keys))

    @property
    def precision(self) -> float:
        return self.rightly / max(1, self.taken)


def measure(notes: Iterable[LabelledNote], others: Sequence[Finds] = ()) -> Score:
    """Each note in one of the ways to carry it, in turn. Raises `AssertionError` when one does not come back."""
    score = Score()
    carriers = list(CARRIERS.values())
    for index, note in enumerate(notes):
        request = carriers[index % len(carriers)](note)
        text_of(request, note)
        made = deidentify(request, Deidentify.SAFE_HARBOR, others)
        shown = _shown(made, request.notes, request.facts, note)
        places = list(_places(shown, note.text, made))
        _count(score, note, places)
    return score


def _shown(made: Deidentified, notes: object, facts: object, note: LabelledNote) -> str:
    """The note as a model sees it, at the place where it stood."""
    before = [each.text for each in notes]  # type: ignore[attr-defined]
    after = [each.text for each in made.request.notes]
    before += [detail.text for fact in facts for detail in fact.details]  # type: ignore[attr-defined]
    after += [detail.text for fact in made.request.facts for detail in fact.details]
    return after[before.index(note.text)]


def _places(shown: str, text: str, made: Deidentified) -> Iterable[tuple[int, int]]:
    """Where in the note tokens took the place of something."""
    at = behind = 0
    for match in _TOKEN.finditer(shown):
        assert made.tokens is not None
        surface, unknown = made.tokens.restore(match.group())
        if surface == match.group() or unknown:
            continue
        start = at + match.start() - behind
        assert text[start : start + len(surface)] == surface
        yield start, start + len(surface)
        at, behind = start + len(surface), match.end()
    assert text[at:] == shown[behind:]


def _count(score: Score, note: LabelledNote, places: list[tuple[int, int]]) -> None:
    """Found is what went whole; rightly taken is what holds letters and digits of identifiers alone."""
    text = note.text
    gone = {at for start, end in places for at in range(start, end)}
    labelled = {at for label in note.labels for at in range(label.start, label.end)}
    for label in note.labels:
        key = (label.kind, label.is_own)
        score.labelled[key] += 1
        if all(at in gone or not text[at].isalnum() for at in range(label.start, label.end)):
            score.found[key] += 1
        else:
            score.missed.append(_around(text, label.start, label.end, label.kind))
    for start, end in places:
        score.taken += 1
        if all(at in labelled or not text[at].isalnum() for at in range(start, end)):
            score.rightly += 1
        else:
            score.wrong.append(_around(text, start, end, "taken"))


def _around(text: str, start: int, end: int, kind: str) -> str:
    return f"{kind}: {text[max(0, start - 30) : start]}⟦{text[start:end]}⟧{text[end : end + 20]}".replace(
        "\n", "/"
    )
