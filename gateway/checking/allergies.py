"""Whether what a statement calls an allergen is one by the statement's own evidence, with the same polarity.

An allergy told or denied of the wrong substance is what a record-wide look cannot see: any allergy would do.
"""

from collections.abc import Iterable, Iterator, Sequence

from gateway.checking.conditions import meanings_of
from gateway.checking.drugs import classes_in, drugs_of
from gateway.checking.evidence import Evidence, stem
from gateway.checking.findings import Finding, Reason
from gateway.checking.polarity import State
from gateway.checking.prose import BRACKET, COLON, END
from gateway.checking.said import Said
from gateway.checking.tables import entries
from gateway.clinical import FactKind
from gateway.summary import SummarySection

_ALLERGY, _SECTION = FactKind.ALLERGY, SummarySection.ALLERGIES
_A, _N, _O = State.AFFIRMED, State.ABSENT, State.OPEN
_HEADINGS = frozenset("allergy allergies allergen allergens intolerance intolerances".split())
_OF_ALLERGIES = _HEADINGS | frozenset(
    "allergic intolerant hypersensitivity hypersensitive nkda nka nkfa".split()
)
_SPEAKING = _OF_ALLERGIES | frozenset(("anaphylaxis", "anaphylactic"))
"""Words that tell of an allergy, in statement and evidence."""
_REACTING = frozenset("reaction reactions reacts reacted sensitivity sensitive".split())
"""They may be no allergy: what they name has to stand in the evidence, which need not speak of one."""
_TRIGGERS = _SPEAKING | _REACTING
_TRIGGER_STEMS = frozenset(map(stem, _TRIGGERS))
_NOBODY = frozenset("nkda nka nkfa".split())
_TO = frozenset("to of against toward towards from after".split())
_LISTS = frozenset("include includes including are is listed documented noted".split())
_NOT_OF_ALLERGENS = frozenset("exercise glucose heat cold activity feeding carbohydrate orthostatic".split())
"""`glucose intolerance` is none."""
_GENERAL = frozenset(
    "drug drugs medication medications medicine medicines food foods environmental seasonal other any all"
    " known new severe mild moderate serious documented listed"
    " reported multiple several both adverse allergic true"
    " suspected possible confirmed unconfirmed refuted active inactive resolved life threatening history past"
    " prior previous childhood patient current specific agents agent products product substance substances"
    " certain some following these unknown significant two three four one anaphylactic high risk low"
    " criticality definite probable likely type immediate delayed contact skin local class antibiotics"
    " antibiotic ingestion exposure use sting stings proteins protein dye media derivatives related"
    " containing compounds more only least further additional recorded verified his her their your the"
    " bad well tree potential remote longstanding self based environment topical oral acute non drugs".split()
)
"""They name no allergen by themselves."""
_ENDS = frozenset(
    "with which that who because causing caused causes cause resulting leading led due where when as per but"
    " has have had is was are were be been can could may should would will takes take uses use on in at by"
    " since for during although though however while then so also he she they it a an manifested presents"
    " presenting described developed led consisting characterized his her avoid avoids carries given"
    " requires received gets got tolerates".split()
)
"""What an allergen's name does not hold."""
_NOT_BEFORE = _ENDS | frozenset(
    "no not denies denied deny without any the of to and or nor an reports reported there known lists listed"
    " noted documented has having include includes including from mentions states says confirms shows".split()
)
_JOINING = frozenset(("and", "or", "nor"))
_LONGEST = 4
"""Words of one allergen's name."""
_MOST_TRIGGERS = 24
"""Of one statement; what a sentence names beyond that is not looked at."""
_MOST_PLACES = 200
"""Of one thing in a note."""
_REACH = 40
"""Words of a note under the heading `Allergies`."""


def _same() -> dict[str, frozenset[str]]:
    """A word of a statement -> the words of evidence on which it stands beside itself."""
    found: dict[str, frozenset[str]] = {}
    for name, words in entries("allergens"):
        known = frozenset((name, *(word.removeprefix("+") for word in words)))
        found |= {word: known for word in (name, *words) if word[0] != "+"}
    return found


_SAME = _same()

Allergen = tuple[int, tuple[str, ...]]
"""Where it begins, and its words."""


def allergens(said: Said) -> Iterable[Finding]:
    is_listed = said.statement.section is _SECTION
    return _allergens(said, is_listed) if is_listed or not _TRIGGERS.isdisjoint(said.words) else ()


