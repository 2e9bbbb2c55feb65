"""People whom no record names, known by what stands beside them: a title, a relation, `MD`, who signed."""

import re
from collections.abc import Iterable

from gateway.deidentify.categories import Category
from gateway.deidentify.names import is_an_eponym
from gateway.deidentify.spans import Finder, Narrow, Place, before
from gateway.deidentify.vocabulary import (
    BEFORE_NAMES,
    GENERIC_PLACES,
    GIVEN_NAMES,
    NOT_SOMEBODY,
    SERVICES,
    reads_clinical,
)
from gateway.deidentify.words import EPONYM_NOUNS, ORDINARY, RELATIONS

# Ranges and not `\p{Lu}`: all of Unicode in ten places is more than RE2's automaton has memory for.
BIG = r"[A-ZÀ-ÖØ-Þ\x{100}-\x{24f}]"
_SMALL = r"[a-zß-öø-ÿ\x{100}-\x{24f}]"
LETTER = r"[A-Za-zÀ-ÖØ-öø-ÿ\x{100}-\x{24f}'’]"
WORD = rf"{BIG}{LETTER}+(?:[-–]{BIG}{LETTER}+)?"
_PARTICLE = r"(?:(?:van|von|de|de la|del|der|den|di|da|la|le|al|el|bin|St\.)\s+){0,2}"
_INITIALS = rf"{BIG}\.(?:\s?{BIG}\.)?"
_NAME = rf"(?:{BIG}\.\s?){{0,2}}{_PARTICLE}{WORD}(?:\s+{_INITIALS})?(?:\s+{_PARTICLE}{WORD})?"
_FULL_NAME = rf"(?:{WORD}|{_INITIALS})\s+(?:{BIG}\.?\s+)?{_PARTICLE}{WORD}"
_LAST_FIRST = rf"{WORD},\s*{WORD}(?:\s+{BIG}\.?)?"
_CREDENTIALS = (
    r"MD|M\.D\.|DO|D\.O\.|RN|R\.N\.|NP|N\.P\.|APRN|ARNP|CRNP|FNP(?:-C|-BC)?|PA-C|PA|PhD|Ph\.D\.|DPM|PharmD"
    r"|LPN|CRNA|DDS|DMD|MBBS|LCSW|MSW|LMSW|RT|PT|DPT|OT|OTR/L|SLP|CNM|CNA|RD|FACP|FACS|BSN|MSN|DNP|PsyD|RRT"
    r"|EMT"
)
_SIGNED = (
    r"signed by|e-signed by|dictated by|transcribed by|seen by|discussed with|d/w|spoke with|spoke to"
    r"|referred by|authored by|reviewed by|reviewed with|performed by|interpreted by|verified by|ordered by"
    r"|cosigned by|co-signed by|accompanied by|brought in by|history from|told to|told by|talked to"
    r"|talked with|evaluated by|examined by|read by|supervised by|covered by|handed over to|signed out to"
    r"|paged|assisted by"
)
"""Nobody but a person does this."""


def _name_in(text: str, start: int, end: int) -> Place | None:
    """The name without its title and without what follows it by chance (`Dr. Jones No acute distress`)."""
    found = text[start:end]
    words = found.split()
    while len(words) > 1 and _folded(words[0]) in BEFORE_NAMES:
        start += len(found) - len(found[len(words.pop(0)) :].lstrip())
        found = text[start:end]
    if _folded(words[0]) in NOT_SOMEBODY:
        return None
    while len(words) > 1 and _is_by_chance(found, words):
        found = found[: found.rindex(words.pop())].rstrip(" \n\t,")
    found = _without_possessive(found)
    return None if is_an_eponym(text, start, start + len(found)) else (start, start + len(found))


def _is_by_chance(found: str, words: list[str]) -> bool:
    """Whether the last word is none of the name: a common one, on a new line, or `DR HOLLOWAY Strength`."""
    *_, before_last, last = words
    if _folded(last) in NOT_SOMEBODY or "\n" in found[: found.rindex(last)][-2:]:
        return True
    return "," not in found and len(before_last) > 2 and before_last.isupper() and not last.isupper()


def _person(text: str, start: int, end: int) -> Place | None:
    """As above, and no word of it is a clinical one: nothing but its place says that it is a name."""
    place = _name_in(text, start, end)
    if place is None or any(map(reads_clinical, text[place[0] : place[1]].split())):
        return None
    return place


def _known_first_name(text: str, start: int, end: int) -> Place | None:
    """Of two words the one that is a first name is one of those that are hardly anything else."""
    place = _person(text, start, end)
    if place is None:
        return None
    first, comma, rest = text[place[0] : place[1]].partition(",")
    given = rest if comma else first
    return place if given.split() and _folded(given.split()[0]) in GIVEN_NAMES else None


def _whole_name(text: str, start: int, end: int) -> Place | None:
    """`Nancy Whitlock`, not `Dawn Phenomenon`, and not `Mary` before the next word of a heading."""
    place = _known_first_name(text, start, end)
    if place is None:
        return None
    words = text[place[0] : place[1]].split()
    is_one = len(words) > 1 and _folded(words[-1]) not in EPONYM_NOUNS | GENERIC_PLACES
    return place if is_one and text[place[0] - 1 : place[0]] != "-" else None


def _before_credentials(text: str, start: int, end: int) -> Place | None:
    """`Ann Lee, MD`, not `Chest X-Ray, PA and lateral` nor `Orthopedic Surgery, MD`."""
    if text[start - 1 : start] == "-" or any(_folded(word) in SERVICES for word in text[start:end].split()):
        return None
    return _person(text, start, end)


