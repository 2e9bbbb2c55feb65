"""Versions of `$summarize` itself, from outside: named, pinned, deprecated, refused and moved, in each protocol."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from lxml import etree

from listeners.mllp_framing import FrameReader, framed
from tests.fakes.provider import Fake
from tests.fakes.routes import KINDS
from tests.fakes.script import Behaviour
from tests.on_reactor import on_reactor
from tests.processes import ROOT, Server, gateway

DEMO = "2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea"
CONFIG = """
gateway: {name: GW, public_url: "http://gw.example", data_dir: "DATA"}
listeners:
  - {name: feed, protocol: mllp, bind: "127.0.0.1:0"}
  - {name: web, protocol: http, bind: "127.0.0.1:0", serve: [fhir, soap, metrics]}
partners:
  returned:
    identify: [{sending_application: RETURNED}]
    purpose_of_use: [TREAT]
    return: {mllp: "127.0.0.1:PORT", message: MDM^T02}
  all:
    identify: [{network: 127.0.0.0/8}]
    purpose_of_use: [TREAT]
    hl7v2: {answer: none}
  held:
    identify: [{api_key_sha256: KEY}]
    purpose_of_use: [TREAT]
    operations: {summarize: "2"}
backends:
  builtin: {type: extractive}
models:
  clinical: {default: "1", versions: {"1": {targets: [{backend: builtin}]}}}
operations:
  summarize:
    default: "3"
    versions:
      "0": {deprecated: 2026-01-01, sunset: 2026-06-01, successor: "3", on_sunset: successor}
      "1": {deprecated: 2026-01-01, sunset: 2026-06-01, successor: "3"}
      "2": {deprecated: 2026-01-01, sunset: 2099-06-01, successor: "3", documentation: "https://gw.example/v2"}
      "3": {}
policy:
  rules:
    - {id: treatment, effect: permit, when: {purpose_of_use: [TREAT]}, then: {review: true}}
    - {id: no-letters, effect: forbid, when: {operation_version: ["3"], purpose: [patient-letter]}}
""".replace("KEY", DEMO)
DEPRECATED = (
    "Operation summarize version 2 is deprecated since 2026-01-01 and ends on 2099-06-01;"
    " its successor is version 3."
)
ENDED = "Operation summarize version 1 ended on 2026-06-01; its successor is 3"
MOVED = "Operation summarize version 0 ended on 2026-06-01; version 3 answered instead."
UNKNOWN = "There is no such version of the operation summarize; there are: 3, 2"
PAGE = '<https://gw.example/v2>; rel="deprecation"; type="text/html"'


class Receiver:
    """A partner's end of a return connection: keeps each message and takes it."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.messages: list[str] = []
        self.came = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            reader = FrameReader(max_payload_bytes=1 << 20)
            while received := connection.recv(65536):
                for frame in reader.feed(received):
                    message = frame.payload.decode()
                    self.messages.append(message)
                    control_id = message.split("|")[9]
                    ack = f"MSH|^~\\&|R||GW||2026||ACK|1|P|2.5.1\rMSA|AA|{control_id}\r"
                    connection.sendall(framed(ack.encode()))
                    self.came.set()


@pytest.fixture(scope="module")
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("versions")


@pytest.fixture(scope="module")
def server(folder: Path, receiver: Receiver) -> Iterator[Server]:
    text = CONFIG.replace("PORT", str(receiver.port)).replace("DATA", str(folder / "data"))
    (folder / "gateway.yaml").write_text(text)
    with gateway(folder / "gateway.yaml", folder / "data") as running:
        yield running


def send(
    server: Server, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=30)
    connection.request(method, path, body, dict(headers or {}))
    response = connection.getresponse()
    return response, response.read()


def summarized(
    server: Server, query: str = "", parameters: Mapping[str, str] | None = None, key: str = ""
) -> tuple[HTTPResponse, Any]:
    """A FHIR call with the sample bundle."""
    bundle = json.loads((ROOT / "samples/fhir/patient_bundle.json").read_text())
    given = [{"name": name, "valueString": value} for name, value in (parameters or {}).items()]
    asked = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": bundle}, *given]}
    headers = {"Content-Type": "application/fhir+json"} | ({"X-API-Key": key} if key else {})
    response, answer = send(
        server, "POST", f"/fhir/R4/$summarize{query}", json.dumps(asked).encode(), headers
    )
    return response, json.loads(answer)


def lives_of(response: HTTPResponse) -> dict[str, str]:
    return {name: value for name, value in response.getheaders() if name in ("Deprecation", "Sunset", "Link")}


def said_in(bundle: Any) -> list[tuple[str, str]]:
    """Code and text of each issue of the document's OperationOutcome."""
    outcomes = [
        each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == "OperationOutcome"
    ]
    return [
        (issue["details"]["coding"][0]["code"], issue["details"]["text"])
        for outcome in outcomes
        for issue in outcome["issue"]
    ]