def _allergens(said: Said, is_listed: bool) -> Iterator[Finding]:
    words = said.words
    triggers = [at for at, word in enumerate(words) if word in _TRIGGERS][:_MOST_TRIGGERS]
    speaking = [each for each in said.evidence if _speaks(each)]
    if is_listed and not speaking:
        yield Finding(Reason.WRONG_SOURCE, said.span(triggers[0] if triggers else 0))
        return
    if is_listed and not any(words[at] in _OF_ALLERGIES for at in triggers):
        yield from _first_named(said, speaking)
    for at in triggers:
        yield from _of_trigger(said, at, speaking)


def _speaks(evidence: Evidence) -> bool:
    """Of allergies, whatever it says of them."""
    is_fact = evidence.fact is not None and evidence.fact.kind is _ALLERGY
    return is_fact or not _TRIGGER_STEMS.isdisjoint(evidence.words) or "allergy" in evidence.meanings


def _of_trigger(said: Said, at: int, speaking: list[Evidence]) -> Iterator[Finding]:
    word = said.words[at]
    named = [] if word in _NOBODY else _after(said, at) or _before(said, at)
    if named and named[0][1][-1] in _NOT_OF_ALLERGENS:
        return
    is_weak = word in _REACTING and said.words[at - 1 : at] != ["allergic"]
    if not named:
        if word in _HEADINGS or word in _NOBODY:
            yield from _in_general(said, at, speaking)
        return
    for begins, spelled in named:
        bearing = [each for each in (said.evidence if is_weak else speaking) if _bears(each, spelled)]
        if is_weak:
            if not bearing:
                yield _missing(said, begins, spelled)
            continue
        told = 0
        for each in bearing:
            told |= _told(each, spelled)
        if not told:
            yield _missing(said, begins, spelled)
        elif _contradicts(said.state(begins) | (said.state(at) & _N), told):
            yield Finding(Reason.NEGATION, said.span(begins, len(spelled)))


def _in_general(said: Said, at: int, speaking: list[Evidence]) -> Iterator[Finding]:
    """`No known allergies`, `NKDA`: where the evidence does not deny them at all."""
    denies = said.words[at] in _NOBODY or said.state(at) & _N
    if not denies or "other" in said.words:
        return
    if not any(each.said.get("~allergy", 0) & _N or not _NOBODY.isdisjoint(each.words) for each in speaking):
        yield Finding(Reason.NEGATION if speaking else Reason.WRONG_SOURCE, said.span(at))


def _first_named(said: Said, speaking: list[Evidence]) -> Iterator[Finding]:
    """A line of the section of allergies that only names: `Peanuts (hives)`."""
    stops = said.prose.stops
    last = next((at for at, stop in enumerate(stops) if stop), len(stops) - 1)
    spelled = tuple(word for word in said.words[: last + 1] if _is_name(word) and word not in _ENDS)
    if 0 < len(spelled) <= _LONGEST and not any(_bears_any(each, spelled) for each in speaking):
        yield _missing(said, 0, spelled)


def _missing(said: Said, at: int, spelled: tuple[str, ...]) -> Finding:
    is_elsewhere = any(
        _speaks(each) and _bears(each, spelled) and _told(each, spelled) for each in said.index.everywhere()
    )
    return Finding(Reason.WRONG_SOURCE if is_elsewhere else Reason.CONDITION, said.span(at, len(spelled)))


def _after(said: Said, at: int) -> list[Allergen]:
    """What follows `allergic to`, `allergies:`, `allergies include`."""
    words, stops = said.words, said.prose.stops
    start = at + 1
    if start >= len(words):
        return []
    if words[start] in ("reaction", "reactions") and words[at] in ("allergic", "anaphylactic"):
        return []
    is_heading = words[at] in _HEADINGS and (stops[at] == COLON or words[start] in _LISTS)
    if stops[at] and not is_heading:
        return []
    if words[start] in _TO and (words[start] not in ("from", "after", "of") or words[at] not in _REACTING):
        start += 1
    elif is_heading:
        start += words[start] in _LISTS
    else:
        return []
    return _listed(words, stops, start)


def _listed(words: Sequence[str], stops: Sequence[int], start: int) -> list[Allergen]:
    found: list[Allergen] = []
    item: list[str] = []
    begins, bracketed = start, False
    for at in range(start, min(len(words), start + _REACH)):
        word, stop = words[at], stops[at]
        if not bracketed and word in _ENDS and (item or found):
            break
        if word in _JOINING:
            _add(found, begins, item)
            item, begins = [], at + 1
        elif not bracketed:
            item.append(word)
        if stop:
            _add(found, begins, item)
            item, begins = [], at + 1
        if stop == BRACKET:
            bracketed = not bracketed
        if stop > BRACKET or stop == COLON:
            break
    _add(found, begins, item)
    return found


