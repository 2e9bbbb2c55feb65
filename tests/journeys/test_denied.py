"""Deny by default, seen from outside: every listener, every wrong proof, and nothing that reaches a model.

Each refusal stands in its protocol's own form, in the store and in the audit. A good proof beside each wrong
one shows that it is the proof that decides.
"""

import base64
import json
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree

from gateway.audit.entries import Event
from gateway.store.audit_log import AuditReader
from gateway.store.message_store import open_reader
from gateway.store.reads import MessageFilter
from tests.certificates import Authority
from tests.gateway.identity.tokens import AUDIENCE, ISSUER, OPERATION, claims, jwks, token
from tests.processes import ROOT, Server, gateway
from translators.soap import names

CONFIG = """
gateway: {name: GW, data_dir: DIR/var, public_url: "https://gateway.riverside.example"}
listeners:
  - {name: feed, protocol: mllp, bind: "127.0.0.1:0", partners: [ward]}
  - name: feed-tls
    protocol: mllp
    bind: "127.0.0.1:0"
    partners: [ward]
    tls: {certificate: DIR/server.crt, key: DIR/server.key, client_ca: DIR/ca.pem, client_certificate: required}
  - {name: web, protocol: http, bind: "127.0.0.1:0", serve: [fhir, soap]}
  - name: web-tls
    protocol: http
    bind: "127.0.0.1:0"
    serve: [fhir]
    tls: {certificate: DIR/server.crt, key: DIR/server.key, client_ca: DIR/ca.pem, client_certificate: optional}
partners:
  ward:
    identify:
      - {sending_application: WARDLINK, listener: feed}
      - {client_certificate_san: "DNS:ward.riverside.example"}
    purpose_of_use: [TREAT]
    hl7v2: {answer: none}
  portal:
    identify:
      - {api_key_sha256: KEY}
      - {api_key_sha256: OLD, expires: 2020-01-31}
      - {token_issuer: hospital, token_client: portal-app}
      - {client_certificate: CN=portal}
    purpose_of_use: [TREAT]
  registry:
    identify:
      - {wsse: {username: registry, password: "${REGISTRY_PASSWORD}"}}
      - {username: clinic, password_sha256: KEY}
    purpose_of_use: [TREAT]
token_issuers:
  hospital: {issuer: ISSUER, audience: [AUDIENCE], jwks_file: DIR/jwks.json, token_endpoint: "ISSUER/token"}
backends:
  model: {type: openai, model: m, base_url: "http://127.0.0.1:BACKEND/v1", on_premises: true, retries: 0}
models: {summary: {default: "1", versions: {"1": {targets: [{backend: model}]}}}}
policy: {rules: [{id: treatment, effect: permit, when: {purpose_of_use: [TREAT]}}]}
"""
BUNDLE = (ROOT / "samples/fhir/patient_bundle.json").read_bytes()
ADT = (ROOT / "samples/hl7v2/adt_a01_admission.hl7").read_bytes().replace(b"\n", b"\r")
SUMMARIZE = (ROOT / "samples/soap/summarize_11.xml").read_text()
SUBMIT = (ROOT / "samples/soap/iis_submit_single_message.xml").read_text()
PASSWORD = "registry's secret"


