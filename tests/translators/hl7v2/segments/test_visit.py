import pytest

from gateway.clinical import Identifier, Name, Participant, Reading
from tests.translators.hl7v2.messages import PATIENT, header, read_payload, told


def visit(*segments: str, kind: str = "ADT^A01") -> Reading:
    return read_payload("\r".join([header(kind), PATIENT, *segments]).encode())


def pv1(**fields: str) -> str:
    """`pv1(f2="I", f44="2026")`."""
    row = [""] * 53
    row[0], row[1] = "PV1", "1"
    for name, value in fields.items():
        row[int(name[1:])] = value
    return "|".join(row)


def test_a_visit_is_the_encounter_with_its_staff() -> None:
    reading = visit(
        pv1(
            f2="I",
            f3="ICU^12^B^RIVERSIDE",
            f4="E^Emergency^HL70007",
            f7="1^SMITH^JOHN^^^DR~2^LEE^KIM",
            f8="3",
            f10="MED",
            f17="1^SMITH^JOHN^^^DR",
            f19="V1^^^HOSP^VN",
            f36="01^Home^HL70112",
            f44="202603131200",
        ),
        "PV2|||R07.9^Chest pain^I10C",
    )
    found = reading.encounter
    assert found is not None
    assert (found.encounter_class, found.type, found.status) == ("IMP", "Emergency", "in-progress")
    assert (found.location, found.service, found.reason) == ("ICU 12 B, RIVERSIDE", "MED", "Chest pain")
    assert (found.start, found.end, found.disposition) == ("2026-03-13T12:00", "", "Home")
    assert found.visit_numbers == (Identifier(value="V1", system="HOSP", type="VN"),)
    assert found.participants == (
        Participant(role="attending", name=Name(family="SMITH", given=("JOHN",), prefix="DR")),
        Participant(role="attending", name=Name(family="LEE", given=("KIM",))),
        Participant(role="referring", name=Name(text="3")),
        Participant(role="admitting", name=Name(family="SMITH", given=("JOHN",), prefix="DR")),
    )
    assert found.origin == "PV1[1]"


@pytest.mark.parametrize(
    ("kind", "segment", "status"),
    [
        ("ADT^A01", pv1(f2="I"), "in-progress"),
        ("ADT^A03", pv1(f2="I"), "finished"),
        ("ADT^A05", pv1(f2="I"), "planned"),
        ("ADT^A11", pv1(f2="I"), "cancelled"),
        ("ADT^A23", pv1(f2="I"), "cancelled"),
        ("ADT^A13", pv1(f2="I", f45="2026"), "in-progress"),
        ("ADT^A08", pv1(f2="I"), ""),
        ("ADT^A08", pv1(f2="P"), "planned"),
        ("ADT^A08", pv1(f2="I", f45="20260314"), "finished"),
        ("ORU^R01", pv1(f2="I"), ""),
    ],
)
def test_a_visit_has_the_status_that_the_event_gives_it_and_no_other(
    kind: str, segment: str, status: str
) -> None:
    found = visit(segment, kind=kind).encounter
    assert found is not None and found.status == status


@pytest.mark.parametrize(
    ("sent", "kept"), [("E", "EMER"), ("O", "AMB"), ("OBS", "OBS"), ("INPATIENT", "INPATIENT"), ("", "")]
)
def test_classes_are_mapped_where_they_are_known_and_kept_where_not(sent: str, kept: str) -> None:
    found = visit(pv1(f2=sent)).encounter
    assert found is not None and found.encounter_class == kept


def test_a_planned_visit_starts_when_it_is_expected() -> None:
    found = visit(pv1(f2="P"), "PV2|||||||20260401|", kind="ADT^A05").encounter
    assert found is not None
    found = visit(pv1(f2="P"), "PV2||||||||20260401|", kind="ADT^A05").encounter
    assert found is not None and found.start == "2026-04-01"


def test_a_second_visit_is_listed_not_merged() -> None:
    reading = visit(pv1(f2="I", f19="V1"), pv1(f2="O", f19="V2"))
    assert reading.encounter is not None and reading.encounter.visit_numbers[0].value == "V1"
    assert told(reading) == [("PV1[2]", "unsupported", "a further visit")]


@pytest.mark.parametrize(
    ("segments", "confidentiality", "sensitivity"),
    [
        ([pv1(f2="I", f16="VIP")], "R", ("CEL",)),
        ([pv1(f2="I", f16="N")], "", ()),
        ([pv1(f2="I"), "PV2" + "|" * 22 + "Y"], "R", ()),
        ([pv1(f2="I"), "ARV|1|A^Add|HIV^HIV status^HL70717|VIP"], "R", ("CEL", "HIV")),
        ([pv1(f2="I"), "ARV|1|A^Add|NO"], "", ()),
        ([pv1(f2="I"), "CON|1|001|||||||||R"], "R", ()),
        ([pv1(f2="I"), "CON|1|001|||||||||A"], "", ()),
    ],
)
def test_restrictions_become_labels(
    segments: list[str], confidentiality: str, sensitivity: tuple[str, ...]
) -> None:
    labels = visit(*segments).labels
    assert (labels.confidentiality, labels.sensitivity) == (confidentiality, sensitivity)


def test_a_visit_without_an_admission_type_has_that_of_its_patient() -> None:
    found = visit(pv1(f2="I", f18="INP^Inpatient^L")).encounter
    assert found is not None and found.type == "Inpatient"


def test_a_person_named_twice_in_one_role_stands_there_once() -> None:
    found = visit(pv1(f2="I", f7="1^LEE^KIM~2^LEE^KIM~3", f9="^^")).encounter
    assert found is not None
    assert [(each.role, each.name.family or each.name.text) for each in found.participants] == [
        ("attending", "LEE"),
        ("attending", "3"),
    ]


def test_a_reason_alone_is_still_a_visit() -> None:
    found = visit("PV2|||^Chest pain").encounter
    assert found is not None and (found.reason, found.origin) == ("Chest pain", "PV2[1]")
    assert visit("PV2|||").encounter is None
