"""The order in which proofs are looked at: no secret of ours is shown to others, nothing unverified is kept."""

from hashlib import sha256

import pytest

from gateway.errors import Denial, ErrorKind, GatewayError
from gateway.identity.authenticator import Authenticator
from gateway.identity.identification import Identification
from gateway.identity.introspection import Introspection
from gateway.identity.issued_keys import IssuedKey, IssuedKeys, key_hash, new_key
from gateway.identity.issuer_keys import KeysAtUrl
from gateway.identity.partners import Partner, PartnerTable, Principal
from gateway.identity.token_checks import KeyedIssuer, TokenChecks
from gateway.identity.tokens import Issuer
from gateway.messages import Claims, InboundMessage, Protocol
from tests.gateway.identity.test_issuers import Clock, Server, active
from tests.gateway.identity.tokens import AUDIENCE, ISSUER, NOW, claims, jwks, token
from tests.on_reactor import on_reactor

ISSUED = new_key(lambda bits: 2**bits // 3)
PARTNERS = {
    "portal": Partner(
        "portal",
        (
            Identification(api_key_sha256=sha256(b"file").hexdigest()),
            Identification(token_issuer="hospital", token_client="portal-app"),
        ),
    ),
    "other": Partner("other", ()),
}


class Door:
    def __init__(self, body: bytes = b'{"active": false}') -> None:
        self.issuer = Server(body)
        hospital = Issuer("hospital", ISSUER, (AUDIENCE,))
        asking = Introspection(hospital, "u", ("g", "s"), self.issuer, Clock())
        keyed = KeyedIssuer(hospital, KeysAtUrl("k", Server(jwks("rsa")), Clock()))
        self.authenticator = Authenticator(NOW, TokenChecks([keyed], [asking]))
        issued = IssuedKeys([IssuedKey("k1", key_hash(ISSUED), "other", "night")])
        self.table = PartnerTable(PARTNERS, {"web": (), "portal-only": ("portal",)}, issued)

    async def opens_for(self, bearer: str | None, listener: str = "web") -> Principal:
        message = InboundMessage("1", Protocol.FHIR, listener, "127.0.0.1", NOW, b"")
        return await self.authenticator.identify(self.table, Claims(api_key=bearer), message)

    async def refuses(self, bearer: str | None, listener: str = "web") -> GatewayError:
        with pytest.raises(GatewayError) as caught:
            await self.opens_for(bearer, listener)
        return caught.value


@on_reactor
async def test_no_key_of_ours_is_ever_shown_to_an_issuer() -> None:
    door = Door()
    assert (await door.opens_for("file")).subject.startswith("api_key_sha256 ")
    assert (await door.opens_for(ISSUED)).subject == "k1 night"
    await door.refuses(new_key(lambda bits: 2**bits // 5))  # the form is ours, though nobody has it
    await door.refuses(None)
    assert door.issuer.asked == []


@on_reactor
async def test_an_issued_key_counts_only_where_its_partner_may_come_in() -> None:
    error = await Door().refuses(ISSUED, "portal-only")
    assert (error.kind, error.denial) == (ErrorKind.UNAUTHENTICATED, Denial.INVALID_TOKEN)


@on_reactor
async def test_a_token_that_cannot_be_read_here_is_asked_for() -> None:
    door = Door(active())
    principal = await door.opens_for("opaque")
    assert (principal.partner.name, principal.method) == ("portal", "access-token")
    assert principal.grant is not None
    assert len(door.issuer.asked) == 1


@on_reactor
async def test_a_token_that_can_be_read_here_is_judged_here() -> None:
    door = Door(active())
    assert (await door.opens_for(token())).partner.name == "portal"
    await door.refuses(token(content=claims(aud="https://other.example")))
    assert door.issuer.asked == []


@on_reactor
async def test_a_good_token_of_a_client_that_nobody_mapped_opens_nothing() -> None:
    assert (await Door().refuses(token(content=claims(client_id="x")))).kind is ErrorKind.UNAUTHENTICATED
    assert (await Door(active(client_id="x")).refuses("opaque")).kind is ErrorKind.UNAUTHENTICATED