class CountingBackend:
    """Where a model would be: counts who connects, and hangs up."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.reached = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.reached += 1
            connection.close()

    def close(self) -> None:
        self._socket.close()


@dataclass
class Running:
    server: Server
    folder: Path
    backend: CountingBackend
    authority: Authority

    def url(self, path: str, listener: str = "web") -> str:
        scheme = "https" if listener.endswith("tls") else "http"
        return f"{scheme}://127.0.0.1:{self.server.ports[listener]}{path}"

    def refused(self) -> list[str]:
        """Ids of the messages that are stored as refused."""
        listed = open_reader(self.folder / "var").list(MessageFilter(work="refused", limit=1000))
        return [each.id for each in listed]

    def audited(self, message_id: str) -> dict[str, Any]:
        entries = (json.loads(row.entry) for row in AuditReader(self.folder / "var").entries())
        return next(
            each for each in entries if each["event"] == Event.DECISION and each["message"] == message_id
        )

    def audited_handshake(self, listener: str, why: str) -> bool:
        """Within some seconds: strangers' connections are gathered."""
        until = time.monotonic() + 8
        while time.monotonic() < until:
            for row in AuditReader(self.folder / "var").entries():
                entry = json.loads(row.entry)
                is_it = entry["event"] == Event.CONNECTIONS and entry["listener"] == listener
                if is_it and why in entry["error"]:
                    return True
            time.sleep(0.3)
        return False


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("denied")
    authority, backend = Authority(folder, "ca"), CountingBackend()
    authority.issue("server")
    (folder / "jwks.json").write_bytes(jwks("rsa", "ec"))
    config = CONFIG.replace("DIR", str(folder)).replace("BACKEND", str(backend.port))
    for name, value in (("KEY", hashed("good")), ("OLD", hashed("old")), ("AUDIENCE", AUDIENCE)):
        config = config.replace(name, value)
    config = config.replace("ISSUER", ISSUER).replace("${REGISTRY_PASSWORD}", PASSWORD)
    (folder / "gateway.yaml").write_text(config)
    with gateway(folder / "gateway.yaml", folder / "var") as server:
        yield Running(server, folder, backend, authority)
    backend.close()


def hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def outcome(self) -> tuple[str, str]:
        """(code of the issue, our own code) of an OperationOutcome."""
        [issue] = json.loads(self.body)["issue"]
        return issue["code"], issue["details"]["coding"][0]["code"]

    @property
    def fault(self) -> str:
        """The most specific code of a SOAP fault."""
        root = etree.fromstring(self.body)
        codes = [each.text or "" for each in root.iter("faultcode", f"{{{names.SOAP_12}}}Value")]
        return codes[-1]


