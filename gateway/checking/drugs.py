"""Which drugs and classes of drugs a text names, brands and old names told as what they hold."""

from collections.abc import Collection, Sequence

from gateway.checking.tables import entries, lines

_ENDINGS = (
    "olol", "pril", "prilat", "sartan", "statin", "mab", "zumab", "ximab", "cillin", "mycin", "micin",
    "azole", "prazole", "gliptin", "gliflozin", "glutide", "floxacin", "cycline", "vir", "navir", "tinib",
    "ciclib", "parib", "zosin", "dipine", "thiazide", "semide", "triptan", "setron", "pam", "zolam",
    "barbital", "caine", "oxetine", "triptyline", "apine", "peridol", "idone", "piprazole", "sone",
    "solone", "lukast", "terol", "tropium", "parin", "xaban", "gatran", "grel", "fibrate", "glitazone",
    "profen", "coxib", "oxicam", "codone", "morphone", "fentanil", "tidine", "dronate", "platin", "taxel",
    "rubicin", "bactam", "penem", "fungin", "afil", "racetam", "bazine", "lamide", "formin", "curium",
    "curonium", "stigmine", "vaptan", "gepant", "orexant", "nacin", "glinide", "limus", "trexate",
    "cef", "sulfa",
)  # fmt: skip
"""How the names of drugs end that no list holds yet."""
_LAST_LETTERS = frozenset(ending[-3:] for ending in _ENDINGS)
"""Asked first: of eighty endings `endswith` asks one after another."""
_NOT_DRUGS = frozenset(word for line in lines("not_drugs") for word in line.split())


def _classes() -> dict[str, frozenset[str]]:
    """The drug -> its classes, groups of classes included."""
    rows = (line.partition(": ") for line in lines("drug_class_groups"))
    groups = [(name, rest.split("|")) for name, _, rest in rows]
    found: dict[str, set[str]] = {}
    for name, drugs in entries("drug_classes"):
        more = {group for group, classes in groups if name in classes}
        for drug in drugs:
            found.setdefault(drug, set()).update({name}, more)
    return {drug: frozenset(names) for drug, names in found.items()}


_CLASSES_OF = _classes()


def _names() -> dict[str, frozenset[str]]:
    """Every name of one word -> the drugs it may stand for."""
    found: dict[str, set[str]] = {drug: {drug} for drug in _CLASSES_OF}
    for drug, names in entries("drug_synonyms"):
        for name in names:
            found.setdefault(name, set()).add(drug)
            found[name].discard(name)
    return {name: frozenset(drugs) for name, drugs in found.items()}


def _with_plurals(names: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    return {f"{name}s": drugs for name, drugs in names.items() if name[-1] != "s"} | names


_DRUGS = _with_plurals(_names())
_CLASS_WORDS: dict[tuple[str, ...], str] = {
    tuple(word.split("_")): name for name, words in entries("drug_class_words") for word in words
}
_CLASS_BEGINS = frozenset(words[0] for words in _CLASS_WORDS)
_LONGEST_CLASS = max(map(len, _CLASS_WORDS))
_SALTS = frozenset(("tartrate", "succinate"))
"""Of one drug they are two: metoprolol."""


DRUG_NAMES = frozenset(_DRUGS)
"""In small letters."""
is_drug = _DRUGS.__contains__
_NONE: frozenset[str] = frozenset()


def drugs_of(word: str) -> frozenset[str]:
    """The drugs that a word may stand for; empty when it names none. `word` is in small letters."""
    return _DRUGS.get(word, _NONE)


_SHORTEST_UNLISTED = 6
"""Letters. Shorter words end like drugs too often."""


def _looks_like_a_drug(word: str) -> bool:
    """By its ending, for names that no list holds."""
    return (
        len(word) > _SHORTEST_UNLISTED
        and word[-3:] in _LAST_LETTERS
        and word.endswith(_ENDINGS)
        and word not in _NOT_DRUGS
        and word not in _CLASS_BEGINS
        and word.isascii()
    )


def unlisted_in(words: Sequence[str], known: Collection[str]) -> list[int]:
    """Indices of the words that look like a drug, and of those that are `known` as one."""
    return [
        at
        for at, word in enumerate(words)
        if word in known or (word[-3:] in _LAST_LETTERS and _looks_like_a_drug(word))
    ]


def names_class(words: Sequence[str]) -> bool:
    """Nothing is sure yet."""
    return not _CLASS_BEGINS.isdisjoint(words)


def classes_in(words: Sequence[str]) -> dict[str, int]:
    """The classes that are named, each with the index of its first word."""
    if not names_class(words):
        return {}
    found: dict[str, int] = {}
    for at, word in enumerate(words):
        if word in _CLASS_BEGINS:
            for length in range(_LONGEST_CLASS, 0, -1):
                name = _CLASS_WORDS.get(tuple(words[at : at + length]))
                if name is not None:
                    found.setdefault(name, at)
                    break
    return found


def classes_of(drug: str) -> frozenset[str]:
    return _CLASSES_OF.get(drug, frozenset())


def salts_in(words: Sequence[str]) -> frozenset[str]:
    return _SALTS.intersection(words) if "metoprolol" in words else frozenset()
