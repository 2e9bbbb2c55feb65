"""Documents that resources carry: Attachment and Binary. A link is followed inside the message only."""

from base64 import b64decode
from dataclasses import replace

from gateway.clinical import FactStatus, UnreadReason
from translators.fhir.bundle import Entry
from translators.fhir.elements import string
from translators.fhir.json_guard import Element
from translators.fhir.scope import Scope


def read_attachment(
    entry: Entry,
    scope: Scope,
    attachment: Element,
    origin: str,
    *,
    title: str = "",
    section: str = "",
    status: FactStatus = FactStatus.UNKNOWN,
    time: str = "",
) -> bool:
    """Whether its content was read; if not, why not is listed. `title` must hold no identity."""
    media_type, data, url = (string(attachment, name) for name in ("contentType", "data", "url"))
    name = f"{title or 'document'}{f' ({media_type})' if media_type else ''}"
    if not data and url:
        binary = scope.graph.find(url, entry)
        if binary is None or binary.type != "Binary":
            scope.leave_out(origin, UnreadReason.EXTERNAL, f"{name}: only a link was sent")
            return False
        scope.used.add(binary.origin)
        media_type = string(binary.resource, "contentType") or media_type
        data = string(binary.resource, "data")
    if not data:
        scope.leave_out(origin, UnreadReason.NO_INFORMATION, f"{name}: no content was sent")
        return False
    try:
        payload = b64decode("".join(data.split()), validate=True)
    except ValueError:
        scope.leave_out(origin, UnreadReason.INVALID, f"{name}: not base64")
        return False
    carried = scope.attachments.read(
        payload, media_type, origin, title=title, section=section, status=status, time=time
    )
    if title:
        carried.unread = [
            replace(each, what=f"{title}: {each.what}") if each.origin == origin else each
            for each in carried.unread
        ]
    scope.reading.add(carried, origin)
    return bool(carried.facts or carried.notes or carried.encounter)


def read_binary(entry: Entry, scope: Scope) -> None:
    """A Binary that no other resource refers to."""
    read_attachment(entry, scope, entry.resource, entry.origin)
