"""Who a message comes from: what it claims held against the table."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_network
from typing import Any

import pytest

from gateway.errors import ErrorKind, GatewayError
from gateway.identity.identification import Identification
from gateway.identity.partners import Partner, PartnerTable
from gateway.messages import Claims, InboundMessage, Protocol

SECRET = sha256(b"secret").hexdigest()


def arriving(protocol: Protocol = Protocol.HL7V2, **more: Any) -> InboundMessage:
    return InboundMessage(
        id="1", protocol=protocol, received_at=datetime.now(UTC), body=b"",
        **{"listener": "feed", "peer": "127.0.0.1", **more},
    )  # fmt: skip


def identified(by: Identification, claims: Claims, message: InboundMessage | None = None) -> bool:
    table = PartnerTable({"epic": Partner("epic", (by,))}, {"feed": ()})
    try:
        return table.identify(claims, message or arriving()).partner.name == "epic"
    except GatewayError as error:
        assert error.kind is ErrorKind.UNAUTHENTICATED
        return False


def test_a_sender_is_known_by_application_and_facility() -> None:
    by = Identification(sending_application="EPIC", sending_facility="RIVERSIDE")
    assert identified(by, Claims("EPIC", "RIVERSIDE"))
    assert not identified(by, Claims("EPIC", "ELSEWHERE"))


def test_a_sending_application_proves_nothing_over_http() -> None:
    by = Identification(sending_application="EPIC")
    assert not identified(by, Claims("EPIC"), arriving(Protocol.SOAP))


@pytest.mark.parametrize(("key", "known"), [("secret", True), ("Secret", False), ("", False), (None, False)])
def test_a_key_is_compared_by_its_hash(key: str | None, known: bool) -> None:
    assert identified(Identification(api_key_sha256=SECRET), Claims(api_key=key)) is known


@pytest.mark.parametrize(
    ("username", "password", "known"),
    [
        ("u", "secret", True),
        ("u", "wrong", False),
        ("x", "secret", False),
        (None, None, False),
        ("ü", "\ud800", False),
    ],
)
def test_a_login_needs_both_halves(username: str | None, password: str | None, known: bool) -> None:
    by = Identification(username="u", password_sha256=SECRET)
    assert identified(by, Claims(username=username, password=password)) is known


@pytest.mark.parametrize(
    ("peer", "known"), [("10.1.2.3", True), ("10.2.0.1", False), ("not an address", False)]
)
def test_a_trusted_network_is_an_address_range(peer: str, known: bool) -> None:
    assert (
        identified(Identification(network=ip_network("10.1.0.0/16")), Claims(), arriving(peer=peer)) is known
    )


@pytest.mark.parametrize(
    ("claims", "known"),
    [
        (Claims(), True),
        (Claims(api_key="wrong"), False),
        (Claims(username="u", password="wrong"), False),
        (Claims(username=""), False),
    ],
)
def test_a_wrong_secret_does_not_pass_because_of_where_it_comes_from(claims: Claims, known: bool) -> None:
    by = Identification(network=ip_network("127.0.0.0/8"))
    assert identified(by, claims, arriving(Protocol.FHIR)) is known


def test_everything_that_a_mapping_names_must_hold() -> None:
    by = Identification(sending_application="EPIC", client_certificate="CN=epic")
    assert not identified(by, Claims("EPIC"))
    assert identified(by, Claims("EPIC"), arriving(client_certificate="CN=epic"))


def test_a_listener_serves_only_its_partners() -> None:
    partners = {name: Partner(name, (Identification(sending_application=name),)) for name in ("a", "b")}
    table = PartnerTable(partners, {"feed": ("a",)})
    assert table.identify(Claims("a"), arriving()).partner.name == "a"
    with pytest.raises(GatewayError):
        table.identify(Claims("b"), arriving())


def test_an_identification_can_hold_on_one_listener_only() -> None:
    by = Identification(network=ip_network("127.0.0.0/8"), listener="feed")
    assert identified(by, Claims())
    assert not identified(by, Claims(), arriving(listener="web"))


CERTIFICATE = {
    "client_certificate": "CN=epic-7.riverside.example,O=Riverside",
    "client_certificate_names": (
        "DNS:epic.riverside.example",
        "URI:urn:oid:1.2.3",
        "email:ops@riverside.example",
    ),
}


@pytest.mark.parametrize(
    ("by", "known"),
    [
        ({"client_certificate": "CN=epic-7.riverside.example,O=Riverside"}, True),
        ({"client_certificate": "CN=epic-7.riverside.example"}, False),
        ({"client_certificate_pattern": r"CN=epic-\d\.riverside\.example,O=Riverside"}, True),
        ({"client_certificate_pattern": r"CN=epic-\d\.riverside\.example"}, False),  # of the whole subject
        ({"client_certificate_san": "DNS:epic.riverside.example"}, True),
        ({"client_certificate_san": "URI:urn:oid:1.2.3"}, True),
        ({"client_certificate_san": "email:ops@riverside.example"}, True),
        ({"client_certificate_san": "DNS:riverside.example"}, False),
        ({"client_certificate_san": "DNS:epic.riverside.example", "client_certificate": "CN=other"}, False),
    ],
)
def test_a_certificate_is_known_by_subject_pattern_or_alternative_name(
    by: dict[str, str], known: bool
) -> None:
    assert identified(Identification(**by), Claims(), arriving(**CERTIFICATE)) is known
    assert not identified(Identification(**by), Claims(), arriving())


def test_a_certificate_that_ends_while_its_connection_lives_is_no_proof_any_more() -> None:
    by = Identification(client_certificate="CN=epic")
    now = datetime.now(UTC)
    for left, known in ((timedelta(days=1), True), (timedelta(seconds=-1), False)):
        shown = arriving(client_certificate="CN=epic", client_certificate_until=now + left)
        assert identified(by, Claims(), shown) is known


def test_a_mapping_holds_until_its_last_day() -> None:
    today = datetime.now(UTC).date()
    key = Claims(api_key="secret")
    assert identified(Identification(api_key_sha256=SECRET, expires=today), key)
    assert not identified(Identification(api_key_sha256=SECRET, expires=today - timedelta(days=1)), key)
    assert not identified(Identification(expires=date.max), key)


@pytest.mark.parametrize(
    ("by", "claims", "method", "subject"),
    [
        ({"api_key_sha256": SECRET}, Claims(api_key="secret"), "api-key", f"api_key_sha256 {SECRET[:8]}"),
        ({"sending_application": "A"}, Claims("A", "F"), "mllp-sender", "A|F"),
        ({"listener": "feed"}, Claims(), "network", "127.0.0.1"),
        ({"client_certificate": CERTIFICATE["client_certificate"], "sending_application": "A"}, Claims("A"),
         "client-certificate", CERTIFICATE["client_certificate"]),
        ({"username": "u", "password_sha256": SECRET},
         Claims(username="u", password="secret", login="iis-credentials"), "iis-credentials", "u"),
        ({"username": "u", "password_sha256": SECRET}, Claims(username="u", password="secret"), "basic", "u"),
    ],
)  # fmt: skip
def test_a_principal_says_how_and_as_whom_it_was_known(
    by: dict[str, str], claims: Claims, method: str, subject: str
) -> None:
    table = PartnerTable({"epic": Partner("epic", (Identification(**by),))}, {"feed": ()})
    principal = table.identify(claims, arriving(**CERTIFICATE))
    assert (principal.method, principal.subject) == (method, subject)