def test_over_fhir_the_default_answers_and_says_nothing_of_its_life(server: Server) -> None:
    response, bundle = summarized(server)
    assert response.status == 200, bundle
    assert lives_of(response) == {}
    assert [code for code, _ in said_in(bundle)] == ["review-required"]
    (provenance,) = [
        each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == "Provenance"
    ]
    assert "http://gw.example/fhir/R4/OperationDefinition/Summarize|3" in provenance["policy"]


@pytest.mark.parametrize("way", ["parameter", "query", "pin"])
def test_over_fhir_a_deprecated_version_works_and_warns(server: Server, way: str) -> None:
    response, bundle = {
        "parameter": lambda: summarized(server, parameters={"operationVersion": "2"}),
        "query": lambda: summarized(server, "?operationVersion=2"),
        "pin": lambda: summarized(server, key="demo"),
    }[way]()
    assert response.status == 200, bundle
    assert lives_of(response) == {
        "Deprecation": "@1767225600",
        "Sunset": "Mon, 01 Jun 2099 00:00:00 GMT",
        "Link": f'</fhir/R4/$summarize?operationVersion=3>; rel="successor-version", {PAGE}',
    }
    assert said_in(bundle)[0] == ("operation-deprecated", DEPRECATED)


def test_whoever_is_held_at_a_version_may_name_another(server: Server) -> None:
    response, _ = summarized(server, "?operationVersion=3", key="demo")
    assert response.status == 200
    assert lives_of(response) == {}


def test_over_fhir_an_ended_version_is_gone_and_its_successor_named(server: Server) -> None:
    response, outcome = summarized(server, parameters={"operationVersion": "1"})
    assert response.status == 410
    (issue,) = outcome["issue"]
    assert issue["details"]["coding"][0]["code"] == "version-ended"
    assert issue["details"]["text"] == ENDED
    link = lives_of(response)["Link"]
    assert link == '</fhir/R4/$summarize?operationVersion=3>; rel="successor-version"'
    body = (ROOT / "samples/fhir/patient_bundle.json").read_bytes()
    address = link.partition(">")[0].removeprefix("<")
    followed, _ = send(server, "POST", address, body, {"Content-Type": "application/fhir+json"})
    assert followed.status == 200


def test_over_fhir_a_version_may_move_on_to_its_successor(server: Server) -> None:
    response, bundle = summarized(server, parameters={"operationVersion": "0"})
    assert response.status == 200, bundle
    assert said_in(bundle)[0] == ("operation-moved", MOVED)
    assert lives_of(response)["Sunset"] == "Mon, 01 Jun 2026 00:00:00 GMT"


def test_over_fhir_a_version_that_nobody_knows_is_refused(server: Server) -> None:
    response, outcome = summarized(server, parameters={"operationVersion": "9"})
    assert response.status == 400
    assert outcome["issue"][0]["details"]["text"] == UNKNOWN


def test_rules_see_the_version(server: Server) -> None:
    assert summarized(server, parameters={"purpose": "patient-letter"})[0].status == 403
    asked = {"purpose": "patient-letter", "operationVersion": "2"}
    assert summarized(server, parameters=asked)[0].status == 200


def test_the_statement_lists_the_versions_and_each_has_its_definition(server: Server) -> None:
    _, body = send(server, "GET", "/fhir/R4/metadata")
    operations = json.loads(body)["rest"][0]["operation"]
    assert [each["definition"].partition("|")[2] for each in operations] == ["3", "2"]
    assert operations[1]["documentation"] == DEPRECATED
    response, body = send(server, "GET", "/fhir/R4/OperationDefinition/Summarize-1")
    definition = json.loads(body)
    assert (response.status, definition["version"], definition["status"]) == (200, "1", "retired")


def soap_call(server: Server, sample: str, version: str = "", key: str = "") -> tuple[HTTPResponse, Any]:
    envelope = etree.parse(ROOT / "samples/soap" / f"{sample}.xml")
    service = "notereader" if sample.startswith("notereader") else "summarize"
    if version:
        wanted = envelope.find("{*}Body/{*}Summarize")
        etree.SubElement(wanted, "{urn:ehr-gateway:summarize:1}operationVersion").text = version
    for message_id in envelope.iterfind("{*}Header/{*}MessageID"):
        message_id.text = f"urn:uuid:{uuid4()}"  # not a resend
    media = "text/xml" if sample.endswith("11") else "application/soap+xml"
    headers = {"Content-Type": media} | ({"X-API-Key": key} if key else {})
    body = etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)
    response, answer = send(server, "POST", f"/soap/{service}", body, headers)
    return response, etree.fromstring(answer)


