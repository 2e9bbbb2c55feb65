"""Nothing of a patient stands in what a gateway logs, counts or answers in error.

Every sample goes through a running gateway as it is, and broken in many ways; then everything that was
written outside the encrypted store is searched for names, numbers, birth dates and note text of all of them.
"""

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

from gateway.commands.inputs import Form, Input, inputs
from gateway.commands.offline import as_message, offline_translators, request_of
from gateway.commands.replies import judge
from gateway.commands.senders import Sender, Targets
from gateway.errors import GatewayError
from tests.processes import ROOT, Server, gateway

SAMPLES = ROOT / "samples"


def test_no_log_metric_or_error_holds_anything_of_a_patient(tmp_path: Path) -> None:
    secrets = _secrets()
    assert len(secrets) > 50
    log = tmp_path / "log"
    with gateway(None, tmp_path / "data", log=log, log_level="debug") as server:
        errors = b"".join(_error_replies(server))
        metrics = _get(server, "/metrics")
    written = {"log": log.read_bytes(), "errors": errors, "metrics": metrics}
    written |= {file.name: file.read_bytes() for file in (tmp_path / "data").iterdir()}
    found = {
        (place, secret)
        for place, content in written.items()
        for secret in secrets
        if secret.encode() in content
    }
    assert found == set()
    assert b"message" in written["log"]
    assert len(errors) > 10_000


def _secrets() -> set[str]:
    """What identifies the patients of the samples, and the longer words of their notes' lines."""
    translators = offline_translators()
    secrets: set[str] = set()
    for source in inputs([SAMPLES]):
        try:
            message = as_message(source)
            _, request = request_of(message, translators[message.protocol], "test")
        except GatewayError:
            continue
        if request is None:
            continue
        patient = request.patient
        secrets |= {each.value for each in patient.identifiers}
        secrets |= {part for name in patient.names for part in (name.family, *name.given)}
        secrets |= {patient.birth_date, patient.birth_date.replace("-", "")}
        secrets |= {line for address in patient.addresses for line in address.lines}
        secrets |= set(patient.telecoms)
        secrets |= {line.strip() for note in request.notes for line in note.text.split("\n")}
    return {secret for secret in secrets if len(secret) >= 5}


def _error_replies(server: Server) -> Iterator[bytes]:
    """Of every sample: broken syntax, a wrong key, a part cut off, and what is no message at all."""
    web = f"http://127.0.0.1:{server.ports['web']}"
    mllp = f"127.0.0.1:{server.ports['feed']}"
    good = Sender(Targets(mllp, f"{web}/fhir/R4", f"{web}/soap", "demo"))
    stranger = Sender(Targets(mllp, f"{web}/fhir/R4", f"{web}/soap", "wrong key"))
    for source in inputs([SAMPLES]):
        good.send(source)  # its reply is the patient's own; the log is not
        exchanges = [(broken, good.send(broken)) for broken in _broken(source)]
        if source.form is not Form.HL7V2:
            exchanges.append((source, stranger.send(source)))
        for sent, received in exchanges:
            if not judge(sent, received).positive:
                yield received.body


def _broken(source: Input) -> Iterator[Input]:
    def made(body: bytes) -> Input:
        return Input(source.path, source.form, body, source.service)

    body = source.body
    if source.form is Form.HL7V2:
        separator = body[3:4]
        fields = body.split(separator)
        yield made(separator.join([*fields[:11], b"9.9", *fields[12:]]))  # an unknown version
        yield made(separator.join([*fields[:8], b"", *fields[9:]]))  # no message type
        yield made(separator.join([*fields[:9], b"", *fields[10:]]))  # no control id
        yield made(body.replace(b"MSH" + separator + fields[1], b"MSH" + separator, 1))
    elif source.form is Form.FHIR:
        yield made(body[: len(body) * 2 // 3])
        yield made(body.replace(b'"resourceType"', b'"resourceTyp"'))
        yield made(body.replace(b":", b";", 3))
    else:
        yield made(body[: len(body) * 2 // 3])
        yield made(body.replace(b"Envelope", b"Envelop"))
        yield made(body.replace(b"Body>", b"Corpus>"))


def _get(server: Server, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", server.ports["web"], timeout=10)
    connection.request("GET", path)
    return connection.getresponse().read()
