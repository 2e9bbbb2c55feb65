"""What of a record is specially protected, and the record without it: substance use (42 CFR Part 2),
psychiatry, HIV, violence. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from gateway.clinical import Labels
from gateway.request import SummarizationRequest

SUBSTANCE_USE = frozenset({"ETH", "SUD", "ETHUD", "OPIOIDUD", "42CFRPART2"})
PROTECTED = SUBSTANCE_USE | {"PSY", "PSYTHPN", "HIPAAPSYNOTES", "HIV", "AID", "SDV", "UNNAMED-BASIS"}
"""Upper case: v3-ActCode and ActUSPrivacyLaw, the HL7 confidentiality codes before 2010, table 0177. Content
with one of them never goes to a backend off the premises. A law that a label does not name may be any."""


class Protected(StrEnum):
    """How much of a request is."""

    NOTHING = "nothing"
    PARTS = "parts"
    """Something is left without them."""
    EVERYTHING = "everything"


def is_protected(code: str) -> bool:
    return code.upper() in PROTECTED


def is_substance_use(labels: Labels) -> bool:
    """Part 2 may apply: the codes of table 0177 and most EHRs name the matter and not the law."""
    return any(code.upper() in SUBSTANCE_USE for code in labels.sensitivity)


def protected_of(request: SummarizationRequest) -> Protected:
    if not (request.has_content() and any(map(is_protected, request.labels.sensitivity))):
        return Protected.NOTHING  # what only takes back is shown to no model
    return Protected.PARTS if without_protected(request) is not None else Protected.EVERYTHING


def without_protected(request: SummarizationRequest) -> SummarizationRequest | None:
    """The request without its protected parts; None where they are all of it, or nobody can tell which."""
    groups = [each.origins for each in request.labelled if any(map(is_protected, each.sensitivity))]
    located = {code for each in request.labelled for code in each.sensitivity}
    if any(is_protected(code) and code not in located for code in request.labels.sensitivity):
        return None
    if not _all_stand_somewhere(groups, request):
        return None
    places = {place for group in groups for place in group}
    around = {border for place in places for border in _borders(place)}

    def is_covered(origin: str) -> bool:
        # What stands around a protected entry, as its section's narrative does, tells it too.
        return origin in around or any(border in places for border in _borders(origin))

    facts = tuple(fact for fact in request.facts if not is_covered(fact.origin))
    notes = tuple(note for note in request.notes if not is_covered(note.origin))
    encounter = request.encounter
    if encounter is not None and is_covered(encounter.origin):
        encounter = None
    rest = replace(
        request,
        facts=facts,
        notes=notes,
        encounter=encounter,
        unread=tuple(each for each in request.unread if not is_covered(each.origin)),
        warnings=tuple(each for each in request.warnings if not is_covered(each.location)),
    )
    return rest if rest.has_content() else None


def _all_stand_somewhere(groups: Iterable[Sequence[str]], request: SummarizationRequest) -> bool:
    """A label on what is nowhere among the facts may be on something that went into one of them."""
    told = {fact.origin for fact in request.facts} | {note.origin for note in request.notes}
    if request.encounter is not None:
        told.add(request.encounter.origin)
    listed = told.union(each.origin for each in request.unread)
    within = {border for origin in listed for border in _borders(origin)}
    return all(
        any(place in within or not told.isdisjoint(_borders(place)) for place in group) for group in groups
    )


def _borders(origin: str) -> Iterator[str]:
    """Every place that it stands in, the message and itself among them."""
    yield ""
    for index, character in enumerate(origin):
        # "[" is no border: section[A][2] stands beside section[A].
        if index and character in "/.-":
            yield origin[:index]
    if origin:
        yield origin
