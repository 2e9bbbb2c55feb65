"""A CDA document (C-CDA, CCD, C32, plain CDA R2) as patient, encounter, facts and notes.

Read by what is there, never refused for breaking a template: the narrative is the floor, entries refine
it, and what could not be read is listed.
"""

from gateway.clinical import Caution, Reading
from gateway.errors import ErrorKind, GatewayError
from translators.cda.body import read_body
from translators.cda.header import read_header
from translators.cda.labels import labelled_parts, read_labels
from translators.cda.tags import CLINICAL_DOCUMENT, RECORD_TARGET, V3_NAMESPACE, Element, child, local_name
from translators.xml_guard import parse_xml


def read_cda(payload: bytes, origin: str = "") -> Reading:
    """A `gateway.interfaces.PayloadReader`. Origins start with `origin` and a slash, where it is given.

    Raises `GatewayError` for what is not well-formed, is no ClinicalDocument, or is about several patients.
    """
    prefix = f"{origin}/" if origin else ""
    document = parse_document(payload, prefix)
    reading = Reading()
    time = read_header(document, reading, prefix)
    reading.labels = read_labels(document)
    reading.labelled += labelled_parts(document, prefix)
    read_body(document, reading, prefix, time)
    if child(document, RECORD_TARGET) is None:
        caution = Caution(
            code="patient-missing", text="the document names no patient", location=f"{prefix}recordTarget"
        )
        reading.warnings.append(caution)
    return reading


def parse_document(payload: bytes, prefix: str = "", *, verbatim: bool = False) -> Element:
    """The ClinicalDocument element; with its comments and processing instructions when `verbatim`."""
    try:
        root = parse_xml(payload, mend_namespaces=True, verbatim=verbatim)
    except GatewayError as error:
        error.location = f"{prefix}{error.location}".rstrip("/")
        raise
    if root.tag == CLINICAL_DOCUMENT:
        return root
    name = local_name(root)[:80]
    found = f"{name} in another namespace" if name == "ClinicalDocument" else name
    raise GatewayError(
        ErrorKind.MALFORMED,
        f"root element {root.tag}",
        location=f"{prefix}{name}",
        public=f"The document is not a CDA ClinicalDocument in {V3_NAMESPACE}: its root element is {found}",
    )
