import pytest

from gateway.clinical import UnreadReason
from tests.translators.cda.made import document, read, section
from translators.cda.reader import read_cda
from translators.cda.sections import KnownSection, SectionKind, recognise

ALLERGIES, PROBLEMS, OTHER = SectionKind.ALLERGIES, SectionKind.PROBLEMS, SectionKind.OTHER
C_CDA = "2.16.840.1.113883.10.20.22.2."


@pytest.mark.parametrize(
    ("codes", "roots", "title", "code", "kind"),
    [
        (["48765-2"], [], "", "48765-2", ALLERGIES),
        (["LOCAL", "48765-2"], [], "", "48765-2", ALLERGIES),  # by a translation
        (["48765-2"], [C_CDA + "5"], "Problems", "48765-2", ALLERGIES),  # the code outranks the rest
        ([], [C_CDA + "6.1"], "", "48765-2", ALLERGIES),
        (["nonsense"], ["1.2.3", C_CDA + "6"], "Problems", "48765-2", ALLERGIES),
        ([], ["2.16.840.1.113883.10.20.1.11"], "", "11450-4", PROBLEMS),
        ([], ["2.16.840.1.113883.3.88.11.83.103"], "", "11450-4", PROBLEMS),
        ([], [], "ALLERGIES, ADVERSE REACTIONS, ALERTS", "48765-2", ALLERGIES),
        (["nonsense"], [], "Problem List", "11450-4", PROBLEMS),
        ([], [], "Family and Social History", "10157-6", SectionKind.FAMILY_HISTORY),
        ([], [], "Discharge Medications", "10183-2", SectionKind.MEDICATIONS),
        ([], [], "Admission Medications", "42346-7", SectionKind.MEDICATIONS),
        (
            ["10164-2"],
            [],
            "History of present illness: allergies",
            "10164-2",
            OTHER,
        ),  # a code says another thing
        ([], [], "Surgeon", "", OTHER),
    ],
)
def test_a_section_is_known_by_code_then_translation_then_template_then_title(
    codes: list[str], roots: list[str], title: str, code: str, kind: SectionKind
) -> None:
    found, known = recognise(codes, roots, title)
    assert (found, known.kind) == (code, kind)


def test_a_section_may_tell_the_category_of_its_facts() -> None:
    assert recognise(["46241-6"], [], "")[1] == KnownSection(PROBLEMS, "admission-diagnosis")


def test_sections_of_one_code_are_numbered_and_nested_ones_named_by_their_way() -> None:
    inner = "".join(
        f"<component>{each}</component>"
        for each in (section("", title="Findings", text="c"), section("", title="Findings", text="d"))
    )
    outer = section("8648-8", title="Course", text="b").replace("</section>", f"{inner}</section>")
    reading = read(
        section("8648-8", title="Course", text="a"), outer, section("", title="Signature [x/y]", text="e")
    )
    assert [(note.origin, note.text) for note in reading.notes] == [
        ("section[8648-8]", "a"),
        ("section[8648-8][2]", "b"),
        ("section[8648-8][2]/section[Findings]", "c"),
        ("section[8648-8][2]/section[Findings][2]", "d"),
        ("section[Signature (x|y)]", "e"),
    ]


def test_an_unknown_section_keeps_its_title_and_text() -> None:
    note = read(section("", title="Sponge count", text="correct")).notes[0]
    assert (note.title, note.text, note.section) == ("Sponge count", "correct", "")


def test_a_note_has_the_documents_time_and_the_sections_code() -> None:
    note = read(section("8648-8", title="Course", text="Stable.")).notes[0]
    assert (note.section, note.time, note.repeats_facts) == ("8648-8", "2026-03-01", False)


PROCEDURE = (
    '<procedure classCode="PROC" moodCode="EVN"><code code="1" displayName="Colonoscopy"/></procedure>'
)


