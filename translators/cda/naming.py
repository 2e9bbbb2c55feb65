"""What an entry is about, in words that do not negate, so that `negated` alone turns a meaning round.

Senders put "No diabetes" into the text of an entry that is itself negated. Read word by word that is a
diabetes; so the words of a negated entry are taken only from where they name the thing.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import re2

from gateway.clinical import FactKind, UnreadReason
from translators.cda.datatypes import MASKED, Concept
from translators.terminology.absence import NONE_OF_KIND, Absence, absence_of


class UnreadableEntry(Exception):
    """This entry is no fact; `reason` and `what` say why, for `unread`."""

    def __init__(self, reason: UnreadReason, what: str) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.what = what


class Subject(NamedTuple):
    text: str
    negated: bool


_NEGATES = re2.compile(
    r"(?i)\b(?:no|not|never|none|nil|without|den(?:y|ies|ied)|negative for|refused|refuses|declined"
    r"|ruled out|free of)\b"
)
_NO_KNOWN = re2.compile(r"(?i)\b(?:nk[dfm]?a|negative|nil|unknown)\b")
_LEADING_NEGATION = re2.compile(
    r"(?i)^(?:the )?(?:patient |pt\.? )?(?:has |is |was |reports |does |did )?"
    r"(?:no (?:known |evidence of |history of )?|not (?:have |take )?|never |without |denies |denied "
    r"|negative for |refused:? |refuses |declined:? |free of )(?:any )?"
)
_TRAILING_NEGATION = re2.compile(
    r"(?i)[\s,:;-]*\(?(?:was |were |is )?(?:ruled out|refused|declined|not (?:given|done|present|taken|found)"
    r"|denied)\)?\.?$"
)
_NO_INFORMATION = re2.compile(
    r"(?i)(?:there (?:is|are) )?no (?:known )?(?:information|info|data)\b.*"
    r"|.{0,80}\bnot (?:available|recorded|asked|known|on file|documented|reported|applicable)\.?"
    r"|(?:none|no\b.{0,60}) (?:is |are )?(?:recorded|reported|on file|documented|entered)\.?"
    r"|no\b.{0,60} (?:is |are )?(?:available|applicable)\.?"
    r"|no (?:problems|allergies|medications|immunizations|procedures|encounters|results|vitals?) indicated\.?"
    r"|patient not asked\.?"
    r"|unknown\.?|n/?a\.?"
)
_NONE = re2.compile(r"(?i)none\.?|nil\.?")
# Codes of everything of a kind: what a negated entry with one of them denies (SNOMED CT, LOINC).
_WHOLE_KIND: dict[FactKind, dict[str, str]] = {
    FactKind.ALLERGY: {
        **dict.fromkeys(("419199007", "418038007", "420134006", "105590001"), "known allergies"),
        **dict.fromkeys(("416098002", "59037007", "419511003", "410942007"), "known drug allergies"),
        **dict.fromkeys(("414285001", "235719002", "418471000", "762766007"), "known food allergies"),
        "426232007": "known environmental allergies",
    },
    FactKind.CONDITION: dict.fromkeys(
        ("55607006", "64572001", "404684003", "75326-9", "75323-6"), NONE_OF_KIND[FactKind.CONDITION]
    ),
    FactKind.FAMILY_HISTORY: dict.fromkeys(("55607006", "64572001"), NONE_OF_KIND[FactKind.CONDITION]),
    FactKind.MEDICATION: dict.fromkeys(("410942007", "373873005"), NONE_OF_KIND[FactKind.MEDICATION]),
    FactKind.PROCEDURE: dict.fromkeys(("71388002",), NONE_OF_KIND[FactKind.PROCEDURE]),
    FactKind.IMMUNIZATION: dict.fromkeys(
        ("787859002", "33879002", "71181003"), NONE_OF_KIND[FactKind.IMMUNIZATION]
    ),
    FactKind.DEVICE: {"40388003": "implants", "49062001": NONE_OF_KIND[FactKind.DEVICE]},
}
_NO_SUCH = re2.compile(r"(?i)no (?P<of>[^.;:|]{1,60})\.?")
_UNKNOWN_IF = re2.compile(r"(?i)^(?:unknown|not known)\b")


def denies(written: str) -> bool:
    """Words of it negate, or say that something is not known."""
    return bool(_NEGATES.search(written) or _NO_KNOWN.search(written) or _NO_INFORMATION.fullmatch(written))


def subject_of(kind: FactKind, concept: Concept, negated: bool, words: Callable[[], str] = str) -> Subject:
    """What a fact is about, and whether it is denied.

    `negated` is the entry's own negationInd; `words` gives the text that the entry points to, asked for
    only where the code does not name one thing. Raises `UnreadableEntry` when nothing is named, when the
    source has no information, or when the only words of a negated entry negate already.
    """
    names = concept.names or (() if concept.codes else said_in(words(), negated))
    absent = _absent(kind, concept, names)
    if absent is not None:
        return Subject(absent, True)
    if negated:
        return Subject(_thing_denied(kind, concept, names, words), True)
    if names and _may_say_no(names[0]) and _NO_INFORMATION.fullmatch(names[0]):
        raise UnreadableEntry(UnreadReason.NO_INFORMATION, _about(kind))
    if names:
        return Subject(names[0], False)
    if concept.codes:
        return Subject(concept.codes[0].code, False)
    raise UnreadableEntry(_reason_of(concept.null_flavor), _about(kind))


def _may_say_no(name: str) -> bool:
    """What `_NO_INFORMATION` matches holds `no` or is as short as `N/A.`; most names are neither."""
    return len(name) <= len("n/a.") or "no" in name.lower()


def said_in(written: str, negated: bool) -> tuple[str, ...]:
    """Text without a code. Of a whole row, a denial names its thing only in the cell that denies."""
    if negated and " | " in written:
        return tuple(cell for cell in written.split(" | ") if _NEGATES.search(cell))
    return (written,) if written else ()


def _absent(kind: FactKind, concept: Concept, names: tuple[str, ...]) -> str | None:
    """What there is none of: "No known drug allergies" is `known drug allergies`."""
    if kind not in NONE_OF_KIND and kind is not FactKind.FAMILY_HISTORY:
        return None
    for name in names or ("",):
        if kind in NONE_OF_KIND and _NONE.fullmatch(name):
            return NONE_OF_KIND[kind]
        found = absence_of(kind, concept.codes, name)
        if found is None:
            continue
        absence, of = found
        if absence is Absence.NO_INFORMATION:
            if name not in names[:1] and names:  # a word of a translation or a later cell
                continue
            raise UnreadableEntry(UnreadReason.NO_INFORMATION, _about(kind))
        return of
    return None


def whole_kind(kind: FactKind, concept: Concept) -> str | None:
    """`known drug allergies` for "allergy to drug", a code that names everything of a kind; else None."""
    whole = _WHOLE_KIND.get(kind, {})
    return next((whole[code.code] for code in concept.codes if code.code in whole), None)


def check_information(kind: FactKind, said: Sequence[str]) -> None:
    """Raises `UnreadableEntry` for "excluded/not available": vendors code it as if there were none.

    Only what is said first counts: "not applicable" in a later cell of its row is about that column.
    """
    if said and _NO_INFORMATION.fullmatch(said[0]):
        raise UnreadableEntry(UnreadReason.NO_INFORMATION, _about(kind))


def _thing_denied(kind: FactKind, concept: Concept, names: tuple[str, ...], words: Callable[[], str]) -> str:
    check_information(kind, names)
    everything = whole_kind(kind, concept)
    if everything is not None:
        said = said_in(words(), True)
        check_information(kind, said)
        return _denied_in_words(kind, (*names, *said)) or everything
    if names and _UNKNOWN_IF.search(names[0]):
        raise UnreadableEntry(UnreadReason.INVALID, f"{_about(kind)}: an unknown that is negated")
    for name in names:
        if not _NEGATES.search(name):
            return name
    for name in names:
        bare = str(_TRAILING_NEGATION.sub("", _LEADING_NEGATION.sub("", name))).strip()
        if bare and not _NEGATES.search(bare):
            return bare
    if names:
        raise UnreadableEntry(UnreadReason.INVALID, f"{_about(kind)}: negated twice")
    if concept.codes:
        return concept.codes[0].code
    if kind in NONE_OF_KIND and concept.null_flavor in ("", "NA"):
        return NONE_OF_KIND[kind]
    # "not UNK" without a word is sent for "none known" and for "excluded/not available" alike
    raise UnreadableEntry(_reason_of(concept.null_flavor), f"{_about(kind)}: a negation of something unknown")


def _denied_in_words(kind: FactKind, said: tuple[str, ...]) -> str:
    """Narrower than the code, where the words are: "No medications administered"."""
    for each in said:
        found = absence_of(kind, (), each)
        if found is not None and found[0] is Absence.NONE_KNOWN:
            return found[1]
        match = _NO_SUCH.fullmatch(each)
        if match is not None:
            return str(match["of"]).lower()
    return ""


def _reason_of(null_flavor: str) -> UnreadReason:
    return UnreadReason.MASKED if null_flavor == MASKED else UnreadReason.NO_INFORMATION


def _about(kind: FactKind) -> str:
    return kind.value.replace("-", " ")
