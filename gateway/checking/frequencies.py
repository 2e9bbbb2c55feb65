"""How often something is taken, in one form whatever words or abbreviations it is said in."""

from gateway.checking.prose import NUMBER, NUMBER_WORDS, TAKEN, Prose, Quantity

_WORDS: dict[str, tuple[str, ...]] = {
    "daily": ("1/day",),
    "qd": ("1/day",),
    "qday": ("1/day",),
    "bid": ("2/day",),
    "bd": ("2/day",),
    "tid": ("3/day",),
    "tds": ("3/day",),
    "qid": ("4/day",),
    "qds": ("4/day",),
    "qod": ("every 2 day",),
    "qhs": ("bedtime", "1/day"),
    "nightly": ("bedtime", "1/day"),
    "qam": ("morning", "1/day"),
    "qpm": ("evening", "1/day"),
    "hourly": ("every 1 hour",),
    "weekly": ("1/week",),
    "qweek": ("1/week",),
    "qwk": ("1/week",),
    "biweekly": ("every 2 week",),
    "monthly": ("1/month",),
    "prn": ("as needed",),
    "hs": ("bedtime", "1/day"),
    "bedtime": ("bedtime", "1/day"),
    "yearly": ("1/year",),
    "annually": ("1/year",),
}
"""A word and what it says; of several the first is what it asks for, the others follow from it."""

_PHRASES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("as", "needed"): ("as needed",),
    ("as", "required"): ("as needed",),
    ("when", "needed"): ("as needed",),
    ("when", "required"): ("as needed",),
    ("if", "needed"): ("as needed",),
    ("every", "morning"): ("morning", "1/day"),
    ("each", "morning"): ("morning", "1/day"),
    ("every", "evening"): ("evening", "1/day"),
    ("each", "evening"): ("evening", "1/day"),
    ("every", "night"): ("bedtime", "1/day"),
    ("each", "night"): ("bedtime", "1/day"),
    ("at", "night"): ("bedtime", "1/day"),
    ("before", "bed"): ("bedtime", "1/day"),
    ("every", "other", "day"): ("every 2 day",),
    ("every", "other", "week"): ("every 2 week",),
    ("every", "day"): ("1/day",),
    ("each", "day"): ("1/day",),
    ("every", "week"): ("1/week",),
    ("each", "week"): ("1/week",),
    ("every", "month"): ("1/month",),
    ("every", "hour"): ("every 1 hour",),
    ("per", "day"): ("1/day",),
    ("per", "week"): ("1/week",),
    ("per", "month"): ("1/month",),
    ("once", "weekly"): ("1/week",),
    ("once", "monthly"): ("1/month",),
    ("once", "nightly"): ("bedtime", "1/day"),
    ("twice", "weekly"): ("2/week",),
}
_BEGIN_PHRASES = frozenset(phrase[0] for phrase in _PHRASES)
_TIMES = {"once": 1, "twice": 2, "thrice": 3}
_PERIODS = {
    "day": "day", "d": "day", "daily": "day", "week": "week", "wk": "week", "weekly": "week",
    "month": "month", "monthly": "month", "hour": "hour", "year": "year", "yearly": "year",
}  # fmt: skip
_HOURS = {"24": "1/day", "12": "2/day", "8": "3/day", "6": "4/day"}
"""Every so many hours: taken for so many times a day, as every ward does."""
_EVERY_DAYS = {"1": "1/day", "7": "1/week", "0.5": "2/day", "14": "every 2 week", "30": "1/month"}
_BEGINS = frozenset(_WORDS) | _BEGIN_PHRASES | set(_TIMES) | {"q", "every", "times", "time"}
_MAY_BEGIN = _BEGINS.union(NUMBER_WORDS)
_NOT_DOSING = frozenset("living life activities activity routine weights weight basis function".split())
"""`activities of daily living`"""


class Frequencies(dict[str, tuple[int, int, frozenset[str]]]):
    """Each as (index of its first word, how many words, all that follows from it)."""


