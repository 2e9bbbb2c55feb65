import pytest

from gateway.clinical import FactKind, FactStatus
from tests.translators.hl7v2.messages import read, told
from translators.hl7v2.codes import AVAILABILITY, DOCUMENT, WITHDRAWN

MDM = "MDM^T02"


def txa(kind: str = "DS", completion: str = "AU", availability: str = "AV", **more: str) -> str:
    row = [""] * 26
    row[0:5] = ["TXA", "1", kind, "TX", "202603140800"]
    row[17], row[19] = completion, availability
    for name, value in more.items():
        row[int(name[1:])] = value
    return "|".join(row)


LINES = (
    "OBX|1|TX|18842-5^Discharge summary^LN|1|HISTORY: Chest pain.||||||F",
    "OBX|2|TX|18842-5^Discharge summary^LN|1|  Denies dyspnea.~~PLAN: Home.||||||F",
    "OBX|3|ST||1|Follow up in 2 weeks.||||||F",
)


def test_a_document_is_one_note() -> None:
    (note,) = read(txa(), *LINES, kind=MDM).notes
    assert note.text == "HISTORY: Chest pain.\n  Denies dyspnea.\n\nPLAN: Home.\nFollow up in 2 weeks."
    assert (note.title, note.section, note.time) == ("Discharge summary", "18842-5", "2026-03-14T08:00")
    assert (note.status, note.origin) == (FactStatus.FINAL, "OBX[1]-5")


@pytest.mark.parametrize("code", DOCUMENT)
def test_every_completion_status_has_its_meaning(code: str) -> None:
    reading = read(txa(completion=code), *LINES, kind=MDM)
    if DOCUMENT[code] is WITHDRAWN:
        assert (reading.notes, told(reading)) == (
            [],
            [("TXA[1]", "withdrawn", f"TXA-17={code} Discharge summary")],
        )
    else:
        assert [each.status for each in reading.notes] == [DOCUMENT[code]]


@pytest.mark.parametrize("code", AVAILABILITY)
def test_a_document_that_is_not_available_is_not_read(code: str) -> None:
    reading = read(txa(availability=code), *LINES, "NTE|1||comment", kind=MDM)
    assert (reading.notes, told(reading)) == (
        [],
        [("TXA[1]", "withdrawn", f"TXA-19={code} Discharge summary")],
    )


def test_a_cancelled_document_is_withdrawn_whatever_its_status() -> None:
    reading = read(txa(), *LINES, kind="MDM^T11")
    assert told(reading) == [("TXA[1]", "withdrawn", "MSH-9=MDM^T11 Discharge summary")]


def test_an_unsigned_document_stays_unsigned_though_its_lines_say_final() -> None:
    (note,) = read(txa(completion="DI"), *LINES, kind=MDM).notes
    assert note.status is FactStatus.PRELIMINARY


def test_an_unknown_completion_status_leaves_that_of_the_lines() -> None:
    (note,) = read(txa(completion="VALIDATED"), *LINES, kind=MDM).notes
    assert note.status is FactStatus.FINAL


@pytest.mark.parametrize(
    ("kind", "title"),
    [("DS", "Discharge summary"), ("CN^Cardiology consult^L", "Cardiology consult"), ("PN", "PN"), ("", "")],
)
def test_a_document_is_titled_by_its_type(kind: str, title: str) -> None:
    (note,) = read(txa(kind=kind), "OBX|1|TX|||text||||||F", kind=MDM).notes
    assert note.title == title


def test_values_in_a_document_are_facts() -> None:
    reading = read(txa(), LINES[0], "OBX|2|NM|8867-4^Heart rate^LN||72|/min|||||F", kind=MDM)
    assert [(each.kind, each.value, each.group) for each in reading.facts] == [
        (FactKind.VITAL_SIGN, "72", "Discharge summary")
    ]
    assert len(reading.notes) == 1


def test_a_notice_of_a_document_without_it_is_listed() -> None:
    assert told(read(txa(), kind="MDM^T01")) == [
        ("TXA[1]", "external", "Discharge summary, sent without its content")
    ]


@pytest.mark.parametrize(("sent", "label"), [("V", "V"), ("R", "R"), ("U", "N")])
def test_a_document_has_its_confidentiality(sent: str, label: str) -> None:
    assert read(txa(f18=sent), *LINES, kind=MDM).labels.confidentiality == label


def test_a_document_type_in_loinc_is_the_section() -> None:
    (note,) = read(txa(kind="11488-4^Consult note^LN"), "OBX|1|TX|||text||||||F", kind=MDM).notes
    assert (note.title, note.section) == ("Consult note", "11488-4")
    (note,) = read(txa(kind="11488-4^Consult note^L"), "OBX|1|TX|||text||||||F", kind=MDM).notes
    assert note.section == ""


@pytest.mark.parametrize(("fields", "time"), [({"f4": "2024"}, "2024"), ({"f4": "", "f6": "2025"}, "2025"),
                                              ({"f4": "", "f7": "2026"}, "2026")])  # fmt: skip
def test_a_document_has_the_time_of_its_activity_else_of_its_origin(
    fields: dict[str, str], time: str
) -> None:
    assert read(txa(**fields), "OBX|1|TX|||text||||||F", kind=MDM).notes[0].time == time
