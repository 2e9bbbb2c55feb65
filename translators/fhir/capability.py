"""What the server says of itself: CapabilityStatement, OperationDefinition, `$versions`.

These are replies that need no pipeline: nobody is authenticated for them and nothing is stored.
"""

import re
from datetime import date
from hashlib import sha256

import orjson

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import GatewayIdentity, InboundMessage, Reply, SmartServer
from gateway.versions import OperationVersion, OperationVersions, has_ended, is_deprecated, life_told
from translators.fhir.canonical import OPERATION, base_url, operation_canonical, operation_url
from translators.fhir.document_parts import Resource
from translators.fhir.negotiation import FHIR_VERSION, MIME_VERSION, reply_format
from translators.fhir.parameters import PARAMETERS
from translators.fhir.to_error import reply_headers

PUBLISHED = "2026-11-23"
"""When what is described here last changed."""
SMART_CONFIGURATION = ".well-known/smart-configuration"
_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_STANDARDS_STATUS = "http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status"
_SECURITY_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"


_DEFINITION = re.compile(rf"OperationDefinition/{OPERATION}(?:[-|](.+))?")
"""By its id, or by its canonical as it stands in the statement; without a version it is the default's."""


class Capability:
    """The descriptions as of the day on which they are asked for."""

    def __init__(self, identity: GatewayIdentity, smart: SmartServer | None = None) -> None:
        self._identity = identity
        self._smart_server = smart
        self._smart = b"" if smart is None else orjson.dumps(smart_configuration(smart, identity))
        self.operation = OperationVersions()

    def describe(self, message: InboundMessage) -> Reply:
        """The reply to a GET of a description. Raises `GatewayError` when there is none of that name."""
        if message.target == SMART_CONFIGURATION and self._smart:
            return _smart_reply(message, self._smart)
        resource = self._resource(message.target, self.operation.day_of(message.received_at))
        form = reply_format(message)
        body = orjson.dumps(resource, option=orjson.OPT_INDENT_2 if form.is_pretty else 0)
        etag = f'W/"{sha256(body).hexdigest()[:16]}"'
        headers = (*reply_headers(message)[1:], ("ETag", etag), ("Cache-Control", "no-cache"))
        if _is_known(etag, message.headers.get("if-none-match", "")):
            return Reply(b"", status=304, headers=headers, positive=False, code="304")
        return Reply(body, content_type=form.content_type, headers=headers, positive=False, code="200")

    def _resource(self, target: str, day: date) -> Resource:
        if target == "metadata":
            return capability_statement(self._identity, self.operation, day, self._smart_server)
        if target == "$versions":
            return _versions()
        found = _DEFINITION.fullmatch(target)
        version = self.operation.versions.get(found[1] or self.operation.default) if found else None
        if version is None:
            raise GatewayError(ErrorKind.UNKNOWN_OPERATION)
        return operation_definition(self._identity, version, day)


def capability_statement(
    identity: GatewayIdentity, operation: OperationVersions, day: date, smart: SmartServer | None = None
) -> Resource:
    """Each version that lives is an operation of the same name, the default first."""
    operations = [_served(each, identity, day) for each in operation.living(day)]
    return {
        "resourceType": "CapabilityStatement",
        "url": f"{base_url(identity)}/metadata",
        "version": identity.version,
        "name": "SummarizationGateway",
        "title": "EHR Summarization Gateway",
        "status": "active",
        "date": PUBLISHED,
        "publisher": identity.facility or identity.name,
        "description": "Summarizes clinical content that is sent to it. It stores no resources to be read or"
        " searched, and fetches none.",
        "kind": "instance",
        "software": {"name": "EHR Summarization Gateway", "version": identity.version},
        "implementation": {"description": identity.name, "url": base_url(identity)},
        "fhirVersion": FHIR_VERSION,
        "format": ["application/fhir+json", "application/json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "Callers send an API key as `Authorization: Bearer` or `X-API-Key`."
                " `Prefer: handling=strict` turns unknown parameters and invalid resources into errors.",
                "security": _security(smart),
                "resource": [
                    {"type": "Patient", "operation": operations},
                    {"type": "OperationDefinition", "interaction": [{"code": "read"}]},
                ],
                "operation": operations,
            }
        ],
    }


