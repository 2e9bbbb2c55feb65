"""Access tokens by google-auth itself, from token servers on this machine."""

import asyncio
import json
import ssl
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.google_credentials import GoogleCredentials, GoogleTokens, Token
from tests.fakes.http_server import Exchange, HttpServer, Response
from tests.gateway.backends.test_transport import proxying, self_signed
from tests.on_reactor import on_reactor

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


class TokenServer:
    """Answers the assertion of a service account, or as told."""

    def __init__(self, status: int = 200, answer: object = None, delay_s: float = 0) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self._status = status
        self._answer = answer
        self._delay_s = delay_s

    async def __call__(self, exchange: Exchange) -> None:
        self.asked.append(parse_qs(exchange.request.body.decode()))
        if self._delay_s:
            await exchange.wait(self._delay_s)
        answer = self._answer or {
            "access_token": f"ya29.{len(self.asked)}",
            "expires_in": 3599,
            "token_type": "Bearer",
        }
        exchange.respond(Response(self._status, json.dumps(answer).encode()))


def account_file(folder: Path, token_uri: str) -> Path:
    path = folder / "account.json"
    account = {
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "kid1",
        "private_key": PEM,
        "client_email": "gateway@p.iam.gserviceaccount.com",
        "token_uri": token_uri,
    }
    path.write_text(json.dumps(account))
    return path


def at_server(folder: Path, server: HttpServer, timeout_s: float = 5) -> GoogleCredentials:
    fetch = GoogleTokens(credentials_file=account_file(folder, f"{server.url}/token"))
    return GoogleCredentials(fetch, time.monotonic, timeout_s)


class Fetches:
    """A source of tokens whose fetches the test lets through, and a clock that it sets."""

    def __init__(self, lives_s: float = 3600) -> None:
        self.now = 0.0
        self.begun = 0
        self.fails: BackendFailure | None = None
        self.may_pass = threading.Event()
        self.may_pass.set()
        self._lives_s = lives_s

    def __call__(self) -> Token:
        self.begun += 1
        number = self.begun
        assert self.may_pass.wait(5)
        if self.fails is not None:
            raise self.fails
        return Token(f"token{number}", self._lives_s)

    def monotonic(self) -> float:
        return self.now

    def credentials(self, timeout_s: float = 5) -> GoogleCredentials:
        return GoogleCredentials(self, self.monotonic, timeout_s)


async def token_of(credentials: GoogleCredentials) -> str:
    return (await credentials.headers())["authorization"].removeprefix("Bearer ")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.002)