def call(url: str, body: bytes, tls: ssl.SSLContext | None = None, **headers: str) -> Answer:
    asked = urllib.request.Request(
        url, body, {name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(asked, timeout=20, context=tls) as answer:
            return Answer(answer.status, answer.read(), dict(answer.headers))
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read(), dict(error.headers))


def fhir(running: Running, **headers: str) -> Answer:
    return call(running.url("/fhir/R4/$summarize"), BUNDLE, Content_Type="application/fhir+json", **headers)


def soap(running: Running, envelope: str, service: str = "summarize", **headers: str) -> Answer:
    is_12 = names.SOAP_12 in envelope
    media = "application/soap+xml" if is_12 else "text/xml"
    return call(running.url(f"/soap/{service}"), envelope.encode(), Content_Type=media, **headers)


def mllp(
    running: Running, message: bytes, listener: str = "feed", tls: ssl.SSLContext | None = None
) -> bytes:
    return mllp_to(running.server.ports[listener], message, tls)


def mllp_to(port: int, message: bytes, tls: ssl.SSLContext | None = None) -> bytes:
    """What is answered, framed."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        connection = tls.wrap_socket(plain, server_hostname="127.0.0.1") if tls else plain
        connection.sendall(b"\x0b" + message + b"\x1c\r")
        received = b""
        while not received.endswith(b"\x1c\r"):
            part = connection.recv(65536)
            if not part:
                break
            received += part
        return received


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def now() -> datetime:
    return datetime.now(UTC)


def in_seconds(seconds: int) -> int:
    return int((now() + timedelta(seconds=seconds)).timestamp())


def a_token(key: str = "rsa", alg: str = "", headers: dict[str, Any] | None = None, **changed: Any) -> str:
    return token(key, claims(now(), **changed), alg, **(headers or {}))


def unsigned() -> str:
    def part(content: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'kid': 'rsa'})}.{part(claims(now()))}."


def username_token(
    username: str = "registry",
    password: str = PASSWORD,
    *,
    created: datetime | None = None,
    nonce: bytes = b"",
    as_text: bool = False,
) -> str:
    """A request whose header proves by digest, or as text, that its sender knows the password."""
    nonce = nonce or token_bytes(16)
    time = (created or now()).isoformat(timespec="milliseconds")
    digest = base64.b64encode(sha1(nonce + time.encode() + password.encode()).digest()).decode()
    kind, value = (names.PLAIN_TEXT, password) if as_text else (names.DIGEST, digest)
    header = (
        f'<w:Security xmlns:w="{names.WSSE}" soapenv:mustUnderstand="1"><w:UsernameToken>'
        f'<w:Username>{username}</w:Username><w:Password Type="{kind}">{value}</w:Password>'
        f"<w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce>"
        f'<u:Created xmlns:u="{names.WSU}">{time}</u:Created></w:UsernameToken></w:Security>'
    )
    return SUMMARIZE.replace("<soapenv:Header/>", f"<soapenv:Header>{header}</soapenv:Header>")


@pytest.fixture
def nothing_came_of_it(running: Running) -> Iterator[Callable[[], None]]:
    """To be called after one refusal: it is stored and audited, and no model was reached."""
    before, reached = set(running.refused()), running.backend.reached

    def check() -> None:
        [message_id] = set(running.refused()) - before
        entry = running.audited(message_id)
        assert entry["work"] == "refused"
        assert entry["error"] in ("unauthenticated", "forbidden")
        assert running.backend.reached == reached

    yield check
    assert running.backend.reached == reached


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ({}, 'Bearer realm="ehr-gateway"'),
        ({"Authorization": "Basic Z29vZDpnb29k"}, 'Bearer realm="ehr-gateway"'),
        (bearer("wrong"), 'Bearer realm="ehr-gateway", error="invalid_token"'),
        ({"X-API-Key": "wrong"}, 'Bearer realm="ehr-gateway", error="invalid_token"'),
        (bearer("old"), 'Bearer realm="ehr-gateway", error="invalid_token"'),  # its mapping has expired
        (bearer("ehrgw_" + "0" * 49), 'Bearer realm="ehr-gateway", error="invalid_token"'),
    ],
)
def test_fhir_refuses_who_has_no_good_key(
    running: Running, nothing_came_of_it: Callable[[], None], headers: dict[str, str], challenge: str
) -> None:
    answer = fhir(running, **headers)
    assert (answer.status, answer.outcome) == (401, ("login", "unauthenticated"))
    assert answer.headers["WWW-Authenticate"] == challenge
    nothing_came_of_it()


BAD_TOKENS: dict[str, Callable[[], str]] = {
    "expired": lambda: a_token(exp=in_seconds(-31)),
    "without an end": lambda: a_token(exp=None),
    "not yet": lambda: a_token(nbf=in_seconds(60)),
    "wrong audience": lambda: a_token(aud="https://other.example"),
    "wrong issuer": lambda: a_token(iss="https://other.example"),
    "wrong key": lambda: a_token("other", headers={"kid": "rsa"}),
    "unknown key": lambda: a_token("other"),
    "algorithm not agreed": lambda: a_token(alg="RS256"),
    "not signed": unsigned,
    "of a client that is not known": lambda: a_token(client_id="somebody"),
    "bound to another's key": lambda: a_token(cnf={"jkt": "x"}),
}


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_fhir_refuses_every_token_that_is_not_good_in_the_same_words(
    running: Running, nothing_came_of_it: Callable[[], None], name: str
) -> None:
    answer, unknown = fhir(running, **bearer(BAD_TOKENS[name]())), fhir(running, **bearer("no.to.ken"))
    assert (answer.status, answer.outcome) == (401, ("login", "unauthenticated"))
    for each in (answer, unknown):
        each.body = json.dumps(json.loads(each.body)["issue"]).encode()
    assert answer.body == unknown.body
    assert answer.headers["WWW-Authenticate"] == unknown.headers["WWW-Authenticate"]


@pytest.mark.parametrize("scope", ["", "openid", "system/Patient.rs", "patient/*.rs", "system/*.write"])
def test_fhir_refuses_a_token_whose_scopes_do_not_reach(
    running: Running, nothing_came_of_it: Callable[[], None], scope: str
) -> None:
    answer = fhir(running, **bearer(a_token(scope=scope)))
    assert (answer.status, answer.outcome) == (403, ("forbidden", "forbidden"))
    wanted = "https://gateway.riverside.example/fhir/R4/OperationDefinition/Summarize"
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer realm="ehr-gateway", error="insufficient_scope", scope="{wanted}"'
    )
    nothing_came_of_it()


@pytest.mark.parametrize(
    "headers",
    [
        lambda: bearer("good"),
        lambda: bearer(a_token()),
        lambda: bearer(a_token("ec", scope=OPERATION)),
    ],
)
def test_with_a_good_proof_the_model_is_asked(
    running: Running, headers: Callable[[], dict[str, str]]
) -> None:
    reached = running.backend.reached
    answer = fhir(running, **headers())
    assert answer.status == 503  # the model hung up
    assert running.backend.reached == reached + 1


@pytest.mark.parametrize(
    ("request_of", "code"),
    [
        (lambda: SUMMARIZE, "wsse:FailedAuthentication"),
        (lambda: username_token(password="wrong"), "wsse:FailedAuthentication"),
        (lambda: username_token(username="somebody"), "wsse:FailedAuthentication"),
        (lambda: username_token(password="wrong", as_text=True), "wsse:FailedAuthentication"),
        (lambda: username_token(created=now() - timedelta(minutes=7)), "wsse:MessageExpired"),
        (lambda: username_token(created=now() + timedelta(minutes=2)), "wsse:InvalidSecurity"),
    ],
)
def test_soap_refuses_a_token_that_is_not_good_by_its_fault(
    running: Running, nothing_came_of_it: Callable[[], None], request_of: Callable[[], str], code: str
) -> None:
    answer = soap(running, request_of())
    assert (answer.status, answer.fault) == (500, code)
    nothing_came_of_it()


def test_soap_tells_an_unknown_user_and_a_wrong_secret_in_the_same_words(running: Running) -> None:
    answers = [
        soap(running, username_token(username="somebody")),
        soap(running, username_token(password="wrong")),
    ]
    texts = [etree.fromstring(each.body).findtext(".//faultstring") for each in answers]
    assert texts[0] == texts[1]


def test_soap_takes_a_digest_once(running: Running) -> None:
    reached = running.backend.reached
    envelope = username_token()
    assert soap(running, envelope).fault != "wsse:InvalidSecurity"  # the model hung up
    assert running.backend.reached == reached + 1
    replayed = soap(running, envelope)
    assert (replayed.status, replayed.fault) == (500, "wsse:InvalidSecurity")
    assert running.backend.reached == reached + 1
    assert running.audited(running.refused()[0])["error"] == "unauthenticated"


def test_a_wrong_digest_does_not_use_up_the_nonce(running: Running) -> None:
    nonce, created = token_bytes(16), now()
    wrong = username_token(password="wrong", nonce=nonce, created=created)
    assert soap(running, wrong).fault == "wsse:FailedAuthentication"
    assert soap(running, username_token(nonce=nonce, created=created)).fault != "wsse:InvalidSecurity"


@pytest.mark.parametrize(
    ("username", "password"), [("clinic", "wrong"), ("somebody", "good"), ("registry", PASSWORD)]
)
def test_the_cdc_service_refuses_by_a_security_fault(
    running: Running, nothing_came_of_it: Callable[[], None], username: str, password: str
) -> None:
    answer = soap(running, credentials(username, password), "iis")
    assert answer.status == 400
    assert b"SecurityFault" in answer.body
    nothing_came_of_it()


def test_the_cdc_service_takes_good_credentials(running: Running) -> None:
    answer = soap(running, credentials("clinic", "good"), "iis")
    assert (answer.status, b"MSA|AA|" in answer.body) == (200, True)


def credentials(username: str, password: str) -> str:
    sent = SUBMIT.replace("<username>demo<", f"<username>{username}<")
    return sent.replace("<password>demo<", f"<password>{password}<")


def test_mllp_refuses_a_sender_that_is_not_known(
    running: Running, nothing_came_of_it: Callable[[], None]
) -> None:
    answer = mllp(running, ADT.replace(b"WARDLINK", b"STRANGER"))
    assert b"MSA|AR|" in answer
    assert b"|207^" in answer
    nothing_came_of_it()


def test_mllp_over_tls_refuses_a_certificate_that_nobody_mapped(
    running: Running, nothing_came_of_it: Callable[[], None]
) -> None:
    answer = mllp(running, ADT, "feed-tls", client_tls(running, "stranger", "stranger.riverside.example"))
    assert b"MSA|AR|" in answer
    nothing_came_of_it()


def test_mllp_over_tls_takes_a_partner_by_the_name_in_its_certificate(running: Running) -> None:
    answer = mllp(running, ADT, "feed-tls", client_tls(running, "anything", "ward.riverside.example"))
    assert b"MSA|AA|" in answer


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("listener", ["feed-tls", "web-tls"])
@pytest.mark.parametrize("wrong", ["expired", "another authority", "downgraded"])
def test_a_handshake_that_proves_nothing_ends_the_connection(
    running: Running, tmp_path: Path, listener: str, wrong: str
) -> None:
    if wrong == "another authority":
        tls = client_tls(
            running, "other", "ward.riverside.example", authority=Authority(tmp_path, "other-ca")
        )
    elif wrong == "expired":
        tls = client_tls(running, "late", "ward.riverside.example", days=-1)
    else:
        tls = client_tls(running, "old", "ward.riverside.example")
        tls.set_ciphers("ALL:@SECLEVEL=0")  # so that it is the gateway who refuses
        tls.minimum_version, tls.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    assert not greets(running, listener, tls)
    why = {"expired": "certificate", "another authority": "certificate", "downgraded": "unsupported protocol"}
    assert running.audited_handshake(listener, why[wrong])


def test_a_certificate_must_be_shown_where_it_is_required(running: Running) -> None:
    tls = ssl.create_default_context(cafile=running.authority.certificate)
    assert not greets(running, "feed-tls", tls)
    assert greets(running, "web-tls", tls)
    assert greets(running, "feed-tls", client_tls(running, "ward", "ward.riverside.example"))


def test_without_its_certificate_a_partner_is_a_stranger_over_https(
    running: Running, nothing_came_of_it: Callable[[], None]
) -> None:
    url = running.url("/fhir/R4/$summarize", "web-tls")
    media = {"Content_Type": "application/fhir+json"}
    none = ssl.create_default_context(cafile=running.authority.certificate)
    assert call(url, BUNDLE, none, **media).status == 401
    nothing_came_of_it()


def test_by_its_certificate_a_partner_is_known_over_https(running: Running) -> None:
    url = running.url("/fhir/R4/$summarize", "web-tls")
    answer = call(url, BUNDLE, client_tls(running, "portal"), Content_Type="application/fhir+json")
    assert answer.status == 503  # the model hung up


def client_tls(
    running: Running, name: str, dns: str = "", *, days: int = 1, authority: Authority | None = None
) -> ssl.SSLContext:
    tls = ssl.create_default_context(cafile=running.authority.certificate)
    tls.load_cert_chain(*(authority or running.authority).issue(name, dns, days=days))
    return tls


def greets(running: Running, listener: str, tls: ssl.SSLContext) -> bool:
    """Whether anything is answered to what either kind of listener answers."""
    message = ADT if listener.startswith("feed") else b""
    try:
        if message:
            return b"MSA|" in mllp(running, message, listener, tls)
        return call(running.url("/fhir/R4/metadata", listener), b"", tls).status > 0
    except (OSError, ssl.SSLError):
        return False


def test_where_tokens_are_issued_is_told_to_everybody(running: Running) -> None:
    with urllib.request.urlopen(running.url("/fhir/R4/.well-known/smart-configuration")) as answer:
        told = json.load(answer)
    assert told["token_endpoint"] == f"{ISSUER}/token"
    assert urlsplit(told["scopes_supported"][0]).netloc == "gateway.riverside.example"
