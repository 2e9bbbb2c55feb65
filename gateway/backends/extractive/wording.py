"""Words for what facts carry in codes: negation, status, details, days, code systems.

Texts, values, units and doses of facts are never reworded; these words stand around them.
"""

from collections.abc import Iterable

from gateway.clinical import Certainty, ClinicalFact, Code, DetailName, FactKind, FactStatus
from gateway.summary_text import one_line

STATUS_WORDS: dict[FactStatus, tuple[str, str]] = {
    FactStatus.UNKNOWN: ("", ""),
    FactStatus.ACTIVE: ("active", "current"),
    FactStatus.INACTIVE: ("inactive", "no longer current"),
    FactStatus.RESOLVED: ("resolved", "in the past"),
    FactStatus.REGISTERED: ("registered", "not ready yet"),
    FactStatus.PARTIAL: ("partial", "not complete yet"),
    FactStatus.PRELIMINARY: ("preliminary", "preliminary, may still change"),
    FactStatus.FINAL: ("", ""),
    FactStatus.CORRECTED: ("corrected", "corrected"),
    FactStatus.PLANNED: ("planned", "planned"),
    FactStatus.IN_PROGRESS: ("in progress", "going on"),
    FactStatus.ON_HOLD: ("on hold", "paused"),
    FactStatus.COMPLETED: ("completed", "done"),
    FactStatus.STOPPED: ("stopped", "stopped"),
    FactStatus.CANCELLED: ("cancelled", "cancelled"),
    FactStatus.NOT_DONE: ("not done", "not done"),
}
"""For those who work with records, and in plain words."""

CERTAINTY_WORDS: dict[Certainty, tuple[str, str]] = {
    Certainty.CONFIRMED: ("", ""),
    Certainty.PROVISIONAL: ("Provisional", "Suspected, not confirmed"),
    Certainty.DIFFERENTIAL: ("Differential diagnosis", "One of several possibilities, not confirmed"),
    Certainty.UNCONFIRMED: ("Unconfirmed", "Not confirmed"),
    Certainty.REFUTED: ("Ruled out", "Ruled out"),
}

_NEGATED: dict[FactKind, str] = {
    FactKind.CONDITION: "No",
    FactKind.ALLERGY: "No allergy to",
    FactKind.MEDICATION: "Not given or taken:",
    FactKind.PROCEDURE: "Not done:",
    FactKind.IMMUNIZATION: "Not given:",
    FactKind.ENCOUNTER: "Did not take place:",
    FactKind.ORDER: "Not to be done:",
    FactKind.APPOINTMENT: "Not to take place:",
    FactKind.GOAL: "Not a goal:",
    FactKind.CARE_PLAN: "Not planned:",
    FactKind.FAMILY_HISTORY: "No family history of",
    FactKind.DIRECTIVE: "Not in force:",
    FactKind.SPECIMEN: "Not obtained:",
}
"""What stands before the text of a negated fact; `No` for the other kinds."""

_NEGATED_MEDICATION: dict[str, str] = {
    "administration": "Not given:",
    "dispense": "Not dispensed:",
    "order": "Not to be given:",
    "statement": "Not taking:",
}

_STARTS_NEGATED = (
    "no ",
    "not ",
    "denies ",
    "without ",
    "never ",
    "negative for ",
    "absence of ",
    "none known",
    "nkda",
    "nka",
)

SYSTEM_NAMES: dict[str, str] = {
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "http://www.cms.gov/Medicare/Coding/ICD10": "ICD-10-PCS",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HCPCS",
    "http://snomed.info/sct": "SNOMED CT",
    "http://loinc.org": "LOINC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "http://hl7.org/fhir/sid/cvx": "CVX",
}


def is_negative(fact: ClinicalFact) -> bool:
    """The source says that it is not so, in any of the three ways it can."""
    return fact.negated or fact.status is FactStatus.NOT_DONE or fact.certainty is Certainty.REFUTED


def starts_negated(text: str) -> bool:
    """The words themselves deny: `No known allergies`."""
    return text.lower().startswith(_STARTS_NEGATED)


def named(fact: ClinicalFact) -> str:
    """What the fact is about, as its source wrote it, with its value; without any negation."""
    text = one_line(fact.text) or "(no name)"
    if fact.value is None:
        return text
    unit = f" {fact.unit}" if fact.unit else ""
    return f"{text}: {one_line(fact.value)}{unit}"


def denied(fact: ClinicalFact) -> str:
    """The sentence for a negated fact. The negation stands first, so that a cut line keeps it."""
    text = named(fact)
    if starts_negated(text):
        return f"{text} (the source also marks this as negated: check)"
    if fact.text.startswith("known "):
        return f"No {text}"
    if fact.certainty is Certainty.REFUTED:
        return f"Ruled out: {'allergy to ' if fact.kind is FactKind.ALLERGY else ''}{text}"
    if fact.status is FactStatus.NOT_DONE and fact.kind in (FactKind.RESULT, FactKind.VITAL_SIGN):
        return f"Not done: {text}"
    if fact.value is not None and fact.kind not in _NEGATED:
        return f"Not the case: {text}"
    if fact.kind is FactKind.MEDICATION:
        return f"{_NEGATED_MEDICATION.get(fact.category, _NEGATED[fact.kind])} {text}"
    return f"{_NEGATED.get(fact.kind, 'No')} {text}"


def details(fact: ClinicalFact, name: DetailName) -> list[str]:
    return [one_line(detail.text) for detail in fact.details if detail.name is name and detail.text.strip()]


def coded(codes: Iterable[Code]) -> str:
    """`[ICD-10-CM E11.9; SNOMED CT 44054006]`, for coders."""
    listed = [
        f"{SYSTEM_NAMES.get(each.system, each.system)} {each.code}".strip() for each in codes if each.code
    ]
    return f"[{'; '.join(listed)}]" if listed else ""


def counted(number: int, noun: str) -> str:
    """`1 result`, `2 results`, `2 entries`, `2 allergies`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith(("ry", "gy")) else f"{number} {noun}s"
