"""The samples follow their standards as far as validators are at hand, and name nobody who exists."""

import re
from pathlib import Path

import pytest
from lxml import etree

from gateway.commands.inputs import read_inputs
from tests.journeys.sample_reading import FILES, SAMPLES
from tests.journeys.test_samples import REFUSED
from translators.fhir.strict import findings as fhir_findings
from translators.hl7v2.conformance import findings as hl7v2_findings

SCHEMAS = Path(__file__).parents[2] / "translators" / "soap"
V3 = "{urn:hl7-org:v3}"

HL7APY_IS_WRONG = {  # of the order of segments within groups and of fields of any type it knows no better
    "hl7v2/orm_o01_order.hl7": {"Missing required child ORM_O01_CHOICE.RQD"},  # one of OBR, RQD, RXO ...
    "hl7v2/oru_r01_microbiology.hl7": {  # takes each OBX for that of a document within ORC
        "Missing required child ORU_R01_ORDER_DOCUMENT.TXA",
        "Missing required child ORU_R01_COMMON_ORDER.ORC",
        "Child limit exceeded ORU_R01_ORDER_OBSERVATION.ORU_R01_COMMON_ORDER",
        "Child limit exceeded ORU_R01_COMMON_ORDER.ORU_R01_ORDER_DOCUMENT",
    },
    "hl7v2/oru_r01_radiology_report.hl7": {  # suffixes of report parts: 2.3 section 7.1.4, and in use since
        "Datatype None is not correct for OBX_3.CE_1 (it must be None)"
    },
    "hl7v2/qbp_q15_query.hl7": {  # QPD-3 and further are of whatever type the query says
        "QPD_4: TypeError",
        "Invalid children detected for <Segment QPD>: [...]",
    },
    "hl7v2/rde_o11_medication_order.hl7": {  # takes the TQ1 after RXE for that after ORC
        "Missing required child RDE_O11_ORDER.RDE_O11_TIMING_ENCODED"
    },
}
HL7APY_IS_WRONG["same_patient/hl7v2/rde_o11_medications.hl7"] = HL7APY_IS_WRONG[
    "hl7v2/rde_o11_medication_order.hl7"
]


def of(suffix: str) -> list[str]:
    return [name for name in FILES if name.endswith(suffix)]


@pytest.mark.parametrize("name", [name for name in of(".hl7") if name not in REFUSED])
def test_an_hl7_v2_sample_has_the_structure_of_its_version(name: str) -> None:
    path = SAMPLES / name
    (source,) = read_inputs(path, path.read_bytes())
    assert set(hl7v2_findings(source.body)) == HL7APY_IS_WRONG.get(name, set())


@pytest.mark.parametrize("name", of(".json"))
def test_a_fhir_sample_is_valid_r4(name: str) -> None:
    """The refused ones too: what is wrong with them is not their syntax."""
    assert fhir_findings((SAMPLES / name).read_bytes()) == []


@pytest.mark.parametrize(
    "name", [name for name in of(".xml") if "/soap/" in f"/{name}" and name not in REFUSED]
)
def test_a_soap_sample_is_valid_by_the_schema_that_we_publish(name: str) -> None:
    envelope = etree.parse(SAMPLES / name).getroot()
    body = next(each for each in envelope if etree.QName(each).localname == "Body")
    service = {"urn:cdc:iisb:2011": "iis", "urn:ehr-gateway:summarize:1": "summarize"}
    schema = service.get(str(etree.QName(body[0]).namespace), "notereader")
    etree.XMLSchema(etree.parse(SCHEMAS / f"{schema}.xsd")).assertValid(etree.ElementTree(body[0]))


CDA = [name for name in of(".xml") if "cda/" in name]


@pytest.mark.parametrize("name", CDA)
def test_a_cda_sample_has_the_header_that_c_cda_wants(name: str) -> None:
    document = etree.parse(SAMPLES / name).getroot()
    required = (
        "realmCode typeId templateId id code title effectiveTime confidentialityCode languageCode recordTarget"
        " author custodian documentationOf componentOf component"
    )
    assert [each for each in required.split() if document.find(V3 + each) is None] == []
    roots = {each.get("root") for each in document.findall(f"{V3}templateId")}
    assert "2.16.840.1.113883.10.20.22.1.1" in roots  # US Realm Header


@pytest.mark.parametrize("name", CDA)
def test_each_section_of_a_cda_sample_can_be_read_by_people(name: str) -> None:
    for section in etree.parse(SAMPLES / name).iter(f"{V3}section"):
        title = section.findtext(f"{V3}title")
        assert section.find(f"{V3}templateId") is not None, title
        assert section.find(f"{V3}code") is not None, title
        text = section.find(f"{V3}text")
        assert text is not None and "".join(str(part) for part in text.itertext()).strip(), title


@pytest.mark.parametrize("name", CDA)
def test_each_reference_to_the_narrative_leads_somewhere_and_each_id_stands_once(name: str) -> None:
    tree = etree.parse(SAMPLES / name)
    ids = [element.get("ID") for element in tree.iter() if element.get("ID")]
    assert len(ids) == len(set(ids))
    references = {str(each.get("value")) for each in tree.iter(f"{V3}reference")}
    assert references - {f"#{each}" for each in ids} == set()


@pytest.mark.parametrize("name", FILES)
def test_a_sample_names_nobody_who_exists(name: str) -> None:
    text = (SAMPLES / name).read_bytes().decode("utf-8", "replace")
    for number in re.findall(r"(?:\(\d{3}\)\s?\d{3}-\d{4}|\b\d{3}-\d{3}-\d{4}\b)", text):
        assert re.search(r"555-01\d\d$", number), number
    for host in re.findall(r"https?://([\w.-]+)", text):
        assert host.endswith(("example.org", *_STANDARDS)), host
    assert not re.findall(r"\b[\w.]+@(?!example\.org)[\w-]+\.\w+", text)
    assert not re.findall(r"\|\d{3}-\d{2}-\d{4}\|", text)  # social security numbers
    if name in CDA:
        roots = {str(each.get("root")) for each in etree.fromstring(text.encode()).iter(f"{V3}id")}
        assert {root for root in roots if not root.startswith(_EXAMPLES)} == set()


_EXAMPLES = "2.16.840.1.113883.19."
_STANDARDS = (
    "127.0.0.1",
    "ama-assn.org",
    "fdasis.nlm.nih.gov",
    "hl7.org",
    "loinc.org",
    "schemas.xmlsoap.org",
    "snomed.info",
    "standardterms.edqm.eu",
    "unitsofmeasure.org",
    "www.nlm.nih.gov",
    "www.w3.org",
    "www.whocc.no",
)


def test_several_senders_versions_and_ways_to_end_a_segment_are_shown() -> None:
    headers = [(SAMPLES / name).read_bytes().split(b"\r")[0].split(b"\n")[0] for name in of(".hl7")]
    fields = [header.split(header[3:4]) for header in headers]
    assert len({each[2].partition(b"^")[0] for each in fields}) >= 10
    assert {b"2.3", b"2.3.1", b"2.4", b"2.5.1", b"2.6", b"2.8"} <= {each[11] for each in fields}
    assert len({header[3:9] for header in headers}) >= 3
    assert any(b"\n" not in (SAMPLES / name).read_bytes() for name in of(".hl7"))
