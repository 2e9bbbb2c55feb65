"""The parameters of `$summarize`, in every way that they may be sent."""

from typing import Any

import pytest

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Wish
from gateway.request import Audience, Purpose, SummarizationRequest
from tests.translators.fhir.exchange import Json, bundle_of, call, coded, request_of, translator

OBSERVATION = {"resourceType": "Observation", "id": "o", "code": coded("K"), "valueInteger": 1}


def parameters(*given: Json, resource: Json | None = OBSERVATION) -> Json:
    content = [] if resource is None else [{"name": "resource", "resource": resource}]
    return {"resourceType": "Parameters", "parameter": [*content, *given]}


def refusal(body: Json | bytes = b"", **more: Any) -> GatewayError:
    with pytest.raises(GatewayError) as raised:
        request_of(call(body, **more))
    return raised.value


def codes(request: SummarizationRequest) -> list[str]:
    return [caution.code for caution in request.warnings]


@pytest.mark.parametrize("target", ["$summarize", "Patient/$summarize"])
def test_a_bare_resource_and_an_envelope_give_the_same(target: str) -> None:
    bare = request_of(call(OBSERVATION, target=target))
    enveloped = request_of(call(parameters(), target=target))
    assert bare.facts == enveloped.facts
    assert (bare.message_type, bare.version) == (target, "4.0.1")


def test_every_parameter_reaches_the_task() -> None:
    task = request_of(
        call(
            parameters(
                {"name": "purpose", "valueCode": "discharge"},
                {"name": "audience", "valueCode": "patient"},
                {"name": "language", "valueCode": "es-US"},
                {"name": "maxLength", "valuePositiveInt": 2000},
                {"name": "model", "valueString": "clinical"},
                {"name": "purposeOfUse", "valueCoding": {"code": "TREAT"}},
                {"name": "purposeOfUse", "valueCoding": {"code": "ETREAT"}},
            )
        )
    ).task
    assert (task.purpose, task.audience, task.language, task.max_length, task.model) == (
        Purpose.DISCHARGE,
        Audience.PATIENT,
        "es-US",
        2000,
        "clinical",
    )
    assert task.purpose_of_use == ("TREAT", "ETREAT")


def test_primitives_may_stand_in_the_query() -> None:
    query = [("purpose", "handoff"), ("maxLength", "500"), ("_pretty", "true"), ("_format", "json")]
    task = request_of(call(OBSERVATION, query=query)).task
    assert (task.purpose, task.max_length) == (Purpose.HANDOFF, 500)


def test_the_purpose_follows_the_content_when_it_is_not_said() -> None:
    report = {"resourceType": "DiagnosticReport", "code": coded("CBC"), "conclusion": "normal"}
    assert request_of(call(report)).task.purpose is Purpose.RESULTS
    assert request_of(call(OBSERVATION)).task.purpose is Purpose.LONGITUDINAL


@pytest.mark.parametrize(
    ("header", "language"), [("es-US,es;q=0.9", "es-US"), ("*", "en"), ("", "en"), ("<script>", "en")]
)
def test_the_language_of_the_caller_is_second_choice(header: str, language: str) -> None:
    assert request_of(call(OBSERVATION, headers={"accept-language": header})).task.language == language


