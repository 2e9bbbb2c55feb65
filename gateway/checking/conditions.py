"""Which problems, findings, procedures and parts of the body a text names, by meaning."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.checking.tables import entries, lines

_ENDINGS = (
    "itis", "oma", "emia", "aemia", "osis", "pathy", "uria", "algia", "ectomy", "plasty", "otomy", "ostomy",
    "scopy", "penia", "plegia", "paresis", "rrhea", "rrhage", "megaly", "phagia", "pnea", "tensive",
    "cytosis", "philia", "phobia", "iasis", "sclerosis", "stenosis", "thorax", "edema", "ectasis", "phasia",
    "pexy", "centesis", "trophy", "malacia", "lysis", "dystonia", "spasm", "infarct", "infarction",
)  # fmt: skip
"""How clinical words end that no list holds."""
_LAST_LETTERS = frozenset(ending[-3:] for ending in _ENDINGS)
"""Asked first, since `endswith` asks one ending after another."""

_NOT_CLINICAL = frozenset(
    "diagnosis diagnoses prognosis analysis urinalysis paralysis hypothesis diploma aroma coma basis dialysis"
    " therapy chemistry history catalysis emphasis dosis glaucoma sympathy empathy apathy synthesis"
    " carcinoma autopsy biopsy telemetry monitoring thesis electrolysis academia media".split()
)
"""They end so and are none, or stand in the list of meanings."""


@dataclass(frozen=True, slots=True)
class Named:
    """A clinical term in a text."""

    at: int
    length: int
    """In words."""
    meanings: frozenset[str]
    """Any of them may be meant; empty when only its ending tells that it is a clinical word."""


Phrases = dict[str, list[tuple[tuple[str, ...], frozenset[str]]]]


def _meanings() -> tuple[Phrases, Phrases, dict[str, frozenset[str]]]:
    """Spellings by their first word, longest first, for statements and for evidence; and what each meaning is
    a kind of, with itself."""
    spellings: dict[tuple[str, ...], set[str]] = {}
    parents: dict[str, set[str]] = {}
    for line in lines("meanings"):
        listed, _, kinds = line.partition(" > ")
        variants = [each.replace("'s", "").strip() for each in listed.split(";")]
        parents.setdefault(variants[0], set()).update(each.strip() for each in kinds.split(";") if each)
        for each in variants:
            spellings.setdefault(tuple(each.split()), set()).add(variants[0])
    for name, listed_words in entries("body"):
        for word in listed_words:
            spellings.setdefault((word,), set()).add(name)
    said = {words: names for words, names in spellings.items() if words[0][0] != "+"}
    borne: dict[tuple[str, ...], set[str]] = {}
    for words, names in spellings.items():
        borne.setdefault((words[0].removeprefix("+"), *words[1:]), set()).update(names)
    return _by_first(said), _by_first(borne), {name: frozenset(_upwards(name, parents)) for name in parents}


def _by_first(spellings: dict[tuple[str, ...], set[str]]) -> Phrases:
    found: Phrases = {}
    for words, names in sorted(spellings.items(), key=lambda each: -len(each[0])):
        found.setdefault(words[0], []).append((words, frozenset(names)))
    return found


def _upwards(name: str, parents: dict[str, set[str]]) -> Iterator[str]:
    yield name
    for parent in parents.get(name, ()):
        yield from _upwards(parent, parents)


_PHRASES, _EVIDENCE_PHRASES, _KINDS = _meanings()
_EVIDENCE_BEGINS = frozenset(_EVIDENCE_PHRASES)
DERIVED_FROM: dict[str, tuple[str, frozenset[str]]] = {
    name: (words[0], frozenset(words[1:])) for name, words in entries("derived")
}
"""What a result can be called: the direction, and the words of what was measured."""
_BODY = frozenset(name for name, _ in entries("body"))


def terms(words: Sequence[str]) -> list[Named]:
    """The clinical terms of a text, each word in one of them at most, longer ones first."""
    found = []
    at, end = 0, len(words)
    while at < end:
        word = words[at]
        candidates = _PHRASES.get(word)
        if candidates is None:
            if (
                len(word) > 6
                and word[-3:] in _LAST_LETTERS
                and word.endswith(_ENDINGS)
                and word not in _NOT_CLINICAL
            ):
                found.append(Named(at, 1, frozenset()))
            at += 1
            continue
        for phrase, meanings in candidates:
            if tuple(words[at : at + len(phrase)]) == phrase:
                found.append(Named(at, len(phrase), meanings))
                at += len(phrase) - 1
                break
        at += 1
    return found


def meanings_in(words: Sequence[str]) -> dict[str, list[int]]:
    """All that a text can be taken to name, with what each is a kind of, and where it begins: the evidence's
    side, so that words may count for several."""
    found: dict[str, list[int]] = {}
    if _EVIDENCE_BEGINS.isdisjoint(words):
        return found
    for at, word in enumerate(words):
        for phrase, meanings in _EVIDENCE_PHRASES.get(word, ()):
            if len(phrase) == 1 or tuple(words[at : at + len(phrase)]) == phrase:
                for meaning in meanings:
                    for kind in _KINDS.get(meaning) or (meaning,):
                        found.setdefault(kind, []).append(at)
    return found


def meanings_of(word: str) -> frozenset[str]:
    """Of a single word."""
    for phrase, meanings in _PHRASES.get(word, ()):
        if len(phrase) == 1:
            return meanings
    return frozenset()


def is_part_of_body(meaning: str) -> bool:
    return meaning in _BODY


def is_body_part(named: Named) -> bool:
    return bool(named.meanings) and named.meanings <= _BODY
