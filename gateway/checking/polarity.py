"""What a text affirms, denies, or tells as ended: a state for each word, by cue words and how far they reach.

The rules are those of NegEx in spirit, for English, and both sides, statement and evidence, go through them.
"""

from collections.abc import Sequence
from enum import IntEnum

from gateway.checking.prose import BRACKET, COLON, COMMA, END
from gateway.checking.tables import lines


class State(IntEnum):
    """Bits, since evidence can say a thing in several ways. No `IntFlag`: its operators cost 1 us each."""

    AFFIRMED = 1
    ABSENT = 2
    """Denied, not found, not done, not given, refused."""
    ENDED = 4
    """Was so and is no more: resolved, stopped, on hold."""
    PAST = 8
    """`history of`: was so, and may still be."""
    OPEN = 16
    """Possible, feared, conditional, of somebody else: neither affirmed nor denied."""


A, N, E, P, O = State.AFFIRMED, State.ABSENT, State.ENDED, State.PAST, State.OPEN  # noqa: E741

Cues = dict[str, list[tuple[tuple[str, ...], State]]]
"""By the first word, the longest first."""


def _cues(name: str) -> Cues:
    found: Cues = {}
    rows = (line.partition(": ") for line in lines(name))
    cues = [(tuple(cue.split()), State[state.upper()]) for state, _, cues in rows for cue in cues.split(";")]
    for words, state in sorted(cues, key=lambda each: -len(each[0])):
        found.setdefault(words[0], []).append((words, state))
    return found


_BEFORE, _AFTER = _cues("cues_before"), _cues("cues_after")
CUES = frozenset(_BEFORE) | frozenset(_AFTER)
_NEUTRAL_AFTER_NO = frozenset(
    "change changes increase decrease further new other additional recurrence recurrent more"
    " repeat doubt difficulty difficulties improvement need interval longer".split()
)
"""`no change in ...` denies the change and nothing that is named after it."""
_NEUTRAL_AFTER_NOT = frozenset(
    "only well fully completely certain clear sure able improve improved improving controlled tolerate"
    " tolerated tolerating optimally adequately resolved resolving responding respond stable at yet just"
    " necessarily stopped discontinued changed change".split()
)
_ORDERS = frozenset("should must to can".split())
_ORDERED = frozenset("give use prescribe administer receive exceed stop be".split())
"""`do not give penicillin` denies nothing."""
_LONGEST_ITEM = 3
"""Words of one thing in a list."""
_ACTIONS = frozenset("not refused declined denied never".split())
_COMPLEMENTS = frozenset("for with after from".split())
"""What follows is why or with what: `apixaban for atrial fibrillation was held`, `stopped for bleeding`."""
TERMINATORS = frozenset(
    "but however although though except has have had is was are were who which because since due after"
    " continues continued continue takes taking started starts start given received presents presented"
    " reports reported remains admitted developed shows showed revealed until while despite still now"
    " currently resume resumed plan presenting followed begin began complains exam yet then apart treated"
    " until also on she he they it there passed".split()
)
_AUXILIARIES = frozenset(
    "was were is are been be has have had being also subsequently then later now currently still remains"
    " remain kept placed put".split()
)
_CLOSE = 3
"""Words after a negation among which verbs belong to it: `not currently taking`."""
_STRONG = (N, E)
_REACH = {N: 25, E: 12, P: 8, O: 14}
"""Words that a cue speaks of at most."""


def states(words: Sequence[str], stops: Sequence[int]) -> list[int] | None:
    """One state for each word; None when no cue stands in the text and all is affirmed."""
    if CUES.isdisjoint(words):
        return None
    found: list[int] = [A] * len(words)
    at = 0
    while at < len(words):
        if words[at] in CUES:
            at += _apply(words, stops, at, found)
        else:
            at += 1
    return found


def _apply(words: Sequence[str], stops: Sequence[int], at: int, found: list[int]) -> int:
    """Marks what the cue at `at` speaks of; the number of words of the cue."""
    after = _match(_AFTER, words, at)
    before = _match(_BEFORE, words, at)
    is_longer = before is not None and after is not None and len(before[0]) > len(after[0])  # negative for
    if after is not None and not is_longer and _speaks_backwards(words, stops, at, len(after[0])):
        _mark_before(words, stops, at, after[1], found)
        if after[1] in _STRONG:
            found[at : at + len(after[0])] = [after[1]] * len(after[0])
        return len(after[0])
    if before is not None:
        length = len(before[0])
        _mark_after(words, stops, at, length, _sense(words, at, before[1]), found)
        return length
    return 1


_CLAUSE_GOES_ON = frozenset(
    "on due because after by in at and or but during for since from prior until as when given yesterday today"
    " this last with per so if while although before throughout within despite yet".split()
)


def _match(table: Cues, words: Sequence[str], at: int) -> tuple[tuple[str, ...], State] | None:
    for phrase, state in table.get(words[at], ()):
        if len(phrase) == 1 or tuple(words[at : at + len(phrase)]) == phrase:
            return phrase, state
    return None


def _is_cue(words: Sequence[str], at: int) -> bool:
    if words[at] not in CUES:
        return False
    return _match(_BEFORE, words, at) is not None or _match(_AFTER, words, at) is not None


