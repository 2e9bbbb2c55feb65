"""Access in an emergency over MLLP, from outside: granted, proven, named and told why, or refused; then reviewed."""

import json
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.audit.entries import Event
from gateway.store.audit_log import AuditReader
from listeners.mllp_framing import FrameReader, framed
from tests.certificates import Authority
from tests.processes import ROOT, Server, gateway

CONFIG = """
gateway: {name: GW}
listeners:
  - {name: feed, protocol: mllp, bind: "127.0.0.1:0"}
  - name: feed-tls
    protocol: mllp
    bind: "127.0.0.1:0"
    tls: {certificate: DIR/server.crt, key: DIR/server.key, client_ca: DIR/ca.pem, client_certificate: required}
  - {name: web, protocol: http, bind: "127.0.0.1:0", serve: [soap, metrics]}
partners:
  ward:
    identify:
      - {sending_application: WARDLINK, listener: feed}
      - {client_certificate: CN=ward}
      - {username: ward, password_sha256: DEMO}
    purpose_of_use: [TREAT, ETREAT, BTG]
    hl7v2: {answer: none}
    consent: {source: file, path: DIR/consents}
  laboratory:
    identify: [{client_certificate: CN=laboratory}]
    purpose_of_use: [TREAT]
    hl7v2: {answer: none}
    consent: {source: file, path: DIR/consents}
backends: {builtin: {type: extractive}}
models: {clinical: {default: "1", versions: {"1": {targets: [{backend: builtin}]}}}}
policy:
  rules:
    - {id: treatment, effect: permit, when: {purpose_of_use: [TREAT, ETREAT, BTG]}}
    - {id: no-transfers, effect: forbid, when: {message_type: ["ADT^A02"]}}
    - {id: no-psychiatry-on-request, effect: forbid, when: {operation: [retrieve], sensitivity: [PSY]}}
"""
REASON = "found unconscious at the bus stop"
RELEASE = "CON|1|001^Release of Information^HL70496|||||||||B|||||||||{}||||DOE^JANE|SEL"
EMERGENCY = RELEASE.format(f"E^Emergency^HL70499^^^^^^{REASON}")
OPERATOR = "4711^ADEYEMI^RUTH"
CONTROL_IDS = (f"C{number}" for number in count())