def _relative(text: str, start: int, end: int) -> Place | None:
    """`daughter Mary`; on a new line only a first name that is hardly anything else."""
    between = before(text, start, 4)
    if "\n" in between and _folded(text[start:end].split()[0]) not in GIVEN_NAMES:
        return None
    return _person(text, start, end)


def _first_name(text: str, start: int, end: int) -> Place | None:
    """`daughter naomi`, and not `mother will`."""
    word = text[start:end]
    return (start, end) if word in GIVEN_NAMES and word not in ORDINARY else None


def _folded(word: str) -> str:
    return word.strip(".,:;()").casefold()


def _without_possessive(found: str) -> str:
    return found[:-2] if found.endswith(("'s", "’s")) else found.rstrip("'’")


def _last_name(found: str) -> str:
    """`Dr. Jane Roe` and `Dr. Roe` are one; so are `Roe, Jane` and `Roe`."""
    folded = found.casefold()
    return folded.partition(",")[0] if "," in folded else folded.split()[-1]


def _finder(
    pattern: str, label: str, narrow: Narrow, *, needs: Iterable[str] = (), exact: Iterable[str] = ()
) -> Finder:
    return Finder(
        pattern,
        Category.NAME,
        label,
        group=1,
        needs=needs,
        needs_exact=exact,
        narrow=narrow,
        entity=_last_name,
    )


_FIRST_NAMES = "|".join(form for name in sorted(GIVEN_NAMES) for form in (name.capitalize(), name.upper()))
_RELATION_WORDS = [max(relation.split("-"), key=len) for relation in RELATIONS]
_RELATION = "|".join(RELATIONS)

STRANGERS: tuple[Finder, ...] = (
    # Capitals alone are no title without a full stop: MS Contin, MR brain, diclofenac DR tablets.
    _finder(
        r"\b(?:(?:Drs?|Doctor|Mr|Mrs|Ms|Miss|Mx|Prof|Professor|Nurse|Rev|Father|Sister|Rabbi|Pastor|Officer"
        rf"|Detective|Judge)\.?\s+|\bDr\.|(?:DR|MR|MRS|MS|PROF)\.\s*|DR\s+)({_NAME})",
        "NAME",
        _name_in,
        exact="Dr Doctor Mr Ms Miss Mx Prof Nurse Rev Father Sister Rabbi Pastor Officer Detective Judge DR"
        " MR. MRS. MS. PROF.".split(),
    ),
    _finder(rf"\bDrs\.?\s+{WORD}(?:,\s+{WORD})*,?\s+(?:and|&)\s+({WORD})", "NAME", _name_in, exact=["Drs"]),
    _finder(
        rf"\b(?:dr|mr|mrs|ms)\.? ({_SMALL}{{3,}})\b",
        "NAME",
        _person,
        exact=("dr ", "dr. ", "mr ", "mr. ", "mrs ", "mrs. ", "ms ", "ms. "),
    ),
    _finder(
        rf"\b(?i:{_RELATION})(?:,|\s*\(|\s+named|\s+is|:)?\s+?\(?({_NAME})",
        "RELATIVE-NAME",
        _relative,
        needs=_RELATION_WORDS,
    ),
    _finder(rf"\b(?i:{_RELATION})\s+({_SMALL}{{3,}})\b", "RELATIVE-NAME", _first_name, needs=_RELATION_WORDS),
    _finder(
        rf"\b({WORD}(?:\s+{WORD})?),?\s+\(?(?:her|his|the|their|patient['’]s|pt['’]s)\s+(?:{_RELATION})\b",
        "RELATIVE-NAME",
        _known_first_name,
        needs=_RELATION_WORDS,
    ),
    _finder(
        rf"\b(?i:{_SIGNED})\s*:?\s+({_FULL_NAME}|{_LAST_FIRST})",
        "NAME",
        _person,
        needs=[max(re.findall("[a-z]+", phrase), key=len) for phrase in _SIGNED.split("|")],
    ),
    _finder(
        rf"\b({WORD},\s*(?:{_FIRST_NAMES})(?:\s+(?:{BIG}\b\.?|{WORD}))?)",
        "NAME",
        _known_first_name,
        exact=[","],
    ),
    _finder(rf"\b((?:{_FIRST_NAMES})\s+(?:{BIG}\.?\s+)?{_PARTICLE}{WORD})", "NAME", _whole_name),
    _finder(
        rf"\b(?i:patient|full|mother['’]?s) name\s*:\s*({_FULL_NAME}|{_LAST_FIRST})",
        "NAME",
        _person,
        needs=["name"],
    ),
    _finder(
        rf"({_FULL_NAME}|{_LAST_FIRST}),?\s+(?:{_CREDENTIALS})\b",
        "STAFF-NAME",
        _before_credentials,
        exact=_CREDENTIALS.replace("\\", "").replace("(?:-C|-BC)?", "").split("|"),
    ),
    _finder(
        rf"({WORD}),?\s+(?:MD|M\.D\.|DO|RN|NP|PharmD|PA-C|LPN|CRNA|LCSW|APRN)\b",
        "STAFF-NAME",
        _before_credentials,
        exact="MD M.D. DO RN NP PharmD PA-C LPN CRNA LCSW APRN".split(),
    ),
    _finder(
        rf"\b(?:RN|NP|LPN|CNA|SW)\s+({WORD}(?:\s+{WORD})?)",
        "STAFF-NAME",
        _person,
        exact="RN NP LPN CNA SW".split(),
    ),
)
