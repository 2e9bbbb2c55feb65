"""The people that a record knows, in all the forms in which a note may name them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from gateway.clinical import Name
from gateway.deidentify.categories import Category
from gateway.deidentify.spans import Look, Place, Span, after, before, stands_alone
from gateway.deidentify.words import (
    ABBREVIATIONS,
    EPONYM_NOUNS,
    EPONYMS,
    NAMED_DRUGS,
    NEVER_NAMES,
    NICKNAMES,
    ORDINARY,
    RELATIONS,
    TITLES,
    TWO_LETTER_WORDS,
)

_PARTICLES = frozenset(
    "van von de la el del der den di da le al bin du ter ten st saint mc mac dos das".split()
)
_PARTICLE = "(?:(?:" + "|".join(sorted(_PARTICLES)) + r")[\s.]+)*"
_WORDS = re.compile(r"[^\s,.^()\"“”‘-]+")
_DOSE = re.compile(
    r"\s*(?:er|xr|od)?\s*(?:\d+(?:[./]\d+)*\s*(?:mg|mcg|ml|%|units?|g\b|tab)|tablet|cream|pill|patch|daily)"
)
# These see a few characters around a name that was found, never a whole text: `re` is right for them.
_JOINT = re.compile(rf"(?i)(?:\s*,\s*|\s+|\s*[-–]\s*|\^|_)(?:[^\W\d_](?:\.\s*|\s+))?{_PARTICLE}")
_INITIALS_BEFORE = re.compile(r"(?:(?<!\w)[^\W\d_](?:\.\s*|\s+)){1,2}\Z")
_PARTICLES_BEFORE = re.compile(rf"(?i)(?<!\w){_PARTICLE}\Z")
_INITIAL_AFTER = re.compile(r",\s*([^\W\d_])\b|\s([^\W\d_])\.")
_LONGEST_JOINT = 16
_SHORTEST_GLUED = 4
_MOST_PARTS = 200
"""Each part is sought through the whole text: of more, hostile records would make hours."""
_PIECES = re.compile(r"[^\W_]+")
_SAYS = frozenset(
    "was is has had will did does would could can may denies denied reports reported states stated presented"
    " presents says said continues continued tolerated remains remained underwent lives lived works worked"
    " feels felt complains complained appears appeared seems takes took requires required needs needed asks"
    " asked agrees agreed understands understood declined refuses refused returns returned came comes went"
    " goes arrived called saw sees wants wanted notes noted met received developed ambulated signed gave"
    " knows recalls also who and with at here c/o s/p doing became began slept walked tells told thinks uses"
    " used".split()
)
"""What follows somebody's name: "Young was seen", and not "Young woman"."""


