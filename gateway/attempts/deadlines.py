"""How much of the caller's time one call may take. Pure."""

from collections.abc import Sequence

_KEPT_FOR_NEXT = 0.25
"""Of what is left, while another remote backend could still be asked."""
_KEPT_FOR_BUILT_IN = 0.1
_MOST_KEPT_FOR_BUILT_IN_S = 0.5
"""The built-in summarizer answers within milliseconds."""


def allowed_s(remaining_s: float, timeout_s: float, others_in_process: Sequence[bool]) -> float:
    """Seconds for one call. A silent backend must leave time to those behind it: `others_in_process` says
    of each whether it runs in this process."""
    kept_s = 0.0
    if not all(others_in_process):
        kept_s = remaining_s * _KEPT_FOR_NEXT
    elif others_in_process:
        kept_s = min(remaining_s * _KEPT_FOR_BUILT_IN, _MOST_KEPT_FOR_BUILT_IN_S)
    return min(timeout_s, remaining_s - kept_s)


def is_fair_trial(given_s: float, timeout_s: float, deadline_s: float) -> bool:
    """Whether running out of this time says anything of the backend: the rest of a deadline does not."""
    return given_s >= min(timeout_s, deadline_s) / 2
