"""Access in an emergency: who may have it, and what it is not. Pure.

It relaxes the patient's consent and quotas. No rule, agreement, region, encryption or label gives way to it.
"""

from collections.abc import Sequence

from gateway.errors import ErrorKind, GatewayError
from gateway.request import Task

PURPOSES = frozenset({"BTG", "ETREAT"})
HEADER = "x-break-glass-reason"


def breaks_glass(task: Task, is_proven: bool) -> bool:
    """`is_proven`: the caller showed a secret or a certificate. HL7 v2 speaks for many people and must name
    the one who asks as well. Raises `FORBIDDEN` for what is asked half."""
    is_hl7v2 = task.break_glass_by is not None
    if not task.break_glass:
        if "BTG" not in task.purpose_of_use:
            return False
        if is_hl7v2:
            raise _refused("Break-glass access needs a reason of table 0499 in CON-20", "CON-20")
        raise _refused("Purpose of use BTG needs a reason in the header X-Break-Glass-Reason")
    if PURPOSES.isdisjoint(task.purpose_of_use):
        raise _refused("X-Break-Glass-Reason needs the purpose of use BTG or ETREAT")
    if is_hl7v2 and not task.break_glass_by:
        raise _refused("Break-glass access needs the person who asks for it in EVN-5", "EVN-5")
    if not is_proven:
        raise _refused("Break-glass access needs a caller who proves who it is")
    return True


def is_asked_for(purposes: Sequence[str], reason: str) -> bool:
    """Whole or half: whatever becomes of it, somebody looks at it afterwards."""
    return bool(reason.strip()) or "BTG" in purposes


def _refused(public: str, location: str = "") -> GatewayError:
    return GatewayError(ErrorKind.FORBIDDEN, public, location=location, public=public)
