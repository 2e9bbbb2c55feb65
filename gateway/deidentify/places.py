"""Addresses, towns and institutions that no record names, known by `Street`, a state, `Hospital`."""

from collections.abc import Callable, Iterable

from gateway.deidentify.categories import Category
from gateway.deidentify.known import zip_hint
from gateway.deidentify.spans import Finder, Narrow, Place, after, before, nothing, whole
from gateway.deidentify.strangers import BIG, LETTER, WORD
from gateway.deidentify.vocabulary import GENERIC_PLACES, NOT_SOMEBODY, STOPS_IN_PLACES, reads_clinical
from gateway.deidentify.words import DENYING

STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC"
    " ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY".split()
)
_ALSO_MEDICAL = frozenset(
    "CT PA MD OR IN ME MS MI ID PR AL MA DE OK HI LA NE CO MT SD AR VA CA SC NC".split()
)
"""Scans, degrees, infarctions and little words; only a ZIP code makes a state of them."""
_STATE = "|".join(STATES)
_STREET_KINDS = (
    r"street|st|avenue|ave|lane|ln|road|rd|drive|dr|boulevard|blvd|court|ct|place|pl|circle|cir|terrace|ter"
    r"|highway|hwy|parkway|pkwy|square|trail|way|row|alley|crescent|close|loop|pike|plaza"
)
_INSTITUTIONS = (
    r"Hospital|Medical Center|Medical Centre|Med Center|Clinic|Infirmary|Hospice|Nursing Home|Care Center"
    r"|Care Centre|Rehabilitation Center|Rehab Center|Health System|Healthcare|Health Center|Elementary"
    r"|High School|Middle School|University|College|Church|Pharmacy|Nursing Center|Manor|Living Center|Hosp"
    r"|SNF|ALF|Med Ctr|Medical Ctr|Senior Living|Surgery Center|Cancer Center|Correctional Facility"
    r"|Home Health|Assisted Living"
)
_IN_CAPITALS = _INSTITUTIONS.upper()
_KINDS = frozenset(word.casefold() for kind in _INSTITUTIONS.split("|") for word in kind.split())
_BEFORE_TOWNS = frozenset([*_STREET_KINDS.split("|"), "in", "from", "near", "box"])
_MEASURES = frozenset(
    "mg ml mcg units tablets days weeks hours years fr french mm cm day week hour year".split()
)
_NO_INSTITUTION = (
    "discharge",
    "course",
    "admission",
    "stay",
    "day",
    "admit",
    "follow",
    "bed",
    "records",
    "visit",
)


def _institution(text: str, start: int, end: int) -> Place | None:
    """From behind the last word that begins no name; nothing when what is left only tells a kind."""
    words = [(word, text.index(word, at)) for word, at in _spread(text, start, end)]
    begin = 0
    for index, (word, _) in enumerate(words[:-1]):
        folded = word.casefold().strip(".,")
        if (
            folded in STOPS_IN_PLACES
            or folded in DENYING
            or (reads_clinical(word) and index < len(words) - 2)
        ):
            begin = index + 1
    named = [word for word, _ in words[begin:] if word.casefold().strip(".,") not in GENERIC_PLACES | _KINDS]
    if all(map(reads_clinical, named)) or after(text, end, 16).lstrip().startswith(_NO_INSTITUTION):
        return None
    return words[begin][1], end


def _spread(text: str, start: int, end: int) -> Iterable[tuple[str, int]]:
    at = start
    for word in text[start:end].split():
        yield word, at
        at = text.index(word, at) + len(word)


def _town(text: str, start: int, end: int) -> Place | None:
    """`Springfield, IL`; not `Smith, MD`, `Abdomen, CT` or a list in capitals, unless a ZIP code follows or
    something in front says that it is a place."""
    state, _, rest = text[end : end + 12].lstrip(", ").partition(" ")
    if not rest.lstrip()[:1].isdigit() and (state[:2] in _ALSO_MEDICAL or text[start:end].isupper()):
        words = before(text, start).replace(",", " ").replace(".", " ").split()
        if not words or words[-1] not in _BEFORE_TOWNS:
            return None
    return _no_heading(text, start, end)


