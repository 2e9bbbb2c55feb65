"""The people that a record knows, in all the forms in which a note may name them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import re2

from gateway.clinical import Name
from gateway.deidentify.categories import Category
from gateway.deidentify.spans import Finder, Place, after, before
from gateway.deidentify.words import (
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

_JOINT = r"(?:\s*,\s*|\s+|\s*[-–]\s*|\^)"
_WORDS = re.compile(r"[^\s,.^()\"“”‘-]+")
_DOSE = re.compile(
    r"\s*(?:er|xr|od)?\s*(?:\d+(?:[./]\d+)*\s*(?:mg|mcg|ml|%|units?|g\b|tab)|tablet|cream|pill|patch|daily)"
)
_SAYS = frozenset(
    "was is has had will did does would could can may denies denied reports reported states stated presented"
    " presents says said continues continued tolerated remains remained underwent lives lived works worked"
    " feels felt complains complained appears appeared seems takes took requires required needs needed asks"
    " asked agrees agreed understands understood declined refuses refused returns returned came comes went"
    " goes arrived called saw sees wants wanted notes noted met received developed ambulated signed gave"
    " knows recalls also who and with at became began slept walked tells told thinks uses used".split()
)
"""What follows somebody's name: "Young was seen", and not "Young woman"."""


def people(names: Sequence[Name], label: str) -> Iterator[Finder]:
    """One finder for all `names`; each of them is one entity."""
    known = [(f"{label}{index}", _parts(name)) for index, name in enumerate(names)]
    parts = sorted({part for _, each in known for part in each}, key=len, reverse=True)
    if not parts:
        return
    firsts = {each[0].upper() for each in parts} | {
        each for name in names for each in _initials(name).upper()
    }
    letters = "".join(sorted(filter(str.isalpha, firsts)))

    def entity(found: str) -> str:
        words = {_plain(word.casefold()) for word in _WORDS.findall(found)}
        best = max(known, key=lambda each: len(words & {_plain(part) for part in each[1]}))
        return best[0]

    # An initial counts before a name, between two, and behind one when it has a full stop or a comma.
    initial = rf"(?-i:{_one_of(letters)})(?:\.\s*|\s+)"
    part = "(?:" + "|".join(_flexible(each) for each in parts) + ")"
    yield Finder(
        rf"(?i)(?:{initial}){{0,2}}{part}(?:{_JOINT}(?:{initial})?{part})*(?:,\s*(?-i:[{letters}])\b|\s(?-i:[{letters}])\.)?",
        Category.NAME,
        label,
        needs=[re.split("['’ ]", each)[0] for each in parts],
        narrow=_name_in,
        entity=entity,
    )
    yield Finder(
        rf"\b(?:Mr|Mrs|Ms|Miss|Mx|[Pp]t|[Pp]atient)\.?\s+([{letters}](?:\.\s?|\b)(?:[{letters}](?:\.|\b)){{0,2}})",
        Category.NAME,
        label,
        group=1,
        needs=("mr", "ms", "miss", "mx", "pt", "patient"),
        narrow=_titled_initials,
        entity=lambda found: known[0][0],
    )
    for index, name in enumerate(names):
        written = _dotted_initials(name)
        if written:
            yield Finder(
                written,
                Category.NAME,
                label,
                needs=(".",),
                needs_compact=(_initials(name),),
                entity=lambda found, whose=known[index][0]: whose,  # type: ignore[misc]
            )


def _one_of(letters: str) -> str:
    """One of these that begins a word. RE2's word boundary knows ASCII alone."""
    plain, other = (
        re.escape("".join(filter(kind, letters))) for kind in (str.isascii, lambda each: not each.isascii())
    )
    return "|".join(form for form, there in ((rf"\b[{plain}]", plain), (f"[{other}]", other)) if there)


def name_parts(name: Name) -> Iterator[str]:
    """Single words of a name as it is written."""
    for written in (name.family, *name.given, name.text):
        for word in written.replace(",", " ").split():
            yield word.strip('.()"“”')


