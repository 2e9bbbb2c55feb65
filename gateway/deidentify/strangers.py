"""People and places that no record names, known by what stands beside them: a title, `Hospital`."""

from collections.abc import Sequence

from gateway.deidentify.categories import Category
from gateway.deidentify.known import zip_hint
from gateway.deidentify.names import is_an_eponym
from gateway.deidentify.spans import Finder, Narrow, Place, nothing
from gateway.deidentify.words import NEVER_NAMES, RELATIONS, TITLES

# Ranges and not `\p{Lu}`: all of Unicode in ten places is more than RE2's automaton has memory for.
_BIG = r"[A-ZÀ-ÖØ-Þ\x{100}-\x{24f}]"
_SMALL = r"[a-zß-öø-ÿ\x{100}-\x{24f}]"
_LETTER = r"[A-Za-zÀ-ÖØ-öø-ÿ\x{100}-\x{24f}'’]"
_WORD = rf"{_BIG}{_LETTER}+(?:[-–]{_BIG}{_LETTER}+)?"
_PARTICLE = r"(?:(?:van|von|de|de la|del|der|den|di|da|la|le|al|el|bin|St\.)\s+){0,2}"
_NAME = rf"(?:{_BIG}\.\s?){{0,2}}{_PARTICLE}{_WORD}(?:\s+{_BIG}\.(?:\s?{_BIG}\.)?)?(?:\s+{_PARTICLE}{_WORD})?"
_FULL_NAME = rf"(?:{_WORD}|{_BIG}\.(?:\s?{_BIG}\.)?)\s+(?:{_BIG}\.?\s+)?{_PARTICLE}{_WORD}"
_LAST_FIRST = rf"{_WORD},\s*{_WORD}(?:\s+{_BIG}\.?)?"
_STATES = "|".join(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC"
    " ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY".split()
)
_STREET_KINDS = (
    r"street|st|avenue|ave|lane|ln|road|rd|drive|dr|boulevard|blvd|court|ct|place|pl|circle|cir|terrace|ter"
    r"|highway|hwy|parkway|pkwy|square|trail|way|row|alley|crescent|close|loop|pike|plaza"
)
_CREDENTIALS = (
    r"MD|M\.D\.|DO|D\.O\.|RN|R\.N\.|NP|N\.P\.|APRN|ARNP|CRNP|FNP(?:-C|-BC)?|PA-C|PA|PhD|Ph\.D\.|DPM|PharmD"
    r"|LPN|CRNA|DDS|DMD|MBBS|LCSW|MSW|LMSW|RT|PT|DPT|OT|OTR/L|SLP|CNM|CNA|RD|FACP|FACS|BSN|MSN|DNP|PsyD|RRT"
    r"|EMT"
)
_CREDENTIALS_FOLDED = _CREDENTIALS.casefold().replace("\\", "").replace("(?:-c|-bc)?", "").split("|")
_INSTITUTIONS = (
    r"Hospital|Medical Center|Medical Centre|Med Center|Clinic|Infirmary|Hospice|Nursing Home|Care Center"
    r"|Care Centre|Rehabilitation Center|Rehab Center|Rehab|Health System|Healthcare|Health Center"
    r"|Elementary|High School|Middle School|University|College|Church|Pharmacy|Nursing Center|Manor"
    r"|Living Center|Senior Living|Surgery Center|Cancer Center|Dialysis|Sanatorium|Correctional Facility"
    r"|Regional|Memorial|Home Health|Shelter|Assisted Living"
)

_INSTITUTIONS_IN_CAPITALS = _INSTITUTIONS.upper()