def _served(version: OperationVersion, identity: GatewayIdentity, day: date) -> Resource:
    served = {"name": "summarize", "definition": operation_canonical(identity, version.version)}
    life = life_told(version, day)
    return served | {"documentation": life} if life else served


def _security(smart: SmartServer | None) -> Resource:
    said = "API keys as bearer tokens. Policy decides what is summarized for whom."
    if smart is None:
        return {"cors": True, "description": said}
    return {
        "extension": [
            {"url": _OAUTH_URIS, "extension": [{"url": "token", "valueUri": smart.token_endpoint}]},
        ],
        "cors": True,
        "service": [{"coding": [{"system": _SECURITY_SERVICE, "code": "SMART-on-FHIR"}]}],
        "description": f"Access tokens of {smart.issuer} (SMART Backend Services), or {said}",
    }


def smart_configuration(smart: SmartServer, identity: GatewayIdentity) -> Resource:
    """SMART App Launch 2.2, `.well-known/smart-configuration`, of a server for backend services only.

    There is no authorization endpoint, because nobody launches anything here.
    """
    told: Resource = {
        "issuer": smart.issuer,
        "token_endpoint": smart.token_endpoint,
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "scopes_supported": [*(smart.scopes or (operation_url(identity),)), "system/*.rs"],
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }
    if smart.jwks_url:
        told["jwks_uri"] = smart.jwks_url
    if smart.introspection_endpoint:
        told["introspection_endpoint"] = smart.introspection_endpoint
    return told


def _smart_reply(message: InboundMessage, body: bytes) -> Reply:
    """JSON whatever the Accept header says."""
    headers = (*reply_headers(message)[1:], ("Cache-Control", "no-cache"))
    return Reply(body, content_type="application/json", headers=headers, positive=False, code="200")


def operation_definition(identity: GatewayIdentity, version: OperationVersion, day: date) -> Resource:
    """Made from the table by which parameters are read. What R4 lacks a status for, deprecated, is said as
    HL7 says it of its own artefacts."""
    status = [{"url": _STANDARDS_STATUS, "valueCode": "deprecated"}]
    life = life_told(version, day)
    return {
        "resourceType": "OperationDefinition",
        "id": f"{OPERATION}-{version.version}",
        **({"extension": status} if is_deprecated(version, day) else {}),
        "url": operation_url(identity),
        "version": version.version,
        "name": OPERATION,
        "title": "Summarize clinical content",
        "status": "retired" if has_ended(version, day) else "active",
        "kind": "operation",
        "date": PUBLISHED,
        "publisher": identity.facility or identity.name,
        "description": "Gives a summary of the clinical content that is sent, as a document Bundle: a"
        " Composition whose sections refer to the entries they rest on, the Patient, the Devices that made it"
        " and their Provenance. What could not be read is said in the last section."
        + (f" {life}" if life else ""),
        "affectsState": False,
        "code": "summarize",
        "comment": "Content is never fetched: without a resource the answer is 422. The result is labelled as"
        " asserted by artificial intelligence (AIAST) and preliminary until a person attests it.",
        "resource": ["Patient"],
        "system": True,
        "type": True,
        "instance": True,
        "parameter": [
            *({**_parameter(name), "use": "in"} for name in PARAMETERS),
            {
                "name": "return",
                "use": "out",
                "min": 1,
                "max": "1",
                "documentation": "A Bundle of type document.",
                "type": "Bundle",
            },
        ],
    }


def _parameter(name: str) -> Resource:
    parameter = PARAMETERS[name]
    described: Resource = {
        "name": name,
        "min": 0,
        "max": parameter.most,
        "documentation": parameter.documentation,
        "type": parameter.type,
    }
    if parameter.type == "Reference":
        types = ("DocumentReference", "Composition", "Binary")
        described["targetProfile"] = [f"http://hl7.org/fhir/StructureDefinition/{each}" for each in types]
    if name == "identifier":
        described["searchType"] = "token"
    return described


def _versions() -> Resource:
    versions = (("version", MIME_VERSION), ("default", MIME_VERSION))
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name, "valueString": value} for name, value in versions],
    }


def _is_known(etag: str, header: str) -> bool:
    """If-None-Match compares weakly (RFC 9110 13.1.2)."""
    known = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in known or etag.removeprefix("W/") in known