def soap_notices(answer: Any) -> list[tuple[str, str]]:
    found = answer.findall("{*}Header/{urn:ehr-gateway:policy:1}Notice")
    return [(each.get("code"), each.text) for each in found]


@pytest.mark.parametrize("envelope", ["11", "12"])
def test_over_soap_a_deprecated_version_works_and_warns(server: Server, envelope: str) -> None:
    response, answer = soap_call(server, f"summarize_{envelope}", "2")
    assert response.status == 200, etree.tostring(answer)
    assert answer.find(".//{*}SummarizeResponse").get("operationVersion") == "2"
    assert soap_notices(answer)[0] == ("operation-deprecated", DEPRECATED)
    assert lives_of(response)["Link"] == (
        f'<urn:ehr-gateway:operation:summarize:3>; rel="successor-version", {PAGE}'
    )


@pytest.mark.parametrize(("envelope", "status"), [("11", 500), ("12", 400)])
def test_over_soap_an_ended_version_is_a_fault_that_names_its_successor(
    server: Server, envelope: str, status: int
) -> None:
    response, answer = soap_call(server, f"summarize_{envelope}", "1")
    assert response.status == status
    detail = answer.find(".//{urn:ehr-gateway:summarize:1}SummarizeFault")
    assert [detail.findtext(f"{{*}}{name}") for name in ("Code", "Reason", "Retry")] == [
        "version-ended",
        ENDED,
        "AfterCorrection",
    ]


def test_over_soap_a_version_may_move_on_and_the_default_is_quiet(server: Server) -> None:
    _, answer = soap_call(server, "summarize_12", "0")
    assert answer.find(".//{*}SummarizeResponse").get("operationVersion") == "3"
    assert soap_notices(answer)[0] == ("operation-moved", MOVED)
    _, answer = soap_call(server, "summarize_12", "3")
    assert [code for code, _ in soap_notices(answer)] == ["review-required"]
    response, answer = soap_call(server, "summarize_12", "9")
    assert (response.status, answer.findtext(".//{*}SummarizeFault/{*}Reason")) == (400, UNKNOWN)


def test_the_contract_of_notereader_has_no_place_for_a_version_so_its_caller_is_held_at_one(
    server: Server,
) -> None:
    response, answer = soap_call(server, "notereader_process_document", key="demo")
    assert response.status == 200
    assert soap_notices(answer)[0] == ("operation-deprecated", DEPRECATED)


@pytest.mark.parametrize(("version", "code"), [("2", "AA"), ("1", "AR"), ("9", "AR")])
def test_over_iis_the_carried_message_names_the_version_and_is_answered_in_its_own_form(
    server: Server, version: str, code: str
) -> None:
    body = (ROOT / "samples/soap/iis_submit_single_message.xml").read_text()
    body = body.replace("Z22^CDCPHINVS", f"Z22^CDCPHINVS~summarize-{version}^EHR-GATEWAY")
    body = body.replace("VP-26-061200003", f"VP-{version}")
    body = body.replace("<username>demo</username>", "").replace("<password>demo</password>", "")
    media = {"Content-Type": "application/soap+xml"}
    response, answer = send(server, "POST", "/soap/iis", body.encode(), media)
    er7 = etree.fromstring(answer).findtext(".//{*}submitSingleMessageResponse/{*}return").split("\r")
    assert er7[1].startswith(f"MSA|{code}|VP-{version}")
    assert ("Sunset" in lives_of(response)) is (version != "9")
    if code == "AR":
        assert er7[2].split("|")[8] == (ENDED if version == "1" else UNKNOWN)


def test_the_wsdl_names_the_versions(server: Server) -> None:
    _, body = send(server, "GET", "/soap/summarize?wsdl")
    said = etree.fromstring(body).findtext("{*}documentation")
    assert said.endswith(f"Versions of the operation: 3 (default), 2. {DEPRECATED}")


def hl7(sample: str, version: str, **fields: str) -> bytes:
    """A sample whose header names this version of ours in MSH-21, beside a profile of somebody else."""
    lines = (ROOT / "samples/hl7v2" / f"{sample}.hl7").read_text().splitlines()
    header = lines[0].split("|")
    header += [""] * (21 - len(header))
    header[20] = f"Z22^CDCPHINVS~summarize-{version}^EHR-GATEWAY" if version else ""
    header[9] = f"{version or 'none'}-{sample[:3]}"
    header[2] = fields.get("application", header[2])
    header[11] = fields.get("release", header[11])
    return "\r".join(["|".join(header), *lines[1:], ""]).encode()


