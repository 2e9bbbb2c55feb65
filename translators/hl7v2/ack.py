"""Acknowledgments in the form of the sender's version (2.1 to 2.8.2), and enhanced mode's choice of them.

What is echoed is echoed byte by byte: MSA-2 above all, or the sender cannot tell which message it was.
"""

import re
from datetime import datetime
from typing import Literal

from gateway.errors import GatewayError
from gateway.messages import GatewayIdentity, Reply
from translators.hl7v2.head import Head
from translators.hl7v2.opening import ACKNOWLEDGMENTS
from translators.hl7v2.outgoing import Answering
from translators.hl7v2.to_error import CONDITIONS, code_of
from translators.hl7v2.to_request import message_code
from translators.hl7v2.versions import is_at_least

Mode = Literal["original", "enhanced"]

ACCEPT = {"AA": "CA", "AE": "CE", "AR": "CR"}
"""The accept acknowledgment in place of an application acknowledgment, table 0008."""

_LOCATION = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+)(?:\.(\d+)(?:\.(\d+))?)?)?")


def acknowledged(head: Head, identity: GatewayIdentity, message_id: str, now: datetime, mode: Mode) -> Reply:
    """The positive answer to an event."""
    answering = Answering(head, identity)
    if mode == "original" or not _asks(head):
        return Reply(acknowledgment(answering, "AA", f"{message_id}A", now), code="AA")
    bodies: list[bytes] = []
    if wants(head, 15, is_error=False):
        bodies.append(acknowledgment(answering, "CA", f"{message_id}A", now))
    if wants(head, 16, is_error=False):
        bodies.append(acknowledgment(answering, "AA", f"{message_id}B", now))
    code = "CA" if wants(head, 15, is_error=False) else "AA"
    return Reply(bodies[0] if bodies else b"", also=tuple(bodies[1:]), code=code)


def refused(
    head: Head,
    identity: GatewayIdentity,
    message_id: str,
    error: GatewayError,
    now: datetime,
    mode: Mode,
) -> Reply:
    """The negative answer. Errors are found before a message is safe, so in enhanced mode they are of the
    accept level, unless only application acknowledgments are wanted."""
    if message_code(head)[0] in ACKNOWLEDGMENTS:
        return Reply(b"", positive=False, code="none")
    code, _ = code_of(error)
    if mode == "enhanced" and _asks(head):
        if wants(head, 15, is_error=True):
            code = ACCEPT[code]
        elif not wants(head, 16, is_error=True):
            return Reply(b"", positive=False, code=code)
    body = acknowledgment(
        Answering(head, identity, error.public), code, f"{message_id}A", now, error, message_id
    )
    return Reply(body, positive=False, code=code)


def _asks(head: Head) -> bool:
    """Enhanced mode: MSH-15 or MSH-16 is valued."""
    return bool(head.fields[15].strip() or head.fields[16].strip())


def wants(head: Head, field: int, *, is_error: bool) -> bool:
    """MSH-15 or MSH-16 by table 0155; what is not valued asks for nothing once the other is (2.9.2)."""
    condition = head.code(field)
    return condition == "AL" or condition == ("ER" if is_error else "SU")


def acknowledgment(
    answering: Answering,
    code: str,
    control_id: str,
    now: datetime,
    error: GatewayError | None = None,
    incident: str = "",
) -> bytes:
    """One ACK, every segment ended by CR. `incident` is our own id of the message, for ERR-7."""
    header = answering.header(_message_type(answering), control_id, now)
    if error is None:
        return header + msa(answering, code)
    return header + msa(answering, code, error) + err(answering, error, incident)


def _message_type(answering: Answering) -> bytes:
    """2.1 and 2.2 `ACK`, 2.3 `ACK^A01`, from 2.3.1 on `ACK^A01^ACK`."""
    event = answering.head.components(9)[1:2]
    if not event or not event[0] or not answering.component or not is_at_least(answering.version, "2.3"):
        return b"ACK"
    structure = (b"ACK",) if is_at_least(answering.version, "2.3.1") else ()
    return answering.component.join((b"ACK", event[0], *structure))


def msa(answering: Answering, code: str, error: GatewayError | None = None) -> bytes:
    """MSA-3 (text) was withdrawn in 2.7."""
    control_id = answering.head.fields[10 if answering.head.name == b"MSH" else 11]
    text = b""
    if error is not None and not is_at_least(answering.version, "2.7"):
        text = answering.text(error.public)
    return answering.segment(b"MSA", code.encode(), control_id, text)


def err(answering: Answering, error: GatewayError, incident: str) -> bytes:
    """ERR in the version's form: one field up to 2.4, from 2.5 on location, code, severity and texts."""
    condition = code_of(error)[1]
    place = _LOCATION.match(error.location)
    segment, sequence, field, component, subcomponent = place.groups("") if place else ("",) * 5
    sequence = sequence or ("1" if segment else "")
    join = (answering.component or b" ").join
    if not is_at_least(answering.version, "2.5"):
        coded = condition.encode()
        if is_at_least(answering.version, "2.2"):
            sub = answering.head.delimiters_or_standard().subcomponent.replace("\x00", " ")
            coded = answering.text(condition) + sub.encode() + answering.text(CONDITIONS[condition])
            coded += sub.encode() + b"HL70357"
        where = [each.encode() for each in (segment, sequence, field)]
        return answering.segment(b"ERR", join([*where, coded]))
    repetition = "1" if component else ""
    where = [each.encode() for each in (segment, sequence, field, repetition, component, subcomponent)]
    return answering.segment(
        b"ERR",
        b"",
        join(where).rstrip(answering.component or b" "),
        answering.coded(condition, CONDITIONS[condition], "HL70357"),
        b"E",
        answering.coded(error.kind.value, error.public, "L"),
        b"",
        answering.text(incident),
        answering.text(error.public),
    )
