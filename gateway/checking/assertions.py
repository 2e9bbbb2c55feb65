"""Whether a statement affirms what its evidence affirms: what is denied, what has ended."""

from collections.abc import Iterable, Iterator

from gateway.checking.conditions import DERIVED_FROM, Named, is_body_part, is_part_of_body, meanings_of
from gateway.checking.evidence import Evidence, stem
from gateway.checking.findings import Finding, Reason
from gateway.checking.polarity import CUES, TERMINATORS, State
from gateway.checking.said import Said
from gateway.clinical import FactKind

_A, _N, _E, _P, _O = State.AFFIRMED, State.ABSENT, State.ENDED, State.PAST, State.OPEN
_RESULT, _ALLERGY = FactKind.RESULT, FactKind.ALLERGY
_PAST_WORDS = frozenset(
    "was were had until ended previously previous prior former formerly past history resolved stopped"
    " discontinued inactive completed treated ago earlier held hold cancelled canceled no longer not never"
    " off recovered quit suspended withheld remission took passed underwent suffered developed sustained"
    " experienced".split()
)
_NOT_PAST = frozenset(
    "prescribed indicated needed required advised recommended scheduled planned used reduced elevated"
    " increased decreased displaced complicated listed untreated red bed need med".split()
)
_CURRENT_WORDS = frozenset(
    "continued continues continue currently still ongoing active resumed restarted".split()
)
_EMPTY = frozenset(
    "the a an of and or in on at to for with by from as is are patient known history left right type per"
    " drug oral tablet mg mcg ml dose disorder finding situation procedure unspecified other acute chronic"
    " no not none status current active test result level blood serum plasma allergy screen examination"
    " use total count value use used high low normal negative positive reaction substance medication".split()
)
_NOT_DENIED_BY = frozenset(
    ("~ct", "~mri", "~ultrasound", "~x ray", "~ecg", "~eeg", "~echocardiogram", "~mammogram", "~biopsy")
)
"""`CT negative` denies what was looked for, not the examination."""
_TOLERATED = frozenset(("tolerates", "tolerated", "tolerate", "tolerating"))
_NO_ALLERGIES = tuple(
    tuple(phrase.split())
    for phrase in (
        "nkda",
        "nka",
        "no known allergies",
        "no allergies",
        "no known drug allergies",
        "no drug allergies",
        "no known medication allergies",
        "no reported allergies",
    )
)
_BEGIN_NO_ALLERGIES = frozenset(phrase[0] for phrase in _NO_ALLERGIES)
_OF_ALLERGIES = _BEGIN_NO_ALLERGIES | _TOLERATED


def denials(said: Said) -> Iterable[Finding]:
    affirms = said.states is None and _affirm(said.evidence)
    # Where both sides affirm each of their words, only a name that stands elsewhere can be at odds.
    is_clear = affirms and not said.terms and not said.drugs and _OF_ALLERGIES.isdisjoint(said.words)
    return () if is_clear else _denials(said, affirms=affirms)


def _affirm(sources: list[Evidence]) -> bool:
    return all(evidence.affirms for evidence in sources) if len(sources) > 1 else sources[0].affirms


def _denials(said: Said, *, affirms: bool) -> Iterator[Finding]:
    if not _BEGIN_NO_ALLERGIES.isdisjoint(said.words):
        yield from _no_allergies(said)
    if not _TOLERATED.isdisjoint(said.words):
        yield from _tolerates(said)
    if not affirms or said.terms or said.drugs:
        yield from _at_odds(said, affirms=affirms)


def _at_odds(said: Said, *, affirms: bool) -> Iterator[Finding]:
    named: dict[tuple[str, ...], list[tuple[int, Reason | None]]] = {}
    of_subject: list[tuple[int, Reason | None]] = []
    for at, keys, is_name in _names(said) if affirms else _mentions(said):
        known = _known(said.evidence, keys)
        if not known and is_name:
            known = _known(said.evidence, _of_parts(keys)) or _known(said.index.everywhere(), keys)
        if not known and is_name and said.state(at) & _N and _is_measured(said, keys):
            yield Finding(Reason.NEGATION, said.span(at))
        if known:
            into = named.setdefault(keys, []) if is_name else of_subject
            reason = _against(said, at, known)
            # `the culture showed no growth` names the test, and denies what it looked for
            is_test = not is_name and said.states is not None and _N in said.states and _are_results(said)
            into.append((at, None if is_test and reason is Reason.NEGATION else reason))
    if not affirms:
        yield from _denied_words(said)
    # A thing that is named twice stands when it stands once. Words that are no clinical name speak only
    # together: an adjective beyond the reach of a cue proves nothing.
    for each in (*named.values(), of_subject):
        at, reason = each[0] if each else (0, None)
        if reason is not None and all(against is not None for _, against in each):
            yield Finding(reason, said.span(at))


