"""A text as words with their clause boundaries, and the numbers, dates and times that stand in it."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from gateway.checking.dates import Day

BREAK = "\n"
"""Stands between texts that were read as one, like a word that no text has and no list holds."""


class Stop(IntEnum):
    """What parts a word from the next."""

    NONE = 0
    COMMA = 1
    COLON = 2
    BRACKET = 3
    END = 4


class Kind(StrEnum):
    NUMBER = "number"
    PAIR = "pair"
    """`120/80`"""
    CODE = "code"
    """Letters and digits: `l4`, `b12`, `e11.9`, `1:128`."""
    DATE = "date"
    TIME = "time"
    TAKEN = "taken"
    """Belongs to another one: the day of a date, the 6 of `every 6 hours`."""


# By themselves, since an attribute of an enum costs 0.1 us in Python 3.11, and a module's name nothing.
COMMA, COLON, BRACKET, END = Stop.COMMA, Stop.COLON, Stop.BRACKET, Stop.END
NUMBER, PAIR, CODE, DATE, TIME, TAKEN = Kind


@dataclass(slots=True)
class Quantity:
    at: int
    """Index of its word."""
    kind: Kind
    value: str
    """Without separators of thousands, leading and trailing zeros; `09:30` for times."""
    unit: str = ""
    sign: str = ""
    """`<`, `>`, `≤`, `≥`"""
    day: Day = (0, 0, 0)
    range_unit: str = ""
    """Of the number after it: the `mg` of the 5 in `5 to 10 mg`."""


@dataclass(slots=True)
class Prose:
    words: list[str]
    """In small letters, without marks; numbers as written."""
    stops: list[int]
    """After each word."""
    quantities: list[Quantity]
    has_rates: bool = False
    """There may be one such as `q6h` or `2x/day`."""


NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
        " sixteen seventeen eighteen nineteen twenty".split()
    )
} | {"half": "0.5", "thirty": "30"}


def is_plain(figure: str) -> bool:
    return figure.replace(".", "", 1).isdecimal() and figure[0] != "."


def plain_number(digits: str) -> str:
    """`1,000` as 1000, `6.80` as 6.8, `05` as 5, `3,5` as 3.5."""
    if "," in digits:
        whole, *groups = digits.split(",")
        last = groups[-1].partition(".")[0]
        grouped = len(whole) <= 3 and len(last) == 3 and all(len(group) == 3 for group in groups[:-1])
        digits = digits.replace(",", "") if grouped or "." in digits else digits.replace(",", ".")
    if digits.count(".") == 1:
        digits = digits.rstrip("0").rstrip(".")
    digits = digits.lstrip("0")
    return digits if digits[:1].isdecimal() else f"0{digits}"
