"""Google's error bodies (google.rpc.Status, AIP-193): an object, a list of one, or lines inside a stream."""

import re
from collections.abc import Mapping

from gateway.backends.answer_json import Json, at, code_at, list_at, object_at, text_at
from gateway.backends.failed_answers import cause_of_status, may_retry, retry_after_s
from gateway.backends.failure import BackendFailure, Cause

_BY_STATUS = {
    "INVALID_ARGUMENT": Cause.BAD_REQUEST,
    "FAILED_PRECONDITION": Cause.BAD_REQUEST,
    "OUT_OF_RANGE": Cause.BAD_REQUEST,
    "UNIMPLEMENTED": Cause.BAD_REQUEST,
    "UNAUTHENTICATED": Cause.CREDENTIALS,
    "PERMISSION_DENIED": Cause.CREDENTIALS,
    "NOT_FOUND": Cause.UNKNOWN_MODEL,
    "RESOURCE_EXHAUSTED": Cause.RATE_LIMITED,
    "UNAVAILABLE": Cause.OVERLOADED,
    "ABORTED": Cause.SERVER_ERROR,
    "CANCELLED": Cause.SERVER_ERROR,
    "DATA_LOSS": Cause.SERVER_ERROR,
    "DEADLINE_EXCEEDED": Cause.SERVER_ERROR,
    "INTERNAL": Cause.SERVER_ERROR,
    "UNKNOWN": Cause.SERVER_ERROR,
}
_TOO_LONG = re.compile(r"token count.{0,40}exceed|exceeds the maximum number of tokens|prompt is too long")
_SECONDS = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)s")


def google_error(answer: object) -> Json | None:
    """The error within `answer`, or None where there is none."""
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    error = at(answer, "error")
    return error if isinstance(error, Mapping) else None


def google_failure(
    backend: str, status: int, headers: Mapping[str, str], error: Json | None
) -> BackendFailure:
    """Of an answer with that HTTP status, or of an error within a stream (status 200)."""
    code = code_at(error, "status").upper()
    reason = _detail(error, "ErrorInfo")
    stated = at(error, "code") if status == 200 else status
    cause = _BY_STATUS.get(code) or cause_of_status(stated if isinstance(stated, int) else 500)
    if cause is Cause.RATE_LIMITED and _is_of_a_day(error):
        cause = Cause.SPEND_LIMIT
    if code_at(reason, "reason") == "BILLING_DISABLED":
        cause = Cause.SPEND_LIMIT
    if cause is Cause.BAD_REQUEST and _TOO_LONG.search(text_at(error, "message").lower()):
        cause = Cause.CONTEXT_EXCEEDED
    place = "in the stream" if status == 200 else f"HTTP {status}"
    wait_s = _retry_delay_s(error)
    return BackendFailure(
        cause,
        " ".join(part for part in (f"{backend}:", place, code, code_at(reason, "reason")) if part),
        retry_after_s=retry_after_s(headers) if wait_s is None else wait_s,
        may_retry=False if cause is Cause.SPEND_LIMIT else may_retry(headers),
    )


def _detail(error: object, kind: str) -> Json:
    for detail in list_at(error, "details"):
        if text_at(detail, "@type").endswith(f"google.rpc.{kind}"):
            return object_at(detail)
    return {}


def _retry_delay_s(error: object) -> float | None:
    given = _SECONDS.fullmatch(text_at(_detail(error, "RetryInfo"), "retryDelay"))
    return float(given[1]) if given else None


def _is_of_a_day(error: object) -> bool:
    """A quota counted by the day is not back in a minute."""
    names = [
        text_at(violation, "quotaId") for violation in list_at(_detail(error, "QuotaFailure"), "violations")
    ]
    names.append(text_at(_detail(error, "ErrorInfo"), "metadata", "quota_limit"))
    return any("perday" in name.lower() for name in names)
