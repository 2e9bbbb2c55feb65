"""Recall and precision over labelled notes of our own making, carried by all three protocols.

The held-out half has other templates, other people and other look-alikes, but the same kinds of written forms.
"""

from functools import cache

import pytest

from tests.figures import report
from tests.gateway.deidentify.carriers import CARRIERS
from tests.gateway.deidentify.forms import FORMS
from tests.gateway.deidentify.measuring import Score, measure
from tests.gateway.deidentify.notes import notes

NOTES = 300
"""In each half."""


HASTY_NOTES = 200


def tell(found: Score, what: str) -> None:
    own = sum(count for (_, is_own), count in found.labelled.items() if is_own)
    report(
        f"de-identification, {what}: recall {found.recall(own=True):.2%} of this patient's {own} identifiers,"
        f" {found.recall():.2%} of all {sum(found.labelled.values())}; precision {found.precision:.2%} of {found.taken}"
    )
    kinds = sorted({kind for kind, _ in found.labelled})
    report("  recall by kind: " + ", ".join(f"{kind} {found.recall(kind=kind):.1%}" for kind in kinds))


@cache
def score(held_out: bool) -> Score:
    return measure(notes(held_out=held_out, number=NOTES))


def test_the_set_is_as_large_as_it_says() -> None:
    assert all(len(forms) >= 10 for kind, forms in FORMS.items() if kind != "names")
    assert {name.split()[0] for name in CARRIERS} == {"HL7", "FHIR", "CDA"}
    for held_out in (False, True):
        made = list(notes(held_out=held_out, number=NOTES))
        assert len({note.text for note in made}) == NOTES
        assert made == list(notes(held_out=held_out, number=NOTES))
    names = [{note.persona.family for note in notes(held_out=each, number=NOTES)} for each in (False, True)]
    assert names[0].isdisjoint(names[1])


@pytest.mark.parametrize("held_out", [False, True], ids=["tuned", "held out"])
def test_notes_typed_in_a_hurry(held_out: bool) -> None:
    """No capitals, no full stops, labels glued to numbers, strangers by bare names: it finds fewer."""
    found = measure(notes(held_out=held_out, number=HASTY_NOTES, hasty=True))
    tell(found, f"{HASTY_NOTES} hasty notes {'held out' if held_out else 'tuned on'}")
    assert found.recall(own=True) >= 0.97
    assert found.recall() >= 0.92
    assert found.precision >= 0.95


@pytest.mark.parametrize("held_out", [False, True], ids=["tuned", "held out"])
def test_identifiers_are_found_and_what_only_looks_like_them_is_left(held_out: bool) -> None:
    found = score(held_out)
    tell(found, f"{NOTES} notes {'held out' if held_out else 'tuned on'}")
    assert found.recall(own=True) >= 0.99
    assert found.recall() >= 0.97
    assert found.precision >= 0.95
    for kind in {kind for kind, _ in found.labelled}:
        assert found.recall(kind=kind) >= 0.95, kind
