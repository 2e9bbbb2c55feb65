"""CDA documents written short for the tests here: a synthetic patient, one section or entry at a time."""

from lxml import etree

from gateway.clinical import ClinicalFact, DetailName, Reading
from translators.cda.reader import read_cda
from translators.cda.tags import Element

NAMESPACES = 'xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
PATIENT = (
    "<recordTarget><patientRole>"
    '<id root="2.16.840.1.113883.19.5" extension="MRN-7"/>'
    "<patient><name><given>Vera</given><family>Winterfeld</family></name>"
    '<administrativeGenderCode code="F"/><birthTime value="19580314"/></patient>'
    "</patientRole></recordTarget>"
)
TEMPLATE = "2.16.840.1.113883.10.20.22.4."
SNOMED = 'codeSystem="2.16.840.1.113883.6.96"'
LOINC = 'codeSystem="2.16.840.1.113883.6.1"'


def document(*sections: str, header: str = PATIENT) -> bytes:
    body = "".join(f"<component>{each}</component>" for each in sections)
    return (
        f"<ClinicalDocument {NAMESPACES}>"
        '<id root="1.2.3" extension="received"/><effectiveTime value="20260301"/>'
        f"{header}<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>"
    ).encode()


def section(code: str = "", *entries: str, title: str = "", text: str = "", more: str = "") -> str:
    sent = f'<code code="{code}" {LOINC}/>' if code else ""
    heading = f"<title>{title}</title>" if title else ""
    narrative = f"<text>{text}</text>" if text else ""
    written = "".join(f"<entry>{each}</entry>" for each in entries)
    return f"<section>{more}{sent}{heading}{narrative}{written}</section>"


def read(*sections: str) -> Reading:
    return read_cda(document(*sections))


def read_entries(code: str, *entries: str, text: str = "") -> Reading:
    return read(section(code, *entries, text=text))


def fact(code: str, entry: str, text: str = "") -> ClinicalFact:
    """The one fact of the one entry."""
    reading = read_entries(code, entry, text=text)
    assert len(reading.facts) == 1, (reading.facts, reading.unread)
    return reading.facts[0]


def details(found: ClinicalFact) -> list[tuple[DetailName, str]]:
    return [(each.name, each.text) for each in found.details]


def element(xml: str) -> Element:
    """One element of CDA's namespace, `xsi` declared."""
    wrapped = f"<wrapper {NAMESPACES}>{xml}</wrapper>"
    return next(iter(etree.fromstring(wrapped)))
