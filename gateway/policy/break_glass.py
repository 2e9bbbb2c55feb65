"""Access in an emergency: who may have it, and what it is not. Pure.

It relaxes the patient's consent and quotas. No rule, agreement, region, encryption or label gives way to it.
"""

from collections.abc import Sequence

from gateway.errors import ErrorKind, GatewayError

PURPOSES = frozenset({"BTG", "ETREAT"})
HEADER = "x-break-glass-reason"


def breaks_glass(purposes: Sequence[str], reason: str, is_proven: bool) -> bool:
    """`is_proven`: the caller showed a secret or a certificate. Raises `FORBIDDEN` for what is asked half."""
    is_emergency = not PURPOSES.isdisjoint(purposes)
    if not reason:
        if "BTG" in purposes:
            raise _refused("Purpose of use BTG needs a reason in the header X-Break-Glass-Reason")
        return False
    if not is_emergency:
        raise _refused("X-Break-Glass-Reason needs the purpose of use BTG or ETREAT")
    if not is_proven:
        raise _refused("Break-glass access needs a caller who proves who it is")
    return True


def is_asked_for(purposes: Sequence[str], reason: str) -> bool:
    """Whole or half: whatever becomes of it, somebody looks at it afterwards."""
    return bool(reason.strip()) or "BTG" in purposes


def _refused(public: str) -> GatewayError:
    return GatewayError(ErrorKind.FORBIDDEN, public, public=public)
