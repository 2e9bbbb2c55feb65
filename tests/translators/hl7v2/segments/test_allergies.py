import pytest

from gateway.clinical import Certainty, Code, FactKind, FactStatus
from tests.translators.hl7v2.messages import details, fact, read, told
from translators.terminology.code_systems import RXNORM


def test_an_allergy_keeps_substance_category_severity_and_every_reaction() -> None:
    found = fact(
        "AL1|1|DA|7980^Penicillin G^RXNORM|SV|Hives~Shortness \\T\\ breath|20010101",
        "NTE|1||told by the mother",
        kind="ADT^A01",
    )
    assert (found.kind, found.text, found.category) == (FactKind.ALLERGY, "Penicillin G", "drug")
    assert found.codes == (Code(code="7980", system=RXNORM, display="Penicillin G"),)
    assert (found.time, found.status, found.certainty) == ("2001-01-01", FactStatus.UNKNOWN, None)
    assert (found.negated, found.origin) == (False, "AL1[1]")
    assert details(found) == [
        ("reaction", "Hives"),
        ("reaction", "Shortness & breath"),
        ("severity", "severe"),
        ("comment", "told by the mother"),
    ]


@pytest.mark.parametrize(
    ("sent", "text", "negated"),
    [
        ("^NKDA", "known drug allergies", True),
        ("NKA", "known allergies", True),
        ("716186003^No known allergy^SCT", "known allergies", True),
        ("^No known food allergies", "known food allergies", True),
        ("^Patient has no known drug allergies.", "known drug allergies", True),
        ("^Patient denies allergies", "known allergies", True),
        ("^NONE", "known allergies", True),
        ("^Penicillin", "Penicillin", False),
    ],
)
def test_no_known_allergies_is_a_negated_finding(sent: str, text: str, negated: bool) -> None:
    found = fact(f"AL1|1|DA|{sent}")
    assert (found.text, found.negated) == (text, negated)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("1631000175102^Not asked^SCT", "no-information"),
        ("^Unable to assess", "no-information"),
        ("^Not on file", "no-information"),
        ("UNK", "no-information"),
        ('""', "no-information"),
        ("", "invalid"),
    ],
)
def test_no_information_is_no_finding(sent: str, reason: str) -> None:
    reading = read(f"AL1|1|DA|{sent}|SV")
    assert reading.facts == []
    assert [each[1] for each in told(reading)] == [reason]


@pytest.mark.parametrize(
    ("sent", "category"),
    [("FA", "food"), ("EA", "environment"), ("LA", "environment"), ("MC", "other"), ("DA^Drug^HL70127", "drug"),
     ("XX^Something^L", "Something"), ("", "")],
)  # fmt: skip
def test_categories_as_said(sent: str, category: str) -> None:
    assert fact(f"AL1|1|{sent}|^X").category == category


@pytest.mark.parametrize(("sent", "severity"), [("MO", ["moderate"]), ("MI^Mild^HL70128", ["mild"]),
                                                ("U", []), ("", []), ("^Very bad", ["Very bad"])])  # fmt: skip
def test_severities_in_the_words_that_all_protocols_share(sent: str, severity: list[str]) -> None:
    assert [text for name, text in details(fact(f"AL1|1||^X|{sent}")) if name == "severity"] == severity


@pytest.mark.parametrize(
    ("sent", "status", "certainty"),
    [
        ("C^Confirmed^HL70438", FactStatus.UNKNOWN, Certainty.CONFIRMED),
        ("I", FactStatus.INACTIVE, Certainty.CONFIRMED),
        ("S", FactStatus.UNKNOWN, Certainty.UNCONFIRMED),
        ("D", FactStatus.UNKNOWN, Certainty.UNCONFIRMED),
        ("", FactStatus.UNKNOWN, None),
    ],
)
def test_iam_says_how_sure_it_is(sent: str, status: FactStatus, certainty: Certainty | None) -> None:
    found = fact(f"IAM|1|DA|^Latex|MO|Rash|A||||| 20200101|in childhood|||||{sent}")
    assert (found.status, found.certainty, found.time) == (status, certainty, "2020-01-01")
    assert details(found) == [("reaction", "Rash"), ("severity", "moderate"), ("onset", "in childhood")]


@pytest.mark.parametrize(
    ("segment", "what"),
    [
        ("IAM|1|DA|^Latex|||D", "IAM-6=D Latex"),
        ("IAM|1|DA|^Latex|||A|||||||||||E", "IAM-17=E Latex"),
    ],
)
def test_a_deleted_or_erroneous_allergy_is_no_fact(segment: str, what: str) -> None:
    reading = read(segment)
    assert (reading.facts, told(reading)) == ([], [("IAM[1]", "withdrawn", what)])
