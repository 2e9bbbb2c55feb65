"""Whether a statement affirms what its evidence affirms: denials, what has ended, sides, directions, sex."""

from collections.abc import Iterator

from gateway.checking.evidence import Evidence, stem
from gateway.checking.findings import Finding, Reason
from gateway.checking.polarity import CUES, State
from gateway.checking.said import Said
from gateway.checking.tables import lines
from gateway.clinical import FactKind

_A, _N, _E, _P, _O = State.AFFIRMED, State.ABSENT, State.ENDED, State.PAST, State.OPEN
_PAST_WORDS = frozenset(
    "was were had until ended previously previous prior former formerly past history resolved stopped"
    " discontinued inactive completed treated ago earlier held hold cancelled canceled no longer not never"
    " off recovered quit suspended withheld remission took passed underwent suffered developed sustained"
    " experienced".split()
)
_CURRENT_WORDS = frozenset(
    "continued continues continue currently still ongoing active resumed restarted".split()
)
_EMPTY = frozenset(
    "the a an of and or in on at to for with by from as is are patient known history left right type per"
    " drug oral tablet mg mcg ml dose disorder finding situation procedure unspecified other acute chronic"
    " no not none status current active test result level blood serum plasma allergy screen examination"
    " use total count value use used high low normal negative positive reaction substance medication".split()
)
_NOT_DENIED_BY = frozenset(
    ("~ct", "~mri", "~ultrasound", "~x ray", "~ecg", "~eeg", "~echocardiogram", "~mammogram", "~biopsy")
)
"""`CT negative` denies what was looked for, not the examination."""
_NO_ALLERGIES = tuple(
    tuple(phrase.split())
    for phrase in (
        "nkda",
        "nka",
        "no known allergies",
        "no allergies",
        "no known drug allergies",
        "no drug allergies",
        "no known medication allergies",
        "no reported allergies",
    )
)


def denials(said: Said) -> Iterator[Finding]:
    yield from _no_allergies(said)
    yield from _tolerates(said)
    named: dict[tuple[str, ...], list[tuple[int, Reason | None]]] = {}
    of_subject: list[tuple[int, Reason | None]] = []
    for at, keys, is_name in _mentions(said):
        known = 0
        for evidence in said.evidence:
            for key in keys:
                known |= evidence.said.get(key, 0)
        if known:
            into = named.setdefault(keys, []) if is_name else of_subject
            into.append((at, _against(said, at, known)))
    # A thing that is named twice stands when it stands once. Words that are no clinical name speak only
    # together: an adjective beyond the reach of a cue proves nothing.
    for each in (*named.values(), of_subject):
        at, reason = each[0] if each else (0, None)
        if reason is not None and all(against is not None for _, against in each):
            yield Finding(reason, said.span(at))


def _mentions(said: Said) -> Iterator[tuple[int, tuple[str, ...], bool]]:
    """Terms, drugs, and other words of what the facts are about: where, under which keys of `Evidence.said`,
    and whether it is a name."""
    covered: set[int] = set()
    for named in said.terms:
        if named.meanings and _NOT_DENIED_BY.isdisjoint("~" + meaning for meaning in named.meanings):
            covered.update(range(named.at, named.at + named.length))
            yield named.at, tuple("~" + meaning for meaning in named.meanings), True
    subject = frozenset().union(*(evidence.subject for evidence in said.evidence))
    drugs = said.drugs
    for at, word in enumerate(said.words):
        if at in covered:
            continue
        if at in drugs:
            yield at, tuple(drugs[at]), True
        elif len(word) > 2 and stem(word) in subject and word not in _EMPTY and word[0].isalpha():
            yield at, (stem(word),), False


def _tolerates(said: Said) -> Iterator[Finding]:
    """`Tolerates penicillin`, of one who is allergic to it."""
    at = _first(said.words, _TOLERATED)
    if at < 0 or not said.state(at) & _A:
        return
    for evidence in said.evidence:
        fact = evidence.fact
        is_allergic = (
            fact is not None and fact.kind is FactKind.ALLERGY and evidence.said.get("~allergy", 0) == _A
        )
        if is_allergic and not evidence.subject.isdisjoint(map(stem, said.words)):
            yield Finding(Reason.NEGATION, said.span(at))
            return


def _against(said: Said, at: int, known: int) -> Reason | None:
    state = said.state(at)
    if state & _O or known & _O:
        return None
    if state & _A:
        if known & (_A | _P):
            return None
        if not known & _E:
            return Reason.NEGATION
        is_told = _CURRENT_WORDS.isdisjoint(said.words) and not _PAST_WORDS.isdisjoint(said.words)
        return None if is_told else Reason.STATUS
    if state & _N:
        return None if known & _N or (known & _E and not known & _A) else Reason.NEGATION
    if state & _E:
        return None if known & (_E | _N | _P) else Reason.STATUS
    return None if known & (_A | _E | _P) else Reason.NEGATION


def _no_allergies(said: Said) -> Iterator[Finding]:
    """`No known allergies`, where the request lists one, or where nobody says so."""
    words = tuple(said.words)
    for phrase in _NO_ALLERGIES:
        if phrase[0] not in words:
            continue
        at = words.index(phrase[0])
        if words[at : at + len(phrase)] != phrase:
            continue
        if "other" not in words and said.index.listed_allergies and not _says_none(said):
            yield Finding(Reason.NEGATION, said.span(at, len(phrase)))
        return


