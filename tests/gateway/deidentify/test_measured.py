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
def test_identifiers_are_found_and_what_only_looks_like_them_is_left(held_out: bool) -> None:
    found = score(held_out)
    part = "held out" if held_out else "tuned on"
    report(
        f"de-identification, {NOTES} notes {part}: recall {found.recall(own=True):.2%} of this patient's"
        f" {sum(count for (_, own), count in found.labelled.items() if own)} identifiers, {found.recall():.2%} of all"
        f" {sum(found.labelled.values())}; precision {found.precision:.2%} of {found.taken} taken"
    )
    kinds = sorted({kind for kind, _ in found.labelled})
    report("  recall by kind: " + ", ".join(f"{kind} {found.recall(kind=kind):.1%}" for kind in kinds))
    assert found.recall(own=True) >= 0.99
    assert found.recall() >= 0.97
    assert found.precision >= 0.95
    for kind in kinds:
        assert found.recall(kind=kind) >= 0.95, kind