def _town_alone(text: str, start: int, end: int) -> Place | None:
    """Without its state, which may stay."""
    *words, last = text[start:end].split()
    if words and len(last) == 2 and last.isupper():
        end = start + len(text[start : start + text[start:end].rindex(last)].rstrip())
    return _no_heading(text, start, end)


def _no_heading(text: str, start: int, end: int) -> Place | None:
    words = text[start:end].split()
    is_one = words[0].casefold() not in NOT_SOMEBODY and not any(map(reads_clinical, words))
    return (start, end) if is_one else None


def _street(text: str, start: int, end: int) -> Place | None:
    """`12 Example Lane`, not `2 liters per drive`: a word of the name begins with a capital, or a digit."""
    words = text[start:end].split()
    is_named = any(word[:1].isupper() or word[:1].isdigit() for word in words[1:-1])
    return (start, end) if is_named and words[1].casefold() not in _MEASURES else None


def _finder(
    pattern: str,
    label: str,
    needs: Iterable[str],
    narrow: Narrow = whole,
    *,
    category: Category = Category.PLACE,
    needs_digits: bool = False,
    hint: Callable[[str], str] = nothing,
) -> Finder:
    return Finder(
        pattern, category, label, group=1, needs=needs, needs_digits=needs_digits, narrow=narrow, hint=hint
    )


PLACES: tuple[Finder, ...] = (
    _finder(
        r"(?i)\b(\d{1,6}[A-Z]?(?:-\d+)?\s+(?:[NSEW]\.?\s+|north\s+|south\s+|east\s+|west\s+)?"
        r"(?:[A-Za-zÀ-ÿ'’.]+\s+|\d+(?:st|nd|rd|th)\s+){1,3}"
        rf"(?:{_STREET_KINDS})\b\.?(?:,?\s*(?:apt|apartment|unit|suite|ste|#)\.?\s*#?\w+)?)",
        "STREET",
        _STREET_KINDS.split("|"),
        _street,
        category=Category.STREET,
        needs_digits=True,
    ),
    _finder(
        r"(?i)\b(p\.?\s?o\.?\s+box\s+\d+)", "STREET", ["box"], category=Category.STREET, needs_digits=True
    ),
    _finder(rf"\b(?:{_STATE})[,.]?\s+(\d{{5}}(?:-\d{{4}})?)\b", "ZIP", (), needs_digits=True, hint=zip_hint),
    _finder(
        r"(?i)\bzip(?: ?code)?\s*:?\s*(\d{5}(?:-\d{4})?)\b", "ZIP", ["zip"], needs_digits=True, hint=zip_hint
    ),
    _finder(rf"\b({WORD}(?:[ \t]+{WORD}){{0,2}}),\s*(?:{_STATE})\b", "PLACE", (), _town),
    _finder(
        r"\b(?:lives in|living in|resides in|resident of|moved to|moved from|born in|traveled to|travelled to"
        r"|native of|originally from|town of|city of|relocated to|home in|trip to|arrived from)"
        rf"\s+({WORD}(?:\s+{WORD})?)\b",
        "PLACE",
        "lives living resides resident moved born traveled travelled native originally town city relocated"
        " home trip arrived".split(),
        _town_alone,
    ),
    _finder(
        rf"\b((?:(?:St\.|Mt\.|Ft\.|{BIG}{LETTER}*(?:-{LETTER}+)*|of|and|de|du|la)\s+){{1,4}}"
        rf"(?:{_INSTITUTIONS}|{_IN_CAPITALS}))\b",
        "PLACE",
        [max(kind.casefold().split(), key=len) for kind in _INSTITUTIONS.split("|")],
        _institution,
    ),
    _finder(
        rf"\b((?:University|College|Church|Hospital|Sisters) of (?:the )?{WORD}(?:\s+{WORD})?)\b",
        "PLACE",
        ("university", "college", "church", "hospital", "sisters"),
    ),
)
