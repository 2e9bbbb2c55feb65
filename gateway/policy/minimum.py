"""Which parts of a record a model may read for a purpose of use: the minimum necessary (45 CFR 164.502(b)).

A part is a `FactKind`, `notes` for every free text, or `note:` and the LOINC code of a document or section.
"""

from collections.abc import Iterable

from gateway.clinical import FactKind

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
