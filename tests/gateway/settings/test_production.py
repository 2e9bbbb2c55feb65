"""What production refuses to start with, each by its key."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.settings import UnusableSettings, parse
from tests.processes import ROOT

FILE = """
gateway: {environment: production, data_dir: DATA}
listeners:
  - name: feed
    protocol: mllp
    bind: "0.0.0.0:2575"
    tls: {certificate: a.pem, key: a.key, client_ca: ca.pem, client_certificate: required}
  - {name: web, protocol: http, bind: "0.0.0.0:8443", tls: {certificate: a.pem, key: a.key}}
  - {name: here, protocol: mllp, bind: "127.0.0.1:2576"}
partners:
  ward: {identify: [MAPPING], purpose_of_use: [TREAT]}
backends: {builtin: {type: extractive}}
models: {summary: {default: "1", versions: {"1": {targets: [{backend: builtin}]}}}}
policy: {rules: [{id: treatment, effect: permit}]}
"""
DEMO = hashlib.sha256(b"demo").hexdigest()
GOOD = hashlib.sha256(b"0f9c").hexdigest()


def problems(mapping: str, *changes: tuple[str, str]) -> list[str]:
    text = FILE.replace("MAPPING", mapping)
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    try:
        parse(text, {})
    except UnusableSettings as error:
        return [f"{each.path}: {each.text}" for each in error.problems]
    return []


OPEN = ("client_certificate: required", "client_certificate: optional")
NOTHING_PROVEN = "partners.ward.identify[0]: proves nothing on listener feed"


@pytest.mark.parametrize(
    "mapping",
    [
        "{client_certificate: CN=ward}",
        '{client_certificate_san: "DNS:ward.example"}',
        f"{{api_key_sha256: {GOOD}}}",
        "{network: 127.0.0.0/8, listener: here}",
        "{sending_application: WARD}",  # its listeners off loopback demand certificates
    ],
)
def test_a_caller_that_proves_itself_or_is_on_this_machine_is_well(mapping: str) -> None:
    assert problems(mapping) == []


@pytest.mark.parametrize(
    "mapping",
    [
        "{sending_application: WARD}",
        "{sending_application: WARD, network: 10.0.0.0/8}",
        "{network: 10.0.0.0/8, listener: feed}",
        "{listener: feed}",
    ],
)
def test_a_caller_who_only_connects_or_claims_is_refused_off_loopback(mapping: str) -> None:
    [found] = problems(mapping, OPEN)
    assert found.startswith(NOTHING_PROVEN)


def test_on_http_a_network_alone_is_no_proof_either() -> None:
    [found] = problems("{network: 10.0.0.0/8}")
    assert "proves nothing on listener web" in found


def test_a_partner_who_may_not_use_the_open_listener_is_no_problem() -> None:
    kept_out = ('bind: "0.0.0.0:8443",', 'bind: "0.0.0.0:8443", partners: [other],')
    other = ("partners:\n  ward", "partners:\n  other: {}\n  ward")
    assert problems("{network: 10.0.0.0/8}", kept_out, other) == []


def test_in_development_it_is_a_warning() -> None:
    text = FILE.replace("MAPPING", "{sending_application: WARD}").replace(*OPEN)
    _, warnings = parse(text.replace("production", "development"), {})
    assert [str(each.path) for each in warnings] == ["partners.ward.identify[0]"]


@pytest.mark.parametrize(
    ("mapping", "path"),
    [
        (f"{{api_key_sha256: {DEMO}}}", "api_key_sha256: is the hash of demo, which everybody can try"),
        (f"{{username: u, password_sha256: {DEMO}}}", "password_sha256: is the hash of demo, which everybody can try"),
        ("{wsse: {username: u, password: changeme}}", "wsse.password: is one that everybody can try"),
        (f"{{api_key_sha256: {hashlib.sha256(b'').hexdigest()}}}",
         "api_key_sha256: is the hash of nothing, which everybody can try"),
    ],
)  # fmt: skip
def test_a_secret_that_everybody_knows_is_refused(mapping: str, path: str) -> None:
    assert problems(mapping) == [f"partners.ward.identify[0].{path}"]


def test_plaintext_is_refused_off_loopback() -> None:
    plain = (", tls: {certificate: a.pem, key: a.key}}", "}")
    assert problems("{client_certificate: CN=ward}", plain) == [
        "listeners[1].tls: is needed off loopback in production"
    ]


@pytest.mark.parametrize("command", ["check", "serve"])
def test_without_a_place_for_its_audit_it_does_not_start(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("")
    config = tmp_path / "gateway.yaml"
    text = FILE.replace("MAPPING", "{client_certificate: CN=ward}")
    config.write_text(text.replace("DATA", str(tmp_path / "file" / "var")))
    done = subprocess.run(
        [sys.executable, "-m", "gateway", command, "--config", str(config)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 78
    assert f"gateway.data_dir: {tmp_path / 'file'} is no folder" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("{client_certificate_pattern: '.*'}", "client_certificate_pattern: fits every subject"),
        (
            "{client_certificate_pattern: '(CN'}",
            "client_certificate_pattern: is not a pattern that RE2 reads",
        ),
        ("{client_certificate_san: ward.example}", "client_certificate_san: "),
        ("{expires: 2030-01-01}", "names nothing to identify the partner by"),
        ("{listener: elsewhere, client_certificate: CN=w}", "listener: there is no listener elsewhere"),
        ("{token_issuer: nobody, token_client: c}", "token_issuer: there is no token issuer nobody"),
        ("{token_issuer: nobody}", "token_issuer and token_client stand together"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_named(mapping: str, said: str) -> None:
    assert any(said in each for each in problems(mapping))


@pytest.mark.parametrize(
    ("issuer", "said"),
    [
        (
            "{issuer: 'https://a', audience: [x]}",
            "needs exactly one of jwks_url, jwks_file and introspection",
        ),
        (
            "{issuer: 'https://a', audience: [x], jwks_url: 'http://10.0.0.1/k'}",
            "is https, or http on loopback",
        ),
        (
            "{issuer: 'https://a', audience: [x], jwks_url: 'https://a/k', algorithms: [HS256]}",
            "algorithms[0]",
        ),
        (
            "{issuer: 'https://a', audience: [x], jwks_url: 'https://a/k', algorithms: [none]}",
            "algorithms[0]",
        ),
        ("{issuer: 'https://a', audience: [], jwks_url: 'https://a/k'}", "audience"),
    ],
)
def test_an_issuer_that_could_not_be_trusted_is_named(issuer: str, said: str) -> None:
    added = ("backends:", f"token_issuers: {{a: {issuer}}}\nbackends:")
    assert any(said in each for each in problems("{client_certificate: CN=ward}", added))


@pytest.mark.parametrize(
    ("mapping", "path"),
    [
        ("{client_certificate: CN=w, listener: here}", ""),  # nobody asks for certificates there
        ("{client_certificate: CN=w, listener: web}", ""),
        (f"{{api_key_sha256: {GOOD}, listener: feed}}", ""),
        ("{sending_application: W, client_certificate: CN=w, listener: web}", ""),
        ("{client_certificate: CN=w, expires: 2020-01-31}", ".expires"),
        (f"{{api_key_sha256: {GOOD}}}", None),
        ("{client_certificate: CN=w, expires: 2999-01-31}", None),
        ("{sending_application: W}", None),
    ],
)
def test_a_mapping_that_never_holds_is_a_warning(mapping: str, path: str | None) -> None:
    _, warnings = parse(FILE.replace("MAPPING", mapping), {})
    expected = [] if path is None else [f"partners.ward.identify[0]{path}"]
    assert [each.path for each in warnings] == expected
