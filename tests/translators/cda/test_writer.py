import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.clinical import Labels, Reading
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Protocol
from gateway.request import SummarizationRequest
from gateway.summary import REVIEW_NOTICE, Answer, Statement, Summary, SummarySection
from tests.translators.cda.made import NAMESPACES, PATIENT, document, section
from translators.cda.reader import read_cda
from translators.cda.tags import Element
from translators.cda.writer import add_summary

NOW = datetime(2026, 3, 14, 9, 30, 15, tzinfo=UTC)
DOCUMENT_ID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
H = {"h": "urn:hl7-org:v3"}

PROCEDURE = (
    '<procedure classCode="PROC" moodCode="EVN"><id root="1.2.3" extension="p1"/><code code="1" displayName="Colonoscopy"/>'
    '<text><reference value="#proc1"/></text></procedure>'
)
NARRATIVE = '<content ID="proc1">Colonoscopy</content> without findings'
RECEIVED = document(
    section("47519-4", PROCEDURE, title="Procedures", text=NARRATIVE),
    section("51848-0", title="Assessment", text="Stable."),
    header='<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><setId root="1.9"/><versionNumber value="3"/>'
    f"{PATIENT}<author><time value='2025'/></author><custodian/><legalAuthenticator/><authenticator/>"
    "<relatedDocument typeCode='RPLC'><parentDocument><id root='1.1.1'/></parentDocument></relatedDocument>"
    "<componentOf><encompassingEncounter/></componentOf>",
)
EVIDENCED = Statement(
    section=SummarySection.PROCEDURES,
    text="Colonoscopy done.",
    evidence=("section[47519-4]/entry[1]", "section[51848-0]"),
)


def answer(*statements: Statement, text: str = "", labels: Labels = Labels()) -> Answer:  # noqa: B008
    request = SummarizationRequest(
        id="01", partner="epic", protocol=Protocol.SOAP, version="1.1", message_type="ProcessDocument",
        control_id="", received_at=NOW, labels=labels,
    )  # fmt: skip
    summary = Summary(
        statements=statements,
        text=text,
        backend="builtin",
        model_asked="clinical",
        model_served="extractive-1",
    )
    return Answer(request=request, summary=summary, generated_at=NOW)


def written(received: bytes = RECEIVED, given: Answer | None = None) -> Element:
    return etree.fromstring(add_summary(received, given or answer(EVIDENCED), NOW, DOCUMENT_ID))


def test_the_summary_reads_back_as_the_last_section_and_the_rest_as_before() -> None:
    before = read_cda(RECEIVED)
    after = read_cda(add_summary(RECEIVED, answer(EVIDENCED), NOW, DOCUMENT_ID))
    assert after.facts == before.facts
    assert [note.text for note in after.notes[:-1]] == [note.text for note in before.notes]
    assert (after.patient, after.unread, after.warnings) == (before.patient, before.unread, before.warnings)
    summary = after.notes[-1]
    assert summary.title == "AI-generated summary, not reviewed"
    assert summary.text.split("\n")[0] == REVIEW_NOTICE
    assert "- Colonoscopy done. [section[47519-4]/entry[1]] [section[51848-0]]" in summary.text.split("\n")
    assert not summary.repeats_facts


