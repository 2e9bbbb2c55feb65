"""What a listener needs of the service that runs it: where whole messages go, and their ids and times."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.interfaces import Handler, Refuser


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