def _add(found: list[Allergen], begins: int, item: list[str]) -> None:
    spelled = tuple(word for word in item if _is_name(word))
    if 0 < len(spelled) <= _LONGEST:
        found.append((begins, spelled))


def _is_name(word: str) -> bool:
    return len(word) > 1 and word[0].isalpha() and word not in _GENERAL and word not in _TRIGGERS


def _before(said: Said, at: int) -> list[Allergen]:
    """`severe peanut allergy`. A reaction is told of too many things in this order."""
    words, stops = said.words, said.prose.stops
    if words[at] in _REACTING:
        return []
    first = at
    while (
        first > 0 and at - first < _LONGEST and not stops[first - 1] and words[first - 1] not in _NOT_BEFORE
    ):
        first -= 1
    spelled = tuple(word for word in words[first:at] if _is_name(word))
    return [(first, spelled)] if spelled else []


def _bears(evidence: Evidence, spelled: tuple[str, ...]) -> bool:
    classes = classes_in(spelled)
    if classes and classes.keys() <= evidence.classes:
        return True
    return all(_has(evidence, word) for word in spelled)


def _bears_any(evidence: Evidence, spelled: tuple[str, ...]) -> bool:
    return any(_has(evidence, word) for word in spelled)


def _has(evidence: Evidence, word: str) -> bool:
    if stem(word) in evidence.words or not drugs_of(word).isdisjoint(evidence.drugs):
        return True
    if any(stem(other) in evidence.words for other in _SAME.get(stem(word), ())):
        return True
    return not meanings_of(word).isdisjoint(evidence.meanings) or not evidence.classes.isdisjoint(
        classes_in((word,))
    )


def _told(evidence: Evidence, spelled: tuple[str, ...]) -> int:
    """How the evidence tells of this allergy, as bits of `State`; 0: it names the thing and no allergy."""
    if evidence.fact is not None:
        if evidence.fact.kind is _ALLERGY:
            return evidence.said.get("~allergy", 0) or _A
        return evidence.said.get("~allergy", 0) | _states(evidence, spelled)
    return _states(evidence, spelled) if _is_near(evidence, spelled) else 0


def _states(evidence: Evidence, spelled: tuple[str, ...]) -> int:
    bits = 0
    for word in spelled:
        for key in (stem(word), *drugs_of(word), *(f"~{each}" for each in meanings_of(word))):
            bits |= evidence.said.get(key, 0)
    return bits or _A


def _is_near(evidence: Evidence, spelled: tuple[str, ...]) -> bool:
    """In a note, the thing stands in one sentence with a word for allergy, or under such a heading."""
    keys = {key for word in spelled for key in (stem(word), *drugs_of(word), *_SAME.get(stem(word), ()))}
    places = [place for key in keys for place in evidence.places.get(key, ())[:_MOST_PLACES]]
    if not places:  # another word for it, of which only the meaning is known
        return True
    raw, stops = evidence.raw, evidence.stops
    return any(
        raw[at] in _TRIGGERS and _is_told_at(raw, stops, at, place)
        for place in places
        for at in range(max(0, place - _REACH), min(len(raw), place + _REACH))
    )


def _is_told_at(raw: Sequence[str], stops: Sequence[int], at: int, place: int) -> bool:
    first, last = min(at, place), max(at, place)
    if END not in stops[first:last]:
        return True
    return at < place and _is_heading(raw, stops, at) and COLON not in stops[at + 1 : place]


def _is_heading(raw: Sequence[str], stops: Sequence[int], at: int) -> bool:
    """`Allergies:`, `Drug allergies:`, and no denial after it."""
    if raw[at] not in _HEADINGS or stops[at] not in (COLON, END):
        return False
    opens = at == 0 or stops[at - 1] == END
    is_second = at > 0 and raw[at - 1] in ("drug", "food", "known") and (at == 1 or stops[at - 2] == END)
    return (opens or is_second) and raw[at + 1] not in ("no", "none", "nkda", "nka", "denies", "not")


def _contradicts(state: int, told: int) -> bool:
    if state & _O or told & _O:
        return False
    if state & _N:
        return not told & _N
    return bool(state & _A) and not told & ~_N
