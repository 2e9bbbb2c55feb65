"""Whether a number stands with what it was measured of: `sodium 3.2, potassium 139` of the reverse."""

from collections.abc import Iterable, Iterator

from gateway.checking.evidence import Evidence, stem
from gateway.checking.findings import Finding, Reason
from gateway.checking.prose import NUMBER, Quantity
from gateway.checking.said import Said
from gateway.clinical import ClinicalFact, FactKind

_MEASURED = frozenset({FactKind.RESULT, FactKind.VITAL_SIGN, FactKind.MEDICATION})
_AHEAD = 5
"""Words after a number among which its subject may come: `40 mg of furosemide`."""


def owners(said: Said) -> Iterable[Finding]:
    """Only where every source is a fact with a subject of its own and the sentence leaves no doubt."""
    return () if len(said.evidence) < 2 or "respectively" in said.words else _owners(said)


def _owners(said: Said) -> Iterator[Finding]:
    facts = said.evidence
    if any(each.fact is None or each.fact.kind not in _MEASURED for each in facts):
        return
    mentions = _mentions(said)
    if len({id(owner) for at in mentions.values() for owner in at}) < 2:
        return
    numbers = [each for each in said.prose.quantities if each.kind is NUMBER]
    previous = -1
    for each in sorted(numbers, key=lambda each: each.at):
        owner = _owner(said, mentions, previous, each)
        previous = each.at
        is_theirs = not owner or any(each.value in of.numbers for of in owner)
        if not is_theirs and any(each.value in of.numbers for of in facts):
            yield Finding(Reason.NUMBER, said.span(each.at))


def _mentions(said: Said) -> dict[int, tuple[Evidence, ...]]:
    """Index of a word -> the facts that it alone tells apart from the others."""
    subjects = {id(each): each.subject | each.drugs for each in said.evidence}
    found: dict[int, tuple[Evidence, ...]] = {}
    texts = {each.fact.text for each in said.evidence if each.fact is not None}
    for at, word in enumerate(said.words):
        names = {stem(word), *said.drugs.get(at, ())}
        named = tuple(each for each in said.evidence if not names.isdisjoint(subjects[id(each)]))
        named_texts = {each.fact.text for each in named if each.fact is not None}
        if len(named_texts) == 1 and len(texts) > 1 and word[0].isalpha():
            found[at] = named
    return found


def _owner(
    said: Said, mentions: dict[int, tuple[Evidence, ...]], previous: int, number: Quantity
) -> tuple[Evidence, ...]:
    """The facts of the one subject named between the number before and this one; empty in doubt."""
    before = [mentions[at] for at in range(previous + 1, number.at) if at in mentions]
    if not before or any(_facts(each) != _facts(before[0]) for each in before):
        return ()
    ahead = said.words[number.at + 1 : number.at + 1 + _AHEAD]
    reach = next(
        (
            index
            for index in range(len(ahead))
            if said.prose.stops[number.at + index] or ahead[index] == "and"
        ),
        len(ahead),
    )
    is_followed = any(number.at + 1 + index in mentions for index in range(reach))
    return () if is_followed else before[0]


def _facts(of: tuple[Evidence, ...]) -> list[ClinicalFact | None]:
    return [each.fact for each in of]
