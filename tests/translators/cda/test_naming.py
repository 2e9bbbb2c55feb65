import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clinical import Code, FactKind, UnreadReason
from translators.cda.datatypes import Concept
from translators.cda.naming import Subject, UnreadableEntry, subject_of

CONDITION, ALLERGY, MEDICATION = FactKind.CONDITION, FactKind.ALLERGY, FactKind.MEDICATION
PROBLEM = Code(code="55607006", display="Problem")
ANY_DRUG = Code(code="410942007", display="Drug or medicament")


@pytest.mark.parametrize(
    ("kind", "concept", "words", "thing"),
    [
        # the thing itself, not the words that deny it
        (CONDITION, Concept(("Diabetes",)), "", "Diabetes"),
        (CONDITION, Concept(("No Diabetes (ruled out)", "Diabetes mellitus type 2")), "", "Diabetes mellitus type 2"),
        (CONDITION, Concept(("No Diabetes (ruled out)",)), "", "Diabetes"),
        (CONDITION, Concept(("Patient denies chest pain",)), "", "chest pain"),
        (CONDITION, Concept(("Stroke - ruled out",)), "", "Stroke"),
        (ALLERGY, Concept(), "Not allergic to peanuts", "allergic to peanuts"),
        (MEDICATION, Concept(("Refused: Lisinopril 10mg",)), "", "Lisinopril 10mg"),
        (CONDITION, Concept((), (Code(code="44054006"),)), "row | of | an order", "44054006"),
        # everything of a kind, by code, narrower where the words are
        (CONDITION, Concept(("problems.", "Problem"), (PROBLEM,)), "", "known problems"),
        (CONDITION, Concept(("Problem",), (PROBLEM,)), "No known problems.", "known problems"),
        (CONDITION, Concept(("Problem",), (PROBLEM,)), "No Known Discharge Diagnosis | | Status:", "known discharge diagnosis"),
        (MEDICATION, Concept(("Drug",), (ANY_DRUG,)), "No Medications", "known medications"),
        (MEDICATION, Concept(("Drug",), (ANY_DRUG,)), "No medications administered", "medications administered"),
        # everything of a kind, because nothing is named
        (ALLERGY, Concept(), "", "known allergies"),
        (ALLERGY, Concept(null_flavor="NA"), "", "known allergies"),
        (ALLERGY, Concept(), "NKDA", "known drug allergies"),
    ],
)  # fmt: skip
def test_a_denial_names_what_is_denied(kind: FactKind, concept: Concept, words: str, thing: str) -> None:
    assert subject_of(kind, concept, True, lambda: words) == Subject(thing, True)


@pytest.mark.parametrize(
    ("concept", "words", "reason"),
    [
        (Concept(), "Allergy excluded/not available", UnreadReason.NO_INFORMATION),
        (Concept(("Drug",), (ANY_DRUG,)), "Medication excluded/not available", UnreadReason.NO_INFORMATION),
        (Concept(("No information about medications",)), "", UnreadReason.NO_INFORMATION),
        (Concept(null_flavor="UNK"), "", UnreadReason.NO_INFORMATION),
        (Concept(null_flavor="MSK"), "", UnreadReason.MASKED),
        (Concept(("Unknown if ever taken",)), "", UnreadReason.INVALID),
        (Concept(("It is not certain that it never was given",)), "", UnreadReason.INVALID),
    ],
)
def test_a_denial_that_cannot_be_told_is_no_fact(concept: Concept, words: str, reason: UnreadReason) -> None:
    with pytest.raises(UnreadableEntry) as caught:
        subject_of(MEDICATION, concept, True, lambda: words)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("kind", "concept", "words", "subject"),
    [
        (CONDITION, Concept(("Asthma",)), "", Subject("Asthma", False)),
        (CONDITION, Concept((), (Code(code="195967001"),)), "", Subject("195967001", False)),
        (CONDITION, Concept(), "Asthma since childhood", Subject("Asthma since childhood", False)),
        (ALLERGY, Concept(("No known allergies",)), "", Subject("known allergies", True)),
        (ALLERGY, Concept(("Allergy",), (Code(code="716186003"),)), "", Subject("known allergies", True)),
        (ALLERGY, Concept(("None",)), "", Subject("known allergies", True)),
        (FactKind.FUNCTIONAL_STATUS, Concept(("No impairment",)), "", Subject("No impairment", False)),
    ],
)
def test_what_is_not_denied_says_itself_when_there_is_none(
    kind: FactKind, concept: Concept, words: str, subject: Subject
) -> None:
    assert subject_of(kind, concept, False, lambda: words) == subject


@pytest.mark.parametrize(
    "said",
    ["No information available", "Procedures not documented", "No problem data is applicable", "None recorded", "unknown", "N/A", "No Encounters Indicated"],
)  # fmt: skip
def test_words_for_no_information_are_no_fact(said: str) -> None:
    with pytest.raises(UnreadableEntry) as caught:
        subject_of(CONDITION, Concept((said,)), False)
    assert caught.value.reason is UnreadReason.NO_INFORMATION


@given(st.text(max_size=80), st.text(max_size=80), st.booleans())
def test_a_denial_stays_one_whatever_the_words_are(name: str, words: str, with_code: bool) -> None:
    concept = Concept((name,) if name else (), (PROBLEM,) if with_code else ())
    try:
        subject = subject_of(CONDITION, concept, True, lambda: words)
    except UnreadableEntry:
        return
    assert subject.negated
    assert subject.text
