"""Which parts of a record a model may read for a purpose of use: the minimum necessary (45 CFR 164.502(b)).

A part is a `FactKind`, `notes` for every free text, or `note:` and the LOINC code of a document or section.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from gateway.clinical import Caution, ClinicalNote, FactKind
from gateway.request import SummarizationRequest

NOTES = "notes"
NOTE_PREFIX = "note:"
PARTS = frozenset({*(kind.value for kind in FactKind), NOTES})

_CARE_GIVEN = frozenset(
    {
        FactKind.CONDITION,
        FactKind.PROCEDURE,
        FactKind.MEDICATION,
        FactKind.IMMUNIZATION,
        FactKind.DEVICE,
        FactKind.ENCOUNTER,
        FactKind.ORDER,
    }
)

DEFAULTS: dict[str, frozenset[str]] = {
    # what was billed for, and why: no results, no free text, nothing of the family or daily life
    "HPAYMT": frozenset(kind.value for kind in _CARE_GIVEN),
    # quality and planning: results too
    "HOPERAT": frozenset(
        kind.value
        for kind in _CARE_GIVEN
        | {FactKind.RESULT, FactKind.VITAL_SIGN, FactKind.ALLERGY, FactKind.APPOINTMENT}
    ),
    "PUBHLTH": frozenset(
        kind.value
        for kind in (
            FactKind.CONDITION,
            FactKind.IMMUNIZATION,
            FactKind.RESULT,
            FactKind.SPECIMEN,
            FactKind.ENCOUNTER,
        )
    ),
}
"""Purposes that are not here have no bound: treatment, and what the patient asks for, are exempt
(164.502(b)(2)); research stands on an authorization that a rule has to translate."""


def parts_for(purpose_of_use: Iterable[str]) -> frozenset[str] | None:
    """What may be read where no rule says it; None: everything. Of several purposes the widest holds."""
    purposes = tuple(purpose_of_use)
    if not purposes or any(purpose not in DEFAULTS for purpose in purposes):
        return None
    return frozenset[str]().union(*(DEFAULTS[purpose] for purpose in purposes))


def withheld(
    request: SummarizationRequest, parts: frozenset[str] | None
) -> tuple[SummarizationRequest, tuple[Caution, ...]]:
    """The request as far as a model may read it, and what of it that leaves out."""
    if parts is None:
        return request, ()
    facts = tuple(fact for fact in request.facts if fact.kind.value in parts)
    notes = tuple(note for note in request.notes if _may_be_read(note, parts))
    encounter = request.encounter if FactKind.ENCOUNTER.value in parts else None
    gone = Counter(fact.kind.value for fact in request.facts if fact.kind.value not in parts)
    gone[NOTES] = len(request.notes) - len(notes)
    if encounter is None and request.encounter is not None:
        gone[FactKind.ENCOUNTER.value] += 1
    counts = ", ".join(f"{count} {part}" for part, count in sorted(gone.items()) if count)
    if not counts:
        return request, ()
    text = f"Withheld from the model, as more than its purpose needs: {counts}."
    return replace(request, facts=facts, notes=notes, encounter=encounter), (
        Caution(code="withheld", text=text),
    )


def _may_be_read(note: ClinicalNote, parts: frozenset[str]) -> bool:
    return NOTES in parts or bool(note.section and NOTE_PREFIX + note.section in parts)
