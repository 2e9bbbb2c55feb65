"""CDA's statuses as the gateway's: one table a kind of statement, from ActStatus or a status observation.

A code that is in no table is `UNKNOWN`; nothing is assumed from its absence.
"""

from typing import NamedTuple

from gateway.clinical import Certainty, FactStatus
from translators.cda.datatypes import Concept, Period

StatusTable = dict[str, FactStatus]

WITHDRAWN = frozenset({"nullified", "obsolete"})
"""ActStatus of what was entered in error or has been replaced: no fact."""

RESULTS: StatusTable = {  # HL7 C-CDA on FHIR, ConceptMap CF-ResultStatus
    "completed": FactStatus.FINAL,
    "active": FactStatus.REGISTERED,
    "new": FactStatus.REGISTERED,
    "held": FactStatus.REGISTERED,
    "suspended": FactStatus.REGISTERED,
    "aborted": FactStatus.CANCELLED,
    "cancelled": FactStatus.CANCELLED,
}
MEDICATIONS: StatusTable = {
    "active": FactStatus.ACTIVE,
    "completed": FactStatus.COMPLETED,
    "new": FactStatus.PLANNED,
    "held": FactStatus.ON_HOLD,
    "suspended": FactStatus.ON_HOLD,
    "aborted": FactStatus.STOPPED,
    "cancelled": FactStatus.CANCELLED,
}
EVENTS: StatusTable = {  # procedures, encounters, immunizations
    "active": FactStatus.IN_PROGRESS,
    "completed": FactStatus.COMPLETED,
    "new": FactStatus.PLANNED,
    "held": FactStatus.ON_HOLD,
    "suspended": FactStatus.ON_HOLD,
    "aborted": FactStatus.STOPPED,
    "cancelled": FactStatus.CANCELLED,
}
PLANS: StatusTable = {  # moods INT, RQO, PRMS, PRP, ARQ, APT
    "": FactStatus.PLANNED,
    "new": FactStatus.PLANNED,
    "active": FactStatus.PLANNED,
    "completed": FactStatus.COMPLETED,
    "held": FactStatus.ON_HOLD,
    "suspended": FactStatus.ON_HOLD,
    "aborted": FactStatus.STOPPED,
    "cancelled": FactStatus.CANCELLED,
}
LASTING: StatusTable = {  # goals, devices, directives, family history
    "active": FactStatus.ACTIVE,
    "completed": FactStatus.COMPLETED,
    "new": FactStatus.PLANNED,
    "held": FactStatus.ON_HOLD,
    "suspended": FactStatus.ON_HOLD,
    "aborted": FactStatus.STOPPED,
    "cancelled": FactStatus.CANCELLED,
}
INSTRUCTIONS: StatusTable = {"cancelled": FactStatus.CANCELLED, "aborted": FactStatus.STOPPED}
"""The template fixes `completed`, which therefore says nothing (C-CDA R2.1, Instruction (V2))."""


class Standing(NamedTuple):
    """What a status observation says."""

    status: FactStatus
    refuted: bool = False
    certainty: Certainty | None = None


_STANDINGS: dict[str, Standing] = {  # C-CDA and HITSP C32 value sets of LOINC 33999-4, SNOMED CT
    "55561003": Standing(FactStatus.ACTIVE),
    "90734009": Standing(FactStatus.ACTIVE),  # chronic
    "7087005": Standing(FactStatus.ACTIVE),  # intermittent
    "255227004": Standing(FactStatus.ACTIVE),  # recurrent
    "246455001": Standing(FactStatus.ACTIVE),  # recurrence
    "263855007": Standing(FactStatus.ACTIVE),  # relapse
    "15240007": Standing(FactStatus.ACTIVE),  # current
    "73425007": Standing(FactStatus.INACTIVE),
    "277022003": Standing(FactStatus.INACTIVE),  # remission
    "413322009": Standing(FactStatus.RESOLVED),
    "723506003": Standing(FactStatus.RESOLVED),
    "392521001": Standing(FactStatus.COMPLETED),  # prior history
    "421139008": Standing(FactStatus.ON_HOLD),
    "410546004": Standing(FactStatus.STOPPED),
    "415684004": Standing(FactStatus.UNKNOWN, certainty=Certainty.DIFFERENTIAL),  # rule out
    "410516002": Standing(FactStatus.UNKNOWN, refuted=True, certainty=Certainty.REFUTED),  # ruled out
}
_STANDING_WORDS: dict[str, Standing] = {
    "active": Standing(FactStatus.ACTIVE),
    "current": Standing(FactStatus.ACTIVE),
    "chronic": Standing(FactStatus.ACTIVE),
    "inactive": Standing(FactStatus.INACTIVE),
    "no longer active": Standing(FactStatus.INACTIVE),
    "resolved": Standing(FactStatus.RESOLVED),
    "completed": Standing(FactStatus.COMPLETED),
    "on hold": Standing(FactStatus.ON_HOLD),
    "discontinued": Standing(FactStatus.STOPPED),
    "ruled out": Standing(FactStatus.UNKNOWN, refuted=True, certainty=Certainty.REFUTED),
}


def standing_of(concept: Concept) -> Standing | None:
    """What the value of a status observation (LOINC 33999-4) says, by its codes, else by its words."""
    for code in concept.codes:
        if code.code in _STANDINGS:
            return _STANDINGS[code.code]
    for name in concept.names:
        if name.lower() in _STANDING_WORDS:
            return _STANDING_WORDS[name.lower()]
    return None


def problem_status(standing: Standing | None, concern: str, when: Period) -> FactStatus:
    """A problem's status: what is said of it, else its end, else that its concern is active.

    A completed concern alone tells only that nobody follows it any more. `high` without a date means
    "resolved, date unknown" in C-CDA and nothing at all in most documents, so it counts only where the
    concern is completed too.
    """
    if standing is not None:
        return standing.status
    if when.end or (when.end_null == "UNK" and concern == "completed"):
        return FactStatus.RESOLVED
    return FactStatus.ACTIVE if concern == "active" else FactStatus.UNKNOWN


def allergy_status(standing: Standing | None, concern: str, when: Period) -> FactStatus:
    """As for a problem, but an end counts only where the concern is not active.

    Documents repeat the onset as the end of an allergy that stands; an allergy wrongly called resolved
    is the dangerous mistake.
    """
    if standing is not None:
        return standing.status
    if concern == "active":
        return FactStatus.ACTIVE
    return FactStatus.RESOLVED if when.end else FactStatus.UNKNOWN
