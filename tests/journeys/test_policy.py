"""What policy says reaches whoever asked, in each protocol, through a running gateway."""

import json
import socket
from base64 import b64decode
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest
from lxml import etree

from gateway.settings import parse
from listeners.mllp_framing import FrameReader, framed
from tests.processes import ROOT, Server, gateway

CONFIG = """
gateway: {name: GW}
listeners:
  - {name: feed, protocol: mllp, bind: "127.0.0.1:0"}
  - {name: web, protocol: http, bind: "127.0.0.1:0", serve: [fhir, soap, metrics]}
partners:
  all:
    identify: [{network: 127.0.0.0/8}]
    purpose_of_use: [TREAT, HPAYMT]
    hl7v2: {answer: none}
    models: {clinical: "2"}
backends:
  builtin: {type: extractive}
models:
  clinical:
    default: "3"
    versions:
      "1": {targets: [{backend: builtin}], deprecated: 2026-01-01, sunset: 2026-06-01, successor: "3"}
      "2": {targets: [{backend: builtin}], deprecated: 2026-01-01, sunset: 2099-06-01, successor: "3"}
      "3": {targets: [{backend: builtin}]}
policy:
  rules:
    - {id: treatment, effect: permit, when: {purpose_of_use: [TREAT]}, then: {notice: "Care team only.", review: true}}
    - {id: payment, effect: permit, when: {purpose_of_use: [HPAYMT]}}
    - {id: soon, effect: forbid, shadow: true, when: {protocol: [fhir]}}
"""
DEPRECATED = "Model clinical version 2 is deprecated since 2026-01-01 and ends on 2099-06-01; its successor is version 3."
NOTICES = [
    ("model-deprecated", DEPRECATED),
    ("review-required", "Policy requires that a clinician reviews this summary before it is used."),
    ("policy-notice", "Care team only."),
]
LIFE = {"Deprecation": "@1767225600", "Sunset": "Mon, 01 Jun 2099 00:00:00 GMT"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("policy")
    (folder / "gateway.yaml").write_text(CONFIG)
    with gateway(folder / "gateway.yaml", folder / "data") as running:
        yield running


def post(server: Server, path: str, body: bytes, media_type: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=30)
    connection.request("POST", path, body, {"Content-Type": media_type})
    response = connection.getresponse()
    return response, response.read()


def summarized(server: Server, **parameters: str) -> tuple[HTTPResponse, dict[str, object]]:
    """A FHIR call with the sample bundle and these parameters."""
    bundle = json.loads((ROOT / "samples/fhir/patient_bundle.json").read_text())
    given = [
        {"name": name, "valueCoding": {"code": value}}
        if name == "purposeOfUse"
        else {"name": name, "valueString": value}
        for name, value in parameters.items()
    ]
    asked = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": bundle}, *given]}
    body = json.dumps(asked).encode()
    response, answer = post(server, "/fhir/R4/$summarize", body, "application/fhir+json")
    return response, json.loads(answer)


def test_over_fhir_it_stands_in_headers_and_in_an_outcome_of_the_document(server: Server) -> None:
    response, bundle = summarized(server)
    assert response.status == 200, bundle
    assert LIFE.items() <= dict(response.getheaders()).items()
    assert response.getheader("Link") == '</fhir/R4/$summarize?model=clinical%403>; rel="successor-version"'
    assert len(response.getheader("X-Policy-Revision", "")) == 12
    resources = {each["resource"]["resourceType"]: each for each in bundle["entry"]}
    issues = resources["OperationOutcome"]["resource"]["issue"]
    said = [(each["details"]["coding"][0]["code"], each["details"]["text"]) for each in issues]
    assert said == NOTICES
    sections = resources["Composition"]["resource"]["section"]
    [leads] = [each for each in sections if each["title"] == "Notices"]
    assert leads["entry"] == [{"reference": resources["OperationOutcome"]["fullUrl"]}]
    assert DEPRECATED in leads["text"]["div"]


def test_a_version_asked_for_by_its_name_is_given_and_one_that_lives_says_nothing(server: Server) -> None:
    response, _ = summarized(server, model="clinical@3")
    assert response.status == 200
    assert not {"Deprecation", "Sunset", "Link"} & dict(response.getheaders()).keys()


def test_a_version_that_has_ended_is_refused_and_its_successor_named(server: Server) -> None:
    response, outcome = summarized(server, model="clinical@1")
    assert response.status == 410
    assert "ended on 2026-06-01; its successor is 3" in json.dumps(outcome)
    assert response.getheader("Sunset") == "Mon, 01 Jun 2026 00:00:00 GMT"
    assert response.getheader("X-Policy-Revision")


@pytest.mark.parametrize("version", ["11", "12"])
def test_over_soap_it_stands_in_headers_of_both_kinds(server: Server, version: str) -> None:
    body = (ROOT / f"samples/soap/summarize_{version}.xml").read_bytes()
    media = "text/xml" if version == "11" else "application/soap+xml"
    response, answer = post(server, "/soap/summarize", body, media)
    assert response.status == 200, answer
    assert LIFE.items() <= dict(response.getheaders()).items()
    assert response.getheader("Link") == '<urn:ehr-gateway:model:clinical:3>; rel="successor-version"'
    notices = etree.fromstring(answer).findall("{*}Header/{urn:ehr-gateway:policy:1}Notice")
    assert [(each.get("code"), each.text) for each in notices] == NOTICES


def test_in_a_cda_document_it_stands_in_the_section_of_the_summary(server: Server) -> None:
    body = (ROOT / "samples/soap/notereader_process_document.xml").read_bytes()
    _, answer = post(server, "/soap/notereader", body, "application/soap+xml")
    document = b64decode(etree.fromstring(answer).findtext(".//{*}Document"))
    assert DEPRECATED.encode() in document
    assert b"Care team only." in document


def test_over_mllp_it_stands_in_the_lines_of_the_answer(server: Server) -> None:
    def exchange(sample: str) -> str:
        payload = (ROOT / "samples/hl7v2" / sample).read_bytes().replace(b"\n", b"\r")
        with socket.create_connection(("127.0.0.1", server.ports["feed"]), 30) as connection:
            connection.sendall(framed(payload))
            reader = FrameReader(max_payload_bytes=1 << 20)
            while True:
                for frame in reader.feed(connection.recv(65536)):
                    return frame.payload.decode()

    assert "MSA|AA" in exchange("adt_a03_discharge.hl7")
    shown = exchange("qbp_q15_query.hl7")
    said = " ".join(line.split("|")[3].strip() for line in shown.split("\r") if line.startswith("DSP"))
    for _, text in NOTICES:
        assert f"Notice: {text}" in said


def test_for_payment_a_model_reads_less_and_the_answer_says_so(server: Server) -> None:
    response, bundle = summarized(server, purposeOfUse="HPAYMT", model="clinical@3")
    assert response.status == 200, bundle
    said = json.dumps(bundle)
    assert "Withheld from the model, as more than its purpose needs: " in said
    sections = {each["title"] for each in bundle["entry"][0]["resource"]["section"]}
    assert "Problems" in sections
    assert not {"Results", "From the notes", "Allergies and intolerances"} & sections


def test_a_shadow_rule_is_counted_and_refuses_nobody(server: Server) -> None:
    assert summarized(server)[0].status == 200
    connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=30)
    connection.request("GET", "/metrics")
    metrics = connection.getresponse().read().decode()
    assert 'ehr_gateway_shadow_rules_total{effect="forbid",rule="soon",would_change="yes"}' in metrics


def test_the_file_of_these_tests_is_usable() -> None:
    assert not [each for each in parse(CONFIG, {})[1] if "policy" in each.path]


def test_the_link_of_a_deprecated_version_leads_to_its_successor(server: Server) -> None:
    response, _ = summarized(server)
    address = response.getheader("Link", "").partition(">")[0].removeprefix("<")
    body = (ROOT / "samples/fhir/patient_bundle.json").read_bytes()
    followed, answer = post(server, address, body, "application/fhir+json")
    assert followed.status == 200
    assert "Deprecation" not in dict(followed.getheaders())
    assert b"clinical@3" in answer