REFUSED: list[tuple[Json, ErrorKind]] = [
    ({"name": "purpose", "valueCode": "gossip"}, ErrorKind.UNKNOWN_CODE),
    ({"name": "audience", "valueCode": ""}, ErrorKind.UNKNOWN_CODE),
    ({"name": "audience", "valueCode": "everybody"}, ErrorKind.UNKNOWN_CODE),
    ({"name": "language", "valueCode": "not a language"}, ErrorKind.UNKNOWN_CODE),
    ({"name": "maxLength", "valuePositiveInt": 0}, ErrorKind.INVALID_VALUE),
    ({"name": "maxLength", "valueInteger": -4}, ErrorKind.INVALID_VALUE),
    ({"name": "maxLength", "valueString": "long"}, ErrorKind.INVALID_VALUE),
    ({"name": "maxLength", "valueInteger": 1.5}, ErrorKind.INVALID_VALUE),
    ({"name": "purposeOfUse", "valueCoding": {"code": "FUN"}}, ErrorKind.UNKNOWN_CODE),
    ({"name": "purposeOfUse", "valueCode": "TREAT"}, ErrorKind.INVALID_VALUE),
    ({"name": "start", "valueDate": "yesterday"}, ErrorKind.INVALID_VALUE),
    ({"name": "_since", "valueInstant": "2026-03-14"}, ErrorKind.INVALID_VALUE),
    ({"name": "_type", "valueCode": "Banana"}, ErrorKind.UNKNOWN_CODE),
    ({"name": "evidence", "valueString": "yes"}, ErrorKind.INVALID_VALUE),
    ({"name": "evidence", "valueBoolean": "true"}, ErrorKind.INVALID_VALUE),
    ({"name": "model"}, ErrorKind.INVALID_VALUE),
    ({"name": "model", "valueString": "a", "valueCode": "b"}, ErrorKind.INVALID_VALUE),
    ({"name": "resource", "valueString": "x"}, ErrorKind.INVALID_VALUE),
    ({"name": 7}, ErrorKind.INVALID_VALUE),
]


@pytest.mark.parametrize(("parameter", "kind"), REFUSED)
def test_a_parameter_that_is_wrong_is_named_by_its_place(parameter: Json, kind: ErrorKind) -> None:
    error = refusal(parameters(parameter))
    assert error.kind is kind
    assert "yesterday" not in error.public + error.location
    assert error.location.startswith("Parameters.parameter[1]")


@pytest.mark.parametrize("name", ["resource", "purpose", "maxLength", "evidence", "start"])
def test_a_parameter_that_is_repeated_is_refused(name: str) -> None:
    values: dict[str, Json] = {
        "resource": {"resource": OBSERVATION},
        "purpose": {"valueCode": "handoff"},
        "maxLength": {"valueInteger": 5},
        "evidence": {"valueBoolean": True},
        "start": {"valueDate": "2026"},
    }
    twice = {"name": name} | values[name]
    error = refusal(parameters(twice, twice, resource=None if name == "resource" else OBSERVATION))
    assert (error.kind, "at most 1" in error.public) == (ErrorKind.INVALID_VALUE, True)


def test_an_end_before_the_start_is_refused() -> None:
    wrong = ({"name": "start", "valueDate": "2026-03"}, {"name": "end", "valueDate": "2025"})
    assert refusal(parameters(*wrong)).location == "Parameters.parameter[2].value"


def test_an_unknown_parameter_is_a_warning_unless_strictness_is_wished() -> None:
    body = parameters({"name": "temperature", "valueDecimal": 0.7})
    request = request_of(call(body, headers={"prefer": "handling=lenient"}))
    assert codes(request) == ["unknown-parameter"]
    error = refusal(body, headers={"prefer": "respond-async, handling=strict"})
    assert (error.kind, error.location) == (ErrorKind.UNKNOWN_PARAMETER, "Parameters.parameter[1].name")
    assert (
        refusal(OBSERVATION, query=[("x", "y")], headers={"prefer": "handling=strict"}).location
        == "http.query"
    )


def test_a_profile_that_is_not_offered_is_a_warning() -> None:
    wanted = {
        "name": "profile",
        "valueCanonical": "http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips",
    }
    assert codes(request_of(call(parameters(wanted)))) == ["profile-not-offered"]


