"""The SOAP listener on real sockets, called by zeep and by hand."""

import asyncio
import contextlib
import gzip
import http.client
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import count
from typing import Any

import pytest
import requests
from lxml import etree
from twisted.internet import reactor
from twisted.web.resource import Resource
from zeep import Client, Settings
from zeep.exceptions import Fault
from zeep.helpers import serialize_object
from zeep.plugins import HistoryPlugin
from zeep.wsse.username import UsernameToken

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import InboundMessage, Reply, Wish
from listeners.http_exchange import CappedSite
from listeners.reception import Reception
from listeners.soap_http import SERVICES, soap_resource
from tests.on_reactor import on_reactor
from tests.shared_data import shared_data
from tests.translators.soap.exchange import (
    ADT,
    DOCUMENT,
    IDENTITY,
    NOW,
    QUERY,
    V11,
    V12,
    SmallHl7v2,
    echo_body,
    envelope,
    exchange,
    read_document,
    read_segments,
    submission_body,
    summarize_body,
    with_summary,
)
from translators.attachments import CDA, ER7, Attachments
from translators.soap import names
from translators.soap.services import SERVICES as TRANSLATED
from translators.soap.translator import SoapTranslator

MOST_BYTES = 200_000


@dataclass
class SmallPipeline:
    """Takes messages to the translator and answers each with the same summary; asks for a key or a login."""

    translator: SoapTranslator
    key: str = "demo"
    failure: GatewayError | None = None

    async def handle(self, message: InboundMessage) -> Reply:
        try:
            opened = self.translator.open(message)
        except GatewayError:
            return exchange(message, self.translator)
        claims = opened.claims
        known = self.key in (claims.api_key, claims.password) or opened.wish is Wish.ECHO
        error = self.failure if known else GatewayError(ErrorKind.UNAUTHENTICATED)
        if error is not None:
            return self.translator.to_error(message, opened, error, NOW)
        return exchange(message, self.translator)

    def refuse(self, message: InboundMessage, error: GatewayError) -> Reply:
        return self.translator.to_error(message, None, error, NOW)


@dataclass
class Gateway:
    port: int
    pipeline: SmallPipeline

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.port}/soap/{service}"

    def client(self, service: str, **options: Any) -> Client:
        """A zeep client made of nothing but `?wsdl`, with the API key in its HTTP header."""
        client = Client(f"{self.url(service)}?wsdl", settings=Settings(strict=True), **options)
        client.transport.session.headers["Authorization"] = "Bearer demo"
        return client

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()

    def post(self, service: str, body: str, version=V12, **headers: str) -> tuple[int, dict[str, str], bytes]:
        sent = {"Content-Type": version.content_type, "Authorization": "Bearer demo"} | headers
        return self.ask("POST", f"/soap/{service}", body.encode(), sent)


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Gateway]:
    ids = count()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(50)
    listening.setblocking(False)
    number = listening.getsockname()[1]
    identity = replace(IDENTITY, public_url=f"http://127.0.0.1:{number}")
    attachments = Attachments({CDA: read_document, ER7: read_segments})
    translator = SoapTranslator(identity, SmallHl7v2(), attachments, with_summary)
    pipeline = SmallPipeline(translator)
    reception = Reception(
        "web", pipeline.handle, pipeline.refuse, lambda: f"01JPGATEWAY{next(ids):07}", lambda: NOW
    )
    root = Resource()
    root.putChild(b"soap", soap_resource(reception, translator.describe))
    site = CappedSite(root, reactor, max_body_bytes=MOST_BYTES)
    port = reactor.adoptStreamPort(listening.fileno(), socket.AF_INET, site)
    listening.close()
    try:
        yield Gateway(number, pipeline)
    finally:
        await port.stopListening().asFuture(asyncio.get_running_loop())


def served(test: Callable[[Gateway], None]) -> Callable[[], None]:
    """The test runs on a thread of its own, so that it may block as clients do."""

    async def run() -> None:
        async with serving() as gateway:
            await asyncio.to_thread(test, gateway)

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return on_reactor(run)


def both_ports(client: Client) -> list[Any]:
    return [client.bind("SummarizeService", name) for name in ("SummarizerSoap11", "SummarizerSoap12")]


