"""Who a message comes from: what it claims held against the table."""

from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_network

import pytest

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Claims, InboundMessage, Protocol
from gateway.policy.partners import Identification, Partner, PartnerTable

SECRET = sha256(b"secret").hexdigest()


def arriving(protocol: Protocol = Protocol.HL7V2, **more: str) -> InboundMessage:
    return InboundMessage(
        id="1", protocol=protocol, received_at=datetime.now(UTC), body=b"",
        **{"listener": "feed", "peer": "127.0.0.1", **more},
    )  # fmt: skip


def identified(by: Identification, claims: Claims, message: InboundMessage | None = None) -> bool:
    table = PartnerTable({"epic": Partner("epic", (by,))}, {"feed": ()})
    try:
        return table.identify(claims, message or arriving()).name == "epic"
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


def test_everything_that_a_mapping_names_must_hold() -> None:
    by = Identification(sending_application="EPIC", client_certificate="CN=epic")
    assert not identified(by, Claims("EPIC"))
    assert identified(by, Claims("EPIC"), arriving(client_certificate="CN=epic"))


def test_a_listener_serves_only_its_partners() -> None:
    partners = {name: Partner(name, (Identification(sending_application=name),)) for name in ("a", "b")}
    table = PartnerTable(partners, {"feed": ("a",)})
    assert table.identify(Claims("a"), arriving()).name == "a"
    with pytest.raises(GatewayError):
        table.identify(Claims("b"), arriving())


def test_an_identification_can_hold_on_one_listener_only() -> None:
    by = Identification(network=ip_network("127.0.0.0/8"), listener="feed")
    assert identified(by, Claims())
    assert not identified(by, Claims(), arriving(listener="web"))
