"""How urgent a request is, told from the priorities of orders and the flags of new results. Pure."""

from datetime import timedelta
from enum import IntEnum

from gateway.clinical import DetailName, FactStatus
from gateway.request import SummarizationRequest


class Urgency(IntEnum):
    STAT = 0
    URGENT = 1
    ROUTINE = 2


_WORDS = {
    # HL7 v2 table 0485 (TQ1-9, TQ.6), FHIR request-priority, v3 ActPriority; codes and displays
    **dict.fromkeys(("s", "st", "stat", "em", "emergency", "emergent"), Urgency.STAT),
    **dict.fromkeys(
        (
            "a",
            "asap",
            "as soon as possible",
            "ur",
            "urgent",
            "p",
            "preop",
            "pre-op",
            "rr",
            "rush",
            "t",
            "timing",
        ),
        Urgency.URGENT,
    ),
}
_OVER = frozenset(
    {FactStatus.COMPLETED, FactStatus.CANCELLED, FactStatus.STOPPED, FactStatus.NOT_DONE, FactStatus.RESOLVED}
)


_FLAGS = {"HH": Urgency.STAT, "LL": Urgency.STAT, "AA": Urgency.URGENT}
"""Table 0078: beyond the panic limits, very abnormal."""
_NEW = timedelta(days=1)


def urgency_of(request: SummarizationRequest) -> Urgency:
    """The most urgent of what is new or still going on: an order that is done hurries nobody, and neither
    does the critical result of last year in a long record."""
    most = Urgency.ROUTINE
    for fact in request.facts:
        for detail in fact.details:
            if detail.name is DetailName.PRIORITY and fact.status not in _OVER:
                most = min(most, *map(_urgency_of, detail.text.lower().split(",")))
        if fact.flag in _FLAGS and fact.time[:10] >= str((request.received_at - _NEW).date()):
            most = min(most, _FLAGS[fact.flag])
    return most


def _urgency_of(words: str) -> Urgency:
    """`stat`, or a display that begins with it: `STAT (with highest priority)`."""
    words = words.strip()
    return _WORDS[words] if words in _WORDS else _WORDS.get(words.partition(" ")[0], Urgency.ROUTINE)


def rank_of(urgency: Urgency, *, is_background: bool) -> int:
    """The place in a queue, the least first: what is STAT, then whoever waits, then the background."""
    if urgency is Urgency.STAT:
        return int(is_background)
    return int(urgency) + (3 if is_background else 1)