def _denied_words(said: Said) -> Iterator[Finding]:
    """Any other word that notes only deny, and the statement affirms: `complications`, `perforated`."""
    notes = [evidence for evidence in said.evidence if evidence.fact is None]
    if not notes:
        return
    for at, word in enumerate(said.words):
        if len(word) < 5 or word in _NEVER_DENIED or not said.state(at) & _A:
            continue
        if _known(said.evidence, (stem(word),)) == _N:
            yield Finding(Reason.NEGATION, said.span(at))
            return


_NEVER_DENIED = _EMPTY | CUES | TERMINATORS


def _are_results(said: Said) -> bool:
    return any(each.fact is not None and each.fact.kind is _RESULT for each in said.evidence)


def _is_measured(said: Said, keys: tuple[str, ...]) -> bool:
    """`no hyperkalemia`, beside a potassium that is flagged high."""
    derived = [DERIVED_FROM[key[1:]] for key in keys if key[1:] in DERIVED_FROM]
    return any(
        evidence.direction == direction and not measured.isdisjoint(evidence.words)
        for direction, measured in derived
        for evidence in said.evidence
    )


def _of_parts(keys: tuple[str, ...]) -> tuple[str, ...]:
    """For `breast cancer`, what is said of a carcinoma, wherever its place is told."""
    words = [word for key in keys if " " in key for word in key[1:].split()]
    meanings = {meaning for word in words for meaning in meanings_of(word)}
    return tuple("~" + meaning for meaning in meanings if not is_part_of_body(meaning))


def _known(sources: Iterable[Evidence], keys: tuple[str, ...]) -> int:
    bits = 0
    for evidence in sources:
        for key in keys:
            bits |= evidence.said.get(key, 0)
    return bits


Mention = tuple[int, tuple[str, ...], bool]
"""Where, under which keys of `Evidence.said`, and whether it is a name."""


def _mentions(said: Said) -> Iterator[Mention]:
    """Terms, drugs, and other words of what the facts are about."""
    yield from _names(said)
    covered = _covered(said)
    subject = frozenset().union(*(evidence.subject for evidence in said.evidence))
    for at, word in enumerate(said.words):
        is_other = at not in covered and at not in said.drugs and len(word) > 2
        if is_other and stem(word) in subject and word not in _EMPTY and word[0].isalpha():
            yield at, (stem(word),), False


def _names(said: Said) -> Iterator[Mention]:
    for named in said.terms:
        if _is_mention(named) and not is_body_part(named):
            yield named.at, tuple("~" + meaning for meaning in named.meanings), True
    if said.drugs:
        covered = _covered(said)
        for at, drugs in said.drugs.items():
            if at not in covered:
                yield at, tuple(drugs), True


def _covered(said: Said) -> set[int]:
    """Words of the terms."""
    return {
        at for named in said.terms if _is_mention(named) for at in range(named.at, named.at + named.length)
    }


def _is_mention(named: Named) -> bool:
    if is_body_part(named):
        return True
    return bool(named.meanings) and _NOT_DENIED_BY.isdisjoint("~" + meaning for meaning in named.meanings)


def _tolerates(said: Said) -> Iterator[Finding]:
    """`Tolerates penicillin`, of one who is allergic to it."""
    at = next((at for at, word in enumerate(said.words) if word in _TOLERATED), -1)
    if at < 0 or not said.state(at) & _A:
        return
    for evidence in said.evidence:
        fact = evidence.fact
        is_allergic = fact is not None and fact.kind is _ALLERGY and evidence.said.get("~allergy", 0) == _A
        if is_allergic and not evidence.subject.isdisjoint(map(stem, said.words)):
            yield Finding(Reason.NEGATION, said.span(at))
            return


def _against(said: Said, at: int, known: int) -> Reason | None:
    state = said.state(at)
    if state & _O or known & _O:
        return None
    if state & _A:
        if known & (_A | _P):
            return None
        if not known & _E:
            return Reason.NEGATION
        is_current = any(
            word in _CURRENT_WORDS and said.state(at) & (_A | _O) for at, word in enumerate(said.words)
        )
        is_told = not is_current and any(
            word in _PAST_WORDS or (word[-2:] == "ed" and word not in _NOT_PAST) for word in said.words
        )
        return None if is_told else Reason.STATUS
    if state & _N:
        return None if known & _N or (known & _E and not known & _A) else Reason.NEGATION
    if state & _E:
        return None if known & (_E | _N | _P) else Reason.STATUS
    return None if known & (_A | _E | _P) else Reason.NEGATION


def _no_allergies(said: Said) -> Iterator[Finding]:
    """`No known allergies`, where the request lists one, or where nobody says so."""
    words = tuple(said.words)
    for phrase in _NO_ALLERGIES:
        if phrase[0] not in words:
            continue
        at = words.index(phrase[0])
        if words[at : at + len(phrase)] != phrase:
            continue
        if "other" not in words and said.index.listed_allergies and not _says_none(said):
            yield Finding(Reason.NEGATION, said.span(at, len(phrase)))
        return


def _says_none(said: Said) -> bool:
    """The evidence itself denies allergies in general, whatever the request lists beside it."""
    return any(
        (evidence.fact is None and evidence.said.get("~allergy", 0) & _N) or "nkda" in evidence.words
        for evidence in said.evidence
    )