def frequencies(prose: Prose) -> Frequencies:
    """What the text says of how often; the numbers in it are marked as taken."""
    found = Frequencies()
    words = prose.words
    if _BEGINS.isdisjoint(words) and not prose.has_rates:
        return found
    numbers = {each.at: each for each in prose.quantities if each.kind is NUMBER or each.kind is TAKEN}
    skip_to = 0
    for at, word in enumerate(words):
        may_begin = word in _MAY_BEGIN or at in numbers or word[0] == "q"
        if at < skip_to or not may_begin:
            continue
        said, length = _at(words, at, numbers)
        if not said:
            continue
        skip_to = at + length
        for index in range(at, at + length):
            if index in numbers:
                numbers[index].kind = TAKEN
        for alternative in said:
            found.setdefault(alternative[0], (at, length, frozenset(alternative)))
    return found


def _is_q(word: str) -> bool:
    return len(word) > 2 and word[0] == "q" and word[1].isdecimal()


Said = tuple[tuple[str, ...], ...]


def _at(words: list[str], at: int, numbers: dict[int, Quantity]) -> tuple[Said, int]:
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    if word in ("every", "q") and following:
        found = _every(words, at, numbers)
        if found[0]:
            return found
    for length in (3, 2) if word in _BEGIN_PHRASES else ():
        phrase = _PHRASES.get(tuple(words[at : at + length]))
        if phrase:
            return (phrase,), length
    if word in _TIMES:
        return _so_often(words, at, _TIMES[word], 1)
    if at in numbers and numbers[at].unit.startswith("times/"):
        return ((_per(int(float(numbers[at].value)), numbers[at].unit[6:]),),), 1
    if at in numbers or word in NUMBER_WORDS:
        value = numbers[at].value if at in numbers else NUMBER_WORDS[word]
        if following in ("times", "time", "x") and value.isdecimal():
            return _so_often(words, at, int(value), 2)
        return (), 0
    if word in _WORDS and following not in _NOT_DOSING:
        return (_WORDS[word],), 1
    if _is_q(word):
        return _of_q(word)
    return (), 0


def _so_often(words: list[str], at: int, times: int, length: int) -> tuple[Said, int]:
    """`twice daily`, `2 times a day`, `3 times in 1 day`."""
    rest = words[at + length : at + length + 3]
    if rest[:1] and rest[0] in ("daily", "weekly", "monthly", "yearly"):
        return ((f"{times}/{_PERIODS[rest[0]]}",),), length + 1
    if len(rest) > 1 and rest[0] in ("a", "an", "per", "each", "every", "in") and rest[1] in _PERIODS:
        return ((_per(times, _PERIODS[rest[1]]),),), length + 2
    if len(rest) > 2 and rest[:2] == ["in", "1"] and rest[2] in _PERIODS:
        return ((_per(times, _PERIODS[rest[2]]),),), length + 3
    return (), 0


def _per(times: int, period: str) -> str:
    return f"every 1 {period}" if period == "hour" and times == 1 else f"{times}/{period}"


def _every(words: list[str], at: int, numbers: dict[int, Quantity]) -> tuple[Said, int]:
    """`every 6 hours`, `every 4 to 6 hours`, `every 4-6 hours`, `every two weeks`."""
    values: list[str] = []
    index = at + 1
    while index < len(words) and len(values) < 3:
        word = words[index]
        if index in numbers:
            values.append(numbers[index].value)
        elif word in NUMBER_WORDS:
            values.append(NUMBER_WORDS[word])
        elif word not in ("to", "or"):
            break
        index += 1
    unit = words[index].rstrip("s") if index < len(words) else ""
    unit = {"h": "hour", "hr": "hour", "d": "day", "wk": "week", "min": "minute"}.get(unit, unit)
    if not values or unit not in ("hour", "day", "week", "month", "minute"):
        return (), 0
    return tuple((_period(value, unit),) for value in values), index - at + 1


def _period(value: str, unit: str) -> str:
    if unit == "hour":
        return _HOURS.get(value, f"every {value} hour")
    if unit == "day":
        return _EVERY_DAYS.get(value, f"every {value} day")
    return f"1/{unit}" if value == "1" else f"every {value} {unit}"


def _of_q(word: str) -> tuple[Said, int]:
    """`q6h`, `q12hr`, `q4-6h`, `q2w`."""
    digits = word[1:].rstrip("hrsdaywk")
    unit = {"h": "hour", "d": "day", "w": "week"}.get(word[1 + len(digits) : 2 + len(digits)], "")
    values = digits.split("-")
    if not unit or not all(value.isdecimal() for value in values):
        return (), 0
    return tuple((_period(value, unit),) for value in values), 1