@served
def test_zeep_summarizes_over_both_versions(gateway):
    client = gateway.client("summarize")
    for port in both_ports(client):
        answer = port.Summarize(
            document=[{"_value_1": DOCUMENT, "mediaType": CDA, "title": "Discharge"}],
            note=[{"_value_1": "feels well"}],
            purpose="discharge",
            maxLength=500,
        )
        assert answer.notice.startswith("AI-generated")
        assert answer.statement[0].evidence == ["note[1]"] and answer.statement[0].section == "allergies"
        assert answer.text._value_1.split("\n")[1].startswith("No known allergies & no <others>")
        assert answer.model.served == "extractive-1" and answer.unread[0].reason == "binary"


@served
def test_zeep_reads_faults_with_code_and_detail_in_both_versions(gateway):
    client = gateway.client("summarize")
    for port, code in zip(both_ports(client), ("soap:Client", "soap:Sender"), strict=True):
        with pytest.raises(Fault) as caught:
            port.Summarize(document=[{"_value_1": b"<broken", "mediaType": CDA}])
        assert caught.value.code == code
        detail = client.wsdl.types.deserialize(caught.value.detail[0])
        assert serialize_object(detail, dict) == {
            "Code": "no-clinical-content",
            "Reason": "The document cannot be read as the media type that it declares",
            "Location": "/Envelope/Body/Summarize/document[1]",
            "Retry": "AfterCorrection",
            "Incident": detail.Incident,
        }
        assert detail.Incident.startswith("01JPGATEWAY")


@served
def test_zeep_hears_of_wrong_credentials_and_of_trouble_that_passes(gateway):
    client = gateway.client("summarize")
    client.transport.session.headers["Authorization"] = "Bearer wrong"
    in_11, in_12 = both_ports(client)
    with pytest.raises(Fault) as caught:
        in_11.Summarize(note=[{"_value_1": "x"}])
    assert caught.value.code == "wsse:FailedAuthentication"
    with pytest.raises(Fault) as caught:
        in_12.Summarize(note=[{"_value_1": "x"}])
    assert caught.value.code == "soap:Sender"
    assert [code.localname for code in caught.value.subcodes] == ["FailedAuthentication"]
    client.transport.session.headers["Authorization"] = "Bearer demo"
    gateway.pipeline.failure = GatewayError(ErrorKind.BACKEND_TIMEOUT)
    with pytest.raises(Fault) as caught:
        in_12.Summarize(note=[{"_value_1": "x"}])
    assert caught.value.code == "soap:Receiver"


@served
def test_zeep_may_say_who_it_is_by_username_token(gateway):
    client = Client(f"{gateway.url('summarize')}?wsdl", wsse=UsernameToken("any", "demo"))
    for port in both_ports(client):
        assert port.Summarize(note=[{"_value_1": "x"}]).requestId
    refused = Client(f"{gateway.url('summarize')}?wsdl", wsse=UsernameToken("any", "demo", use_digest=True))
    with pytest.raises(Fault) as caught:
        refused.service.Summarize(note=[{"_value_1": "x"}])
    assert caught.value.code == "wsse:InvalidSecurity"  # made today, which is far from the test's clock


@served
def test_zeep_addresses_its_calls_as_the_wsdl_asks_and_the_answers_relate_to_them(gateway):
    kept = HistoryPlugin()
    client = gateway.client("summarize", plugins=[kept])
    for port in both_ports(client):
        assert port.Summarize(note=[{"_value_1": "x"}]).requestId
        sent, received = kept.last_sent["envelope"], kept.last_received["envelope"]
        message_id = sent.findtext(f".//{{{names.WSA_2005}}}MessageID")
        assert message_id and received.findtext(f".//{{{names.WSA_2005}}}RelatesTo") == message_id


@served
def test_zeep_tests_the_connection_and_submits_messages_as_every_us_ehr_does(gateway):
    client = Client(f"{gateway.url('iis')}?wsdl")
    assert client.service.connectivityTest(echoBack="Hello\rworld") == "Hello\rworld"
    login = {"username": "any", "password": "demo", "facilityID": "F"}
    ack = client.service.submitSingleMessage(**login, hl7Message=ADT)
    assert ack.split("\r")[1] == "MSA|AA|C1" and "\n" not in ack
    summary = client.service.submitSingleMessage(**login, hl7Message=QUERY)
    assert "DSP|1||No known allergies & no <others>\r" in summary


