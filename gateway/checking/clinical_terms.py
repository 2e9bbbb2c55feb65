"""Drugs, classes of drugs, problems, findings, procedures and parts of the body that a statement names."""

from collections.abc import Iterable, Iterator

from gateway.checking.conditions import DERIVED_FROM, Named, is_body_part, meanings_of
from gateway.checking.drugs import classes_in, names_class, salts_in, unlisted_in
from gateway.checking.evidence import Evidence
from gateway.checking.findings import Finding, Reason
from gateway.checking.said import Said

_RELATED: dict[str, tuple[str, ...]] = {
    "kidney": ("creatinin", "egfr", "bun", "urea", "gfr", "nephr", "renal", "aki", "ckd", "dialy"),
    "liver": ("alt", "ast", "bilirubin", "alkaline", "hepat", "transaminase", "cirrho"),
    "thyroid": ("tsh", "t4", "levothyroxine", "thyro"),
    "lung": ("pneumon", "copd", "asthma", "resp", "breath", "bronch", "pleur", "lobe", "pulm"),
    "chest": ("cxr", "lung", "pneumon", "pleur"),
    "brain": ("stroke", "cva", "cerebr", "head", "neuro"),
    "artery": ("arterial", "coronary", "cad", "carotid", "femoral", "stent"),
    "aorta": ("aort", "aaa"),
    "prostate": ("psa", "bph", "prostat"),
    "colon": ("colo",),
    "breast": ("mamm", "mast"),
    "gallbladder": ("cholecyst", "gallstone", "chole"),
    "pancreas": ("lipase", "pancrea", "amylase"),
    "bladder": ("uti", "cysto", "urin", "foley"),
    "bowel": ("colitis", "ileus", "obstruct", "stool", "colo", "gi"),
    "abdomen": ("abd", "gastr"),
    "uterus": ("hyster",),
    "esophagus": ("egd", "gerd", "reflux"),
    "eye": ("retin", "ophth", "cataract", "glaucoma", "vision"),
    "spine": ("lumb", "disc", "back", "spin"),
    "foot": ("toe", "heel", "plantar"),
    "hip": ("femoral",),
    "skull": ("head",),
    "spleen": ("splen",),
    "neck": ("carotid",),
    "leg": ("extremit", "calf", "thigh", "tibi", "femor", "ankle", "foot"),
    "arm": ("extremit", "hand", "wrist", "humer"),
}
"""Beginnings of words that speak of the part as well."""
_SHARED_BEGINNING = 7
_GENERAL = frozenset(
    "surgery,pain,tumor,infection,cancer,carcinoma,fracture,injury,bleeding,fever".split(",")
)
"""Meanings that sentences refer to in passing."""


def drugs(said: Said) -> Iterable[Finding]:
    words = said.words
    unlisted = [
        at
        for at in unlisted_in(words, said.index.drug_words)
        if at not in said.drugs and not _is_written(said, words[at])
    ]
    return _drugs(said, unlisted) if unlisted or said.drugs or names_class(words) else ()


def _drugs(said: Said, unlisted: list[int]) -> Iterator[Finding]:
    words = said.words
    for at, named in said.drugs.items():
        if not any(named & each.drugs for each in said.evidence) and not _is_written(said, words[at]):
            yield Finding(Reason.DRUG, said.span(at))
    for at in unlisted:
        yield Finding(Reason.DRUG, said.span(at))
    for name, at in classes_in(words).items():
        if not _is_written(said, words[at]) and not _has_class(said, name):
            yield Finding(Reason.DRUG, said.span(at))
    salts = salts_in(words)
    if salts and any(salts_in(each.raw) and not salts & salts_in(each.raw) for each in said.evidence):
        yield Finding(Reason.DRUG, " ".join(sorted(salts)))


def _has_class(said: Said, name: str) -> bool:
    """A drug of the class is named, by the evidence or elsewhere in the record."""
    sources = (said.evidence, said.index.everywhere())
    return any(name in evidence.classes for of in sources for evidence in of)


def _is_written(said: Said, word: str) -> bool:
    for evidence in said.evidence:  # noqa: SIM110  (a generator costs more than what it would ask)
        if evidence.has(word):
            return True
    return False


def conditions(said: Said) -> Iterable[Finding]:
    """What its evidence does not name. Parts of the body and words for kinds of things may stand anywhere
    in the record: `after surgery` cites no operation. Whether a thing is denied is another rule's.
    """
    return _conditions(said) if said.terms else ()


def _conditions(said: Said) -> Iterator[Finding]:
    seen: set[tuple[str, ...]] = set()
    for named in said.terms:
        spelled = tuple(said.words[named.at : named.at + named.length])
        if spelled in seen:
            continue
        seen.add(spelled)
        if is_borne(said.evidence, named, said.words):
            continue
        is_elsewhere = is_borne(said.index.everywhere(), named, said.words)
        if not is_elsewhere or not (is_body_part(named) or named.meanings & _GENERAL):
            reason = Reason.WRONG_SOURCE if is_elsewhere else Reason.CONDITION
            yield Finding(reason, said.span(named.at, named.length))


def is_borne(sources: Iterable[Evidence], named: Named, words: list[str]) -> bool:
    return any(_names(evidence, named, words) for evidence in sources)


def _names(evidence: Evidence, named: Named, words: list[str]) -> bool:
    if not named.meanings.isdisjoint(evidence.meanings):
        return True
    spelled = words[named.at : named.at + named.length]
    if all(_has(evidence, word) for word in spelled):
        return True
    if not named.meanings:
        return _begins_alike(evidence, spelled[0])
    if is_body_part(named):
        beginnings = tuple(each for part in named.meanings for each in _RELATED.get(part, ()))
        return bool(beginnings) and any(word.startswith(beginnings) for word in evidence.words)
    return any(_is_derived(evidence, meaning) for meaning in named.meanings)


def _has(evidence: Evidence, word: str) -> bool:
    """The word, or another for the same: `breast cancer` for a carcinoma of the right breast."""
    return evidence.has(word) or not meanings_of(word).isdisjoint(evidence.meanings)


def _begins_alike(evidence: Evidence, word: str) -> bool:
    """`appendiceal` for `appendicitis`."""
    beginning = word[: max(_SHARED_BEGINNING, len(word) - 4)]
    return any(known.startswith(beginning) for known in evidence.words)


def _is_derived(evidence: Evidence, meaning: str) -> bool:
    """`hyperkalemia` for a potassium that is flagged or lies above its range."""
    derived = DERIVED_FROM.get(meaning)
    if derived is None:
        return False
    direction, measured = derived
    if measured.isdisjoint(evidence.words):
        return False
    return direction == "any" or evidence.direction in (direction, "")