@on_reactor
async def test_a_service_account_proves_itself_by_a_signed_assertion(tmp_path: Path) -> None:
    endpoint = TokenServer()
    async with HttpServer(endpoint) as server:
        assert await token_of(at_server(tmp_path, server)) == "ya29.1"
        (asked,) = endpoint.asked
        assert asked["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        audience = "https://oauth2.googleapis.com/token"
        claims = jwt.decode(asked["assertion"][0], KEY.public_key(), algorithms=["RS256"], audience=audience)
    assert claims["iss"] == "gateway@p.iam.gserviceaccount.com"
    assert claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"


@on_reactor
async def test_two_hundred_who_wait_cause_one_fetch_and_the_loop_runs_on(tmp_path: Path) -> None:
    endpoint = TokenServer(delay_s=0.2)
    async with HttpServer(endpoint) as server:
        credentials = at_server(tmp_path, server)
        waiting = asyncio.gather(*(token_of(credentials) for _ in range(200)))
        turns = 0
        while not waiting.done():
            await asyncio.sleep(0.005)
            turns += 1
        assert set(await waiting) == {"ya29.1"}
    assert len(endpoint.asked) == 1
    assert turns > 10


@on_reactor
async def test_a_token_is_used_while_the_next_one_is_fetched_ahead_of_its_end() -> None:
    fetches = Fetches(lives_s=3600)
    credentials = fetches.credentials()
    assert await token_of(credentials) == "token1"
    fetches.now = 3600 - 226
    assert await token_of(credentials) == "token1"
    assert fetches.begun == 1
    fetches.now = 3600 - 224
    fetches.may_pass.clear()
    assert [await token_of(credentials) for _ in range(5)] == ["token1"] * 5
    await until(lambda: fetches.begun == 2)
    fetches.may_pass.set()
    await asyncio.sleep(0.05)
    assert await token_of(credentials) == "token2"
    assert fetches.begun == 2


@on_reactor
async def test_a_failed_fetch_leaves_the_old_token_in_use_until_its_end() -> None:
    fetches = Fetches(lives_s=3600)
    credentials = fetches.credentials()
    await token_of(credentials)
    fetches.fails = BackendFailure(Cause.NO_CONNECTION, "down")
    fetches.now = 3500
    assert await token_of(credentials) == "token1"
    await until(lambda: fetches.begun == 2)
    await asyncio.sleep(0.02)
    fetches.now = 3505  # within the pause: not each call tries again
    assert await token_of(credentials) == "token1"
    await asyncio.sleep(0.02)
    assert fetches.begun == 2
    fetches.now = 3511
    assert await token_of(credentials) == "token1"
    await until(lambda: fetches.begun == 3)
    await asyncio.sleep(0.02)
    fetches.now = 3600
    with pytest.raises(BackendFailure) as failed:
        await token_of(credentials)
    assert failed.value.cause is Cause.NO_CONNECTION
    fetches.fails = None
    assert await token_of(credentials) == f"token{fetches.begun}"


@on_reactor
async def test_a_short_lived_token_is_not_fetched_for_each_call() -> None:
    fetches = Fetches(lives_s=100)
    credentials = fetches.credentials()
    for _ in range(20):
        await token_of(credentials)
    await asyncio.sleep(0.02)
    assert fetches.begun == 1


@on_reactor
async def test_a_fetch_that_hangs_ends_the_wait_and_is_not_begun_twice() -> None:
    fetches = Fetches()
    fetches.may_pass.clear()
    credentials = fetches.credentials(timeout_s=0.05)
    for _ in range(2):
        with pytest.raises(BackendFailure) as failed:
            await token_of(credentials)
        assert failed.value.cause is Cause.NO_CONNECTION
    assert fetches.begun == 1
    fetches.may_pass.set()
    assert await token_of(credentials) == "token1"


@on_reactor
async def test_one_who_leaves_does_not_take_the_token_from_the_others() -> None:
    fetches = Fetches()
    fetches.may_pass.clear()
    credentials = fetches.credentials()
    leaving, staying = (asyncio.ensure_future(token_of(credentials)) for _ in range(2))
    await until(lambda: fetches.begun == 1)
    leaving.cancel()
    await asyncio.sleep(0.01)
    fetches.may_pass.set()
    assert await staying == "token1"


@on_reactor
async def test_a_token_that_was_refused_is_not_used_again_and_its_successor_stays() -> None:
    fetches = Fetches()
    credentials = fetches.credentials()
    first = await credentials.headers()
    credentials.refused(first)
    assert await token_of(credentials) == "token2"
    credentials.refused(first)  # a second call that was on its way with the first token
    assert await token_of(credentials) == "token2"


@pytest.mark.parametrize(
    ("status", "answer", "cause"),
    [
        (400, {"error": "invalid_grant", "error_description": "s3cr3t"}, Cause.CREDENTIALS),
        (401, {"error": "invalid_client", "error_description": "s3cr3t"}, Cause.CREDENTIALS),
        (200, {"token_type": "s3cr3t"}, Cause.CREDENTIALS),
    ],
)
@on_reactor
async def test_who_says_no_is_told_without_a_word_of_it(
    tmp_path: Path, status: int, answer: object, cause: Cause
) -> None:
    async with HttpServer(TokenServer(status, answer)) as server:
        with pytest.raises(BackendFailure) as failed:
            await at_server(tmp_path, server).headers()
    assert failed.value.cause is cause
    assert not failed.value.may_have_been_paid
    said = failed.value.detail + repr(failed.value.__cause__) + repr(failed.value.__cause__.__cause__)
    assert "s3cr3t" not in said


@on_reactor
async def test_a_token_server_that_nobody_reaches_is_no_connection(tmp_path: Path) -> None:
    async with HttpServer(TokenServer()) as server:
        url = server.url
    fetch = GoogleTokens(credentials_file=account_file(tmp_path, f"{url}/token"))
    with pytest.raises(BackendFailure) as failed:
        await GoogleCredentials(fetch, time.monotonic).headers()
    assert failed.value.cause is Cause.NO_CONNECTION


@asynccontextmanager
async def tokens_over_tls(folder: Path) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        said = b'{"access_token": "ya29.tls", "expires_in": 3599}'
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(said), said))

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*self_signed(folder))
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/token"
    server.close()