class People:
    """Finds the people of one kind, by every part of their names. Each of them is one entity."""

    def __init__(self, names: Sequence[Name], label: str) -> None:
        self.label = label
        self._known = [(f"{label}{index}", _parts(name)) for index, name in enumerate(names)]
        self._parts = frozenset(part for _, parts in self._known for part in parts)
        self._initials = {
            initials: f"{label}{index}"
            for index, name in enumerate(names)
            if len(initials := _initials(name)) > 1
        }
        firsts = {part[0].upper() for part in self._parts} | {
            each for whole in self._initials for each in whole
        }
        self._letters = frozenset(filter(str.isalpha, firsts))

    def find(self, look: Look) -> Iterator[Span]:
        """Each run of parts, with initials before, between and behind them."""
        text = look.text
        for start, end in self._runs(look):
            place = _name_in(text, *self._with_initials(text, start, end))
            if place is not None:
                yield self._span(*place, self._whose(text[place[0] : place[1]]))
        if self._known and look.has_titles:
            yield from self._titled_initials(look)
        if self._initials and "." in text:
            yield from self._dotted_initials(look)

    def _runs(self, look: Look) -> Iterator[Place]:
        found = self._words(look) if len(self._parts) > _MOST_PARTS else self._occurrences(look)
        found.sort(key=lambda place: (place[0], -place[1]))
        text = look.text
        run: Place | None = None
        for start, end in found:
            if run is None:
                run = start, end
            elif start >= run[1]:
                between = text[run[1] : start] if start - run[1] <= _LONGEST_JOINT else "?"
                if _JOINT.fullmatch(between):
                    run = run[0], end
                else:
                    yield run
                    run = start, end
            elif end > run[1]:  # a longer part that begins within a shorter one
                run = run[0], end
        if run is not None:
            yield run

    def _occurrences(self, look: Look) -> list[Place]:
        lowered, text = look.lowered, look.text
        found: list[Place] = []
        for part in self._parts:
            at = lowered.find(part)
            while at >= 0:
                place = self._whole_word(text, at, at + len(part))
                if place is not None:
                    found.append(place)
                at = lowered.find(part, at + 1)
        return found

    def _words(self, look: Look) -> list[Place]:
        """The same for a crowd, in one pass over the words: names of several words by each of them."""
        parts = {
            word for part in self._parts for word in _PIECES.findall(part) if len(word) > 1
        } - NEVER_NAMES
        return [match.span() for match in _PIECES.finditer(look.lowered) if match.group() in parts]

    def _whole_word(self, text: str, start: int, end: int) -> Place | None:
        """Also `Hunts wrist`, and `FBell` with the initial of a first name."""
        if stands_alone(text, start, end):
            return start, end
        if end - start < _SHORTEST_GLUED or not text[start].isupper():
            return None
        if text[end : end + 1] == "s" and stands_alone(text, start, end + 1):
            return start, end
        is_signature = start > 0 and text[start - 1] in self._letters and stands_alone(text, start - 1, end)
        return (start - 1, end) if is_signature else None

    def _with_initials(self, text: str, start: int, end: int) -> Place:
        particles = _PARTICLES_BEFORE.search(text[max(0, start - _LONGEST_JOINT) : start])
        if particles is not None:
            start -= len(particles.group())
        before_it = _INITIALS_BEFORE.search(text[max(0, start - 8) : start])
        if before_it is not None and self._letters.issuperset(_letters_of(before_it.group())):
            start -= len(before_it.group())
        after_it = _INITIAL_AFTER.match(text[end : end + 6])
        if after_it is not None and self._letters.issuperset(after_it.group(1) or after_it.group(2)):
            end += len(after_it.group())
        return start, end

    def _whose(self, found: str) -> str:
        words = {_plain(word.casefold()) for word in _WORDS.findall(found)}
        if len(self._known) > _MOST_PARTS:
            return min(words, default="")
        return max(self._known, key=lambda each: len(words & each[1]))[0]

    def _titled_initials(self, look: Look) -> Iterator[Span]:
        """`Mrs. Y.` and `pt W.G.`, and not `Pt A&O x3`."""
        for match in _TITLED_INITIALS.finditer(look.text):
            start, end = match.span(2)
            is_patient = match.group(1).casefold() in ("pt", "patient")
            if self._letters.issuperset(_letters_of(match.group(2))) and (
                "." in match.group(2) or not is_patient
            ):
                end -= len(match.group(2)) - len(match.group(2).rstrip())
                yield self._span(start, end, self._known[0][0])

    def _dotted_initials(self, look: Look) -> Iterator[Span]:
        """`W.G.Y.`: given names and family name of one of them."""
        for match in _DOTTED.finditer(look.text):
            whose = self._initials.get(_letters_of(match.group()))
            if whose is not None:
                yield self._span(match.start(), match.end() - (match.group()[-1].isspace()), whose)

    def _span(self, start: int, end: int, whose: str) -> Span:
        return Span(start, end, Category.NAME, self.label, whose)


# Linear in `re`: every piece begins with a letter that stands alone and is bounded.
_TITLED_INITIALS = re.compile(
    r"\b(Mr|Mrs|Ms|Miss|Mx|[Pp]t|[Pp]atient)\.?\s+([^\W\d_a-z](?:\.\s?|\b)(?:[^\W\d_a-z](?:\.\s?"
    r"|\b)){0,2})(?!\w)"
)
_DOTTED = re.compile(r"(?<!\w)(?:[^\W\d_a-z]\.\s?){2,4}")


def _letters_of(written: str) -> str:
    return "".join(each for each in written if each.isalpha())


def name_parts(name: Name) -> Iterator[str]:
    """Single words of a name as it is written."""
    for written in (name.family, *name.given, name.text):
        for word in written.replace(",", " ").split():
            yield word.strip('.()"“”')


def _parts(name: Name) -> frozenset[str]:
    """In small letters: as written, spelled plainly, pieces of double names, short forms of first names."""
    parts: set[str] = set()
    for word in name_parts(name):
        folded = word.lower().replace("–", "-")
        parts |= {folded, *folded.split("-")}
    for given in name.given:
        parts |= set(NICKNAMES.get(given.casefold(), "").split())
    for each in [each for each in parts if not each.isascii()]:
        parts |= {_plain(each), _german(each), _plain(_german(each)), unicodedata.normalize("NFD", each)}
        parts |= {each.replace("’", sign) for sign in ("'", "", " ") if "’" in each}
    for each in [each for each in parts if "'" in each]:
        parts |= {each.replace("'", sign) for sign in ("’", "", " ", "`", "' ")}
    kept = {each for each in parts if len(each) > 1 and any(map(str.isalpha, each))}
    return frozenset(kept - NEVER_NAMES - _PARTICLES)


def _plain(word: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))


def _german(word: str) -> str:
    return word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")


def _initials(name: Name) -> str:
    """Of given names and family name, in capitals: `WGY`."""
    return "".join(each[0].upper() for each in (*name.given, name.family) if each[:1].isalpha())


