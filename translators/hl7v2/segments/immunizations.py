"""Vaccinations: RXA of VXU messages, or coded by CVX, with the observations that belong to them.

A refusal is a vaccination that was not given. Observations on funding and information sheets are
counted as unread: they say nothing of the patient's health.
"""

from dataclasses import replace

from gateway.clinical import ClinicalFact, Code, Detail, DetailName, FactKind, FactStatus, UnreadReason
from translators.hl7v2 import elements
from translators.hl7v2.codes import WITHDRAWN
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment
from translators.hl7v2.segments.drug_fields import (
    COLUMNS,
    administration_standing,
    drug_details,
    in_order,
    route_details,
)
from translators.hl7v2.segments.results import Panel, read_observations
from translators.hl7v2.segments.values import value_of
from translators.terminology.code_systems import CVX, MVX

_NO_VACCINE = "998"
"""CVX: nothing was given; the message is about the observations beneath (CDC guide 1.5, Z22)."""

_DOSE_NUMBER = "30973-2"
_COMMENT = "48767-8"

ADMINISTRATIVE: dict[str, str] = {  # LOINC of OBX-3 beneath RXA (CDC implementation guide 1.5)
    "64994-7": "vaccine funding program eligibility",
    "30963-3": "vaccine funding source",
    "69764-9": "vaccine information statement",
    "29768-9": "vaccine information statement, date published",
    "29769-7": "vaccine information statement, date presented",
    "30956-7": "vaccine type of an information statement",
    "38890-0": "component vaccine type of an information statement",
    "59779-9": "immunization schedule used",
}


def is_vaccine(context: Context, segment: Segment) -> bool:
    if context.message_type.startswith("VX"):
        return True
    codes = (*elements.coded(context.syntax, segment.row[5])[1], *_manufacturer(context, segment))
    return any(code.system in (CVX, MVX) for code in codes)


def _manufacturer(context: Context, segment: Segment) -> tuple[Code, ...]:
    return elements.coded(context.syntax, segment.row[17])[1]


def read_vaccination(context: Context, segment: Segment) -> None:
    text, codes = elements.coded(context.syntax, segment.row[5])
    standing, status_sent, negated = administration_standing(context, segment)
    observations = segment.attached_of("OBX")
    if standing is WITHDRAWN:
        context.withdrawn(segment, status_sent, text)
        for row in observations:
            context.withdrawn(row, f"{status_sent}:", "an observation on it")
        return
    clinical: list[Segment] = []
    details: list[Detail] = []
    for row in observations:
        _sort(context, row, details, clinical)
    if any(code.code == _NO_VACCINE and code.system == CVX for code in codes):
        if not clinical:
            context.unread(segment, UnreadReason.NO_INFORMATION, "no vaccine administered, without a reason")
        text = ""
    elif (
        stated := context.stated(segment, FactKind.IMMUNIZATION, text, codes, field=5, is_denied=negated)
    ) is not None:
        context.facts.append(
            ClinicalFact(
                kind=FactKind.IMMUNIZATION,
                text=stated[0],
                codes=codes,
                time=context.time(segment, 3),
                status=standing if isinstance(standing, FactStatus) else FactStatus.UNKNOWN,
                status_sent=status_sent,
                negated=stated[1],
                details=in_order([*_details(context, segment, status_sent), *details]),
                origin=context.origin(segment),
            )
        )
    read_observations(context, Panel(text=text), clinical)


def _sort(context: Context, row: Segment, details: list[Detail], clinical: list[Segment]) -> None:
    """An observation beneath a vaccination is administrative, a detail of it, or clinical by itself."""
    code = context.syntax.first(row.row[3])
    if code in ADMINISTRATIVE:
        context.count(row, UnreadReason.UNSUPPORTED, f"OBX {code}", ADMINISTRATIVE[code])
    elif code in (_DOSE_NUMBER, _COMMENT) and row.row[5]:
        value = value_of(context.syntax, context.syntax.first(row.row[2]), row.row[5])
        text = f"dose number {value}" if code == _DOSE_NUMBER else value
        details.append(Detail(name=DetailName.COMMENT, text=text))
    else:
        clinical.append(row)


def _details(context: Context, segment: Segment, status_sent: str) -> list[Detail]:
    columns = COLUMNS["RXA"]
    if _is_new_record(context, segment):
        columns = replace(columns, comment=0)
    details = [*drug_details(context, segment, columns), *route_details(context, segment)]
    reason = elements.coded_text(context.syntax, segment.row[18])
    if reason:
        details.append(Detail(name=DetailName.REASON, text=reason))
    elif status_sent == "RXA-20=RE":
        details.append(Detail(name=DetailName.REASON, text="refused"))
    if status_sent == "RXA-20=PA":
        details.append(Detail(name=DetailName.COMMENT, text="partially administered"))
    return [*details, *context.comments(segment.order, segment)]


def _is_new_record(context: Context, segment: Segment) -> bool:
    """RXA-9 of "new record" (NIP001) tells where the record comes from; a historical one is worth saying."""
    return elements.first_code(context.syntax, segment.row[9]) == "00"
