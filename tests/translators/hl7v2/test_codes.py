"""The tables once more, written out from HL7's own words: a wrong line in one of them changes what is told."""

import pytest

from gateway.clinical import Certainty, FactStatus
from translators.hl7v2 import codes
from translators.hl7v2.codes import WITHDRAWN, Standing
from translators.hl7v2.labels import BY_CODE

S = FactStatus

TABLES: list[tuple[dict[str, Standing], dict[Standing, str]]] = [
    (
        codes.OBSERVATION,  # 0085
        {
            S.FINAL: "F U V",
            S.CORRECTED: "A B C",
            S.PRELIMINARY: "P R",
            S.PARTIAL: "S",
            S.REGISTERED: "I",
            S.NOT_DONE: "N",
            S.CANCELLED: "X",
            S.UNKNOWN: "O",
            WITHDRAWN: "D W",
        },
    ),
    (
        codes.REPORT,  # 0123
        {
            S.FINAL: "F",
            S.CORRECTED: "C M",
            S.PRELIMINARY: "P R",
            S.PARTIAL: "A",
            S.REGISTERED: "I N O S",
            S.CANCELLED: "X",
            S.UNKNOWN: "Y Z",
            WITHDRAWN: "D W",
        },
    ),
    (
        codes.ORDER,  # 0038
        {
            S.ACTIVE: "A IP SC",
            S.COMPLETED: "CM",
            S.CANCELLED: "CA",
            S.STOPPED: "DC RP",
            S.ON_HOLD: "HD",
            WITHDRAWN: "ER",
        },
    ),
    (
        codes.ORDER_CONTROL,  # 0119
        {
            S.ACTIVE: "NW OK NA RO XO XX XR UX RF AF RL OE OR UC UD UH",
            S.CANCELLED: "CA OC CR DF UA",
            S.STOPPED: "DC OD DR RP RU RQ",
            S.ON_HOLD: "HD OH HR",
            S.COMPLETED: "FU OF",
        },
    ),
    (
        codes.DOCUMENT,  # 0271
        {
            S.FINAL: "AU LA",
            S.PRELIMINARY: "DI DO PA",
            S.PARTIAL: "IN",
            S.IN_PROGRESS: "IP",
            WITHDRAWN: "CA OB",
        },
    ),
    (codes.AVAILABILITY, {WITHDRAWN: "CA OB UN"}),  # 0273
]


@pytest.mark.parametrize(("table", "meant"), TABLES)
def test_every_code_means_what_hl7_says(table: dict[str, Standing], meant: dict[Standing, str]) -> None:
    assert table == {code: standing for standing, sent in meant.items() for code in sent.split()}


def test_what_was_given_and_what_was_not() -> None:  # 0322
    assert codes.ADMINISTRATION == {
        "CP": S.COMPLETED,
        "PA": S.COMPLETED,
        "RE": S.NOT_DONE,
        "NA": S.NOT_DONE,
    }


def test_how_sure_a_diagnosis_is() -> None:  # 0052
    assert codes.DIAGNOSIS_TYPE == {
        "A": ("admission-diagnosis", None),
        "W": ("encounter-diagnosis", Certainty.PROVISIONAL),
        "F": ("encounter-diagnosis", Certainty.CONFIRMED),
    }


@pytest.mark.parametrize(
    ("words", "certainty"),
    [
        ("CONFIRMED C", Certainty.CONFIRMED),
        ("PROVISIONAL P PRELIMINARY WORKING", Certainty.PROVISIONAL),
        ("DIFFERENTIAL", Certainty.DIFFERENTIAL),
        ("UNCONFIRMED U SUSPECTED PROBABLE POSSIBLE", Certainty.UNCONFIRMED),
        ("REFUTED", Certainty.REFUTED),
    ],
)
def test_how_sure_a_problem_is(words: str, certainty: Certainty) -> None:
    assert {codes.PROBLEM_CONFIRMATION[word] for word in words.split()} == {certainty}
    assert codes.PROBLEM_CONFIRMATION["RULED OUT"] is Certainty.REFUTED


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("ACTIVE A RECURRENCE RELAPSE", S.ACTIVE),
        ("INACTIVE I REMISSION", S.INACTIVE),
        ("RESOLVED R", S.RESOLVED),
        ("COMPLETED ACHIEVED", S.COMPLETED),
        ("CANCELLED CANCELED", S.CANCELLED),
        ("DELETED ERRONEOUS ENTERED-IN-ERROR", WITHDRAWN),
    ],
)
def test_the_life_of_a_problem(words: str, status: Standing) -> None:
    assert {codes.LIFE_CYCLE[word] for word in words.split()} == {status}