_NOT_SOMEBODY = NEVER_NAMES | frozenset(
    "will who whom reports states says stated reported at he they this that home deceased alive present"
    " bedside dose daily po iv history contin tablets tablet brain spine knee hip chest abdomen pelvis"
    " service team clinic department group office ward unit please aware notified informed agrees agreed"
    " requests medicine surgery cardiology nephrology neurology oncology on-call oncall from are were all"
    " any both another other some transplant renal hepatic pulmonary cardiac infectious disease primary care"
    " emergency general internal family visit plan note notes pt ot case management social work hospitalist"
    " resident fellow attending nursing physical occupational speech therapy radiology pathology anesthesia"
    " gi id ent ob gyn obgyn icu er ed or review exam assessment when while after before if then also there"
    " today yesterday tomorrow tonight monday tuesday wednesday thursday friday saturday sunday january"
    " february march april june july august september october november december mri ct xr cxr ekg ecg echo"
    " labs lab cbc bmp cmp day week hospital discharge admission follow follow-up call called see seen per"
    " once twice dr mr mrs ms cc but as so such high low new old our your their my its".split()
)
"""A capital letter does not make a name of what begins a sentence, tells a service or denies."""

_BEFORE_NAMES = (
    TITLES | frozenset(RELATIONS) | frozenset("nurse practitioner physician attending resident".split())
)

_GENERIC = frozenset(
    "the a an our this that local community outside regional general primary care outpatient inpatient"
    " cardiology cardiac oncology pain wound heart failure diabetes diabetic urgent walk-in sleep memory"
    " anticoagulation coumadin warfarin orthopedic orthopaedic orthopedics surgery surgical dental eye ent"
    " gi renal hepatology transplant women's children's pediatric pediatrics psychiatry psychiatric"
    " neurology pulmonary rheumatology dermatology infectious disease id hiv lipid travel methadone skilled"
    " acute subacute long-term rehab rehabilitation day specialty family medicine internal dialysis home"
    " health nursing medical hospital clinic center at in to from via for infusion cancer and of follow-up"
    " pre-op preop post-op fall stroke pacemaker device ob gyn prenatal ob/gyn urology endocrinology"
    " endocrine nephrology hematology surgery chest high-risk tb sti std vascular hand foot spine breast"
    " genetics allergy asthma copd bariatric trauma burn critical access teaching rural va veterans nearby"
    " private state county public her his their my retail mail order specialty compounding pharmacy senior"
    " assisted living elementary high middle school university college church homeless shelter".split()
)
"""Words that name a kind of place; a name of one place has another."""


def somebody(text: str, start: int, end: int) -> Place | None:
    """The name without what follows it by chance (`Dr. Jones No acute distress`), or nothing."""
    found = text[start:end]
    words = found.split()
    while len(words) > 1 and words[0].strip(".,").casefold() in _BEFORE_NAMES:
        start += len(found) - len(found[len(words.pop(0)) :].lstrip())
        found = text[start:end]
    if words[0].strip(".,").casefold() in _NOT_SOMEBODY:
        return None
    found = _without_possessive(found)
    if is_an_eponym(text, start, start + len(found)):
        return None
    words = found.split()
    while len(words) > 1 and (
        words[-1].casefold().strip(".,") in _NOT_SOMEBODY or _is_a_new_line(found, words[-1])
    ):
        found = found[: found.rindex(words.pop())].rstrip(" \n\t,")
    return start, start + len(_without_possessive(found))


def _without_possessive(found: str) -> str:
    return found[:-2] if found.endswith(("'s", "’s")) else found.rstrip("'’")


def _is_a_new_line(found: str, last: str) -> bool:
    """`Dr. Smith` at the end of a line and `Assessment` at the start of the next."""
    return "\n" in found[: found.rindex(last)][-2:]


def _place(text: str, start: int, end: int) -> Place | None:
    """From the first word that is no general one; nothing when all are."""
    words = text[start:end].split()
    if all(word.casefold().strip(".,") in _GENERIC for word in words[:-1]) and len(words) > 1:
        named = [word for word in words if word.casefold().strip(".,") not in _GENERIC | _KINDS]
        if not named:
            return None
    at = start
    while words and words[0].casefold() in (
        "the",
        "at",
        "in",
        "to",
        "from",
        "a",
        "an",
        "our",
        "via",
        "local",
    ):
        at += len(words.pop(0))
        at += len(text[at:end]) - len(text[at:end].lstrip())
    return (at, end) if len(words) > 1 else None


_KINDS = frozenset(word.casefold() for kind in _INSTITUTIONS.split("|") for word in kind.split())


