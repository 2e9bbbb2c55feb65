import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clinical import Reading
from gateway.errors import ErrorKind, GatewayError
from tests.translators.cda.made import NAMESPACES, PATIENT, document, section
from translators.cda.reader import read_cda


@pytest.mark.parametrize(
    ("payload", "kind", "place", "says"),
    [
        (b"<section/>", ErrorKind.MALFORMED, "section", "root element is section"),
        (b"<ClinicalDocument/>", ErrorKind.MALFORMED, "ClinicalDocument", "ClinicalDocument in another namespace"),
        (b'<Bundle xmlns="http://hl7.org/fhir"/>', ErrorKind.MALFORMED, "Bundle", "root element is Bundle"),
        (b"<ClinicalDocument", ErrorKind.MALFORMED, "line 1", ""),
        (b"", ErrorKind.MALFORMED, "line 1", ""),
        (b"MSH|^~\\&|", ErrorKind.MALFORMED, "line 1", ""),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><ClinicalDocument xmlns='urn:hl7-org:v3'/>", ErrorKind.MALFORMED, "", "document type"),
        (b"<?xml version='1.0' encoding='ebcdic-cp-us'?><x/>", ErrorKind.UNSUPPORTED_ENCODING, "", ""),
    ],
)  # fmt: skip
def test_what_is_no_clinical_document_is_refused_by_name(
    payload: bytes, kind: ErrorKind, place: str, says: str
) -> None:
    with pytest.raises(GatewayError) as caught:
        read_cda(payload)
    assert caught.value.kind is kind
    assert caught.value.location.startswith(place)
    assert says in caught.value.public


def test_the_place_of_an_error_begins_with_the_place_of_the_document() -> None:
    with pytest.raises(GatewayError) as caught:
        read_cda(b"<section/>", "OBX[2]-5")
    assert caught.value.location == "OBX[2]-5/section"


def test_every_origin_begins_with_the_place_of_the_document() -> None:
    payload = document(
        section(
            "47519-4",
            '<procedure moodCode="EVN"><code displayName="Colonoscopy"/></procedure>',
            "<bad/>",
            text="x",
        ),
        header=PATIENT + "<componentOf><encompassingEncounter/></componentOf>",
    )
    reading = read_cda(payload, "OBX[2]-5")
    assert reading.facts[0].origin == "OBX[2]-5/section[47519-4]/entry[1]"
    assert reading.notes[0].origin == "OBX[2]-5/section[47519-4]"
    assert reading.unread[0].origin == "OBX[2]-5/section[47519-4]/entry[2]"
    assert reading.encounter is not None
    assert reading.encounter.origin == "OBX[2]-5/componentOf/encompassingEncounter"


def unstructured(text: str) -> Reading:
    return read_cda(
        f'<ClinicalDocument {NAMESPACES}><code code="11488-4"/><title>Consult note</title><effectiveTime value="20260301"/>{PATIENT}'
        f"<component><nonXMLBody>{text}</nonXMLBody></component></ClinicalDocument>".encode()
    )


def test_an_unstructured_document_is_a_note_of_the_documents_type() -> None:
    carried = base64.b64encode(b"Dear colleague,").decode()
    note = unstructured(f'<text mediaType="text/plain" representation="B64">{carried}</text>').notes[0]
    assert (note.text, note.title, note.section, note.time, note.origin) == (
        "Dear colleague,", "Consult note", "11488-4", "2026-03-01", "nonXMLBody",
    )  # fmt: skip


def test_a_document_without_a_body_says_so() -> None:
    reading = read_cda(f"<ClinicalDocument {NAMESPACES}>{PATIENT}</ClinicalDocument>".encode())
    assert [(each.origin, each.reason.value) for each in reading.unread] == [("component", "no-information")]


def note_act(text: str) -> str:
    return f'<act classCode="ACT" moodCode="EVN"><code code="34109-9" displayName="Note"><translation code="34746-8" displayName="Nurse note"/></code>{text}<effectiveTime value="20260301"/></act>'