@on_reactor
async def test_a_token_is_fetched_through_the_backends_proxy_from_whom_the_system_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with tokens_over_tls(tmp_path) as url, proxying() as (proxy, heads):
        fetch = GoogleTokens(credentials_file=account_file(tmp_path, url), proxy=proxy)
        with pytest.raises(BackendFailure) as failed:
            await GoogleCredentials(fetch, time.monotonic).headers()
        assert failed.value.cause is Cause.NO_CONNECTION
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))  # as an authority of the hospital's
        assert await token_of(GoogleCredentials(fetch, time.monotonic)) == "ya29.tls"
    assert heads
    assert all(head.startswith(b"CONNECT 127.0.0.1:") for head in heads)


@on_reactor
async def test_the_environments_proxy_is_not_used_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with HttpServer(TokenServer()) as server:
        assert await token_of(at_server(tmp_path, server)) == "ya29.1"


@pytest.mark.parametrize(
    "content", [None, "{}", "no JSON", '{"type": "service_account", "private_key": "x"}']
)
def test_a_file_that_is_no_service_account_is_named_and_not_quoted(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "account.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BackendFailure) as failed:
        GoogleTokens(credentials_file=path)()
    assert failed.value.cause is Cause.CREDENTIALS
    assert failed.value.detail.startswith("google-auth: ")
    assert failed.value.__suppress_context__


@pytest.mark.parametrize("source", ["metadata", "default"])
@on_reactor
async def test_the_metadata_server_is_asked_as_google_asks(source: str) -> None:
    """google-auth reads the server's address when it is imported: so in a process of its own."""
    asked: list[tuple[str, str]] = []

    async def answer(exchange: Exchange) -> None:
        request = exchange.request
        asked.append((request.path, request.headers.get("metadata-flavor", "")))
        account = {"email": "default", "scopes": ["https://www.googleapis.com/auth/cloud-platform"]}
        token = {"access_token": "ya29.m", "expires_in": 3599, "token_type": "Bearer"}
        said = token if request.path.endswith("/token") else account
        exchange.respond(Response(200, json.dumps(said).encode(), headers=(("Metadata-Flavor", "Google"),)))

    async with HttpServer(answer) as server:
        host = server.url.removeprefix("http://")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from gateway.backends.google_credentials import GoogleTokens\n"
            f"token = GoogleTokens({source!r})()\n"
            "print(token.value, round(token.lives_s, -2))",
            stdout=asyncio.subprocess.PIPE,
            env={
                "GCE_METADATA_HOST": host,
                "GCE_METADATA_IP": host,
                "CLOUDSDK_CONFIG": "/nowhere",
                "PATH": "/nowhere",
            },
        )
        said, _ = await asyncio.wait_for(process.communicate(), 20)
    assert said.split() == [b"ya29.m", b"3600.0"]
    assert ("/computeMetadata/v1/instance/service-accounts/default/token", "Google") in asked


def test_tokens_stay_out_of_what_is_printed() -> None:
    assert "s3cr3t" not in repr(Token("s3cr3t", 1.0))
