"""Access tokens as JWTs: read, verified against an issuer's keys, and what they grant. Pure."""

from gateway.values import carrier


@carrier
class AccessToken:
    """A token that was verified."""

    issuer: str
    """Its name in the operator's file."""
    client: str
    """`client_id`, else `azp`, else `sub`."""
    subject: str
    """For the audit: the client, with the token's `jti` where it has one."""
    scopes: tuple[str, ...]
    expires_at: float
    """Seconds since 1970."""