@pytest.mark.parametrize(
    ("entries", "repeats"),
    [
        ((), False),
        ((PROCEDURE,), True),
        ((PROCEDURE, "<somethingElse/>"), False),  # the narrative says more than the facts
        (('<procedure moodCode="EVN" nullFlavor="NI"/>',), False),
        ((PROCEDURE, '<procedure moodCode="EVN" nullFlavor="NI"/>'), True),
    ],
)
def test_a_narrative_repeats_facts_only_where_all_its_entries_were_read(
    entries: tuple[str, ...], repeats: bool
) -> None:
    assert read(section("47519-4", *entries, text="Colonoscopy")).notes[0].repeats_facts is repeats


@pytest.mark.parametrize(("null", "reason"), [("NI", "no-information"), ("MSK", "masked")])
def test_a_null_section_is_listed_and_its_words_are_kept(null: str, reason: str) -> None:
    absent = section("48765-2", title="Allergies", text="No information").replace(
        "<section>", f'<section nullFlavor="{null}">'
    )
    reading = read(absent)
    assert [(each.origin, each.reason.value, each.what) for each in reading.unread] == [
        ("section[48765-2]", reason, "Allergies")
    ]
    assert [note.text for note in reading.notes] == ["No information"]


def test_a_section_of_a_title_only_says_that_it_is_empty() -> None:
    reading = read(section("48765-2", title="Allergies"))
    assert [(each.reason.value, each.what) for each in reading.unread] == [
        ("no-information", "Allergies: empty")
    ]


def test_a_section_about_somebody_else_gives_no_facts_of_the_patient() -> None:
    other = section(
        "11450-4",
        PROCEDURE,
        text="Of the mother",
        more='<subject><relatedSubject classCode="PRS"/></subject>',
    )
    reading = read(other)
    assert reading.facts == []
    assert [each.reason.value for each in reading.unread] == ["unsupported"]


def test_media_in_the_narrative_is_marked_and_listed_once() -> None:
    text = 'See <renderMultiMedia referencedObject="m1"/> and <renderMultiMedia referencedObject="gone"/>'
    carried = '<observationMedia classCode="OBS" moodCode="EVN" ID="m1"><value mediaType="image/png" representation="B64">iVBORw0KGgo=</value></observationMedia>'
    reading = read(section("8648-8", carried, text=text))
    assert reading.notes[0].text == "See [media] and [media]"
    assert [(each.origin, each.reason.value) for each in reading.unread] == [
        ("section[8648-8]/entry[1]", "binary"),
        ("section[8648-8]", "binary"),
    ]


def test_documents_of_other_prefixes_are_read_alike() -> None:
    plain = document(section("47519-4", PROCEDURE, title="Procedures", text="Colonoscopy"))
    prefixed = (
        plain.decode()
        .replace('xmlns="urn:hl7-org:v3"', 'xmlns:cda="urn:hl7-org:v3"')
        .replace("</", "</cda:")
        .replace("<", "<cda:")
        .replace("<cda:/cda:", "</cda:")
    )
    assert read_cda(prefixed.encode()) == read_cda(plain)
    assert read_cda(b"\xef\xbb\xbf<?xml version='1.0'?>\n" + plain) == read_cda(plain)


def test_a_body_without_sections_is_read_as_far_as_it_goes() -> None:
    reading = read_cda(document())
    assert reading.patient.names
    assert (reading.facts, reading.notes) == ([], [])


def test_a_section_about_a_relative_tells_nothing_of_the_patient() -> None:
    newborn = '<subject><relatedSubject classCode="PRS"><code code="CHILD"/></relatedSubject></subject>'
    inner = f"<component>{section('11450-4', title='Problems', text='Jaundice')}</component>"
    within = section("48765-2", title="Allergies", text="Penicillin").replace("<text>", f"{newborn}<text>")
    reading = read(within.replace("</section>", f"{inner}</section>", 1), section("8648-8", text="Stable"))
    assert [note.text for note in reading.notes] == ["Stable"]
    assert [each.reason for each in reading.unread] == [UnreadReason.UNSUPPORTED] * 2