def test_the_header_tells_a_new_document_made_from_the_received_one() -> None:
    root = written()
    assert root.xpath("h:id/@root", namespaces=H) == [DOCUMENT_ID]
    assert root.xpath("h:effectiveTime/@value", namespaces=H) == ["20260314093015+0000"]
    parent = "h:relatedDocument[@typeCode='XFRM']/h:parentDocument"
    assert root.xpath(f"{parent}/h:id/@extension", namespaces=H) == ["received"]
    assert root.xpath(f"{parent}/h:setId/@root", namespaces=H) == ["1.9"]
    assert root.xpath(f"{parent}/h:versionNumber/@value", namespaces=H) == ["3"]
    assert len(root.xpath("h:relatedDocument", namespaces=H)) == 1
    assert (
        root.xpath("h:setId | h:versionNumber | h:legalAuthenticator | h:authenticator", namespaces=H) == []
    )
    assert len(root.xpath("h:author", namespaces=H)) == 2
    assert root.xpath("h:author[2]//h:softwareName/text()", namespaces=H) == [
        "EHR Summarization Gateway, model extractive-1 (builtin)"
    ]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (
            "<confidentialityCode code='N'/><languageCode/><setId/><recordTarget/><author/><custodian/><legalAuthenticator/>"
            "<documentationOf/><relatedDocument/><authorization/><componentOf/>",
            "id effectiveTime confidentialityCode languageCode recordTarget author author custodian documentationOf"
            " relatedDocument authorization componentOf component",
        ),
        (
            "<recordTarget/>",
            "id effectiveTime confidentialityCode recordTarget author relatedDocument component",
        ),
        ("", "id effectiveTime confidentialityCode author relatedDocument component"),
    ],
)
def test_the_header_keeps_the_order_of_the_schema(header: str, names: str) -> None:
    received = document(section("51848-0", text="Stable."), header=header)
    root = written(received, answer(EVIDENCED, labels=Labels(confidentiality="N")))
    assert [etree.QName(each).localname for each in root] == names.split()


def test_a_document_without_id_time_or_body_is_given_back_with_them() -> None:
    root = written(f"<ClinicalDocument {NAMESPACES}/>".encode())
    assert [etree.QName(each).localname for each in root] == [
        "id",
        "effectiveTime",
        "author",
        "relatedDocument",
        "component",
    ]
    assert root.xpath("h:relatedDocument/h:parentDocument/h:id/@nullFlavor", namespaces=H) == ["NI"]


def test_the_entry_points_to_the_narrative_and_to_the_entries_it_rests_on() -> None:
    act = written().xpath("//h:act[h:code/@code='34109-9']", namespaces=H)[0]
    target = act.xpath("h:text/h:reference/@value", namespaces=H)[0]
    assert act.getroottree().xpath(f"boolean(//h:text[@ID='{target[1:]}'])", namespaces=H)
    reference = "h:entryRelationship[@typeCode='REFR']/h:act/h:id"
    assert [dict(each.attrib) for each in act.xpath(reference, namespaces=H)] == [
        {"root": "1.2.3", "extension": "p1"}
    ]
    assert act.xpath("h:author//h:assignedAuthoringDevice", namespaces=H)


def test_evidence_that_the_narrative_says_too_is_a_link_to_it() -> None:
    item = written().xpath("//h:item", namespaces=H)[0]
    assert [(each.get("href"), each.text) for each in item.xpath("h:linkHtml", namespaces=H)] == [
        ("#proc1", "[section[47519-4]/entry[1]]")
    ]
    assert item.xpath("h:content/text()", namespaces=H) == ["[section[51848-0]]"]


def test_evidence_is_found_whatever_path_leads_to_the_document() -> None:
    carried = Statement(
        section=SummarySection.PROCEDURES,
        text="x",
        evidence=("/Envelope/Body/ProcessDocument/Document/section[47519-4]/entry[1]",),
    )
    assert written(given=answer(carried)).xpath("//h:linkHtml/@href", namespaces=H) == ["#proc1"]


def test_comments_do_not_stand_between_a_summary_and_its_evidence() -> None:
    plain = section("", PROCEDURE, title="Findings", text=NARRATIVE)
    commented = plain.replace("Findings", "Find<!-- 1 -->ings").replace("<procedure", "<!-- 2 --><procedure")
    cited = Statement(section=SummarySection.PROCEDURES, text="x", evidence=("section[Findings]/entry[1]",))
    for received in (plain, commented):
        root = written(document(received, header=PATIENT), answer(cited))
        assert root.xpath("//h:linkHtml/@href", namespaces=H) == ["#proc1"]


@pytest.mark.parametrize(
    "origin",
    [
        "section[47519-4]/entry[9]",
        "section[nowhere]/entry[1]",
        "OBX[1]-5",
        "",
        "section[47519-4]/entry[1]/component[2]",
        "section[",
    ],
)
def test_evidence_that_is_not_in_the_document_is_still_shown(origin: str) -> None:
    given = answer(Statement(section=SummarySection.PLAN, text="Follow up.", evidence=(origin,)))
    root = written(given=given)
    assert root.xpath("//h:item/h:content/text()", namespaces=H) == [f"[{origin}]"]
    assert root.xpath("//h:entryRelationship[@typeCode='REFR']", namespaces=H) == []


