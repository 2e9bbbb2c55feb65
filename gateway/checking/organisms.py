"""Organisms that a statement names in Latin, listed or not: `Bacillus camidicus`.

Other clinical terms are found by lists and endings; a species is found by the form of its name.
"""

import re
from collections.abc import Iterable, Iterator

from gateway.checking.conditions import meanings_of
from gateway.checking.evidence import Evidence, stem
from gateway.checking.findings import Finding, Reason
from gateway.checking.said import Said

_SPECIES = re.compile(
    r"\b([A-Z][a-z]{2,}(?:us|um|is|ia|ella|ma|ter|as|ra|io|es|ans|ida|a))\s+"
    r"([A-Za-z][a-z]{2,}(?:us|um|is|ae|ii|ans|ens|oides|icola|phila|ogenes|eri|oni|nii|ri|ei))\b"
)
_GENUS_ENDINGS = (
    "coccus",
    "cocci",
    "bacter",
    "bacillus",
    "bacterium",
    "monas",
    "myces",
    "spirillum",
    "spora",
)
_LAST_LETTERS = frozenset(ending[-3:] for ending in _GENUS_ENDINGS)
_ENGLISH = re.compile(
    r"ous|.*(?:ous|virus|itis|osis|asis|esis|ysis|philia|penia)|status|plus|versus|th[iu]s|his|is|bus|focus|basis|crisis"
    r"|pelvis|penis|epidermis|campus|serum|sputum|sinus|rectum|maximum|minimum|medium|optimum|premium|momentum|fetus"
    r"|uterus|anus|thymus|humerus|radius|ramus|tinnitus|pruritus|stimulus|mucus|callus|rhythmus|mellitus|means|plans"
    r"|scans|happens|opens|listens|trans|veterans|clinicians|physicians|orphans|citrus|(?:sod|potass|calc|magnes|lith)ium"
)
"""Words that end so and are no Latin names of species; whole words."""
_PHRASES = frozenset(
    "status ductus lupus hallux hydrops herpes abruptio placenta vena angina lichen pes talipes rigor tinea"
    " acanthosis pemphigus cor pectus pyoderma erythema molluscum verruca alopecia keratosis morbus cervix"
    " corpus fundus genu this his us thus plus diabetes nevus crista meatus delirium sodium potassium calcium"
    " magnesium lithium ferrous pterygium annulus locus situs medical bilateral media otitis virus serum is"
    " patella granuloma hordeum hidradenitis livedo myasthenia osteogenesis pityriasis polymyalgia tabes"
    " ulcus varicella vitiligo xanthoma dementia hyperemesis melasma linea macula muscle".split()
)
"""They begin Latin names that are no species."""


def organisms(said: Said) -> Iterable[Finding]:
    named = _named(said)
    return _missing(said, named) if named else ()


def _missing(said: Said, named: list[tuple[str, ...]]) -> Iterator[Finding]:
    for words in named:
        if _are_in(said.evidence, words):
            continue
        is_elsewhere = _are_in(said.index.everywhere(), words)
        yield Finding(Reason.WRONG_SOURCE if is_elsewhere else Reason.CONDITION, " ".join(words))


def _named(said: Said) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for match in _SPECIES.finditer(said.statement.text):
        genus, species = match[1].lower(), match[2].lower()
        is_latin = genus not in _PHRASES and not _ENGLISH.fullmatch(species)
        if is_latin and not _ENGLISH.fullmatch(genus):
            found.append((genus, species))
    for word in said.words:
        if len(word) > 7 and word[-3:] in _LAST_LETTERS and word.endswith(_GENUS_ENDINGS):
            found.append((word,))
    return found


def _are_in(sources: list[Evidence], words: tuple[str, ...]) -> bool:
    return any(all(_stands(evidence, word) for word in words) for evidence in sources)


def _stands(evidence: Evidence, word: str) -> bool:
    known = stem(word) in evidence.words or not meanings_of(word).isdisjoint(evidence.meanings)
    return known or any(each.startswith(word[:-2]) for each in evidence.words if each[0] == word[0])
