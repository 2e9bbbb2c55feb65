"""Any text comes back as it was, and no text takes more than its length."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clinical import (
    Address,
    ClinicalFact,
    ClinicalNote,
    Code,
    Contact,
    Detail,
    DetailName,
    Encounter,
    FactKind,
    Identifier,
    Name,
    Participant,
)
from gateway.deidentify import deidentify
from gateway.policy.rules import Deidentify
from gateway.prompt import build_prompt
from gateway.store.rows import request_json
from tests.gateway.deidentify.test_deidentify import record
from tests.timing import cpu_seconds

PIECES = st.sampled_from(
    [
        "Mina", "O'Brien-Young", "W.G.O.", "Mrs. Y.", "[PATIENT-NAME-1]", "PATIENT_NAME_2", "DATE-1", "\\[ID-1\\]",
        "3/14/2026", "March 2", "May", "00913355", "91-33-55", "555-0117", "no", "denies", "Dr.", ",", ".", "-", " ", "\n", "\x01",
        "É", "İ", "ß", "\ud800", "田中", "[", "]", "'s", "12 Example Lane", "J.", "Springhollow", "IL 62799", "(", "\u202e",
    ]
)  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=30).map("".join))
@settings(max_examples=150, deadline=None)
def test_every_text_comes_back(text: str) -> None:
    made = deidentify(record(text, "Mina 3/14/2026"), Deidentify.SAFE_HARBOR)
    assert made.tokens is not None
    back, unknown = made.tokens.restore(made.request.notes[0].text)
    assert back == text.encode("utf-8", "replace").decode()
    assert unknown == 0


@pytest.mark.parametrize(
    "unit",
    ["Mina Young, ", "12-", "W.", "Aa Bb ", "[DATE-1", "may 1 ", "555-0117 ", "Élodie ", "Dr. ", "A, ", "a@b.", "1/2/", "mr x "],
)  # fmt: skip
def test_the_time_is_linear(unit: str) -> None:
    def seconds(size: int) -> float:
        request = record(unit * (size // len(unit)))
        return cpu_seconds(lambda: deidentify(request, Deidentify.SAFE_HARBOR))

    small, large = seconds(20_000), seconds(160_000)
    assert large < small * 8 * 3 + 0.05


def test_a_crowd_of_people_and_numbers_takes_no_longer_than_its_text(
    capfd: pytest.CaptureFixture[str],
) -> None:
    crowd = tuple(
        Contact(
            name=Name(family=f"Fam{number:x}ley", given=(f"Giv{number:x}en",)),
            telecoms=(f"555{number:07}",),
            addresses=(Address(lines=(f"{number} Lane{number:x} Street",), city=f"Town{number:x}"),),
        )
        for number in range(2000)
    )
    numbers = tuple(Identifier(value=f"{number:08}") for number in range(10_000, 14_000))
    request = record("Mina saw Giv7en Fam7ley, MRN 00010007 and 0001-2000. " + "Stable, no fever. " * 5000)
    request = replace(request, patient=replace(request.patient, contacts=crowd, identifiers=numbers))
    made = []
    assert cpu_seconds(lambda: made.append(deidentify(request, Deidentify.SAFE_HARBOR)), repeats=1) < 3
    text = made[0].request.notes[0].text
    assert text.startswith(
        "[PATIENT-NAME-1] saw [RELATIVE-NAME-1], MRN [RECORD-NUMBER-1] and [RECORD-NUMBER-2]."
    )
    assert capfd.readouterr().err == ""


def test_identifiers_are_not_sought_across_the_borders_of_texts() -> None:
    request = record("Seen by Dr.", "Assessment stable", "Mina", "555", "0117")
    made = deidentify(request, Deidentify.SAFE_HARBOR).request
    assert [each.text for each in made.notes] == [
        "Seen by Dr.",
        "Assessment stable",
        "[PATIENT-NAME-1]",
        "555",
        "0117",
    ]


def filled(carrier: type, /, **given: object) -> object:
    """With the patient's name in every field of text."""
    texts = {
        each.name: "Mina" for each in fields(carrier) if each.type in ("str", str, "str | None", str | None)
    }
    return carrier(**{**texts, **given})


def test_every_field_of_text_is_cleaned() -> None:
    code = Code(code="1-8", system="http://loinc.org", display="Mina")
    fact = filled(
        ClinicalFact,
        kind=FactKind.OTHER,
        codes=(code,),
        details=(Detail(name=DetailName.COMMENT, text="Mina"),),
        origin="O[1]",
    )
    note = filled(ClinicalNote, origin="N[1]", section="8648-8")
    visit = filled(
        Encounter, origin="E[1]", participants=(Participant(role="attending", name=Name(family="Mina")),)
    )
    request = replace(record(), facts=(fact,), notes=(note,), encounter=visit)  # type: ignore[arg-type]
    request = replace(request, patient=replace(request.patient, sex="Mina"))
    made = deidentify(request, Deidentify.SAFE_HARBOR).request
    assert "Mina" in request_json(request).decode()
    assert "Mina" not in request_json(made).decode()
    assert "[PATIENT-NAME-1]" in build_prompt(made).user


def test_the_age_that_a_model_is_told_is_that_of_the_record() -> None:
    for born, told in (
        ("1958-07-22", "67-year-old woman"), ("2025-12-20", "2-month-old girl"), ("2026-03-08", "2-day-old girl"),
        ("1958", "about 68-year-old woman"), ("1930-01-01", "woman aged 90 or older"), ("", "woman"), ("2026-03-10", "newborn girl"),
    ):  # fmt: skip
        request = record("x")
        request = replace(request, patient=replace(request.patient, birth_date=born))
        whole = build_prompt(request).user
        made = deidentify(request, Deidentify.SAFE_HARBOR).request
        assert f"Patient: {told}\n" in whole
        assert f"Patient: {told}\n" in build_prompt(made).user, born
        assert not born[4:] or born not in made.patient.birth_date