def _town(text: str, start: int, end: int) -> Place | None:
    """`Springfield, IL`; not `Smith, MD` who signs, unless a ZIP code follows."""
    state, _, rest = text[end : end + 12].lstrip(", ").partition(" ")
    if state[:2] in ("MD", "PA", "DO") and not rest[:1].isdigit():
        return None
    return somebody(text, start, end)


def _town_alone(text: str, start: int, end: int) -> Place | None:
    """Without its state, which may stay."""
    *words, last = text[start:end].split()
    if words and len(last) == 2 and last.isupper():
        end = start + text[start:end].rindex(last)
        end -= len(text[start:end]) - len(text[start:end].rstrip())
    return somebody(text, start, end)


def _street(text: str, start: int, end: int) -> Place | None:
    """`12 Example Lane`, not `2 liters per drive`: a word of the name begins with a capital, or a digit."""
    words = text[start:end].split()
    is_named = any(word[:1].isupper() or word[:1].isdigit() for word in words[1:-1])
    return (start, end) if is_named and words[1].casefold() not in _MEASURES else None


_MEASURES = frozenset(
    "mg ml mcg units tablets days weeks hours years fr french mm cm day week hour year".split()
)


def _finder(
    pattern: str,
    category: Category,
    label: str,
    needs: Sequence[str],
    narrow: Narrow,
    *,
    needs_digits: bool = False,
    is_zip: bool = False,
) -> Finder:
    return Finder(
        pattern,
        category,
        label,
        group=1,
        needs=needs,
        needs_digits=needs_digits,
        narrow=narrow,
        entity=_last_name
        if category is Category.NAME
        else (lambda found: " ".join(found.casefold().split())),
        hint=zip_hint if is_zip else nothing,
    )


def _last_name(found: str) -> str:
    """`Dr. Jane Roe` and `Dr. Roe` are one; so are `Roe, Jane` and `Roe`."""
    folded = found.casefold()
    return folded.partition(",")[0] if "," in folded else folded.split()[-1]


def _as_is(text: str, start: int, end: int) -> Place | None:
    return start, end


_CALLED = (
    r"signed by|signed|dictated by|dictated|transcribed by|seen by|discussed with|d/w|spoke with|spoke to"
    r"|per|attending|attending physician|pcp|surgeon|provider|referred by|cc|author|authored by|reviewed by"
    r"|consultant|physician|nurse|name|patient name|emergency contact|contact|next of kin|nok|poa|hcp|proxy"
    r"|interpreter|witness|reviewed with|performed by|operator|assistant|anesthesiologist|radiologist"
    r"|interpreted by|verified by|ordered by|cosigned by|co-signed by|electronically signed by|e-signed by"
    r"|accompanied by|brought in by|history from|called|with|by"
)

STRANGERS: tuple[Finder, ...] = (
    # Capitals alone are no title without a full stop: MS Contin, MR brain, diclofenac DR tablets.
    _finder(
        r"\b(?:(?:Drs?|Doctor|Mr|Mrs|Ms|Miss|Mx|Prof|Professor|Nurse|Rev|Father|Sister|Rabbi|Pastor|Officer"
        rf"|Detective|Judge)\.?|(?:DR|MR|MRS|MS|PROF)\.)\s+({_NAME})",
        Category.NAME,
        "NAME",
        "dr doctor mr ms miss mx prof nurse rev father sister rabbi pastor officer detective judge".split(),
        somebody,
    ),
    _finder(
        rf"\bDrs\.?\s+{_WORD}(?:,\s+{_WORD})*,?\s+(?:and|&)\s+({_WORD})",
        Category.NAME,
        "NAME",
        ["drs"],
        somebody,
    ),
    _finder(
        rf"\b(?:dr|mr|mrs|ms)\.? ({_SMALL}{{3,}})\b", Category.NAME, "NAME", ["dr", "mr", "ms"], somebody
    ),
    _finder(
        rf"\b(?i:{'|'.join(RELATIONS)})(?:,|\s*\(|\s+named|\s+is|:)?\s+?\(?({_NAME})",
        Category.NAME,
        "RELATIVE-NAME",
        RELATIONS,
        somebody,
    ),
    _finder(
        rf"\b({_WORD}(?:\s+{_WORD})?),?\s+\(?(?:(?:her|his|the|their|patient['’]s|pt['’]s)\s+)(?:{'|'.join(RELATIONS)})\b",
        Category.NAME,
        "RELATIVE-NAME",
        RELATIONS,
        somebody,
    ),
    _finder(
        rf"\b(?i:{_CALLED})\s*:?\s+({_FULL_NAME}|{_LAST_FIRST})",
        Category.NAME,
        "NAME",
        tuple(word.split()[0] for word in _CALLED.split("|")),
        somebody,
    ),
    _finder(
        rf"({_FULL_NAME}|{_LAST_FIRST}|{_WORD}),?\s+(?:{_CREDENTIALS})\b",
        Category.NAME,
        "STAFF-NAME",
        _CREDENTIALS_FOLDED,
        somebody,
    ),
    _finder(
        rf"\b(?:RN|NP|PA|LPN|CNA|MA|SW)\s+({_WORD}(?:\s+{_WORD})?)",
        Category.NAME,
        "STAFF-NAME",
        ("rn", "np", "pa", "cna", "ma ", "sw "),
        somebody,
    ),
)  # fmt: skip

