"""Documents (TXA) and the text, values and files that stand beneath them in OBX."""

from gateway.clinical import Detail, FactStatus, UnreadReason
from translators.hl7v2 import elements
from translators.hl7v2.codes import AVAILABILITY, DOCUMENT, DOCUMENT_TYPE, WITHDRAWN
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment
from translators.hl7v2.segments.results import Panel, read_observations
from translators.terminology.code_systems import LOINC

_CANCELS = frozenset({"T11"})
"""MDM trigger events that take a document back."""


def read_txa(context: Context, segment: Segment) -> None:
    """TXA-17 is the status of all that follows; deleted, obsolete and unavailable documents are not read."""
    syntax, row = context.syntax, segment.row
    title, section = _type(context, segment)
    title = syntax.folded(row[25]) or title
    completion = elements.first_code(syntax, row[17])
    availability = elements.first_code(syntax, row[19])
    observations = segment.attached_of("OBX")
    if row[18]:
        context.label(segment, 18)
    standing = DOCUMENT.get(completion, FactStatus.UNKNOWN)
    sent = f"TXA-17={completion}" if completion else ""
    if AVAILABILITY.get(availability) is WITHDRAWN:
        standing, sent = WITHDRAWN, f"TXA-19={availability}"
    if context.message_type == "MDM" and context.event in _CANCELS:
        standing, sent = WITHDRAWN, f"MSH-9=MDM^{context.event}"
    if standing is WITHDRAWN:
        context.withdrawn(segment, sent, title)
        for observation in observations:
            for part in (observation, *(observation.attached or ())):
                part.notes = None
        return
    if not observations:
        context.unread(segment, UnreadReason.EXTERNAL, f"{title or 'a document'}, sent without its content")
        return
    details: tuple[Detail, ...] = ()
    read_observations(
        context,
        Panel(
            text=title,
            time=context.time(segment, 4) or context.time(segment, 6) or context.time(segment, 7),
            standing=standing,
            status_sent=sent,
            section=section,
            details=details,
            is_document=True,
        ),
        observations,
    )


def _type(context: Context, segment: Segment) -> tuple[str, str]:
    """TXA-2: its own text, else that of table 0270; the LOINC code sent, else the one of the same meaning."""
    text, codes = elements.coded(context.syntax, segment.row[2])
    by_table, loinc = DOCUMENT_TYPE.get(codes[0].code.upper() if codes else "", ("", ""))
    sent = next((code.code for code in codes if code.system == LOINC), "")
    if codes and text == codes[0].code and by_table:
        text = by_table
    return text, sent or loinc