def _name_in(text: str, start: int, end: int) -> Place | None:
    """The part of a run of names and initials that surely names somebody."""
    found = text[start:end]
    words = _WORDS.findall(found)
    if words[0] in ("A", "I") and not found.startswith(f"{words[0]}.") and len(words) == 2:
        start += len(found) - len(found[1:].lstrip())  # "A Young woman"
        found, words = text[start:end], words[1:]
    if _is_a_drug(text, found, end):
        return None
    if sum(len(word) > 1 for word in words) > 1:
        if all(word.casefold() in EPONYMS for word in words) and is_an_eponym(text, start, end):
            return None
        is_prose = all(word.islower() and (word in ORDINARY or len(word) < 3) for word in words)
        return None if is_prose else (start, end)
    if is_an_eponym(text, start, end):
        return None
    word = next((word for word in words if len(word) > 1), "")
    if len(words) > 1 and not word.islower():
        return start, end
    return (start, end) if _is_a_name(text, start, end, word) else None


def _is_a_name(text: str, start: int, end: int, word: str) -> bool:
    """One word alone: a capital, a title or what follows must say that it is a name."""
    folded = word.casefold()
    if is_titled(text, start) or _follows_a_relation(text, start):
        return True
    if word.islower() and (folded in ORDINARY or folded in EPONYMS or len(word) < 4):
        return False
    if len(word) == 2 and (not word[0].isupper() or folded in TWO_LETTER_WORDS):
        return False
    if len(word) <= 3 and word.isupper() and (folded in ABBREVIATIONS or len(word) < 3):
        return _is_in_capitals(text, start, end)
    return folded not in ORDINARY or _stands_as_a_name(text, start, end)


def _stands_as_a_name(text: str, start: int, end: int) -> bool:
    """A word that is a name as well ("Young", "White", "Long")."""
    following = after(text, end)
    if following[:2] in ("'s", "’s"):
        return True
    words = following.split()
    first = words[0].strip(".,;:()") if words else ""
    if following[:1] in (",", ";", ")") or not first or first in _SAYS or first in RELATIONS:
        return True
    if _follows_a_capital(text, start):
        return False
    begins = _begins_a_sentence(text, start)
    if following[:1] in (".", ":"):
        return not begins
    return not begins and not _is_in_capitals(text, start, end) and not _compounds(text, start, end)


def _follows_a_capital(text: str, start: int) -> bool:
    """`Heparin Test`, `Deep White Matter`: a heading or a term, and no name."""
    words = text[max(0, start - 24) : start].split(" ")
    return len(words) > 1 and not words[-1] and words[-2][:1].isupper() and words[-2].isalpha()


def _compounds(text: str, start: int, end: int) -> bool:
    """`the Long QT`, `Salt Lake`: the next word has a capital too, or is what such words stand before."""
    following = text[end : end + 2]
    return following[:1] in (" ", "-") and following[1:].isupper()


def _begins_a_sentence(text: str, start: int) -> bool:
    front = text[max(0, start - 3) : start].rstrip(" \t\"'(*")
    return not front or front[-1] in ".!?:;\n\x01|-•>"


def _is_in_capitals(text: str, start: int, end: int) -> bool:
    """All around it is written in capitals, so that they tell nothing."""
    around = text[max(0, start - 24) : start] + text[end : end + 24]
    return not any(map(str.islower, around)) and any(map(str.isupper, around))


def is_titled(text: str, start: int) -> bool:
    words = before(text, start, 16).split()
    is_next = text[start - 1].isspace() or text[start - 1] == "."
    return bool(words) and is_next and words[-1].strip(".(") in TITLES


def _follows_a_relation(text: str, start: int) -> bool:
    """`wife Hope`, also in small letters."""
    words = before(text, start, 20).split()
    return bool(words) and text[start - 1] == " " and words[-1] in RELATIONS


def is_an_eponym(text: str, start: int, end: int) -> bool:
    """`Parkinson's disease`, `Graves thyroiditis`, `Epstein-Barr` say nothing of a patient called so."""
    following = after(text, end)
    possessive = following[:2] in ("'s", "’s") or following[:1] in ("'", "’")
    if possessive:
        following = following[2:] if following[:2] in ("'s", "’s") else following[1:]
    words = following.replace("-", " ").replace("/", " ").split()
    first = words[0].strip(".,;:()") if words else ""
    last = text[start:end].casefold().replace("-", " ").split()[-1]
    if first in EPONYM_NOUNS and following[:1] in (" ", "-", "\n"):
        return not (first == "hip" and last not in EPONYMS)
    front = before(text, start, 24).replace("–", "-")
    if front.endswith("-") and not EPONYMS.isdisjoint(front.split()[-1].split("-")):
        return True
    return possessive and last in EPONYMS and first not in RELATIONS and not is_titled(text, start)


def _is_a_drug(text: str, found: str, end: int) -> bool:
    return found.casefold() in NAMED_DRUGS and _DOSE.match(after(text, end)) is not None