def exchange(server: Server, payload: bytes) -> list[str]:
    with socket.create_connection(("127.0.0.1", server.ports["feed"]), 30) as connection:
        connection.sendall(framed(payload))
        reader = FrameReader(max_payload_bytes=1 << 20)
        while True:
            for frame in reader.feed(connection.recv(65536)):
                return frame.payload.decode().rstrip("\r").split("\r")


def displayed(answer: list[str]) -> str:
    return " ".join(line.split("|")[3].strip() for line in answer if line.startswith("DSP"))


def test_over_mllp_a_deprecated_version_works_and_a_query_warns(server: Server) -> None:
    assert exchange(server, hl7("adt_a03_discharge", "2"))[1].startswith("MSA|AA|")
    assert f"Notice: {DEPRECATED}" in displayed(exchange(server, hl7("qbp_q15_query", "2")))
    of_default = displayed(exchange(server, hl7("qbp_q15_query", "")))
    assert "AI-generated" in of_default
    assert "Operation summarize" not in of_default
    moved = displayed(exchange(server, hl7("qbp_q15_query", "0")))
    assert f"Notice: {MOVED}" in moved


@pytest.mark.parametrize("sample", ["adt_a03_discharge", "qbp_q15_query"])
@pytest.mark.parametrize(
    ("version", "condition", "kind", "said"),
    [("1", "207", "version-ended", ENDED), ("9", "203", "unsupported-version", UNKNOWN)],
)
def test_over_mllp_an_ended_or_unknown_version_is_refused_in_words(
    server: Server, sample: str, version: str, condition: str, kind: str, said: str
) -> None:
    answer = exchange(server, hl7(sample, version))
    assert answer[1].startswith(f"MSA|AR|{version}-{sample[:3]}|{said}")
    error = answer[2].split("|")
    assert error[0] == "ERR"
    assert error[2] == "MSH^1^21"
    assert error[3].startswith(condition)
    assert error[5].startswith(kind)
    assert error[8] == said


@pytest.mark.parametrize(("release", "has_comment"), [("2.5.1", True), ("2.4", False)])
def test_a_returned_document_carries_it_as_a_comment_where_its_structure_has_one(
    server: Server, receiver: Receiver, release: str, has_comment: bool
) -> None:
    receiver.came.clear()
    exchange(server, hl7("adt_a03_discharge", "2", application="RETURNED", release=release))
    assert receiver.came.wait(30)
    segments = [line.split("|") for line in receiver.messages[-1].rstrip("\r").split("\r")]
    comments = [each for each in segments if each[0] == "NTE"]
    lines = " ".join(each[5].strip() for each in segments if each[0] == "OBX")
    if has_comment:
        comment = ["NTE", "1", "O", DEPRECATED, "RE^Remark^HL70364^operation-deprecated^^L"]
        assert comments == [comment]
        assert segments[-1] == comment
        assert DEPRECATED not in lines
    else:
        assert comments == []
        assert f"Notice: {DEPRECATED}" in lines
    # What is for the reader stays where readers look.
    assert "Policy requires that a clinician reviews this summary" in lines


def test_who_uses_which_version_is_counted_and_audited(server: Server, folder: Path) -> None:
    summarized(server, key="demo")
    _, metrics = send(server, "GET", "/metrics")
    assert b'ehr_gateway_operation_version_total{partner="held",version="2"}' in metrics
    command = [sys.executable, "-m", "gateway", "audit", "export", "--config", str(folder / "gateway.yaml")]
    exported = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert '{"type": "operation_version", "valueString": "2"}' in exported


@on_reactor
async def test_a_version_holds_models_to_the_instructions_that_it_names(tmp_path: Path) -> None:
    """What was validated with one wording of the prompt stays so when the gateway brings another."""
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(Fake(KINDS["openai"].make()))
        said = {"section": "overview", "text": "Nothing.", "evidence": ["E1"]}
        fake.script.otherwise = Behaviour(text=json.dumps({"statements": [said]}))
        settings = yaml.safe_load(CONFIG.replace("PORT", "1").replace("DATA", str(tmp_path / "data")))
        settings["backends"] = {"ward": KINDS["openai"].settings(fake.url, "k") | {"on_premises": True}}
        settings["models"]["clinical"]["versions"]["1"]["targets"] = [{"backend": "ward"}]
        settings["operations"]["summarize"]["versions"]["2"]["prompt"] = "1"
        config = tmp_path / "gateway.yaml"
        config.write_text(yaml.safe_dump(settings))
        server = stack.enter_context(gateway(config, tmp_path / "data"))
        for version in ("2", "3"):
            query = f"?operationVersion={version}"
            response, answer = await asyncio.to_thread(summarized, server, query)
            assert response.status == 200, answer
    first, second = (json.dumps(asked.ask.body) for asked in fake.asked)
    assert "Potassium to be repeated today" in first
    assert "Potassium to be repeated today" not in second
    assert "<what is to be done>" in second
