"""Takes the tokens of a text one by one: what is a word, what a figure, what belongs to the figure before.

By hand and in one pass: a pattern of google-re2 costs more for each word than all of this.
"""

from collections.abc import Iterable, Iterator

from gateway.checking.dates import Day, date_of, time_of
from gateway.checking.prose import (
    BRACKET,
    BREAK,
    CODE,
    COLON,
    COMMA,
    DATE,
    END,
    NUMBER,
    PAIR,
    TIME,
    Kind,
    Prose,
    Quantity,
    Stop,
    is_plain,
    plain_number,
)
from gateway.checking.units import unit_at, unit_of

_LONGEST_FIGURE = 60
"""Characters; what is longer is compared as it is written."""
_MARKS = ",.;:!?()[]{}\"'`*_"
_OPENING = frozenset("([{")
_STOP_OF = {
    ",": COMMA, ":": COLON, ")": BRACKET, "]": BRACKET, ";": END, ".": END,
    "!": END, "?": END,
}  # fmt: skip
_ABBREVIATED = frozenset("dr mr mrs ms st vs approx ca e.g i.e etc no nos hx dx tx q.d b.i.d t.i.d".split())
_SLASHED = {
    "w/o": ("without",),
    "w/": ("with",),
    "s/p": ("status", "post"),
    "h/o": ("history", "of"),
    "c/o": ("complains", "of"),
    "r/o": ("rule", "out"),
    "y/o": ("year", "old"),
    "b/l": ("bilateral",),
    "n/v": ("nausea", "vomiting"),
    "and/or": ("and",),
    "d/c": ("d/c",),
    "n/a": ("na",),
    "a/c": ("before", "meals"),
    "p.r.n": ("prn",),
}
_WHOLE = {
    "covid-19": ("covid",),
    "sars-cov-2": ("covid",),
    "covid19": ("covid",),
    "hba1c": ("a1c",),
    "t2dm": ("type", "2", "diabetes"),
    "t1dm": ("type", "1", "diabetes"),
    "dm2": ("type", "2", "diabetes"),
    "dm1": ("type", "1", "diabetes"),
    "2x": ("2", "times"),
    "1x": ("1", "times"),
    "3x": ("3", "times"),
    "4x": ("4", "times"),
}
_PLAIN_WITH_DIGITS = frozenset("o2 spo2 sao2 fio2 co2 pco2 paco2 po2 pao2 h2 p2y12".split())