@pytest.mark.parametrize(
    ("carried", "notes"),
    [
        (b"Slept well.", ["Slept well."]),  # the narrative says it: once
        (b"Slept badly.", ["Slept well.", "Slept badly."]),
    ],
)
def test_a_note_carried_beside_its_narrative_is_told_once(carried: bytes, notes: list[str]) -> None:
    text = f'<text mediaType="text/plain" representation="B64">{base64.b64encode(carried).decode()}<reference value="#n"/></text>'
    reading = read_cda(
        document(section("34746-8", note_act(text), text='<content ID="n">Slept well.</content>'))
    )
    assert [note.text for note in reading.notes] == notes
    assert reading.facts == []


@pytest.mark.parametrize("around", ["act", "procedure"])
def test_a_note_within_an_entry_is_kept(around: str) -> None:
    entry = f'<{around} classCode="ACT" moodCode="EVN"><code code="1" displayName="Visit"/><entryRelationship typeCode="COMP">{note_act("<text>Slept well.</text>")}</entryRelationship></{around}>'
    assert [note.text for note in read_cda(document(section("8648-8", entry))).notes] == ["Slept well."]


def test_a_note_that_stands_only_in_its_entry_is_kept() -> None:
    note = read_cda(document(section("34746-8", note_act("<text>Slept well.</text>"), text="Notes"))).notes[1]
    assert (note.text, note.title, note.time) == ("Slept well.", "Nurse note", "2026-03-01")


def test_a_narrative_pointed_to_very_often_does_not_grow() -> None:
    words = "word " * 20_000
    entries = ['<procedure moodCode="EVN"><text><reference value="#all"/></text></procedure>'] * 300
    reading = read_cda(document(section("47519-4", *entries, text=f'<content ID="all">{words}</content>')))
    assert sum(len(fact.text) for fact in reading.facts) < 6_000_000
    assert len(reading.facts) + len(reading.unread) == 300


_NAMES = st.sampled_from(
    "section component entry act observation organizer substanceAdministration procedure encounter supply text title code"
    " value effectiveTime statusCode low high participant participantRole playingEntity entryRelationship table tr td list"
    " item content reference originalText translation templateId observationMedia nonXMLBody structuredBody recordTarget"
    " patientRole patient name id consumable manufacturedProduct manufacturedMaterial".split()
)
_ATTRIBUTES = st.dictionaries(
    st.sampled_from(["code", "displayName", "value", "unit", "nullFlavor", "root", "ID", "moodCode", "negationInd", "typeCode", "representation", "mediaType", "rowspan"]),
    st.sampled_from(["", "1", "true", "EVN", "INT", "GOL", "#a", "a", "COMP", "MFST", "NI", "MSK", "48765-2", "B64", "text/plain", "2.16.840.1.113883.10.20.22.4.3", "20260301", "999999999"]),
    max_size=3,
)  # fmt: skip
_TREES = st.recursive(
    st.builds(lambda name, attributes, text: (name, attributes, text, ()), _NAMES, _ATTRIBUTES, st.sampled_from(["", "No known allergies", "x"])),
    lambda inner: st.builds(lambda name, attributes, within: (name, attributes, "", within), _NAMES, _ATTRIBUTES, st.lists(inner, max_size=4)),
    max_leaves=30,
)  # fmt: skip


def _written(tree: tuple[str, dict[str, str], str, tuple[object, ...]]) -> str:
    name, attributes, text, within = tree
    sent = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{sent}>{text}{''.join(_written(each) for each in within)}</{name}>"  # type: ignore[arg-type]


@given(st.lists(_TREES, max_size=3))
def test_no_document_of_whatever_shape_raises_anything_else(
    trees: list[tuple[str, dict[str, str], str, tuple[object, ...]]],
) -> None:
    inside = "".join(_written(tree) for tree in trees)
    for body in (
        f"<component><structuredBody><component><section><entry>{inside}</entry></section></component></structuredBody></component>",
        inside,
    ):
        try:
            read_cda(f"<ClinicalDocument {NAMESPACES}>{body}</ClinicalDocument>".encode())
        except GatewayError as error:
            assert error.kind is ErrorKind.SEVERAL_PATIENTS
