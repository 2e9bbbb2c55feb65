"""Errors as OperationOutcomes: status, code, place, and nothing of the message."""

import json

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import InboundMessage, Reply
from tests.translators.fhir.exchange import IDENTITY, NOW, Json, call, coded, translator
from translators.fhir.canonical import error_system
from translators.fhir.strict import Finding, InvalidResources
from translators.fhir.to_error import OUTCOME


def error_of(error: GatewayError, message: InboundMessage | None = None) -> tuple[Reply, Json]:
    reply = translator().to_error(message or call(), None, error, NOW)
    OperationOutcome.model_validate_json(reply.body)
    return reply, json.loads(reply.body)


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_of_error_is_a_valid_outcome(kind: ErrorKind) -> None:
    status, code = OUTCOME[kind]
    reply, outcome = error_of(GatewayError(kind, "Jane Doe, born 1970"))
    (issue,) = outcome["issue"]
    assert (reply.status, reply.code, issue["code"]) == (status, str(status), code)
    assert 400 <= status < 600
    assert not reply.positive
    assert issue["details"]["coding"] == [{"system": error_system(IDENTITY), "code": kind.value}]
    assert outcome["id"] == "01JQ0000000000TEST"
    assert b"Jane" not in reply.body


@pytest.mark.parametrize("kind", ErrorKind)
def test_what_passes_with_time_is_the_servers_fault(kind: ErrorKind) -> None:
    assert kind.passes_with_time == (OUTCOME[kind][0] == 429 or OUTCOME[kind][0] >= 500)


def test_the_statuses_that_callers_are_told_of() -> None:
    told = {
        ErrorKind.UNAUTHENTICATED: 401,
        ErrorKind.FORBIDDEN: 403,
        ErrorKind.UNKNOWN_OPERATION: 404,
        ErrorKind.WRONG_METHOD: 405,
        ErrorKind.NOT_ACCEPTABLE: 406,
        ErrorKind.TOO_LARGE: 413,
        ErrorKind.UNSUPPORTED_MEDIA_TYPE: 415,
        ErrorKind.SEVERAL_PATIENTS: 422,
        ErrorKind.THROTTLED: 429,
        ErrorKind.INTERNAL: 500,
        ErrorKind.BACKEND_UNAVAILABLE: 503,
        ErrorKind.BACKEND_TIMEOUT: 504,
    }
    assert {kind: OUTCOME[kind][0] for kind in told} == told


def headers_of(error: GatewayError, message: InboundMessage | None = None) -> dict[str, str]:
    return dict(error_of(error, message)[0].headers)


def test_a_caller_who_is_not_known_is_told_how_to_prove_itself() -> None:
    assert headers_of(GatewayError(ErrorKind.UNAUTHENTICATED))["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("kind", [ErrorKind.THROTTLED, ErrorKind.QUOTA_EXCEEDED, ErrorKind.OVERLOADED])
def test_a_caller_is_told_when_to_try_again(kind: ErrorKind) -> None:
    assert headers_of(GatewayError(kind, retry_after_s=17))["Retry-After"] == "17"
    assert int(headers_of(GatewayError(kind))["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("target", "allowed"),
    [("Patient/$summarize", "POST, GET, HEAD, OPTIONS"), ("metadata", "GET, HEAD, OPTIONS")],
)
def test_a_wrong_method_is_told_the_right_ones(target: str, allowed: str) -> None:
    message = call(target=target, method="DELETE")
    assert headers_of(GatewayError(ErrorKind.WRONG_METHOD), message)["Allow"] == allowed


@pytest.mark.parametrize(
    ("location", "expression", "diagnostics"),
    [
        ("Bundle.entry[2].resource.code", ["Bundle.entry[2].resource.code"], None),
        ("Parameters.parameter[0].valueCode", ["Parameters.parameter[0].valueCode"], None),
        ("http.Content-Type", ["http.Content-Type"], None),
        (
            "Bundle.entry[1].resource, Bundle.entry[2].resource",
            ["Bundle.entry[1].resource", "Bundle.entry[2].resource"],
            None,
        ),
        ("line 3, column 7", None, "at line 3, column 7"),
        ("Patient.?", None, "at Patient.?"),
        ("", None, None),
    ],
)
def test_places_are_fhir_paths_where_they_can_be(
    location: str, expression: list[str] | None, diagnostics: str | None
) -> None:
    (issue,) = error_of(GatewayError(ErrorKind.INVALID_VALUE, location=location))[1]["issue"]
    assert (issue.get("expression"), issue.get("diagnostics")) == (expression, diagnostics)


def test_each_finding_of_a_strict_validation_is_an_issue() -> None:
    findings = (
        Finding("Observation.code", "required", "missing"),
        Finding("Observation.foo", "structure", "unknown"),
    )
    issues = error_of(InvalidResources(findings))[1]["issue"]
    assert [(each["code"], each["expression"], each["details"]["text"]) for each in issues] == [
        ("required", ["Observation.code"], "missing"),
        ("structure", ["Observation.foo"], "unknown"),
    ]


def test_errors_are_never_cached_and_carry_the_callers_id() -> None:
    message = call(headers={"x-request-id": "r-1"})
    headers = headers_of(GatewayError(ErrorKind.INTERNAL), message)
    assert (headers["Cache-Control"], headers["X-Request-Id"]) == ("no-store", "r-1")
    unsafe = call(headers={"x-request-id": "a\nb"})
    assert headers_of(GatewayError(ErrorKind.INTERNAL), unsafe)["X-Request-Id"] == unsafe.id


def test_an_error_about_the_format_comes_in_a_format_all_the_same() -> None:
    message = call(headers={"accept": "application/fhir+xml"})
    reply, _ = error_of(GatewayError(ErrorKind.NOT_ACCEPTABLE), message)
    assert reply.content_type.startswith("application/fhir+json")
    pretty = call(query=[("_pretty", "true")], headers={"accept": "application/json"})
    reply, _ = error_of(GatewayError(ErrorKind.INTERNAL), pretty)
    assert (reply.content_type, b"\n  " in reply.body) == ("application/json; charset=utf-8", True)


def test_strict_handling_validates_every_entry() -> None:
    fhir = translator()
    body = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "resource": {
                    "resourceType": "Observation",
                    "status": "final",
                    "code": coded("K"),
                    "valueInteger": 1,
                }
            },
            {"resource": {"resourceType": "Observation", "status": "final", "colour": "Jane Doe"}},
            {"resource": {"resourceType": "Banana"}},
        ],
    }
    lenient = call(body)
    assert fhir.to_request(lenient, fhir.open(lenient), "epic").facts
    strict = call(body, headers={"prefer": 'handling="strict"'})
    opened = fhir.open(strict)
    with pytest.raises(GatewayError) as raised:
        fhir.to_request(strict, opened, "epic")
    reply = fhir.to_error(strict, opened, raised.value, NOW)
    outcome = json.loads(reply.body)
    assert reply.status == 400
    assert [(issue["code"], issue["expression"]) for issue in outcome["issue"]] == [
        ("required", ["Bundle.entry[1].resource.code"]),
        ("structure", ["Bundle.entry[1].resource.colour"]),
        ("structure", ["Bundle.entry[2].resource"]),
    ]
    assert b"Jane" not in reply.body
