"""Every error as an OperationOutcome with its HTTP status: one table for all kinds (FHIR R4 3.1.0).

Nothing of the message is repeated, but places in it.
"""

import re

import orjson

from gateway.errors import Denial, ErrorKind, GatewayError
from gateway.messages import GatewayIdentity, InboundMessage, Reply
from translators.fhir.canonical import error_system
from translators.fhir.negotiation import ReplyFormat
from translators.fhir.strict import Finding, InvalidResources

OUTCOME: dict[ErrorKind, tuple[int, str]] = {  # HTTP status, issue-type
    ErrorKind.MALFORMED: (400, "structure"),
    ErrorKind.REQUIRED_MISSING: (400, "required"),
    ErrorKind.INVALID_VALUE: (400, "value"),
    ErrorKind.UNKNOWN_CODE: (400, "code-invalid"),
    ErrorKind.UNKNOWN_PARAMETER: (400, "invalid"),
    ErrorKind.UNSUPPORTED_TYPE: (422, "not-supported"),
    ErrorKind.UNSUPPORTED_EVENT: (422, "not-supported"),
    ErrorKind.UNSUPPORTED_VERSION: (400, "not-supported"),
    ErrorKind.VERSION_ENDED: (410, "not-supported"),
    ErrorKind.UNSUPPORTED_PROCESSING_ID: (400, "not-supported"),
    ErrorKind.UNSUPPORTED_ENCODING: (400, "structure"),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: (415, "not-supported"),
    ErrorKind.NOT_ACCEPTABLE: (406, "not-supported"),
    ErrorKind.WRONG_METHOD: (405, "not-supported"),
    ErrorKind.UNKNOWN_OPERATION: (404, "not-supported"),
    ErrorKind.TOO_LARGE: (413, "too-long"),
    ErrorKind.NO_CLINICAL_CONTENT: (422, "business-rule"),
    ErrorKind.SEVERAL_PATIENTS: (422, "multiple-matches"),
    ErrorKind.UNAUTHENTICATED: (401, "login"),
    ErrorKind.FORBIDDEN: (403, "forbidden"),
    ErrorKind.NOT_FOUND: (404, "not-found"),
    ErrorKind.THROTTLED: (429, "throttled"),
    ErrorKind.QUOTA_EXCEEDED: (429, "throttled"),
    ErrorKind.CONTEXT_EXCEEDED: (422, "too-costly"),
    ErrorKind.BACKEND_REFUSED: (422, "processing"),
    ErrorKind.BACKEND_UNAVAILABLE: (503, "transient"),
    ErrorKind.BACKEND_TIMEOUT: (504, "timeout"),
    ErrorKind.STORE_UNAVAILABLE: (503, "transient"),
    ErrorKind.OVERLOADED: (503, "transient"),
    ErrorKind.INTERNAL: (500, "exception"),
}

_RETRY_AFTER_S = 5
"""Said with 429 and 503 where nothing better is known."""

_FHIR_PATH = re.compile(r"([A-Z][A-Za-z]*|http)(\.[A-Za-z_$-]+|\[\d{1,7}\])*")


def error_reply(
    message: InboundMessage, error: GatewayError, identity: GatewayIdentity, form: ReplyFormat
) -> Reply:
    """Never raises."""
    status, _ = OUTCOME[error.kind]
    options = orjson.OPT_INDENT_2 if form.is_pretty else 0
    return Reply(
        body=orjson.dumps(outcome(message, error, identity), option=options),
        status=status,
        content_type=form.content_type,
        headers=(*reply_headers(message), *_headers_of(error, status, message.target)),
        positive=False,
        code=str(status),
    )


def outcome(message: InboundMessage, error: GatewayError, identity: GatewayIdentity) -> dict[str, object]:
    """The OperationOutcome; its id is the message's, by which the operator finds the details."""
    status, code = OUTCOME[error.kind]
    findings = (
        error.findings
        if isinstance(error, InvalidResources)
        else (Finding(error.location, code, error.public),)
    )
    severity = "fatal" if status == 500 else "error"
    issues = [_issue(finding, severity, error.kind, identity) for finding in findings]
    return {"resourceType": "OperationOutcome", "id": message.id, "issue": issues}


def reply_headers(message: InboundMessage) -> tuple[tuple[str, str], ...]:
    """On every reply: never kept by a cache, and with the id by which both sides know the request."""
    return (("Cache-Control", "no-store"), ("X-Request-Id", request_id(message) or message.id))


_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@~-]{1,128}")


def request_id(message: InboundMessage) -> str:
    """The caller's own id; empty when there is none or it is not safe to repeat in a header or a log."""
    sent = message.headers.get("x-request-id", "")
    return sent if _REQUEST_ID.fullmatch(sent) else ""


def allowed_methods(target: str) -> str:
    return "POST, GET, HEAD, OPTIONS" if target.endswith("$summarize") else "GET, HEAD, OPTIONS"


def _issue(finding: Finding, severity: str, kind: ErrorKind, identity: GatewayIdentity) -> dict[str, object]:
    issue: dict[str, object] = {
        "severity": severity,
        "code": finding.code,
        "details": {
            "coding": [{"system": error_system(identity), "code": kind.value}],
            "text": finding.text,
        },
    }
    places = [place for place in finding.expression.split(", ") if place]
    if places and all(_FHIR_PATH.fullmatch(place) for place in places):
        issue["expression"] = places
    elif places:
        issue["diagnostics"] = f"at {finding.expression}"
    return issue


def _challenge(error: GatewayError) -> str:
    """RFC 6750 section 3: no error code for a caller who showed nothing."""
    parts = ['Bearer realm="ehr-gateway"']
    if error.denial is not None:
        parts.append(f'error="{error.denial.value}"')
    if error.scope:
        parts.append(f'scope="{error.scope}"')
    return ", ".join(parts)


def _headers_of(error: GatewayError, status: int, target: str) -> tuple[tuple[str, str], ...]:
    if status == 401 or error.denial is Denial.INSUFFICIENT_SCOPE:
        return (("WWW-Authenticate", _challenge(error)),)
    if status == 405:
        return (("Allow", allowed_methods(target)),)
    if status in (429, 503):
        return (("Retry-After", str(error.retry_after_s or _RETRY_AFTER_S)),)
    return ()
