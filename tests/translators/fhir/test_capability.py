"""What the server says of itself."""

import json
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationdefinition import OperationDefinition
from fhir.resources.R4B.parameters import Parameters as ParametersResource

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import GatewayIdentity, Reply, SmartServer
from gateway.versions import OperationVersion, OperationVersions
from tests.translators.fhir.exchange import ATTACHMENTS, IDENTITY, NOW, call, translator
from translators.fhir.capability import capability_statement, operation_definition
from translators.fhir.parameters import PARAMETERS
from translators.fhir.translator import FhirTranslator

TODAY = NOW.date()
LIVES = OperationVersions(
    default="3",
    versions={
        "1": OperationVersion("1", sunset=TODAY, successor="3"),
        "2": OperationVersion(
            "2", deprecated=date(2026, 1, 1), sunset=date(2027, 1, 1), successor="3", prompt="1"
        ),
        "3": OperationVersion("3"),
    },
)


def described(target: str, **more: Any) -> Reply:
    return translator().describe(call(method="GET", target=target, **more))


@pytest.mark.parametrize("identity", [IDENTITY, GatewayIdentity("GW", "", "1.0")])
def test_the_descriptions_are_valid(identity: GatewayIdentity) -> None:
    CapabilityStatement.model_validate(capability_statement(identity, LIVES, TODAY))
    for version in LIVES.versions.values():
        OperationDefinition.model_validate(operation_definition(identity, version, TODAY))
    ParametersResource.model_validate_json(described("$versions").body)


def test_the_statement_names_the_operation_as_test_kits_look_for_it() -> None:
    statement = json.loads(described("metadata").body)
    operation = {
        "name": "summarize",
        "definition": "http://gateway.example:8080/fhir/R4/OperationDefinition/Summarize|1",
    }
    rest = statement["rest"][0]
    patient = next(each for each in rest["resource"] if each["type"] == "Patient")
    assert (statement["fhirVersion"], rest["operation"], patient["operation"]) == (
        "4.0.1",
        [operation],
        [operation],
    )
    assert {"json", "application/fhir+json"} <= set(statement["format"])


def test_the_definition_is_where_the_statement_says_and_names_every_parameter() -> None:
    definition = json.loads(described("OperationDefinition/Summarize").body)
    assert definition["url"] == "http://gateway.example:8080/fhir/R4/OperationDefinition/Summarize"
    inputs = [each for each in definition["parameter"] if each["use"] == "in"]
    assert [each["name"] for each in inputs] == list(PARAMETERS)
    assert (definition["version"], definition["status"]) == ("1", "active")
    # One resource among the inputs: else the bare resource would be no legal body.
    assert [each["name"] for each in inputs if each["type"] == "Resource"] == ["resource"]


def test_every_version_that_lives_is_listed_the_default_first_and_says_how_it_lives() -> None:
    server = translator()
    server.put_in_force(LIVES)
    statement = json.loads(server.describe(call(method="GET", target="metadata")).body)
    listed = statement["rest"][0]["operation"]
    assert [each["definition"].partition("|")[2] for each in listed] == ["3", "2"]
    assert "documentation" not in listed[0]
    assert listed[1]["documentation"] == (
        "Operation summarize version 2 is deprecated since 2026-01-01 and ends on 2027-01-01;"
        " its successor is version 3."
    )


@pytest.mark.parametrize(
    ("name", "version", "status", "is_deprecated"),
    [
        ("Summarize", "3", "active", False),
        ("Summarize-3", "3", "active", False),
        ("Summarize|2", "2", "active", True),
        ("Summarize-1", "1", "retired", False),
    ],
)
def test_each_version_has_its_definition(name: str, version: str, status: str, is_deprecated: bool) -> None:
    server = translator()
    server.put_in_force(LIVES)
    reply = server.describe(call(method="GET", target=f"OperationDefinition/{name}"))
    definition = json.loads(reply.body)
    assert definition["id"] == f"Summarize-{version}"
    assert (definition["version"], definition["status"]) == (version, status)
    assert ("extension" in definition) is is_deprecated
    assert ("ended on 2026-03-14" in definition["description"]) is (status == "retired")


def test_an_unchanged_description_is_not_sent_again() -> None:
    first = described("metadata")
    etag = dict(first.headers)["ETag"]
    for known in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        again = described("metadata", headers={"if-none-match": known})
        assert (again.status, again.body) == (304, b"")
    assert described("metadata", headers={"if-none-match": '"other"'}).status == 200


def test_another_version_has_another_tag() -> None:
    newer = FhirTranslator(GatewayIdentity("RIVERSIDE-GW", "RIVERSIDE", "0.2.0"), ATTACHMENTS)
    tags = {dict(each.describe(call(target="metadata")).headers)["ETag"] for each in (translator(), newer)}
    assert len(tags) == 2


def test_descriptions_are_negotiated_too() -> None:
    assert described("metadata", headers={"accept": "application/json"}).content_type.startswith(
        "application/json"
    )
    with pytest.raises(GatewayError) as raised:
        described("metadata", query=[("_format", "xml")])
    assert raised.value.kind is ErrorKind.NOT_ACCEPTABLE


@pytest.mark.parametrize(
    "target", ["", "Patient", "OperationDefinition/Other", "OperationDefinition/Summarize-9"]
)
def test_there_are_no_other_descriptions(target: str) -> None:
    with pytest.raises(GatewayError) as raised:
        described(target)
    assert raised.value.kind is ErrorKind.UNKNOWN_OPERATION


SMART = SmartServer(
    issuer="https://auth.riverside.example",
    token_endpoint="https://auth.riverside.example/token",
    jwks_url="https://auth.riverside.example/jwks",
    algorithms=("RS384", "ES384"),
)
CONFIGURATION = ".well-known/smart-configuration"


def test_clients_of_backend_services_find_where_tokens_are_issued() -> None:
    server = FhirTranslator(IDENTITY, ATTACHMENTS, SMART)
    reply = server.describe(call(method="GET", target=CONFIGURATION, headers={"accept": "text/html"}))
    told = json.loads(reply.body)
    assert reply.content_type == "application/json"
    assert {
        "token_endpoint",
        "grant_types_supported",
        "capabilities",
        "code_challenge_methods_supported",
    } <= set(told)
    assert told["token_endpoint"] == "https://auth.riverside.example/token"
    assert told["scopes_supported"][0] == "http://gateway.example:8080/fhir/R4/OperationDefinition/Summarize"
    assert told["capabilities"][0] == "client-confidential-asymmetric"
    assert "plain" not in told["code_challenge_methods_supported"]
    statement = capability_statement(IDENTITY, LIVES, TODAY, SMART)
    CapabilityStatement.model_validate(statement)
    assert statement["rest"][0]["security"]["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"


def test_without_an_issuer_nothing_is_said_of_one() -> None:
    with pytest.raises(GatewayError) as raised:
        described(CONFIGURATION)
    assert raised.value.kind is ErrorKind.UNKNOWN_OPERATION
    assert "service" not in capability_statement(IDENTITY, LIVES, TODAY)["rest"][0]["security"]