@pytest.mark.parametrize(
    ("sent", "labels", "code"),
    [
        ("N", Labels(confidentiality="R"), "R"),
        ("R", Labels(confidentiality="N"), "R"),
        ("N", Labels(), "N"),
        ("ETH", Labels(confidentiality="V"), "ETH"),
    ],
)
def test_the_label_is_the_strictest_of_all(sent: str, labels: Labels, code: str) -> None:
    received = RECEIVED.replace(
        b'confidentialityCode code="N"', f'confidentialityCode code="{sent}"'.encode()
    )
    root = written(received, answer(EVIDENCED, labels=labels))
    assert root.xpath("h:confidentialityCode/@code", namespaces=H) == [code]


def test_a_label_that_is_strict_enough_is_left_as_it_was() -> None:
    root = written(given=answer(EVIDENCED, labels=Labels(confidentiality="L")))
    label = root.xpath("h:confidentialityCode", namespaces=H)[0]
    assert dict(label.attrib) == {"code": "N", "codeSystem": "2.16.840.1.113883.5.25"}


def test_the_section_is_coded_as_a_note_and_not_as_an_assessment() -> None:
    code = written().xpath("//h:section[h:title[starts-with(., 'AI-')]]/h:code", namespaces=H)[0]
    assert (code.get("code"), code.get("codeSystem")) == ("34133-9", "2.16.840.1.113883.6.1")


def test_comments_and_stylesheets_of_the_received_document_stay() -> None:
    received = b'<?xml-stylesheet type="text/xsl" href="CDA.xsl"?>' + RECEIVED.replace(
        b"<custodian/>", b"<!-- kept --><custodian/>"
    )
    out = add_summary(received, answer(EVIDENCED), NOW, DOCUMENT_ID)
    assert b'<?xml-stylesheet type="text/xsl" href="CDA.xsl"?>' in out
    assert b"<!-- kept -->" in out


def test_the_body_as_received_is_not_touched() -> None:
    def sections(document: bytes) -> list[bytes]:
        return [
            etree.tostring(each, method="c14n")
            for each in etree.fromstring(document).iter("{urn:hl7-org:v3}section")
        ]

    assert sections(add_summary(RECEIVED, answer(EVIDENCED), NOW, DOCUMENT_ID))[:2] == sections(RECEIVED)


def test_a_summary_without_statements_is_given_as_its_text() -> None:
    given = answer(text=f"{REVIEW_NOTICE}\nAll well.\n\nNo plan.\n")
    note = read_cda(add_summary(RECEIVED, given, NOW, DOCUMENT_ID)).notes[-1]
    assert note.text.split("\n")[:3] == [REVIEW_NOTICE, "All well.", "No plan."]


@pytest.mark.parametrize(("served", "line"), [
    ("extractive-1", "with model extractive-1 (builtin), asked for as clinical on 2026-03-14T09:30:15+00:00."),
    ("clinical", "with model clinical (builtin) on 2026-03-14T09:30:15+00:00."),
])  # fmt: skip
def test_the_narrative_says_which_model_wrote_it(served: str, line: str) -> None:
    given = replace(answer(EVIDENCED), summary=replace(answer(EVIDENCED).summary, model_served=served))
    note = read_cda(add_summary(RECEIVED, given, NOW, DOCUMENT_ID)).notes[-1]
    assert note.text.split("\n")[-1] == f"Written by EHR Summarization Gateway {line}"


@pytest.mark.parametrize("document_id", [DOCUMENT_ID, "1.2.840.7", "é/7"])
def test_the_ids_of_the_summary_are_xml_names(document_id: str) -> None:
    root = etree.fromstring(add_summary(RECEIVED, answer(EVIDENCED), NOW, document_id))
    for identifier in root.xpath("//h:section[h:title[starts-with(., 'AI-')]]//@ID", namespaces=H):
        assert re.fullmatch("[A-Za-z0-9-]+", identifier)


