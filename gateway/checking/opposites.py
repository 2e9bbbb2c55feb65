"""Words that contradict the evidence: left for right, high for low, positive for negative, man for woman."""

from collections.abc import Iterable, Iterator

from gateway.checking.evidence import Evidence, stem
from gateway.checking.findings import Finding, Reason
from gateway.checking.polarity import CUES, State
from gateway.checking.said import Said
from gateway.checking.tables import lines
from gateway.clinical import FactKind

_SIDE = Reason.SIDE
_MEASURED = frozenset({FactKind.RESULT, FactKind.VITAL_SIGN})
_A, _N = State.AFFIRMED, State.ABSENT
_WITHOUT_MEANING = frozenset("the a an of and or in on at to for with by from as is are was were".split())

Words = frozenset[str]


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
_REASSURING = frozenset(("negative", "growth", "undetected", "nonreactive"))
_CALMING = _REASSURING | _NORMAL
_FOUND = frozenset(("positive", "grew", "detected", "isolated"))
_LEVELS = _HIGH | _LOW | _NORMAL
_BESIDE_NORMAL = frozenset("above below outside than exceeds exceeding over under not".split())
"""`above the normal range`"""
_NOT_A_SIDE = frozenset(
    "the hospital against ama before without home room for at after away now ward".split()
)
_ALL_OPPOSITES = frozenset(word for one, other, _ in _OPPOSITES for word in (*one, *other))
_ALL_WORDS = _ALL_OPPOSITES | _LEVELS | _CALMING


def opposites(said: Said) -> Iterable[Finding]:
    return () if _ALL_WORDS.isdisjoint(said.words) else _opposites_of(said)


def _opposites_of(said: Said) -> Iterator[Finding]:
    present = _ALL_OPPOSITES.intersection(said.words)
    if present:
        for one, other, reason in _OPPOSITES:
            if one.isdisjoint(present) and other.isdisjoint(present):
                continue
            yield from _opposite(said, one, other, reason)
            yield from _opposite(said, other, one, reason)
    yield from _level(said)
    yield from _reassurance(said)


def _opposite(said: Said, here: frozenset[str], there: frozenset[str], reason: Reason) -> Iterator[Finding]:
    """A word of `here`, or one of `there` that is denied, for which the evidence has only the other side."""
    words = said.words
    for at, word in enumerate(words):
        if reason is _SIDE:
            if word not in here or (words[at + 1 : at + 2] and words[at + 1] in _NOT_A_SIDE):
                continue
        elif word in there and said.state(at) & _N and word not in CUES:
            pass  # `not detected`
        elif word not in here or (said.state(at) & _N and word not in CUES) or _is_told_of_both(said, there):
            continue
        has_here = _bears(said, here)
        has_there = _bears(said, there) or (not has_here and _denies(said, here))
        if reason is not _SIDE:
            has_here = has_here or _denies(said, there)
        if has_there and (not has_here or (reason is _SIDE and _of_the_other(said, at, here, there))):
            yield Finding(reason, said.span(at))
            return


def _is_told_of_both(said: Said, there: frozenset[str]) -> bool:
    """The statement has a word of the other side as well: it speaks of two things."""
    return not there.isdisjoint(said.words)


def _bears(said: Said, words: frozenset[str]) -> bool:
    """One of the words stands in the evidence, and is not denied there."""
    return any(
        evidence.said.get(stem(word), 0) & ~_N or (word in CUES and word in evidence.words)
        for evidence in said.evidence
        for word in words & evidence.words
    )


def _denies(said: Said, words: frozenset[str]) -> bool:
    return any(evidence.said.get(word, 0) == _N for evidence in said.evidence for word in words - CUES)


def _of_the_other(said: Said, at: int, here: frozenset[str], there: frozenset[str]) -> bool:
    """Both sides stand in the evidence, and what follows here stands there only with the other one."""
    following = [word for word in said.words[at + 1 : at + 3] if word not in _WITHOUT_MEANING]
    return any(
        _stands_with(said, following[:length], there) and not _stands_with(said, following[:length], here)
        for length in range(1, len(following) + 1)
    )


def _stands_with(said: Said, following: list[str], sides: frozenset[str]) -> bool:
    length = len(following)
    return any(
        word in sides and evidence.raw[index + 1 : index + 1 + length] == following
        for evidence in said.evidence
        for index, word in enumerate(evidence.raw)
    )


def _level(said: Said) -> Iterator[Finding]:
    """`low` for a result that is flagged high, `normal` for one that is flagged at all."""
    words = said.words
    if len(said.evidence) != 1 or _LEVELS.isdisjoint(words):
        return
    high, low, normal = (_first(words, each) for each in (_HIGH, _LOW, _NORMAL))
    evidence = said.evidence[0]
    if evidence.fact is None or evidence.fact.kind not in _MEASURED:
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


def _reassurance(said: Said) -> Iterator[Finding]:
    """`negative`, `no growth` or `normal`, of a result that its source flags abnormal."""
    words = said.words
    if len(said.evidence) != 1 or _CALMING.isdisjoint(words) or not said.evidence[0].is_abnormal:
        return
    at = max(_first(words, _REASSURING), _first(words, _NORMAL))
    is_told_otherwise = not _FOUND.isdisjoint(words) or (words[at] in _NORMAL and not said.state(at) & _A)
    if not is_told_otherwise and not _has(said.evidence[0], _CALMING):
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
    "boy": "male",
    "girl": "female",
}
_OF_A_SEX = frozenset(_SEXES)


def patient(said: Said) -> Iterable[Finding]:
    """`67-year-old man`, of a woman."""
    sex = said.index.sex
    is_told = sex in ("male", "female") and not _OF_A_SEX.isdisjoint(said.words)
    return _of_the_other_sex(said, sex) if is_told else ()


def _of_the_other_sex(said: Said, sex: str) -> Iterator[Finding]:
    for at, word in enumerate(said.words):
        told = _SEXES.get(word)
        is_subject = at < 6 or "old" in said.words[max(0, at - 2) : at]
        if told in (None, sex) or not is_subject or any(word in each.words for each in said.evidence):
            continue
        yield Finding(Reason.SEX, said.span(at))
        return