@served
def test_zeep_reads_the_faults_of_the_cdc_wsdl(gateway):
    client = Client(f"{gateway.url('iis')}?wsdl")
    for hl7, password, name in (
        (ADT, "wrong", "SecurityFault"),
        (ADT + ADT, "demo", "MessageTooLargeFault"),
        ("hello", "demo", "fault"),
    ):
        with pytest.raises(Fault) as caught:
            client.service.submitSingleMessage(
                username="u", password=password, facilityID="F", hl7Message=hl7
            )
        detail = caught.value.detail[0]
        assert etree.QName(detail).localname == name
        assert client.wsdl.types.deserialize(detail).Code > 99


@served
def test_zeep_sends_a_note_and_gets_it_back_with_its_summary(gateway):
    client = gateway.client("notereader")
    result = client.service.ProcessDocument(
        SessionID="s", WorkType="2", OrganizationID="o", Document=DOCUMENT
    )
    assert result.Error is None
    assert b"AI-generated" in result.Document and b"No known allergies" in result.Document
    gateway.pipeline.failure = GatewayError(ErrorKind.BACKEND_TIMEOUT)
    result = client.service.ProcessDocument(SessionID="s", Document=DOCUMENT)
    assert result.Document is None and "did not answer in time" in result.Error
    gateway.pipeline.failure = None
    with pytest.raises(Fault) as caught:
        client.service.ProcessDocument(SessionID="s", Document=b"plain text")
    assert client.wsdl.types.deserialize(caught.value.detail[0]).Type == "Malformed"


@served
def test_clients_made_from_the_wsdls_of_cdc_and_epic_call_these_services(gateway):
    theirs = shared_data("wsdl")
    schema = (theirs / "cdc-iis/schema/cdc-iis-2011.xsd").as_uri()
    wsdl = (theirs / "cdc-iis/wsdl/cdc-iis-2011.wsdl").read_text()
    wsdl = wsdl.replace("/dev/IISService?xsd=cdc-iis-2011.xsd", schema)
    client = Client(BytesIO(wsdl.encode()))
    service = client.create_service("{urn:cdc:iisb:2011}client_Binding_Soap12", gateway.url("iis"))
    assert service.connectivityTest("Hello") == "Hello"
    assert "MSA|AA|C1" in service.submitSingleMessage("u", "demo", "F", ADT)
    with pytest.raises(Fault):
        service.submitSingleMessage("u", "wrong", "F", ADT)

    wsdl = (theirs / "epic-notereader/epic_service.wsdl").read_bytes()
    client = Client(BytesIO(wsdl))
    client.transport.session.headers["Authorization"] = "Bearer demo"
    service = client.create_service(f"{{{names.NOTEREADER}}}ICDSServices", gateway.url("notereader"))
    assert b"AI-generated" in service.ProcessDocument("s", "2", "o", DOCUMENT).Document


@served
def test_services_described_in_one_version_answer_the_other_in_kind(gateway):
    for service, body in (("iis", echo_body()), ("iis", submission_body(ADT))):
        status, headers, content = gateway.post(service, envelope(V11, body), V11)
        assert (status, headers["content-type"]) == (200, V11.content_type)
        assert names.SOAP_11.encode() in content
    coded = f'<ProcessDocument xmlns="{names.NOTEREADER}"><Document>PGE+</Document></ProcessDocument>'
    status, headers, _ = gateway.post("notereader", envelope(V12, coded), V12)
    assert (status, headers["content-type"]) == (400, V12.content_type)


@served
def test_every_description_is_served_with_everything_that_it_imports(gateway):
    for service in SERVICES:
        status, headers, wsdl = gateway.ask(
            "GET", f"/soap/{service}?WSDL", headers={"Host": "attacker.example"}
        )
        assert status == 200 and headers["content-type"] == "text/xml; charset=utf-8"
        assert b"attacker" not in wsdl
        imports = etree.fromstring(wsdl).iter("{http://www.w3.org/2001/XMLSchema}import")
        locations = [imported.get("schemaLocation") for imported in imports]
        assert locations
        for location in locations:
            assert etree.XMLSchema(etree.fromstring(requests.get(location, timeout=5).content))