class Tokens:
    """Takes one token after another."""

    __slots__ = ("_last", "_prose", "_sign", "_stops", "_words")

    def __init__(self, prose: Prose) -> None:
        self._prose = prose
        self._words = prose.words
        self._stops = prose.stops
        self._sign = ""
        self._last: Quantity | None = None
        """The number just taken, while a unit may follow."""

    def take_all(self, tokens: Iterable[str]) -> None:
        """All tokens of a text: most are words or plain numbers, with a mark behind them or without."""
        words, stops, first = self._words, self._stops, len(self._prose.quantities)
        for token in tokens:
            if token.isalpha():
                words.append(token)
                stops.append(0)
                continue
            stop, word = _STOP_OF.get(token[-1]), token[:-1]
            if stop is None:
                if token.isdecimal() and (self._last is None or words[-1] != "x"):
                    self._take_digits(token)
                else:
                    self.take(token)
            elif word.isalpha():
                words.append(word)
                stops.append(0 if token[-1] == "." and word in _ABBREVIATED else stop)
            elif word.isdecimal() and (self._last is None or words[-1] != "x"):
                self._take_digits(word)
                stops[-1] = stop
            else:
                self.take(token)
        if len(self._prose.quantities) > first:
            self._finish(first)

    def take_break(self) -> None:
        """Nothing that follows belongs to what was before."""
        self._last, self._sign = None, ""
        self._word(BREAK, END)

    def take(self, token: str) -> None:
        if token.isalpha():
            self._words.append(token)
            self._stops.append(0)
            return
        if token.isdecimal() and (self._last is None or self._words[-1] != "x"):  # no 10 of `x 10^9/L`
            self._take_digits(token)
            return
        core = token.strip(_MARKS)
        if "(" in core:  # tablet(s), Rho(D)
            is_ending = len(core.split("(")[1]) < 3
            token = token.replace("(", "").replace(")", "") if is_ending else token.replace("(", "-")
            core = token.strip(_MARKS)
        if not core or not (core[0].isalnum() or any(map(str.isalnum, core))):
            self._take_marks(token, core)
            return
        count = len(self._words)
        is_unit = self._is_unit(core, token)
        if token[0] in _OPENING and self._stops and not is_unit:
            self._stops[-1] = max(self._stops[-1], BRACKET)
        if token[0] == "." and core[0].isdecimal():
            core = "0." + core
        if is_unit:
            if token[-1] in _STOP_OF and token[-1] != "]":
                self._stops[-1] = max(self._stops[-1], _STOP_OF[token[-1]])
        elif core.isalpha():
            self._word(core)
        elif core[0].isdecimal() or any(map(str.isdecimal, core)):
            self._take_digits(core)
        else:
            self._take_pieces(core)
        if token[-1] in _STOP_OF and len(self._words) > count:
            self._close(token, core)

    def _take_marks(self, token: str, core: str) -> None:
        """A token of marks alone: `;`, `-`, `>`, `%`."""
        if core in ("<", ">", "≤", "≥"):
            self._sign = core
        elif core in ("%", "°") and self._adjacent():
            self._unit("%" if core == "%" else "deg")
        elif self._stops and (token[-1] in _STOP_OF or core in ("-", "/")):
            stop = _STOP_OF.get(token[-1], END if core == "/" else COMMA)
            self._stops[-1] = max(self._stops[-1], stop)

    def _close(self, token: str, core: str) -> None:
        """The stop after the last word, by the marks that follow the core of its token."""
        if token[-1] == "." and core in _ABBREVIATED:
            return
        tail = token[token.rindex(core[-1]) + 1 :]
        if len(tail) == 1:
            self._stops[-1] = _STOP_OF[tail]
        else:
            self._stops[-1] = max((_STOP_OF.get(mark, Stop.NONE) for mark in tail), default=Stop.NONE)

    def _word(self, word: str, stop: int = 0) -> None:
        self._words.append(word)
        self._stops.append(stop)

    def _take_pieces(self, core: str) -> None:
        """Words joined by marks: `beta-blocker`, `nausea/vomiting`, `doesn't`, `b.i.d`."""
        whole = _SLASHED.get(core) or _WHOLE.get(core)
        if whole is not None:
            for word in whole:
                self._word(word)
            return
        if "'" in core:
            stem, _, rest = core.partition("'")
            if rest == "t":
                self._word(stem.removesuffix("n") or stem)
                self._word("not")
                return
            core = stem or rest
        if "." in core:
            pieces = core.split(".")
            if max(map(len, pieces)) <= 2:
                self._word("".join(pieces))
                return
            core = core.replace(".", "-.-")
        for piece in _split(core):
            if piece == ".":
                if self._stops:
                    self._stops[-1] = END
            elif piece:
                self._word(piece, COMMA if piece == "negative" else 0)

    def _is_unit(self, core: str, token: str) -> bool:
        """The number just before has none yet: `6.8 mmol/L`, `7 10*3/uL`."""
        if self._last is None:
            return False
        if core[:2] == "10" and self._words[-1] == "x" and self._last.at == len(self._words) - 2:
            self._unit(unit_of(core))  # 212 x 10^9/L
            return bool(unit_of(core))
        if not self._adjacent() or self._stops[-1]:
            return False
        if self._last.unit:
            return self._last.unit.endswith("1.73m2") and core in ("m2", "m^2", "m*2")
        if core.isalpha() and token[0] != "[":
            return False  # words are looked at together, when all are there
        unit = unit_of(core, glued=False) or unit_of(token.strip(",.;:!?()"), glued=False)
        if not unit or (core.isdecimal()):
            return False
        self._unit(unit)
        return True

    def _adjacent(self) -> bool:
        return self._last is not None and self._last.at == len(self._words) - 1

    def _unit(self, unit: str) -> None:
        if self._last is not None:
            self._last.unit = unit

    def _number(self, kind: Kind, value: str, unit: str = "", day: Day = (0, 0, 0)) -> None:
        self._last = made = Quantity(len(self._words), kind, value, unit, self._sign, day)
        self._prose.quantities.append(made)
        self._sign = ""
        self._words.append(value)
        self._stops.append(0)

    def _take_digits(self, core: str) -> None:
        if core.isdecimal() and len(core) <= _LONGEST_FIGURE:
            self._number(NUMBER, core if core[0] != "0" else plain_number(core))
            return
        if len(core) > _LONGEST_FIGURE:
            self._number(CODE, core)
            return
        if core[4:5] == "-" == core[7:8] and self._take_date(core):  # 2026-05-02
            return
        if "." in core and core.replace(".", "", 1).isdecimal():
            self._number(NUMBER, plain_number(core))
            return
        low, dash, high = core.partition("-")
        if dash and len(high) != 2 and is_plain(low) and is_plain(high):  # 3.5-5.1, and not 2026-05
            self._number(NUMBER, plain_number(low))
            self._number(NUMBER, plain_number(high))
            return
        if core in _WHOLE:
            for word in _WHOLE[core]:
                if word.isdecimal():
                    self._number(NUMBER, word)
                else:
                    self._word(word)
            return
        if core in _PLAIN_WITH_DIGITS:
            self._word(core)
            return
        if core[0] in "<>≤≥":
            self._sign = core[0] if core[1:2] != "=" else {"<": "≤", ">": "≥"}[core[0]]
            core = core.lstrip("<>≤≥=")
        core = core.lstrip("$+±^/") or core
        if core.isdecimal():
            self._number(NUMBER, plain_number(core))
            return
        if self._take_date(core):
            return
        clock = time_of(core)
        if clock is not None:
            self._number(TIME, clock)
            return
        self._take_runs(core)

    def _take_date(self, core: str) -> bool:
        day = date_of(core)
        if day is None:
            return False
        self._number(DATE, core, day=day)
        clock = time_of(core[11:]) if len(core) > 11 and core[10] == "t" else None
        if clock:
            self._number(TIME, clock)
        return True

    def _take_runs(self, core: str) -> None:
        negative = core[0] == "-"
        runs = list(_runs(core[negative:]))
        first = runs[0] if runs else ""
        if not first or not first[0].isdecimal():
            self._take_coded(core)
            return
        value = plain_number(first)
        value = f"-{value}" if negative else value
        rest = core[negative + len(first) :]
        if not rest or rest in ("st", "nd", "rd", "th"):
            self._number(NUMBER, value)
        elif rest in ("am", "pm", "a", "p") and value.isdecimal() and int(value) <= 12:
            self._number(TIME, time_of(f"{value}:00{rest[0]}m") or value)
        elif rest == "+":
            self._number(CODE, f"{value}+")
        elif rest[0] == "/" and len(runs) == 3 and runs[2][0].isdecimal():
            self._number(PAIR, f"{value}/{plain_number(runs[2])}")
        elif rest[0] == "/" and len(runs) == 4 and runs[2][0].isdecimal() and unit_of(runs[3]):
            self._number(PAIR, f"{value}/{plain_number(runs[2])}", unit_of(runs[3]))
        elif rest[0] in "-x" and len(runs) > 2 and runs[1] in "-x" and runs[2][0].isdecimal():
            start = len(self._prose.quantities)
            self._number(NUMBER, value)
            tail = "".join(runs[2:])
            if runs[1] == "x" and runs[2].startswith("10") and "/" in tail:  # 4.5x10^3/uL
                self._unit(unit_of(tail) or tail)
                return
            self._take_digits(tail)
            made = self._prose.quantities[start:]
            made[0].unit = made[-1].unit if made[-1].kind is NUMBER else ""
        elif rest[0] == "-" and rest[1:]:
            self._number(NUMBER, value)
            self._take_hyphened(rest[1:])
        elif unit_of(rest):
            self._number(NUMBER, value, unit_of(rest))
            self._prose.has_rates = self._prose.has_rates or rest[:2] == "x/"
        elif ":" in rest or len(runs) > 3 or rest[0] in ".,":
            self._number(CODE, core)
        elif rest[0] == "/" and rest[1:].isalpha():
            self._number(NUMBER, value)
            self._word(rest[1:])
        elif rest.isalpha() and len(rest) > 3:  # a missing space
            self._number(NUMBER, value)
            self._word(rest)
        else:
            self._number(CODE, core)

    def _take_hyphened(self, rest: str) -> None:
        """`5-day`, `67-year-old`, `50-mg`: what follows the number."""
        first, *others = rest.split("-")
        if first:  # two hyphens are a dash: what follows them may be a figure as well
            unit = unit_of(first)
            if unit:
                self._unit(unit)
            self._word(first)
        for piece in filter(None, others):
            self.take(piece)

    def _take_coded(self, core: str) -> None:
        """Begins with a letter or a mark: `l4-l5`, `e11.9`, `q6h`, `k:5.1`, `(h1)`."""
        if ":" in core:
            for piece in core.split(":"):
                if piece:
                    self.take(piece)
            return
        if core[0] == "q" and core[1].isdecimal():
            self._word(core)  # q4-6h: a frequency
            self._prose.has_rates = True
            return
        for piece in core.replace("/", "-").split("-"):
            if piece == "negative":
                self._word(piece, COMMA)  # HER2-negative: of what stands before it
            elif piece.isalpha():
                self._word(piece)
            elif piece.isdecimal():
                self._number(NUMBER, plain_number(piece))
            elif (
                piece in _WHOLE
                or piece in _PLAIN_WITH_DIGITS
                or (piece and piece[0].isdecimal() and piece != core)
            ):
                self._take_digits(piece)
            elif piece:
                self._number(CODE, piece)

    def _finish(self, first: int) -> None:
        """Units in words, times with am and pm, ranges of which only the last has a unit."""
        words, stops = self._words, self._stops
        following: Quantity | None = None
        for each in reversed(self._prose.quantities[first:]):
            after = each.at + 1
            if (each.kind is NUMBER or each.kind is PAIR) and not each.unit and after < len(words):
                if not stops[each.at]:
                    each.unit, _ = unit_at(words, after)
                    if words[after] in ("am", "pm") and each.value.isdecimal():
                        each.kind = TIME
                        each.value = time_of(f"{each.value}:00{words[after]}") or each.value
                if not each.unit and following is not None and following.kind is NUMBER:
                    is_joined = words[after] in ("to", "and", "or", "x", "by") and following.at == after + 1
                    if is_joined or (following.at == after and not stops[each.at]):
                        each.range_unit = following.unit or following.range_unit
            elif each.kind is TIME and after < len(words) and words[after] in ("am", "pm"):
                each.value = time_of(each.value + words[after]) or each.value
            following = each


def _runs(core: str) -> Iterator[str]:
    """Runs of digits (with points and commas inside), runs of letters, single marks."""
    start, end = 0, len(core)
    while start < end:
        at = start + 1
        if core[start].isdecimal():
            while at < end and (
                core[at].isdecimal() or (core[at] in ".," and at + 1 < end and core[at + 1].isdecimal())
            ):
                at += 1
        elif core[start].isalpha():
            while at < end and core[at].isalpha():
                at += 1
        yield core[start:at]
        start = at


def _split(core: str) -> list[str]:
    return core.replace("/", "-").replace("+", "-").replace(",", "-").replace("'", "").split("-")
