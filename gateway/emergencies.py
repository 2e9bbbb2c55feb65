"""The alarm that access in an emergency rings: it is looked at afterwards, also where it was refused."""

import structlog

from gateway.metrics import Metrics
from gateway.passage import Passage
from gateway.records import BreakGlass

log = structlog.get_logger("pipeline")


def alarm(passage: Passage, how: BreakGlass, metrics: Metrics) -> None:
    """Counts it, logs it, and has the passage's record say it."""
    passage.break_glass = how
    principal, task = passage.principal, passage.task
    partner = passage.partner_name or "unknown"
    metrics.broken_glass(partner, how is BreakGlass.GRANTED)
    log.warning(
        "break_glass",
        id=passage.message.id,
        partner=partner,
        authentication=principal.method.value if principal else "",
        purpose_of_use=task.purpose_of_use if task else (),
        permitted=how is BreakGlass.GRANTED,
    )