PLACES: tuple[Finder, ...] = (
    _finder(
        r"(?i)\b(\d{1,6}[A-Z]?(?:-\d+)?\s+(?:[NSEW]\.?\s+|north\s+|south\s+|east\s+|west\s+)?"
        r"(?:[A-Za-zÀ-ÿ'’.]+\s+|\d+(?:st|nd|rd|th)\s+){1,3}"
        rf"(?:{_STREET_KINDS})\b\.?(?:,?\s*(?:apt|apartment|unit|suite|ste|#)\.?\s*#?\w+)?)",
        Category.STREET,
        "STREET",
        tuple(_STREET_KINDS.split("|")),
        _street,
        needs_digits=True,
    ),
    _finder(
        r"(?i)\b(p\.?\s?o\.?\s+box\s+\d+)", Category.STREET, "STREET", ("box",), _as_is, needs_digits=True
    ),
    _finder(
        rf"\b(?:{_STATES})[,.]?\s+(\d{{5}}(?:-\d{{4}})?)\b",
        Category.PLACE,
        "ZIP",
        (),
        _as_is,
        needs_digits=True,
        is_zip=True,
    ),
    _finder(
        r"(?i)\bzip(?: ?code)?\s*:?\s*(\d{5}(?:-\d{4})?)\b",
        Category.PLACE,
        "ZIP",
        ("zip",),
        _as_is,
        needs_digits=True,
        is_zip=True,
    ),
    _finder(
        rf"\b({_WORD}(?:\s+{_WORD}){{0,2}}),\s*(?:{_STATES})\b",
        Category.PLACE,
        "PLACE",
        (",",),
        _town,
    ),
    _finder(
        rf"\b(?:lives in|living in|resides in|resident of|from|moved to|moved from|born in|traveled to"
        rf"|travelled to|visiting|native of|originally from|town of|city of"
        rf"|relocated to)\s+({_WORD}(?:\s+{_WORD})?)\b",
        Category.PLACE,
        "PLACE",
        "liv resid from moved born trave visiting native town city reloc".split(),
        _town_alone,
    ),
    _finder(
        rf"\b((?:(?:St\.|Mt\.|Ft\.|{_BIG}{_LETTER}*(?:-{_LETTER}+)*|of|and|de|du|la)\s+){{1,4}}"
        rf"(?:{_INSTITUTIONS}|{_INSTITUTIONS_IN_CAPITALS}))\b",
        Category.PLACE,
        "PLACE",
        tuple(kind.split()[0].casefold() for kind in _INSTITUTIONS.split("|")),
        _place,
    ),
    _finder(
        rf"\b((?:University|College|Church|Hospital|Sisters) of (?:the )?{_WORD}(?:\s+{_WORD})?)\b",
        Category.PLACE,
        "PLACE",
        ("university of", "college of", "church of", "hospital of", "sisters of"),
        _as_is,
    ),
)