def test_how_sure_an_allergy_is() -> None:  # 0438
    unconfirmed = (S.UNKNOWN, Certainty.UNCONFIRMED)
    assert {
        "C": (S.UNKNOWN, Certainty.CONFIRMED),
        "I": (S.INACTIVE, Certainty.CONFIRMED),
        "P": unconfirmed,
        "S": unconfirmed,
        "U": unconfirmed,
        "D": unconfirmed,
        "E": (WITHDRAWN, None),
    } == codes.ALLERGY_STANDING


def test_what_an_allergy_is_to() -> None:  # 0127
    assert codes.ALLERGEN_TYPE == {
        "DA": "drug",
        "DRUG": "drug",
        "FA": "food",
        "FOOD": "food",
        "EA": "environment",
        "AA": "environment",
        "PA": "environment",
        "LA": "environment",
        "MA": "other",
        "MC": "other",
    }
    assert codes.SEVERITY == {"SV": "severe", "MO": "moderate", "MI": "mild", "U": ""}  # 0128


def test_what_becomes_of_appointments() -> None:  # 0278
    assert codes.APPOINTMENT_EVENT == {
        "S12": S.PLANNED,
        "S13": S.PLANNED,
        "S14": S.PLANNED,
        "S15": S.CANCELLED,
        "S16": S.STOPPED,
        "S17": WITHDRAWN,
        "S26": S.NOT_DONE,
    }
    assert {codes.APPOINTMENT[each] for each in ("BOOKED", "PENDING", "WAITLIST", "OVERBOOK")} == {S.PLANNED}
    assert (codes.APPOINTMENT["NOSHOW"], codes.APPOINTMENT["DELETED"]) == (S.NOT_DONE, WITHDRAWN)
    assert (codes.APPOINTMENT["CANCELLED"], codes.APPOINTMENT["DC"]) == (S.CANCELLED, S.STOPPED)
    assert (codes.APPOINTMENT["STARTED"], codes.APPOINTMENT["COMPLETE"]) == (S.IN_PROGRESS, S.COMPLETED)


def test_where_a_visit_is_and_how_far() -> None:
    assert codes.PATIENT_CLASS == {
        "E": "EMER", "I": "IMP", "O": "AMB", "P": "PRENC", "R": "AMB", "B": "IMP",
    }  # fmt: skip
    told = {
        "in-progress": "A01 A02 A04 A06 A07 A10 A13",
        "finished": "A03",
        "planned": "A05 A14",
        "cancelled": "A11 A23 A27 A38",
    }
    assert {
        event: status for status, events in told.items() for event in events.split()
    } == codes.ENCOUNTER_EVENT
    assert codes.SEX == {
        "F": "female", "M": "male", "O": "other", "A": "other", "N": "other", "U": "unknown",
    }  # fmt: skip


def test_what_documents_are() -> None:  # 0270
    assert {code: loinc for code, (_, loinc) in codes.DOCUMENT_TYPE.items() if loinc} == {
        "AR": "18743-5",
        "CN": "11488-4",
        "DI": "18748-4",
        "DS": "18842-5",
        "ED": "34111-5",
        "HP": "34117-2",
        "OP": "11504-8",
        "PR": "11506-3",
        "SP": "11526-1",
        "TS": "18761-7",
    }


def test_labels_are_as_strict_as_their_codes() -> None:  # 0177, 0272
    plain = {code: label.confidentiality for code, label in BY_CODE.items() if not label.sensitivity}
    assert plain == {"U": "N", "L": "L", "M": "M", "N": "N", "R": "R", "V": "V"}
    assert {label.confidentiality for label in BY_CODE.values() if label.sensitivity} == {"R"}
    assert {code for code, label in BY_CODE.items() if label.sensitivity != (code,)} - plain.keys() == {
        "AID",
        "ETH",
        "VIP",
        "42CFRPART2",
    }
