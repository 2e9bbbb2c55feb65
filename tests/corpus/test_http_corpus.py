"""All real-world FHIR and CDA over real sockets: an answer for each, and never a 5xx."""

import base64
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path

from gateway.commands.offline import carried_in_soap
from tests.figures import report
from tests.processes import Server, gateway
from tests.shared_data import shared_data

_PROCESS_DOCUMENT = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<ProcessDocument xmlns="urn:epic-com:Common.2013.Services"><SessionID>{number}</SessionID>'
    "<WorkType>1</WorkType><OrganizationID>CORPUS</OrganizationID><Document>{document}</Document>"
    "</ProcessDocument></s:Body></s:Envelope>"
)


class Client:
    def __init__(self, server: Server) -> None:
        self._connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=30)

    def post(self, path: str, body: bytes, content_type: str) -> tuple[int, bytes]:
        headers = {"Content-Type": content_type, "Authorization": "Bearer demo"}
        self._connection.request("POST", path, body, headers)
        response = self._connection.getresponse()
        return response.status, response.read()


def test_every_fhir_file_is_answered_and_never_with_a_5xx(tmp_path: Path) -> None:
    files = sorted(shared_data("fhir").rglob("*.json"))
    statuses: Counter[int] = Counter()
    log = tmp_path / "log"
    with gateway(None, tmp_path / "data", log=log) as server:
        client = Client(server)
        for file in files:
            status, body = client.post("/fhir/R4/$summarize", file.read_bytes(), "application/fhir+json")
            statuses[status] += 1
            expected = b'"Bundle"' if status == 200 else b'"OperationOutcome"'
            assert expected in body[:200].replace(b" ", b""), file
    report(f"FHIR corpus over HTTP: {len(files)} files, answered {dict(statuses)}")
    assert all(status < 500 for status in statuses)
    assert '"level":"error"' not in log.read_text()


def test_every_cda_file_is_answered_and_never_blamed_on_the_gateway(tmp_path: Path) -> None:
    files = sorted(
        file for file in shared_data("ccda").rglob("*") if file.suffix.lower() in (".xml", ".ccda", ".cda")
    )
    summarized: Counter[str] = Counter()
    returned: Counter[str] = Counter()
    log = tmp_path / "log"
    with gateway(None, tmp_path / "data", log=log) as server:
        client = Client(server)
        for number, file in enumerate(files):
            document = file.read_bytes()
            soap_12 = "application/soap+xml; charset=utf-8"
            status, body = client.post("/soap/summarize", carried_in_soap(document), soap_12)
            summarized[_outcome(status, body)] += 1
            call = _PROCESS_DOCUMENT.format(number=number, document=base64.b64encode(document).decode())
            returned[
                _outcome(*client.post("/soap/notereader", call.encode(), "text/xml; charset=utf-8"))
            ] += 1
    report(
        f"CDA corpus over SOAP: {len(files)} files; summarize {dict(summarized)}; notereader {dict(returned)}"
    )
    assert "gateway's fault" not in {*summarized, *returned}
    assert '"level":"error"' not in log.read_text()


def _outcome(status: int, body: bytes) -> str:
    if status == 200:
        return "answered"
    # SOAP 1.1 has 500 for every fault; its code tells whose fault it is.
    is_sender = b":Client<" in body or b":Sender<" in body
    return "sender's fault" if is_sender else "gateway's fault"