def _parts(name: Name) -> set[str]:
    """Case folded, with plain spellings, the pieces of double names and short forms of first names."""
    parts: set[str] = set()
    for word in name_parts(name):
        folded = word.casefold().replace("–", "-")
        parts |= {folded, *folded.split("-")}
    parts |= {" ".join(each).casefold() for each in _with_particles(name)}
    for given in name.given:
        parts |= set(NICKNAMES.get(given.casefold(), "").split())
    parts |= {_plain(each) for each in parts} | {_german(each) for each in parts}
    parts |= {unicodedata.normalize("NFD", each) for each in parts}
    return {each for each in parts if len(each) > 1 and any(map(str.isalpha, each))} - NEVER_NAMES


def _with_particles(name: Name) -> Iterator[list[str]]:
    """`van der Berg`, `St. Clair`: several words that are one."""
    for written in (name.family, name.text):
        words = [word.strip(".,") for word in written.split()]
        for at, word in enumerate(words):
            if word.casefold() in _PARTICLES and (not at or words[at - 1].casefold() not in _PARTICLES):
                end = at
                while end < len(words) - 1 and words[end].casefold() in _PARTICLES:
                    end += 1
                yield words[at : end + 1]


_PARTICLES = frozenset(
    "van von de la del el der den di da le al bin du ter ten st saint mc mac dos das".split()
)


def _plain(word: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))


def _german(word: str) -> str:
    return word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")


def _flexible(word: str) -> str:
    """O'Brien is also O’Brien, OBrien and O Brien; a double name may be broken at its hyphen."""
    if " " in word:
        return r"[\s.]+".join(map(_flexible, word.split()))
    pieces = word.replace("’", "'").split("'")
    return r"['’` ]?".join(re2.escape(piece).replace(r"\-", r"\s?[-–]\s?") for piece in pieces if piece)


def _initials(name: Name) -> str:
    letters = [each[0].casefold() for each in (*name.given, name.family) if each[:1].isalpha()]
    return "".join(letters)


def _dotted_initials(name: Name) -> str:
    letters = _initials(name).upper()
    return r"\s?".join(rf"{re2.escape(letter)}\." for letter in letters) if len(letters) > 1 else ""


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


def _titled_initials(text: str, start: int, end: int) -> Place | None:
    """`Mrs. Y.` and `pt W.G.`, and not `Pt A&O x3`."""
    is_patient = before(text, start, 10).split()[-1].strip(".") in ("pt", "patient")
    return None if is_patient and "." not in text[start:end] else (start, end)


def _is_a_name(text: str, start: int, end: int, word: str) -> bool:
    """One word alone: a capital, a title or what follows must say that it is a name."""
    folded = word.casefold()
    if is_titled(text, start):
        return True
    if word.islower() and (folded in ORDINARY or folded in EPONYMS or len(word) < 4):
        return False
    if len(word) == 2 and (not word[0].isupper() or folded in TWO_LETTER_WORDS):
        return False
    if len(word) <= 3 and word.isupper() and not _is_in_capitals(text, start, end):  # an abbreviation
        return False
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
    begins = _begins_a_sentence(text, start)
    if following[:1] in (".", ":"):
        return not begins or following[:1] == ":"
    return not begins and not _is_in_capitals(text, start, end) and not _compounds(text, start, end)


def _compounds(text: str, start: int, end: int) -> bool:
    """`the Long QT`, `Salt Lake`: the next word has a capital too, or is what such words stand before."""
    following = text[end : end + 2]
    return following[:1] in (" ", "-") and following[1:].isupper()


def _begins_a_sentence(text: str, start: int) -> bool:
    front = text[max(0, start - 3) : start].rstrip(" \t\"'(*")
    return not front or front[-1] in ".!?:;\n\x1f|-•>"


def _is_in_capitals(text: str, start: int, end: int) -> bool:
    """All around it is written in capitals, so that they tell nothing."""
    around = text[max(0, start - 24) : start] + text[end : end + 24]
    return not any(map(str.islower, around)) and any(map(str.isupper, around))


def is_titled(text: str, start: int) -> bool:
    words = before(text, start, 16).split()
    return bool(words) and text[start - 1].isspace() and words[-1].strip(".(") in TITLES


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


def all_parts(names: Iterable[Name]) -> set[str]:
    return {part for name in names for part in _parts(name)}
