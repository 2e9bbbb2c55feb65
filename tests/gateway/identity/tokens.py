"""An issuer of the tests: its keys, and tokens signed by them."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://auth.riverside.example"
AUDIENCE = "https://gateway.riverside.example/fhir/R4"
OPERATION = f"{AUDIENCE}/OperationDefinition/Summarize"
NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


@cache
def private_key(name: str) -> Any:
    """`ec...` on P-384, anything else RSA."""
    if name.startswith("ec"):
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(65537, 1024 if name.startswith("small") else 2048)


def jwks(*names: str, **more: str) -> bytes:
    return json.dumps({"keys": [public_jwk(name, **more) for name in names]}).encode()


def public_jwk(name: str, **more: str) -> dict[str, Any]:
    algorithm = ECAlgorithm if name.startswith("ec") else RSAAlgorithm
    jwk = algorithm.to_jwk(private_key(name).public_key(), as_dict=True)
    return {**jwk, "kid": name, "use": "sig", **more}


def claims(now: datetime = NOW, **changed: Any) -> dict[str, Any]:
    """Those of a good token; None takes one out."""
    moment = int(now.timestamp())
    all_of_them = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "client_id": "portal-app",
        "sub": "portal-app",
        "jti": "t1",
        "iat": moment - 5,
        "exp": moment + 295,
        "scope": "system/*.rs",
        **changed,
    }
    return {name: value for name, value in all_of_them.items() if value is not None}


def token(key: str = "rsa", content: dict[str, Any] | None = None, alg: str = "", **headers: Any) -> str:
    algorithm = alg or ("ES384" if key.startswith("ec") else "RS384")
    return jwt.encode(
        claims() if content is None else content, private_key(key), algorithm, {"kid": key, **headers}
    )
