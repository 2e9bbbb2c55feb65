"""Identity that notes quote: replaced where it is sure, the sentence not shown where it is not."""

import pytest

from gateway.backends.extractive.identity import IdentityGuard
from gateway.clinical import Address, Contact, Encounter, Identifier, Name, Participant, Patient

PATIENT = Patient(
    identifiers=(Identifier(value="MRN7788"), Identifier(value="12")),
    names=(Name(family="White", given=("Young", "Éva")), Name(family="Smith-Jones")),
    birth_date="1958-03-04",
    addresses=(Address(lines=("12 Harbour Road",)),),
    telecoms=("tel:555-0147",),
    contacts=(Contact(name=Name(family="Ibsen", given=("Li",))),),
)
ENCOUNTER = Encounter(
    visit_numbers=(Identifier(value="V99001"),),
    participants=(Participant(role="attending", name=Name(family="Okonkwo")),),
)
GUARD = IdentityGuard(PATIENT, ENCOUNTER)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Mrs. White is a 67-year-old woman.", "[name] is a 67-year-old woman."),
        ("Éva White improved.", "[name] improved."),
        ("WHITE, YOUNG E. was seen", "[name] E. was seen"),
        ("Seen with Li Ibsen.", "Seen with [name]."),
        ("Dr. Okonkwo agrees.", "[name] agrees."),
        ("Dr Jane Stranger was called.", "[name] was called."),
        ("DR. STRANGER NO CHANGES", "[name] NO CHANGES"),
        (
            "MS CONTIN 15 mg, MR BRAIN, Diclofenac DR Tablets",
            "MS CONTIN 15 mg, MR BRAIN, Diclofenac DR Tablets",
        ),
        ("Dr. Jones No acute distress", "[name] No acute distress"),
        ("Chart MRN7788, visit V99001.", "Chart [number], visit [number]."),
        ("SSN 123-45-6789", "SSN [number]"),
        (
            "Born 3/4/1958, again 1958-03-04 and March 4, 1958.",
            "Born [birth date], again [birth date] and [birth date].",
        ),
        ("Lives at 12 Harbour Road, phone 555-0147", "Lives at [contact], phone [contact]"),
        ("A 93-year-old and a 104 y/o", "A [aged 90 or older] and a [aged 90 or older]"),
        # words that are names as well
        ("The white count is 12 in a young woman.", "The white count is 12 in a young woman."),
        ("White blood cells 12.", None),
        ("Okonkwo's advice was taken.", None),
        ("seen by okonkwo", None),
        ("Jones was told.", None),
        ("Li is the daughter.", None),
        ("lithium li level", "lithium li level"),
        ("Whiteness of the scar", "Whiteness of the scar"),
        ("MRN77881 is another number", "MRN77881 is another number"),
        ("12 mg were given", "12 mg were given"),
        ("No chest pain.", "No chest pain."),
    ],
)
def test_a_sentence_names_nobody(text: str, cleaned: str | None) -> None:
    assert GUARD.clean(text) == cleaned


def test_a_denial_is_never_taken_for_a_name() -> None:
    guard = IdentityGuard(Patient(names=(Name(family="No", given=("Not",)),)), None)
    assert guard.clean("No fever, not in pain.") == "No fever, not in pain."
    assert guard.clean("NO NOT") == "NO NOT"


def test_names_in_scripts_without_spaces_are_found_within_words() -> None:
    guard = IdentityGuard(
        Patient(names=(Name(family="田中", given=("太郎",)), Name(family="李", given=("明",)))), None
    )
    assert guard.clean("田中さんは肺炎ではない。") == "[name]さんは肺炎ではない。"
    assert guard.clean("患者李明无发热") == "患者[name]无发热"


def test_text_that_no_encoding_holds_is_cleaned_too() -> None:
    assert GUARD.clean("Mrs. White \ud800 is old") == "[name] ? is old"


def test_without_identity_nothing_changes() -> None:
    assert IdentityGuard(Patient(), None).clean("Stable, afebrile.") == "Stable, afebrile."
