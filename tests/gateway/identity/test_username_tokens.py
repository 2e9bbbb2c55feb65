"""UsernameToken digests: the published vectors, and nonces that count once."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import Denial, ErrorKind, GatewayError
from gateway.identity.username_tokens import UsedNonces, UsernameSecret
from gateway.messages import Claims, PasswordDigest

START = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)


def digest(value: str, nonce: bytes | None = None, created_at: datetime = START) -> PasswordDigest:

    sent = base64.b64decode("0x7bXAPZVn40AdCD0Xbt0g==") if nonce is None else nonce
    return PasswordDigest(value, sent, "2010-06-28T15:16:37Z", created_at)


@pytest.mark.parametrize(
    ("value", "username", "known"),
    [
        ("5eawvSIg7bt79oQixbEH9hSWS7Y=", "wernerd", True),  # WSS4J's UsernameTokenTest, of the password
        ("C0rena/6gKpRZ9ATj+e6ss5sAbQ=", "wernerd", True),  # of its SHA-1
        ("5eawvSIg7bt79oQixbEH9hSWS7Y=", "somebody", False),
        ("5eawvSIg7bt79oQixbEH9hSWS7Y", "wernerd", False),
        ("", "wernerd", False),
    ],
)
def test_a_digest_is_that_of_the_secret(value: str, username: str, known: bool) -> None:
    secret = UsernameSecret("wernerd", "password")
    claims = Claims(username=username, login="username-token", digest=digest(value))
    assert secret.is_shown(claims) is known


@pytest.mark.parametrize(
    ("password", "login", "known"),
    [
        ("password", "username-token", True),
        ("Password", "username-token", False),
        (None, "username-token", False),
        ("password", "basic", False),  # what was agreed is a UsernameToken
    ],
)
def test_the_secret_may_be_sent_as_text(password: str | None, login: str, known: bool) -> None:
    claims = Claims(username="wernerd", password=password, login=login)
    assert UsernameSecret("wernerd", "password").is_shown(claims) is known


def test_the_secret_is_in_no_repr() -> None:
    assert "password" not in repr(UsernameSecret("wernerd", "password"))


def refusal(nonces: UsedNonces, nonce: bytes, now: datetime, **more: datetime) -> GatewayError | None:
    try:
        nonces.take("registry", "u", digest("", nonce, **more), now)
    except GatewayError as error:
        return error
    return None


def test_a_nonce_counts_once_as_long_as_its_token_could_be_used() -> None:
    nonces = UsedNonces(START)
    created = START + timedelta(seconds=60)  # by a clock that is a minute ahead
    assert refusal(nonces, b"n", START, created_at=created) is None
    again = refusal(nonces, b"n", created + timedelta(seconds=360), created_at=created)
    assert again is not None
    assert (again.kind, again.denial) == (ErrorKind.UNAUTHENTICATED, Denial.REPLAYED)
    assert refusal(nonces, b"m", START, created_at=created) is None


def test_a_token_from_before_the_start_may_have_been_used_before() -> None:
    before = START - timedelta(seconds=1)
    assert refusal(UsedNonces(START), b"n", START, created_at=before) is not None


def test_a_full_memory_lets_nobody_in_until_something_may_be_forgotten() -> None:
    nonces = UsedNonces(START, most_each=2)
    assert refusal(nonces, b"1", START) is None
    assert refusal(nonces, b"2", START) is None
    full = refusal(nonces, b"3", START)
    assert full is not None
    assert full.kind is ErrorKind.OVERLOADED
    nonces.take("another", "u", digest("", b"3"), START)
    later = START + timedelta(seconds=400)
    assert refusal(nonces, b"3", later, created_at=later) is None
