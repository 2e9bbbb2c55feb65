"""Who a caller is, with everything that takes waiting or memory: tokens to verify, nonces that were used."""

from datetime import datetime

from gateway.identity.partners import PartnerTable, Principal
from gateway.identity.username_tokens import UsedNonces
from gateway.messages import Claims, InboundMessage


class Authenticator:
    def __init__(self, started_at: datetime) -> None:
        self._nonces = UsedNonces(started_at)

    async def identify(self, partners: PartnerTable, claims: Claims, message: InboundMessage) -> Principal:
        """Raises `UNAUTHENTICATED`, the same for an unknown caller and a wrong secret."""
        principal = partners.identify(claims, message)
        if claims.digest is not None:
            # Only what was verified is remembered: strangers can neither fill nor poison the memory.
            user = claims.username or ""
            self._nonces.take(principal.partner.name, user, claims.digest, message.received_at)
        return principal