@served
def test_head_is_a_get_without_its_body(gateway):
    status, headers, body = gateway.ask("HEAD", "/soap/iis?wsdl")
    assert status == 200 and int(headers["content-length"]) > 1000 and body == b""


@served
def test_other_verbs_are_405_and_say_which_are_not(gateway):
    for method in ("PUT", "DELETE", "OPTIONS", "PATCH"):
        status, headers, body = gateway.ask(method, "/soap/iis")
        assert (status, headers["allow"]) == (405, "POST, GET, HEAD")
        assert headers["content-type"].startswith("text/plain") and body


@served
def test_paths_without_a_service_are_404(gateway):
    for path in (
        "/soap",
        "/soap/",
        "/soap/other?wsdl",
        "/soap/iis/more?wsdl",
        "/soap/IIS?wsdl",
        "/soap/%2e%2e/iis",
    ):
        assert gateway.ask("GET", path)[0] == 404, path
    status, headers, body = gateway.ask("POST", "/soap/other", b"<x/>", {"Content-Type": "text/xml"})
    assert (status, headers["content-type"]) == (404, V11.content_type) and b"Fault" in body
    assert gateway.ask("GET", "/soap/iis")[0] == 404
    assert gateway.ask("GET", "/soap/iis?xsd=../iis.wsdl")[0] == 404


@served
def test_a_body_over_the_cap_is_413_in_the_services_own_fault(gateway):
    status, headers, body = gateway.post("iis", envelope(V12, submission_body(ADT + "Z" * MOST_BYTES)))
    assert (status, headers["content-type"]) == (413, V12.content_type)
    assert b"MessageTooLargeFault" in body


@served
def test_a_connection_goes_on_after_a_fault(gateway):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=5)
    with contextlib.closing(connection):
        for body, expected in (("<x/>", 400), (echo_body(), 200), ("<x", 400), (echo_body(), 200)):
            connection.request("POST", "/soap/iis", envelope(V12, body), {"Content-Type": V12.content_type})
            response = connection.getresponse()
            response.read()
            assert response.status == expected


@served
def test_chunked_and_gzipped_bodies_are_taken(gateway):
    body = envelope(V12, echo_body()).encode()
    chunks = (body[at : at + 10] for at in range(0, len(body), 10))
    headers = {"Content-Type": V12.content_type}
    assert requests.post(gateway.url("iis"), data=chunks, headers=headers, timeout=5).status_code == 200
    zipped = gzip.compress(body)
    headers["Content-Encoding"] = "gzip"
    assert requests.post(gateway.url("iis"), data=zipped, headers=headers, timeout=5).status_code == 200
    headers["Content-Encoding"] = "br"
    assert requests.post(gateway.url("iis"), data=zipped, headers=headers, timeout=5).status_code == 415


@served
def test_a_client_that_asks_before_it_sends_is_told_to_go_on(gateway):
    body = envelope(V11, echo_body()).encode()
    head = (
        f"POST /soap/iis HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n"
        "Expect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as client:
        client.sendall(head.encode())
        assert client.recv(100).startswith(b"HTTP/1.1 100")
        client.sendall(body)
        assert client.recv(100).startswith(b"HTTP/1.1 200")


@served
def test_an_addressing_header_that_names_a_place_to_answer_to_is_refused_over_http(gateway):
    header = (
        f'<a:Action xmlns:a="{names.WSA_2005}">urn:ehr-gateway:summarize:1:Summarize</a:Action>'
        f'<a:MessageID xmlns:a="{names.WSA_2005}">urn:1</a:MessageID><a:ReplyTo xmlns:a="{names.WSA_2005}">'
        f"<a:Address>http://127.0.0.1:{gateway.port}/soap/iis</a:Address></a:ReplyTo>"
    )
    status, _, body = gateway.post("summarize", envelope(V12, summarize_body(), header))
    assert status == 400 and b"OnlyAnonymousAddressSupported" in body


def test_the_paths_served_are_those_of_the_services():
    assert {f"/soap/{name}" for name in SERVICES} == set(TRANSLATED)
