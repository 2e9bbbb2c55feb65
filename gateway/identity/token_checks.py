"""Access tokens of every issuer that the operator trusts: each to the one who can tell what it is worth."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import Denial, ErrorKind, GatewayError
from gateway.identity.introspection import Introspection
from gateway.identity.issuer_keys import IssuerKeys
from gateway.identity.tokens import AccessToken, InvalidToken, Issuer, read_unverified, verified


@dataclass(frozen=True, slots=True)
class KeyedIssuer:
    """One whose tokens are JWTs, verified by its public keys."""

    issuer: Issuer
    keys: IssuerKeys


class TokenChecks:
    def __init__(
        self,
        keyed: Sequence[KeyedIssuer] = (),
        introspected: Sequence[Introspection] = (),
        close: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._keyed: Mapping[str, KeyedIssuer] = {each.issuer.url: each for each in keyed}
        self._introspected = introspected
        self._close = close

    async def of_jwt(self, text: str, now: datetime) -> AccessToken | None:
        """None where it is no JWT of an issuer whose keys are known. Raises `UNAUTHENTICATED`."""
        if not self._keyed:
            return None
        try:
            token = read_unverified(text)
            found = self._keyed.get(token.issuer) if token is not None else None
            if token is None or found is None:
                return None
            return verified(token, found.issuer, await found.keys.keys(token.kid), now)
        except InvalidToken as error:
            raise refused(error) from error

    async def by_asking(self, text: str, now: datetime) -> AccessToken | None:
        """What the first issuer says who knows it; None where there is nobody to ask."""
        if not self._introspected:
            return None
        failure = InvalidToken("unknown")
        for each in self._introspected:
            try:
                return await each.token(text, now)
            except InvalidToken as error:
                failure = error
        raise refused(failure)

    async def close(self) -> None:
        for close in self._close:
            await close()


def refused(error: InvalidToken) -> GatewayError:
    return GatewayError(ErrorKind.UNAUTHENTICATED, f"access token: {error}", denial=Denial.INVALID_TOKEN)