def _says_none(said: Said) -> bool:
    """The evidence itself denies allergies in general, whatever the request lists beside it."""
    return any(
        (evidence.fact is None and evidence.said.get("~allergy", 0) & _N) or "nkda" in evidence.words
        for evidence in said.evidence
    )


Words = frozenset[str]
_TOLERATED = frozenset(("tolerates", "tolerated", "tolerate", "tolerating"))


def _opposites() -> tuple[tuple[Words, Words, Reason], ...]:
    rows = (line.partition(": ") for line in lines("opposites"))
    found = []
    for about, _, sides in rows:
        one, _, other = sides.partition(" | ")
        found.append((frozenset(one.split()), frozenset(other.split()), Reason[about.upper()]))
    return tuple(found)


_OPPOSITES = _opposites()
_HIGH = frozenset("high elevated raised increased".split())
_LOW = frozenset("low decreased reduced".split())
_NORMAL = frozenset(("normal", "unremarkable"))
_LEVELS = _HIGH | _LOW | _NORMAL
_BESIDE_NORMAL = frozenset("above below outside than exceeds exceeding over under not".split())
"""`above the normal range`"""
_NOT_A_SIDE = frozenset(
    "the hospital against ama before without home room for at after away now ward".split()
)
_ALL_OPPOSITES = frozenset(word for one, other, _ in _OPPOSITES for word in (*one, *other))


def opposites(said: Said) -> Iterator[Finding]:
    words = said.words
    if not _ALL_OPPOSITES.isdisjoint(words):
        for one, other, reason in _OPPOSITES:
            yield from _opposite(said, one, other, reason)
            yield from _opposite(said, other, one, reason)
    yield from _level(said)


def _opposite(said: Said, here: frozenset[str], there: frozenset[str], reason: Reason) -> Iterator[Finding]:
    """A word of `here` for which the evidence has only one of `there`."""
    words = said.words
    for at, word in enumerate(words):
        if word not in here:
            continue
        if reason is not Reason.SIDE and (
            not there.isdisjoint(words) or (said.state(at) & _N and word not in CUES)
        ):
            continue
        if words[at - 1 : at] == ["not"] or (
            word in ("left", "right") and at + 1 < len(words) and words[at + 1] in _NOT_A_SIDE
        ):
            continue
        has_here = _bears(said, here)
        has_there = _bears(said, there) or (not has_here and _denies(said, here))
        if has_there and (not has_here or (reason is Reason.SIDE and _of_the_other(said, at, here, there))):
            yield Finding(reason, said.span(at))
            return


def _bears(said: Said, words: frozenset[str]) -> bool:
    """One of the words stands in the evidence, and is not denied there."""
    return any(
        evidence.said.get(stem(word), 0) & ~_N or (word in CUES and word in evidence.words)
        for evidence in said.evidence
        for word in words & evidence.words
    )


def _denies(said: Said, words: frozenset[str]) -> bool:
    return any(evidence.said.get(word, 0) == _N for evidence in said.evidence for word in words)


def _of_the_other(said: Said, at: int, here: frozenset[str], there: frozenset[str]) -> bool:
    """Both sides stand in the evidence, and what follows here stands there only with the other one."""
    following = said.words[at + 1] if at + 1 < len(said.words) else ""
    if not following or following in _EMPTY:
        return False
    with_here = with_there = False
    for evidence in said.evidence:
        for index, word in enumerate(evidence.raw[:-1]):
            if evidence.raw[index + 1] == following:
                with_here = with_here or word in here
                with_there = with_there or word in there
    return with_there and not with_here


def _level(said: Said) -> Iterator[Finding]:
    """`low` for a result that is flagged high, `normal` for one that is flagged at all."""
    words = said.words
    if len(said.evidence) != 1 or _LEVELS.isdisjoint(words):
        return
    high, low, normal = (_first(words, each) for each in (_HIGH, _LOW, _NORMAL))
    evidence = said.evidence[0]
    if evidence.fact is None or evidence.fact.kind not in (FactKind.RESULT, FactKind.VITAL_SIGN):
        return
    direction = evidence.direction
    if high >= 0 and low < 0:
        at = high if direction == "down" and not _has(evidence, _HIGH) else -1
    elif low >= 0 and high < 0:
        at = low if direction == "up" and not _has(evidence, _LOW) else -1
    else:
        is_about_value = max(high, low) < 0 and _BESIDE_NORMAL.isdisjoint(words)
        at = normal if is_about_value and direction and not _has(evidence, _NORMAL) else -1
    if at >= 0 and said.state(at) & _A:
        yield Finding(Reason.DIRECTION, said.span(at))


def _first(words: list[str], wanted: frozenset[str]) -> int:
    return next((at for at, word in enumerate(words) if word in wanted), -1)


def _has(evidence: Evidence, wanted: frozenset[str]) -> bool:
    return not wanted.isdisjoint(evidence.words)


_SEXES = {
    "man": "male",
    "male": "male",
    "gentleman": "male",
    "woman": "female",
    "female": "female",
    "lady": "female",
}


def patient(said: Said) -> Iterator[Finding]:
    """`67-year-old man`, of a woman."""
    sex = said.index.sex
    if sex not in ("male", "female"):
        return
    for at, word in enumerate(said.words):
        told = _SEXES.get(word)
        is_subject = at < 6 or "old" in said.words[max(0, at - 2) : at]
        if told in (None, sex) or not is_subject or any(word in each.words for each in said.evidence):
            continue
        yield Finding(Reason.SEX, said.span(at))
        return