NO_CONTENT: list[tuple[Json | bytes, dict[str, Any], ErrorKind]] = [
    (b"", {}, ErrorKind.REQUIRED_MISSING),
    (b"  ", {}, ErrorKind.REQUIRED_MISSING),
    ({"resourceType": "Parameters"}, {}, ErrorKind.REQUIRED_MISSING),
    (parameters({"name": "purpose", "valueCode": "handoff"}, resource=None), {}, ErrorKind.REQUIRED_MISSING),
    (parameters({"name": "patient", "valueId": "1"}, resource=None), {}, ErrorKind.UNSUPPORTED_TYPE),
    (parameters({"name": "identifier", "valueString": "a|1"}, resource=None), {}, ErrorKind.UNSUPPORTED_TYPE),
    (
        parameters({"name": "document", "valueReference": {"reference": "Binary/1"}}, resource=None),
        {},
        ErrorKind.UNSUPPORTED_TYPE,
    ),
    (b"", {"target": "Patient/1/$summarize"}, ErrorKind.UNSUPPORTED_TYPE),
    (b"", {"method": "GET", "query": [("patient", "1")]}, ErrorKind.UNSUPPORTED_TYPE),
    (b"", {"method": "GET"}, ErrorKind.REQUIRED_MISSING),
    (b"", {"method": "GET", "query": [("document", "Binary/1")]}, ErrorKind.INVALID_VALUE),
    (b"", {"method": "GET", "query": [("resource", "{}")]}, ErrorKind.INVALID_VALUE),
    ({"id": "x"}, {}, ErrorKind.REQUIRED_MISSING),
    ({"resourceType": "Banana"}, {}, ErrorKind.UNSUPPORTED_TYPE),
    (parameters(resource={"resourceType": "Parameters"}), {}, ErrorKind.UNSUPPORTED_TYPE),
    (parameters(resource={"id": "x"}), {}, ErrorKind.REQUIRED_MISSING),
    ({"resourceType": "Patient"}, {}, ErrorKind.NO_CLINICAL_CONTENT),
    (bundle_of(), {}, ErrorKind.NO_CLINICAL_CONTENT),
    (bundle_of({"resourceType": "Organization"}), {}, ErrorKind.NO_CLINICAL_CONTENT),
]


@pytest.mark.parametrize(("body", "more", "kind"), NO_CONTENT)
def test_a_call_without_content_is_refused_clearly(body: Any, more: Any, kind: ErrorKind) -> None:
    assert refusal(body, **more).kind is kind


def test_a_refusal_for_want_of_content_counts_what_was_left_out() -> None:
    wrong = OBSERVATION | {"status": "entered-in-error"}
    error = refusal(bundle_of(wrong, {"resourceType": "Communication"}))
    assert error.public.endswith("(1 unsupported, 1 withdrawn)")


PATIENT = {
    "resourceType": "Patient",
    "id": "1",
    "identifier": [{"system": "urn:mrn", "value": "4711"}],
}
WHOSE = bundle_of(PATIENT, OBSERVATION | {"subject": {"reference": "Patient/1"}})


@pytest.mark.parametrize(
    ("given", "is_right"),
    [
        ({"name": "patient", "valueId": "1"}, True),
        ({"name": "patient", "valueId": "2"}, False),
        ({"name": "identifier", "valueString": "urn:mrn|4711"}, True),
        ({"name": "identifier", "valueString": "4711"}, True),
        ({"name": "identifier", "valueString": "urn:mrn|4712"}, False),
        ({"name": "identifier", "valueString": "urn:other|4711"}, False),
    ],
)
def test_the_patient_who_is_named_must_be_the_patient_of_the_content(given: Json, is_right: bool) -> None:
    body = parameters(given, resource=WHOSE)
    if is_right:
        assert request_of(call(body)).facts
    else:
        assert refusal(body).kind is ErrorKind.SEVERAL_PATIENTS


def test_the_instance_of_the_path_is_checked_too() -> None:
    assert request_of(call(WHOSE, target="Patient/1/$summarize")).facts
    assert refusal(WHOSE, target="Patient/2/$summarize").kind is ErrorKind.SEVERAL_PATIENTS
    unresolved = OBSERVATION | {"subject": {"reference": "Patient/9"}}
    assert request_of(call(unresolved, target="Patient/9/$summarize")).facts
    assert refusal(unresolved, target="Patient/8/$summarize").kind is ErrorKind.SEVERAL_PATIENTS


def test_a_document_that_is_asked_for_must_stand_in_the_content() -> None:
    asked = {"name": "document", "valueReference": {"reference": "Observation/o"}}
    assert request_of(call(parameters(asked, resource=WHOSE))).facts
    asked["valueReference"] = {"reference": "Binary/elsewhere"}
    assert refusal(parameters(asked, resource=WHOSE)).kind is ErrorKind.UNSUPPORTED_TYPE


