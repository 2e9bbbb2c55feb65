"""Who a caller is, with everything that takes waiting or memory: tokens to verify, nonces that were used."""

from datetime import datetime

from gateway.errors import ErrorKind, GatewayError
from gateway.identity.issued_keys import is_key
from gateway.identity.partners import PartnerTable, Principal
from gateway.identity.token_checks import TokenChecks
from gateway.identity.username_tokens import UsedNonces
from gateway.messages import Claims, InboundMessage


class Authenticator:
    def __init__(self, started_at: datetime, tokens: TokenChecks | None = None) -> None:
        self._tokens = tokens or TokenChecks()
        self._nonces = UsedNonces(started_at)

    async def identify(self, partners: PartnerTable, claims: Claims, message: InboundMessage) -> Principal:
        """Raises `UNAUTHENTICATED`, the same for an unknown caller and a wrong secret."""
        principal = await self._known(partners, claims, message)
        if claims.digest is not None:
            # Only what was verified is remembered: strangers can neither fill nor poison the memory.
            user = claims.username or ""
            self._nonces.take(principal.partner.name, user, claims.digest, message.received_at)
        return principal

    async def _known(self, partners: PartnerTable, claims: Claims, message: InboundMessage) -> Principal:
        bearer, now = claims.api_key, message.received_at
        token = await self._tokens.of_jwt(bearer, now) if bearer else None
        try:
            return partners.identify(claims, message, token)
        except GatewayError as error:
            if error.kind is not ErrorKind.UNAUTHENTICATED or not bearer or token or is_key(bearer):
                raise
            # Asked last, so that no key of ours is ever shown to an issuer.
            token = await self._tokens.by_asking(bearer, now)
            if token is None:
                raise
        return partners.identify(claims, message, token)

    async def close(self) -> None:
        await self._tokens.close()
