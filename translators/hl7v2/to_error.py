"""`ErrorKind` in HL7 v2: the acknowledgment code and the error code of table 0357.

AE says that something is wrong with the content. AR says that the message was not taken for a reason
outside it, or that its header is (2.9.2.2).
"""

from gateway.errors import ErrorKind, GatewayError

ACKNOWLEDGMENT: dict[ErrorKind, tuple[str, str]] = {
    ErrorKind.MALFORMED: ("AR", "100"),
    ErrorKind.REQUIRED_MISSING: ("AE", "101"),
    ErrorKind.INVALID_VALUE: ("AE", "102"),
    ErrorKind.UNKNOWN_CODE: ("AE", "103"),
    ErrorKind.UNKNOWN_PARAMETER: ("AE", "103"),
    ErrorKind.UNSUPPORTED_TYPE: ("AR", "200"),
    ErrorKind.UNSUPPORTED_EVENT: ("AR", "201"),
    ErrorKind.UNSUPPORTED_VERSION: ("AR", "203"),
    ErrorKind.VERSION_ENDED: ("AR", "207"),
    ErrorKind.UNSUPPORTED_PROCESSING_ID: ("AR", "202"),
    ErrorKind.UNSUPPORTED_ENCODING: ("AE", "102"),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: ("AE", "102"),
    ErrorKind.NOT_ACCEPTABLE: ("AE", "207"),
    ErrorKind.WRONG_METHOD: ("AR", "200"),
    ErrorKind.UNKNOWN_OPERATION: ("AR", "200"),
    ErrorKind.TOO_LARGE: ("AR", "207"),
    ErrorKind.NO_CLINICAL_CONTENT: ("AE", "100"),
    ErrorKind.SEVERAL_PATIENTS: ("AE", "100"),
    ErrorKind.UNAUTHENTICATED: ("AR", "207"),
    ErrorKind.FORBIDDEN: ("AR", "207"),
    ErrorKind.NOT_FOUND: ("AE", "204"),
    ErrorKind.THROTTLED: ("AR", "207"),
    ErrorKind.QUOTA_EXCEEDED: ("AR", "207"),
    ErrorKind.CONTEXT_EXCEEDED: ("AR", "207"),
    ErrorKind.BACKEND_REFUSED: ("AR", "207"),
    ErrorKind.BACKEND_UNAVAILABLE: ("AR", "207"),
    ErrorKind.BACKEND_TIMEOUT: ("AR", "207"),
    ErrorKind.STORE_UNAVAILABLE: ("AR", "207"),
    ErrorKind.OVERLOADED: ("AR", "207"),
    ErrorKind.INTERNAL: ("AR", "207"),
}

CONDITIONS: dict[str, str] = {  # table 0357
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "204": "Unknown key identifier",
    "207": "Application internal error",
}

_HEADER_FIELDS = frozenset({"MSH", "MSH-1", "MSH-2", "MSH-9", "MSH-10"})
"""A message without these cannot be taken at all, whatever its content."""


def code_of(error: GatewayError) -> tuple[str, str]:
    """AE or AR, and the code of table 0357. The operator's own choice (`wire_code`) goes first."""
    code, condition = ACKNOWLEDGMENT[error.kind]
    if error.location in _HEADER_FIELDS:
        code = "AR"
    return (error.wire_code if error.wire_code in ("AE", "AR") else code), condition