def _sense(words: Sequence[str], at: int, state: State) -> State:
    following = words[at + 1] if at + 1 < len(words) else ""
    if words[at] == "no" and following in _NEUTRAL_AFTER_NO:
        return E if following == "longer" else O
    if words[at] == "not" and (following in _NEUTRAL_AFTER_NOT or _is_order(words, at, following)):
        return O
    return state


def _is_order(words: Sequence[str], at: int, following: str) -> bool:
    """`do not drive`, `should not receive`: what is to be, not what is."""
    before = words[at - 1] if at else ""
    return (before == "do" and following not in ("have", "take")) or (
        before in _ORDERS and following in _ORDERED
    )


def _speaks_backwards(words: Sequence[str], stops: Sequence[int], at: int, length: int) -> bool:
    """The cue ends its clause, or a form of to be stands before it: `lisinopril was stopped due to ...`."""
    last = at + length - 1
    if at == 0 or stops[at - 1] == END:
        return False
    if stops[at - 1] == BRACKET:
        return stops[last] >= BRACKET or last + 1 == len(words)
    if stops[last] == COLON or (words[at] == "no" and length == 1 and stops[at - 1] != COLON):
        return False
    ends = last + 1 == len(words) or stops[last] > 0
    if ends or (words[at - 1] in _AUXILIARIES and words[at] in _ENDING_CUES):
        return True
    return words[last + 1] in _CLAUSE_GOES_ON and words[at] not in ("no", "denied", "off", "history")


_ENDING_CUES = frozenset(
    "stopped discontinued held resolved suspended withheld cancelled canceled ruled excluded".split()
)


def _mark_before(words: Sequence[str], stops: Sequence[int], at: int, state: int, found: list[int]) -> None:
    first = _reach_back(words, stops, at)
    end = at
    if state == E or words[at] in _ACTIONS:
        end = next((index for index in range(first, at) if words[index] in _COMPLEMENTS), at)
    for index in range(first, end):
        if found[index] & (A | P | O):
            found[index] = state


def _reach_back(words: Sequence[str], stops: Sequence[int], at: int) -> int:
    """The first word that a cue after it speaks of."""
    index = at - 1
    while index >= max(0, at - 12):
        word = words[index]
        if index < at - 1 and _parts(words, stops, index):
            break
        if word in TERMINATORS and not (word in _AUXILIARIES and index >= at - 3):
            break
        if word in ("but", "while", "then") or (word == "and" and _has_verb(words, max(0, index - 4), index)):
            break
        index -= 1
    return index + 1


def _parts(words: Sequence[str], stops: Sequence[int], index: int) -> bool:
    """Another clause ends here, and neither a list nor a heading goes on."""
    if stops[index] < COMMA or (stops[index] == COLON and index == 0):
        return False
    return stops[index] > COMMA or not _is_list(words, stops, index)


def _has_verb(words: Sequence[str], start: int, end: int) -> bool:
    return any(_is_cue(words, index) or words[index] in TERMINATORS for index in range(start, end))


def _is_list(words: Sequence[str], stops: Sequence[int], comma: int) -> bool:
    """`fever, chills and cough were denied`: no more than a few words before the comma."""
    start = comma
    while start > 0 and not stops[start - 1]:
        start -= 1
    return comma - start < _LONGEST_ITEM


def _mark_after(
    words: Sequence[str],
    stops: Sequence[int],
    at: int,
    length: int,
    state: State,
    found: list[int],
) -> None:
    last = at + length - 1
    stop = stops[last]
    if stop >= BRACKET or (stop == COMMA):
        return
    if state in _STRONG:
        found[at : at + length] = [state] * length
    reach = 1 if words[at] == "non" else _REACH[state]
    for index in range(last + 1, min(len(words), last + 1 + reach)):
        word = words[index]
        if word in TERMINATORS and index - last > _CLOSE:
            return
        if word in ("but", "however", "although", "except", "though") or (
            word in ("and", "or") and _new_clause(words, stops, index)
        ):
            return
        if index > last + 1 and _is_cue(words, index):
            return
        if state == E and word in _COMPLEMENTS:
            return
        if state in _STRONG or found[index] == A:
            found[index] = state
        if stops[index] > COLON or (stops[index] == COLON and index - last > _CLOSE):
            return
        if stops[index] == COMMA and (state is not N or not _list_goes_on(words, stops, index)):
            return


def _new_clause(words: Sequence[str], stops: Sequence[int], at: int) -> bool:
    """After this `and` a verb follows before the clause ends."""
    for index in range(at + 1, min(len(words), at + 6)):
        if words[index] in TERMINATORS or _is_cue(words, index):
            return True
        if stops[index] > 0:
            return False
    return False


def _list_goes_on(words: Sequence[str], stops: Sequence[int], comma: int) -> bool:
    """What follows the comma is one more thing denied: few words, no verb, no number, no new cue."""
    for index in range(comma + 1, min(len(words), comma + 7)):
        word = words[index]
        if word in TERMINATORS or (_is_cue(words, index) and word != "nor") or word[0].isdecimal():
            return False
        if stops[index] > 0 or word in ("and", "or"):
            return True
    return comma + 7 > len(words)