def test_what_is_older_than_since_is_left_out() -> None:
    def updated(name: str, time: str | None) -> Json:
        return OBSERVATION | {"id": name, "code": coded(name), "meta": {"lastUpdated": time}}

    content = bundle_of(
        updated("old", "2026-02-28T23:00:00Z"),
        updated("new", "2026-03-01T00:30:00+01:00"),
        updated("undated", None),
        updated("odd", "last week"),
    )
    since = {"name": "_since", "valueInstant": "2026-02-28T23:15:00Z"}
    request = request_of(call(parameters(since, resource=content)))
    assert [fact.text for fact in request.facts] == ["new", "undated", "odd"]
    assert codes(request) == ["not-selected"]


def test_several_types_may_be_asked_for_at_once() -> None:
    content = bundle_of(OBSERVATION, {"resourceType": "Condition", "code": coded("Asthma")})
    for given in (["Condition,Observation"], ["Condition", "Observation"]):
        wanted = [{"name": "_type", "valueCode": each} for each in given]
        assert len(request_of(call(parameters(*wanted, resource=content))).facts) == 2


OPENED = [
    ("$summarize", "POST", True),
    ("Patient/$summarize", "POST", True),
    ("Patient/abc-1.2/$summarize", "POST", True),
    ("$summarize", "GET", True),
    ("Patient/a b/$summarize", "POST", ErrorKind.UNKNOWN_OPERATION),
    ("Patient/$summary", "POST", ErrorKind.UNKNOWN_OPERATION),
    ("Encounter/1/$summarize", "POST", ErrorKind.UNKNOWN_OPERATION),
    ("", "POST", ErrorKind.UNKNOWN_OPERATION),
    ("$summarize", "PUT", ErrorKind.WRONG_METHOD),
    ("$summarize", "DELETE", ErrorKind.WRONG_METHOD),
]


@pytest.mark.parametrize(("target", "method", "expected"), OPENED)
def test_a_call_is_opened_by_its_path_and_method(target: str, method: str, expected: Any) -> None:
    message = call(OBSERVATION, target=target, method=method)
    if expected is True:
        assert translator().open(message).wish is Wish.SUMMARIZE
        return
    with pytest.raises(GatewayError) as raised:
        translator().open(message)
    assert raised.value.kind is expected


def test_opening_does_not_look_at_the_body() -> None:
    assert translator().open(call(b"\xff not json")).control_id == ""


CREDENTIALS: list[tuple[Json, str | None]] = [
    ({"authorization": "Bearer abc"}, "abc"),
    ({"authorization": "bearer  abc "}, "abc"),
    ({"x-api-key": "abc"}, "abc"),
    ({"authorization": "Basic YTpi", "x-api-key": "abc"}, "abc"),
    ({"authorization": "Basic YTpi"}, None),
    ({"authorization": "Bearer "}, None),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "key"), CREDENTIALS)
def test_the_key_of_the_caller_is_read_from_its_headers(headers: Json, key: str | None) -> None:
    assert translator().open(call(headers=headers)).claims.api_key == key


@pytest.mark.parametrize(
    ("sent", "control_id"),
    [
        ("4a8dca3c", "4a8dca3c"),
        ("urn:uuid:1-2", "urn:uuid:1-2"),
        ("a b", ""),
        ("x" * 129, ""),
        ("a\r\nb", ""),
        ("é", ""),
    ],
)
def test_the_callers_id_is_taken_only_when_it_is_safe_to_repeat(sent: str, control_id: str) -> None:
    assert translator().open(call(headers={"x-request-id": sent})).control_id == control_id


def test_a_resend_is_known_by_all_that_the_reply_depends_on() -> None:
    def key(body: Json = OBSERVATION, request_id: str = "r1", **more: Any) -> bytes | None:
        headers = {"x-request-id": request_id} | more.pop("headers", {})
        return translator().open(call(body, headers=headers, **more)).duplicate_key

    assert key() == key() is not None
    others = [
        key({**OBSERVATION, "id": "other"}),
        key(request_id="r2"),
        key(query=[("purpose", "handoff")]),
        key(target="Patient/$summarize"),
        key(headers={"accept": "application/json"}),
        key(headers={"prefer": "handling=strict"}),
    ]
    assert len({key(), *others}) == 1 + len(others)
    assert translator().open(call(OBSERVATION)).duplicate_key is None
