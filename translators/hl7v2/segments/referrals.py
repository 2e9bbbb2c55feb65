"""Referrals: RF1. Who refers to whom (PRD) is not carried."""

from gateway.clinical import ClinicalFact, DetailName, FactKind, FactStatus
from translators.hl7v2 import elements
from translators.hl7v2.codes import REFERRAL
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment


def read_rf1(context: Context, segment: Segment) -> None:
    """An order by its type (RF1-3), with its reasons (RF1-10)."""
    syntax, row = context.syntax, segment.row
    text, codes = elements.coded(syntax, row[3])
    status = elements.first_code(syntax, row[1])
    details = context.details(segment, (2, DetailName.PRIORITY), (10, DetailName.REASON))
    context.facts.append(
        ClinicalFact(
            kind=FactKind.ORDER,
            text=f"Referral: {text}" if text else "Referral",
            codes=codes,
            time=context.time(segment, 7),
            end=context.time(segment, 8),
            status=REFERRAL.get(status, FactStatus.UNKNOWN),
            status_sent=f"RF1-1={status}" if status else "",
            category="referral",
            details=(*details, *context.comments(segment)),
            origin=context.origin(segment),
        )
    )
