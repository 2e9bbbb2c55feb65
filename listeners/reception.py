"""What a listener needs of the service that runs it: where whole messages go, and their ids and times."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.interfaces import Handler, Refuser


def _ignored(peer: str, why: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Reception:
    """Given to each listener when it is made."""

    listener: str
    """Its name in the operator's file."""
    handle: Handler
    refuse: Refuser
    new_id: Callable[[], str]
    now: Callable[[], datetime]
    """UTC."""
    handshake_failed: Callable[[str, str], None] = _ignored
    """Called with the peer's address and OpenSSL's reason when TLS ends a connection before any message."""