@dataclass
class Running:
    server: Server
    folder: Path

    def send(self, *segments: str, certificate: str = "ward") -> str:
        """Without a certificate: to the listener where MSH-3 is believed."""
        port = self.server.ports["feed-tls" if certificate else "feed"]
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
            connection = plain
            if certificate:
                tls = ssl.create_default_context(cafile=self.folder / "ca.pem")
                tls.load_cert_chain(self.folder / f"{certificate}.crt", self.folder / f"{certificate}.key")
                connection = tls.wrap_socket(plain, server_hostname="127.0.0.1")
            connection.sendall(framed("\r".join((*segments, "")).encode()))
            reader = FrameReader(max_payload_bytes=1 << 20)
            while True:
                for frame in reader.feed(connection.recv(65536)):
                    return frame.payload.decode()

    def submit(self, *segments: str, reason: str = "") -> str:
        """In the CDC's envelope, with user name and password; `reason` in the header of HTTP."""
        hl7 = "\r".join((*segments, ""))
        envelope = (
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
            '<submitSingleMessage xmlns="urn:cdc:iisb:2011"><username>ward</username><password>demo</password>'
            f"<facilityID>R</facilityID><hl7Message><![CDATA[{hl7}]]></hl7Message>"
            "</submitSingleMessage></s:Body></s:Envelope>"
        )
        url = f"http://127.0.0.1:{self.server.ports['web']}/soap/iis"
        headers = {"Content-Type": "application/soap+xml", "X-Break-Glass-Reason": reason}
        asked = urllib.request.Request(url, envelope.encode(), headers)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            returned = etree.fromstring(answer.read()).findtext(".//{urn:cdc:iisb:2011}return") or ""
        return returned.replace("\n", "\r")

    def event(
        self,
        *more: str,
        event: str = "A01",
        operator: str = OPERATOR,
        by_soap: bool = False,
        security: str = "",
        mrn: str = "MRN-7",
        **where: str,
    ) -> str:
        """The code of its acknowledgment, and all of it."""
        control_id = next(CONTROL_IDS)
        send = self.submit if by_soap else self.send
        answer = send(
            f"MSH|^~\\&|WARDLINK|RIVERSIDE|GW|GW|20261126|{security}|ADT^{event}|{control_id}|P|2.8",
            f"EVN|{event}|20261126|||{operator}",
            f"PID|1||{mrn}^^^RIVERSIDE^MR||DOE^JANE||19580314|F",
            "PV1|1|E|ED",
            "AL1|1|DA|PEN^Penicillin^L|SV|Anaphylaxis",
            *more,
            **where,
        )
        return _with_code(answer, control_id)

    def query(self, *optional: str, mrn: str = "MRN-7", **where: str) -> str:
        control_id = next(CONTROL_IDS)
        answer = self.send(
            f"MSH|^~\\&|WARDLINK|RIVERSIDE|GW|GW|20261126||QBP^Q15^QBP_Q15|{control_id}|P|2.8",
            f"QPD|Q15^Summary^L|T1|{mrn}^^^RIVERSIDE^MR",
            *optional,
            "RCP|I",
            **where,
        )
        return _with_code(answer, control_id)

    def reviewed(self) -> list[str]:
        """One line for each request so far."""
        command = [sys.executable, "-m", "gateway", "audit", "breakglass", "--data-dir", self.folder / "var"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
        *lines, total = done.stdout.splitlines()
        assert total == f"{len(lines)} requests"
        return lines

    def counted(self) -> str:
        url = f"http://127.0.0.1:{self.server.ports['web']}/metrics"
        with urllib.request.urlopen(url, timeout=20) as answer:
            lines = answer.read().decode().splitlines()
        return "\n".join(line for line in lines if line.startswith("ehr_gateway_break_glass_total"))

    def decisions(self) -> list[dict[str, Any]]:
        entries = [json.loads(row.entry) for row in AuditReader(self.folder / "var").entries()]
        return [each for each in entries if each["event"] == Event.DECISION]

    def audited(self) -> list[dict[str, Any]]:
        """Those in an emergency."""
        return [each for each in self.decisions() if "break_glass" in each]

    def alarms(self) -> list[str]:
        return [line for line in (self.folder / "log").read_text().splitlines() if '"break_glass"' in line]


def _with_code(answer: str, control_id: str) -> str:
    code, of = answer.split("\rMSA|")[1].split("\r")[0].split("|")[:2]
    assert of == control_id
    return f"{code} {answer}"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    tmp_path = tmp_path_factory.mktemp("emergency")
    authority = Authority(tmp_path, "ca")
    for name in ("server", "ward", "laboratory"):
        authority.issue(name)
    (tmp_path / "consents").write_text("- {patient: MRN-7, decision: deny}\n")
    (tmp_path / "gateway.yaml").write_text(
        CONFIG.replace("DIR", str(tmp_path)).replace("DEMO", sha256(b"demo").hexdigest())
    )
    with gateway(tmp_path / "gateway.yaml", tmp_path / "var", log=tmp_path / "log") as server:
        yield Running(server, tmp_path)


def test_an_event_and_a_query_pass_a_denial_with_reason_and_operator_and_are_reviewed(
    running: Running,
) -> None:
    assert running.event().startswith("AR")
    assert running.event(EMERGENCY).startswith("AA")
    denied = running.query()
    assert denied.startswith("AR") and "enicillin" not in denied
    told = running.query(f"EVN||20261126|||{OPERATOR}", EMERGENCY)
    assert told.startswith("AA") and "enicillin" in told

    assert len(running.reviewed()) == len(running.alarms()) == 2
    for line in running.reviewed():
        assert "by ward client-certificate CN=ward for ETREAT: permitted" in line
        assert line.endswith(f"; asked by 4711 ADEYEMI, RUTH; reason: {REASON}")
    event, query = running.audited()
    assert [each["type"] for each in (event, query)] == ["ADT^A01", "QBP^Q15"]
    assert (query["summary_of"], query["patient"]) == (event["message"], event["patient"])
    kept_back = [each for each in running.decisions() if each["type"] == "QBP^Q15" and "error" in each]
    assert [(each["summary_of"], each["patient"]) for each in kept_back] == [
        (event["message"], event["patient"])
    ]
    assert running.counted() == 'ehr_gateway_break_glass_total{partner="ward",permitted="yes"} 2.0'
    assert not any(
        each in repr((running.audited(), running.alarms())) for each in (REASON, "ADEYEMI", "MRN-7")
    )


NO_REASON = "needs a reason of table 0499 in CON-20"
NO_PERSON = "needs the person who asks for it in EVN-5"
NO_PROOF = "needs a caller who proves who it is"
NOT_GRANTED = "The policy of this gateway does not permit this"
DENIED = "The patient's consent is lacking"


@pytest.mark.parametrize(
    ("consent", "operator", "certificate", "said"),
    [
        (RELEASE.format(""), OPERATOR, "ward", NO_REASON),
        (RELEASE.format("XX^so be it"), OPERATOR, "ward", NO_REASON),
        (EMERGENCY, "", "ward", NO_PERSON),
        (EMERGENCY, OPERATOR, "", NO_PROOF),
        (EMERGENCY, OPERATOR, "laboratory", NOT_GRANTED),
        (EMERGENCY.replace("|001^", "|002^"), OPERATOR, "ward", DENIED),  # of an operation
    ],
)
def test_what_is_asked_half_or_without_right_is_refused(
    running: Running, consent: str, operator: str, certificate: str, said: str
) -> None:
    before = len(running.audited())
    answer = running.event(consent, operator=operator, certificate=certificate)
    assert answer.startswith("AR") and said in answer
    if certificate != "laboratory":  # which has nothing to ask for
        answer = running.query(f"EVN||20261126|||{operator}", consent, certificate=certificate)
        assert answer.startswith("AR") and said in answer and "DSP|" not in answer
    assert all(each["error"] == "forbidden" for each in running.audited()[before:])


@pytest.mark.parametrize(("reason", "purpose"), [("E", "ETREAT"), ("PJ", "BTG")])
def test_the_purpose_of_use_is_that_of_the_reason(running: Running, reason: str, purpose: str) -> None:
    assert running.event(RELEASE.format(reason)).startswith("AA")
    assert running.audited()[-1]["purpose_of_use"] == [purpose]
    assert "error" not in running.audited()[-1]


def test_no_rule_gives_way_to_it(running: Running) -> None:
    assert running.event(EMERGENCY, event="A02").startswith("AR")
    assert running.audited()[-1]["error"] == "forbidden"
    assert 'ehr_gateway_break_glass_total{partner="ward",permitted="no"}' in running.counted()


def test_a_rule_about_labels_holds_for_what_a_query_finds_in_an_emergency_as_well(running: Running) -> None:
    assert running.event(mrn="MRN-8", security="PSY").startswith("AA")
    assert running.event(mrn="MRN-9").startswith("AA")
    for more in ((), (f"EVN||20261126|||{OPERATOR}", EMERGENCY)):
        refused = running.query(*more, mrn="MRN-8")
        assert refused.startswith("AR") and NOT_GRANTED in refused and "DSP|" not in refused
        assert running.query(*more, mrn="MRN-9").startswith("AA")


def test_hl7_that_soap_carries_asks_in_the_same_fields(running: Running) -> None:
    assert DENIED in running.event(by_soap=True)
    assert NO_PERSON in running.event(EMERGENCY, operator="", by_soap=True)
    assert NO_REASON in running.event(RELEASE.format(""), by_soap=True, reason="no reason of the table")
    assert running.event(EMERGENCY, by_soap=True).startswith("AA")
    assert running.audited()[-1]["authentication"] == "iis-credentials"
