"""The FHIR listener on a real socket, called by httpx."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

import httpx
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome
from twisted.internet import reactor
from twisted.internet.interfaces import IReactorTCP, IReactorTime
from twisted.web.resource import Resource

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import InboundMessage, Reply
from listeners.fhir_rest import FhirRest
from listeners.http_exchange import CappedSite
from listeners.reception import Reception
from tests.on_reactor import on_reactor
from tests.translators.fhir.exchange import NOW, answer_to, bundle_of, coded, translator
from translators.fhir.translator import FhirTranslator

MOST_BYTES = 50_000
BODY = bundle_of({"resourceType": "Condition", "id": "c", "code": coded("Asthma")})
KEY = {"Authorization": "Bearer demo", "Content-Type": "application/fhir+json"}


@dataclass
class SmallPipeline:
    """The translator's steps in their order, with a small summary in place of a model's; wants a key."""

    translator: FhirTranslator = field(default_factory=translator)
    failure: GatewayError | None = None
    seen: list[InboundMessage] = field(default_factory=list)

    async def handle(self, message: InboundMessage) -> Reply:
        self.seen.append(message)
        opened = None
        try:
            opened = self.translator.open(message)
            if opened.claims.api_key != "demo":
                raise GatewayError(ErrorKind.UNAUTHENTICATED)
            if self.failure:
                raise self.failure
            request = self.translator.to_request(message, opened, "epic")
            return self.translator.to_reply(message, opened, answer_to(request), NOW)
        except GatewayError as error:
            return self.translator.to_error(message, opened, error, NOW)

    def refuse(self, message: InboundMessage, error: GatewayError) -> Reply:
        return self.translator.to_error(message, None, error, NOW)


@contextlib.asynccontextmanager
async def served(pipeline: SmallPipeline) -> AsyncIterator["Caller"]:
    numbers = count()
    reception = Reception(
        listener="web",
        handle=pipeline.handle,
        refuse=pipeline.refuse,
        new_id=lambda: f"01JQ{next(numbers):014d}",
        now=lambda: NOW,
    )
    root = Resource()
    root.putChild(b"fhir", FhirRest(reception, pipeline.translator.describe))
    site = CappedSite(root, cast(IReactorTime, reactor), max_body_bytes=MOST_BYTES)
    port = cast(IReactorTCP, reactor).listenTCP(0, site, interface="127.0.0.1")
    with httpx.Client(base_url=f"http://127.0.0.1:{port.getHost().port}") as client:
        yield Caller(client)
    stopped = port.stopListening()
    if stopped is not None:
        await stopped.asFuture(asyncio.get_running_loop())


@dataclass
class Caller:
    """An independent client on a thread of its own."""

    client: httpx.Client

    async def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        return await asyncio.to_thread(self.client.request, method, path, **more)


@pytest.mark.parametrize(
    "path", ["/fhir/R4/$summarize", "/fhir/R4/Patient/$summarize", "/fhir/R4/%24summarize/"]
)
@on_reactor
async def test_a_posted_bundle_is_answered_with_a_document(path: str) -> None:
    async with served(SmallPipeline()) as call:
        answer = await call("POST", path, headers=KEY | {"X-Request-Id": "r-1"}, json=BODY)
    assert answer.status_code == 200
    Bundle.model_validate_json(answer.content)
    assert answer.headers["Content-Type"] == "application/fhir+json; fhirVersion=4.0; charset=utf-8"
    assert (answer.headers["X-Request-Id"], answer.headers["Cache-Control"]) == ("r-1", "no-store")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Server" not in answer.headers


STATUSES: list[tuple[str, str, dict[str, Any], int, str]] = [
    (
        "POST",
        "/fhir/R4/$summarize",
        {"headers": {"Content-Type": "application/fhir+json"}, "json": BODY},
        401,
        "login",
    ),
    ("POST", "/fhir/R4/$summarize", {"headers": KEY, "content": b"{"}, 400, "structure"),
    ("POST", "/fhir/R4/$summarize", {"headers": KEY}, 400, "required"),
    ("POST", "/fhir/R4/$summarize", {"headers": KEY, "content": b" " * (MOST_BYTES + 1)}, 413, "too-long"),
    (
        "POST",
        "/fhir/R4/$summarize",
        {"headers": KEY | {"Content-Type": "text/plain"}, "content": b"x"},
        415,
        "not-supported",
    ),
    (
        "POST",
        "/fhir/R4/$summarize",
        {"headers": KEY | {"Accept": "text/turtle"}, "json": BODY},
        406,
        "not-supported",
    ),
    ("POST", "/fhir/R4/$summarize?_format=xml", {"headers": KEY, "json": BODY}, 406, "not-supported"),
    ("POST", "/fhir/R4/$summarize?purpose=gossip", {"headers": KEY, "json": BODY}, 400, "code-invalid"),
    (
        "POST",
        "/fhir/R4/$summarize",
        {"headers": KEY, "json": {"resourceType": "Patient"}},
        422,
        "business-rule",
    ),
    ("POST", "/fhir/R4/Patient/1/$summarize", {"headers": KEY}, 422, "not-supported"),
    ("GET", "/fhir/R4/Patient/1/$summarize", {"headers": KEY}, 422, "not-supported"),
    ("GET", "/fhir/R4/$summarize?patient=1", {"headers": KEY}, 422, "not-supported"),
    ("PUT", "/fhir/R4/$summarize", {"headers": KEY, "json": BODY}, 405, "not-supported"),
    ("DELETE", "/fhir/R4/metadata", {}, 405, "not-supported"),
    ("POST", "/fhir/R4/OperationDefinition/Summarize", {"headers": KEY, "json": BODY}, 405, "not-supported"),
    ("GET", "/fhir/R4/Patient/1", {"headers": KEY}, 404, "not-supported"),
    ("GET", "/fhir/R4/Patient/$summary", {"headers": KEY}, 404, "not-supported"),
    ("POST", "/fhir/R4", {"headers": KEY, "json": BODY}, 404, "not-supported"),
    ("GET", "/fhir", {}, 404, "not-supported"),
    ("GET", "/fhir/R5/metadata", {}, 404, "not-supported"),
    ("POST", "/fhir/R4B/$summarize", {"headers": KEY, "json": BODY}, 404, "not-supported"),
    ("POST", "/fhir/R44/$summarize", {"headers": KEY, "json": BODY}, 404, "not-supported"),
    ("POST", "/fhir/R4/Encounter/1/$summarize", {"headers": KEY, "json": BODY}, 404, "not-supported"),
]


@on_reactor
async def test_every_failure_is_an_operation_outcome_with_its_status() -> None:
    async with served(SmallPipeline()) as call:
        for method, path, more, status, code in STATUSES:
            answer = await call(method, path, **more)
            outcome = OperationOutcome.model_validate_json(answer.content)
            assert (answer.status_code, outcome.issue[0].code) == (status, code), (method, path)
            assert answer.headers["Content-Type"].startswith("application/fhir+json")
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            if status == 405:
                assert "GET" in answer.headers["Allow"]
            if status == 401:
                assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("kind", "status"),
    [(ErrorKind.THROTTLED, 429), (ErrorKind.BACKEND_UNAVAILABLE, 503), (ErrorKind.FORBIDDEN, 403)],
)
@on_reactor
async def test_what_the_pipeline_refuses_reaches_the_caller(kind: ErrorKind, status: int) -> None:
    async with served(SmallPipeline(failure=GatewayError(kind, retry_after_s=9))) as call:
        answer = await call("POST", "/fhir/R4/$summarize", headers=KEY, json=BODY)
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("9" if status in (429, 503) else None)


@on_reactor
async def test_descriptions_need_no_key_and_no_pipeline() -> None:
    pipeline = SmallPipeline()
    async with served(pipeline) as call:
        statement = await call("GET", "/fhir/R4/metadata")
        known = await call("GET", "/fhir/R4/metadata", headers={"If-None-Match": statement.headers["ETag"]})
        head = await call("HEAD", "/fhir/R4/metadata")
        named = json.loads(statement.content)["rest"][0]["operation"][0]["definition"]
        definition = await call("GET", named.removeprefix("http://gateway.example:8080"))
        current = await call("GET", "/fhir/R4/OperationDefinition/Summarize")
        versions = await call("GET", "/fhir/R4/$versions")
    CapabilityStatement.model_validate_json(statement.content)
    assert (known.status_code, known.content) == (304, b"")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == statement.headers["Content-Length"]
    assert definition.json()["code"] == "summarize"
    assert current.content == definition.content
    assert versions.json()["resourceType"] == "Parameters"
    assert not pipeline.seen


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/fhir/R4/$summarize", "POST, GET, HEAD, OPTIONS"), ("/fhir/R4/metadata", "GET, HEAD, OPTIONS")],
)
@on_reactor
async def test_browsers_may_ask_what_is_allowed(path: str, allowed: str) -> None:
    preflight = {"Origin": "http://app.example", "Access-Control-Request-Method": "POST"}
    async with served(SmallPipeline()) as call:
        answer = await call("OPTIONS", path, headers=preflight)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Methods"]) == (204, allowed)
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@on_reactor
async def test_the_message_is_handed_over_whole() -> None:
    pipeline = SmallPipeline()
    async with served(pipeline) as call:
        query = "?audience=patient&_format=application/fhir%2Bjson"
        await call("POST", f"/fhir/R4/Patient/a-1/$summarize{query}", headers=KEY, json=BODY)
    (message,) = pipeline.seen
    assert (message.method, message.base, message.target) == ("POST", "/fhir/R4", "Patient/a-1/$summarize")
    assert message.query == (("audience", "patient"), ("_format", "application/fhir+json"))
    assert json.loads(message.body) == BODY


@on_reactor
async def test_a_head_of_the_operation_is_answered_without_a_body() -> None:
    async with served(SmallPipeline()) as call:
        answer = await call("HEAD", "/fhir/R4/$summarize", headers=KEY)
    assert (answer.status_code, answer.content) == (400, b"")
