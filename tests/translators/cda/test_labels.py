import pytest

from gateway.clinical import Labels
from tests.translators.cda.made import PATIENT, document, section
from translators.cda.reader import read_cda

CODE = '<confidentialityCode code="{0}" codeSystem="2.16.840.1.113883.5.25"/>'


def ds4p(code: str, value: str, system: str = "2.16.840.1.113883.5.4") -> str:
    observation = f'<observation classCode="OBS" moodCode="EVN"><code code="{code}"/><value xsi:type="CE" code="{value}" codeSystem="{system}"/></observation>'
    return f'<organizer classCode="CLUSTER" moodCode="EVN"><templateId root="2.16.840.1.113883.3.3251.1.4"/><component>{observation}</component></organizer>'


@pytest.mark.parametrize(
    ("header", "sections", "labels"),
    [
        ("", [section(text="x")], Labels()),
        (CODE.format("N"), [section(text="x")], Labels(confidentiality="N")),
        (CODE.format("N"), [section(text="x", more=CODE.format("R"))], Labels(confidentiality="R")),
        (CODE.format("V"), [section(text="x", more=CODE.format("R"))], Labels(confidentiality="V")),
        (CODE.format("ETH"), [section(text="x")], Labels(sensitivity=("ETH",))),
        ("", [section("8648-8", ds4p("SECCLASSOBS", "R"))], Labels(confidentiality="R")),
        ("", [section("8648-8", ds4p("SECCATOBS", "SUD"), ds4p("SECCONOBS", "NORDSCLCD"))], Labels(sensitivity=("NORDSCLCD", "SUD"))),
        ("", [section("8648-8", ds4p("SECCONOBS", "TREAT", "2.16.840.1.113883.5.8"))], Labels()),
    ],
)  # fmt: skip
def test_the_strictest_label_of_document_sections_and_entries_counts(
    header: str, sections: list[str], labels: Labels
) -> None:
    reading = read_cda(document(*sections, header=header + PATIENT))
    assert reading.labels == labels
    assert reading.facts == []
    assert all(each.reason.value == "no-information" for each in reading.unread)


def within(marks: str) -> str:
    return (
        '<observation classCode="OBS" moodCode="EVN"><code code="1"/>'
        f'<entryRelationship typeCode="SUBJ">{marks}</entryRelationship></observation>'
    )


@pytest.mark.parametrize(
    ("header", "sections", "origins"),
    [
        (CODE.format("ETH"), [section("8648-8", text="x")], ["doc"]),
        ("", [section("8648-8", text="x", more=CODE.format("PSY"))], ["doc/section[8648-8]"]),
        ("", [section("8648-8", ds4p("SECCATOBS", "SUD"))], ["doc/section[8648-8]"]),
        ("", [section("8648-8", within(ds4p("SECCATOBS", "SUD")))], ["doc/section[8648-8]/entry[1]"]),
        ("", [section("57017-6", ds4p("SECCATOBS", "SUD")), section("8648-8", text="x")], ["doc"]),
        (CODE.format("R"), [section("8648-8", text="x", more=CODE.format("V"))], []),
    ],
)
def test_a_sensitivity_covers_the_entry_that_it_annotates_else_its_section_else_the_document(
    header: str, sections: list[str], origins: list[str]
) -> None:
    reading = read_cda(document(*sections, header=header + PATIENT), "doc")
    assert [origin for part in reading.labelled for origin in part.origins] == origins
