"""What a caller showed to prove itself, with what every comparison needs computed once."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from gateway.identity.tokens import AccessToken
from gateway.messages import Claims, InboundMessage


@dataclass(slots=True)
class Shown:
    claims: Claims
    message: InboundMessage
    token: AccessToken | None = None
    """Verified already."""
    key_sha256: str = field(init=False)
    password_sha256: str = field(init=False)

    def __post_init__(self) -> None:
        self.key_sha256 = _digest(self.claims.api_key)
        self.password_sha256 = _digest(self.claims.password)

    @property
    def has_secret(self) -> bool:
        """Any at all, good or not."""
        claims = self.claims
        return claims.api_key is not None or claims.username is not None

    def has_key(self, expected_sha256: str) -> bool:
        return self.claims.api_key is not None and hmac.compare_digest(self.key_sha256, expected_sha256)

    def has_password(self, expected_sha256: str) -> bool:
        is_it = hmac.compare_digest(self.password_sha256, expected_sha256)
        return is_it and self.claims.password is not None


def _digest(secret: str | None) -> str:
    return sha256((secret or "").encode("utf-8", "surrogatepass")).hexdigest()