def test_the_document_says_its_encoding() -> None:
    assert add_summary(RECEIVED, answer(EVIDENCED), NOW, DOCUMENT_ID).startswith(
        b"<?xml version='1.0' encoding='UTF-8'?>"
    )


def test_a_second_summary_does_not_take_the_ids_of_the_first() -> None:
    once = add_summary(RECEIVED, answer(EVIDENCED), NOW, DOCUMENT_ID)
    root = written(once)
    identifiers = root.xpath("//@ID")
    assert len(identifiers) == len(set(identifiers))
    assert len(root.xpath("//h:section[h:title='AI-generated summary, not reviewed']", namespaces=H)) == 2


def test_a_prefixed_document_keeps_its_prefix() -> None:
    prefixed = (
        RECEIVED.replace(b'xmlns="urn:hl7-org:v3"', b'xmlns:cda="urn:hl7-org:v3"')
        .replace(b"<", b"<cda:")
        .replace(b"<cda:/", b"</cda:")
    )
    out = add_summary(prefixed, answer(EVIDENCED), NOW, DOCUMENT_ID)
    assert b"<cda:title>AI-generated summary" in out
    assert b"ns0:" not in out


UNSTRUCTURED = (
    f'<ClinicalDocument {NAMESPACES}><templateId root="2.16.840.1.113883.10.20.22.1.10"/><templateId root="1.2"/>'
    f'<id root="1"/><code code="11488-4"/>{PATIENT}<component><nonXMLBody>{{}}</nonXMLBody></component></ClinicalDocument>'
)


def read_back(body: str) -> tuple[Reading, Element]:
    out = add_summary(UNSTRUCTURED.format(body).encode(), answer(EVIDENCED), NOW, DOCUMENT_ID)
    return read_cda(out), etree.fromstring(out)


def test_an_unstructured_body_is_carried_beside_the_summary() -> None:
    reading, root = read_back('<text mediaType="text/plain" representation="B64">RGVhciBjb2xsZWFndWU=</text>')
    assert [note.text for note in reading.notes][1] == "Dear colleague"
    assert reading.notes[-1].title == "AI-generated summary, not reviewed"
    value = root.xpath("//h:observationMedia/h:value", namespaces=H)[0]
    assert (dict(value.attrib), value.text) == (
        {"mediaType": "text/plain", "representation": "B64"},
        "RGVhciBjb2xsZWFndWU=",
    )
    assert root.xpath("//h:nonXMLBody", namespaces=H) == []
    assert root.xpath("h:templateId/@root", namespaces=H) == ["1.2"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('<text mediaType="application/pdf" representation="B64">JVBERi0xLjc=</text>', "binary"),
        ('<text mediaType="application/pdf"><reference value="letter.pdf"/></text>', "external"),
    ],
)
def test_an_unstructured_body_without_text_stays_listed(body: str, reason: str) -> None:
    reading, _ = read_back(body)
    assert [each.reason.value for each in reading.unread] == [reason]


def test_what_is_no_document_is_refused_as_by_the_reader() -> None:
    with pytest.raises(GatewayError) as caught:
        add_summary(b"<section/>", answer(EVIDENCED), NOW, DOCUMENT_ID)
    assert caught.value.kind is ErrorKind.MALFORMED


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\t"), min_size=1, max_size=60),
    st.text(max_size=20),
)
def test_any_text_of_a_model_is_written_safely(text: str, origin: str) -> None:
    given = answer(Statement(section=SummarySection.PLAN, text=text, evidence=(origin,)))
    item = written(given=given).xpath("//h:item", namespaces=H)[0]
    expected = "".join(each for each in text if each >= " " and each not in "\ufffe\uffff")
    assert (item.text or "").removesuffix(" ") == expected.removesuffix(" ") or (
        item.text or ""
    ) == f"{expected} "


def test_what_its_source_does_not_bear_is_marked() -> None:
    made = written(given=answer(replace(EVIDENCED, flags=("unsupported",))))
    assert "Colonoscopy done. [not supported by its source]" in "".join(made.itertext())
