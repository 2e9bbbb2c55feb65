"""Access tokens: what is verified, and everything that is not."""

import base64
import contextlib
import hmac
import json
from datetime import timedelta
from hashlib import sha384
from typing import Any

import pytest

from gateway.identity.tokens import AccessToken, InvalidToken, Issuer, KeySet, read_unverified, verified
from tests.gateway.identity.tokens import (
    AUDIENCE,
    ISSUER,
    NOW,
    OPERATION,
    claims,
    jwks,
    private_key,
    public_jwk,
    token,
)

HOSPITAL = Issuer("hospital", ISSUER, (AUDIENCE,), operation_scopes=(OPERATION,))
KEYS = KeySet.read(jwks("rsa", "ec"))
MOMENT = int(NOW.timestamp())


def judged(text: str, issuer: Issuer = HOSPITAL, keys: KeySet = KEYS) -> AccessToken:
    read = read_unverified(text)
    assert read is not None
    return verified(read, issuer, keys, NOW)


@pytest.mark.parametrize("key", ["rsa", "ec"])
def test_a_token_of_the_issuer_says_who_calls_and_what_for(key: str) -> None:
    found = judged(token(key))
    assert (found.issuer, found.client, found.subject) == ("hospital", "portal-app", "portal-app jti t1")
    assert found.grant.types == {"*"}
    assert found.expires_at == MOMENT + 295


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"exp": MOMENT - 31}, "expired"),
        ({"exp": None}, "expired"),
        ({"exp": "tomorrow"}, "exp is no time"),
        ({"exp": True}, "exp is no time"),
        ({"nbf": MOMENT + 31}, "nbf is in the future"),
        ({"iat": MOMENT + 31}, "iat is in the future"),
        ({"iss": "https://other.example"}, "another issuer"),
        ({"iss": ISSUER + "/"}, "another issuer"),
        ({"aud": "https://other.example"}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"aud": [AUDIENCE + "/"]}, "another audience"),
        ({"client_id": None, "sub": None}, "no client"),
        ({"cnf": {"x5t#S256": "abc"}}, "bound to a key of its sender"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidToken, match=why):
        judged(token(content=claims(**changed)))


def test_clocks_may_differ_by_the_agreed_seconds_and_an_audience_may_be_one_of_several() -> None:
    judged(token(content=claims(exp=MOMENT - 29, aud=["https://x.example", AUDIENCE])))
    judged(token(content=claims(iat=MOMENT + 29)))


def test_who_has_no_client_id_is_known_by_its_subject() -> None:
    assert judged(token(content=claims(client_id=None, sub="s"))).client == "s"


def test_a_signature_by_another_key_is_refused() -> None:
    with pytest.raises(InvalidToken, match="signature"):
        judged(token("other", kid="rsa"))
    head, _, signature = token().split(".")
    forged = base64.urlsafe_b64encode(json.dumps(claims(client_id="admin")).encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidToken, match="signature"):
        judged(f"{head}.{forged}.{signature}")


def _encoded(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_none_and_shared_secrets_are_no_algorithms() -> None:
    unsigned = f"{_encoded({'alg': 'none', 'kid': 'rsa'})}.{_encoded(claims())}."
    with pytest.raises(InvalidToken, match="algorithm"):
        judged(unsigned)
    signed = f"{_encoded({'alg': 'HS384', 'kid': 'rsa'})}.{_encoded(claims())}"
    public = json.dumps(public_jwk("rsa")).encode()  # the classic: the public key as shared secret
    mac = hmac.digest(public, signed.encode(), sha384)
    with pytest.raises(InvalidToken, match="algorithm"):
        judged(f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")


def test_only_the_agreed_algorithms_count() -> None:
    with pytest.raises(InvalidToken, match="algorithm"):
        judged(token(alg="RS256"))
    agreed = Issuer("hospital", ISSUER, (AUDIENCE,), algorithms=("RS256",))
    assert judged(token(alg="RS256"), agreed).client == "portal-app"


@pytest.mark.parametrize(
    "headers", [{"kid": None}, {"kid": 7}, {"crit": ["b64"]}, {"typ": "dpop+jwt"}, {"typ": "logout+jwt"}]
)
def test_a_header_that_is_not_understood_is_refused(headers: dict[str, Any]) -> None:
    content = {"alg": "RS384", "kid": "rsa", "typ": "JWT", **headers}
    with contextlib.suppress(InvalidToken):
        assert read_unverified(f"{_encoded(content)}.{_encoded(claims())}.AAAA") is None


@pytest.mark.parametrize("text", ["demo", "a.b", "a.b.c", "..", "ehrgw_x", "a." * 20_000])
def test_what_is_no_jwt_may_be_a_key_of_another_kind(text: str) -> None:
    assert read_unverified(text) is None


def test_exactly_one_key_must_fit() -> None:
    assert KEYS.find("rsa", "RSA").key_id == "rsa"
    for kid, key_type in (("rsa", "EC"), ("unknown", "RSA")):
        with pytest.raises(InvalidToken):
            KEYS.find(kid, key_type)
    twice = KeySet.read(json.dumps({"keys": [public_jwk("rsa"), public_jwk("rsa")]}).encode())
    with pytest.raises(InvalidToken):
        twice.find("rsa", "RSA")


@pytest.mark.parametrize(
    "jwk",
    [
        public_jwk("rsa", use="enc"),
        public_jwk("small"),
        {"kty": "oct", "kid": "rsa", "k": "c2VjcmV0"},
        {**public_jwk("rsa"), "d": "AQAB"},
        {**public_jwk("rsa"), "kid": ""},
        {"kty": "EC", "kid": "rsa", "crv": "P-384"},
        "rsa",
    ],
)
def test_a_key_that_cannot_verify_is_left_out(jwk: Any) -> None:
    assert not KeySet.read(json.dumps({"keys": [jwk]}).encode()).has("rsa")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys": 7}'])
def test_what_is_no_key_set_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"JWK set|Expecting"):
        KeySet.read(body)


def test_nothing_of_a_token_stands_in_what_is_raised() -> None:
    text = token(content=claims(exp=MOMENT - int(timedelta(days=1).total_seconds())))
    with pytest.raises(InvalidToken) as caught:
        judged(text)
    assert "portal" not in str(caught.value)
    assert private_key("rsa") is not None
