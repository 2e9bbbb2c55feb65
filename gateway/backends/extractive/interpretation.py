"""What a result's flag, range and status together say: how much it presses, and in which words."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import re2

from gateway.backends.extractive.quantities import side_of_range
from gateway.backends.extractive.wording import is_negative
from gateway.clinical import ClinicalFact, FactKind, FactStatus


class Level(IntEnum):
    """In the order in which results are shown."""

    CRITICAL = 0
    ABNORMAL = 1
    LISTED = 2
    """Neither abnormal nor known to be normal, or normal with something that must be read beside it."""
    NORMAL = 3


@dataclass(frozen=True, slots=True)
class FlagMeaning:
    level: Level
    words: str


def _meanings(level: Level, **words: str) -> dict[str, FlagMeaning]:
    return {code: FlagMeaning(level, text) for code, text in words.items()}


FLAGS: dict[str, FlagMeaning] = {  # HL7 table 0078, v3-ObservationInterpretation, and what laboratories add
    **_meanings(
        Level.CRITICAL,
        HH="critically high",
        LL="critically low",
        AA="critically abnormal",
        HU="significantly high",
        LU="significantly low",
        HX="above a critical threshold",
        LX="below a critical threshold",
        TOX="toxic",
        PANIC="panic value",
        CRITICAL="critical",
        CRIT="critical",
    ),
    **_meanings(
        Level.ABNORMAL,
        H="high",
        L="low",
        A="abnormal",
        POS="positive",
        DET="detected",
        R="resistant",
        I="intermediate",
        NS="non-susceptible",
        RR="reactive",
        WR="weakly reactive",
        UNE="unexpected",
        CAR="carrier",
        W="worse",
        U="significantly up",
        D="significantly down",
    ),
    ">": FlagMeaning(Level.ABNORMAL, "above the measurable range"),
    "<": FlagMeaning(Level.ABNORMAL, "below the measurable range"),
    **_meanings(
        Level.LISTED,
        S="susceptible",
        VS="very susceptible",
        MS="moderately susceptible",
        SDD="susceptible, dose-dependent",
        IND="indeterminate",
        E="equivocal",
        B="better",
        QCF="quality control failure",
        NULL="no range defined",
    ),
    **_meanings(
        Level.NORMAL,
        N="normal",
        NEG="negative",
        ND="not detected",
        NR="non-reactive",
        EXP="expected",
    ),
}

_NO_RESULT_YET = frozenset(
    {
        FactStatus.REGISTERED,
        FactStatus.PLANNED,
        FactStatus.IN_PROGRESS,
        FactStatus.ACTIVE,
        FactStatus.PRELIMINARY,
        FactStatus.PARTIAL,
        FactStatus.ON_HOLD,
    }
)


@dataclass(frozen=True, slots=True)
class Interpretation:
    level: Level
    words: str
    """`HH, critically high`; for plain readers `critically high`; empty when there is nothing to say."""
    in_front: str = ""
    """`Cancelled`, `Pending`: there is no result that could be interpreted."""


def interpret(fact: ClinicalFact, plain: bool) -> Interpretation:
    """How a result is to be taken. The source's flag counts; its range is used where there is no flag,
    and speaks up where a value flagged normal lies outside of it."""
    if is_negative(fact):
        return Interpretation(Level.LISTED, "")
    if fact.status is FactStatus.CANCELLED or fact.status is FactStatus.STOPPED:
        return Interpretation(Level.LISTED, "" if fact.value is None else "not to be relied on", "Cancelled")
    if fact.value is None and fact.status in _NO_RESULT_YET:
        return Interpretation(Level.LISTED, "", "Pending")
    if not fact.flag:
        return _by_range(fact, plain)
    meanings = [(code, FLAGS.get(code.upper())) for code in fact.flag.split(",") if code]
    level = min(
        (meaning.level if meaning else Level.ABNORMAL for _, meaning in meanings), default=Level.LISTED
    )
    words = "; ".join(_flag_words(code, meaning, plain) for code, meaning in meanings)
    if level is not Level.NORMAL:
        return Interpretation(level, words)
    side = side_of_range(fact.value, fact.unit, fact.reference_range)
    if side in ("above", "below"):
        return Interpretation(Level.ABNORMAL, f"flagged {words} but {side} its range: check")
    if side is None and _sounds_abnormal(fact.value):
        return Interpretation(Level.LISTED, f"flagged {words}: check")
    return Interpretation(Level.NORMAL, words)


_ABNORMAL_WORDS: Any = re2.compile(
    r"(?i)\b(positive|abnormal|out[- ]of[- ]range|detected|reactive|critical|elevated|present|fail(ed)?"
    r"|unsatisfactory|growth|malignan\w+|suspicious|consistent with|high|low|large|many)\b"
)
_REASSURING = frozenset("no not non none neg negative normal absent within in-range undetected usual".split())
"""First words of a value."""


def _sounds_abnormal(value: str | None) -> bool:
    """Words that a laboratory system flagged normal all the same: some flag every line of a report so."""
    if value is None or value[:1].isdigit() or value.lower().startswith("in range"):
        return False
    first = value.lower().split(None, 1)[:1]
    if first and first[0].strip(".,:;-") in _REASSURING:
        return False
    return _ABNORMAL_WORDS.search(value.encode("utf-8", "replace").decode()) is not None


def _flag_words(code: str, meaning: FlagMeaning | None, plain: bool) -> str:
    if meaning is None:
        return "marked as unusual" if plain else f"flag {code}"
    return meaning.words if plain else f"{code}, {meaning.words}"


def _by_range(fact: ClinicalFact, plain: bool) -> Interpretation:
    side = side_of_range(fact.value, fact.unit, fact.reference_range)
    if side == "within":
        return Interpretation(Level.NORMAL, "within range")
    if side is None:
        numeric = (fact.value or "").lstrip("<>=+- ")[:1].isdigit()
        remarked = numeric and not plain and fact.kind is not FactKind.VITAL_SIGN  # seldom flagged at all
        return Interpretation(Level.LISTED, "not flagged" if remarked else "")
    return Interpretation(Level.ABNORMAL, f"{side} range" + ("" if plain else ", not flagged by the source"))
