"""HTTP headers that tell a caller which policy decided, and of the life of the model it was given. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, tzinfo
from email.utils import format_datetime
from urllib.parse import quote

from gateway.messages import InboundMessage, Protocol
from gateway.policy.decision import Decision
from gateway.policy.rules import ModelVersion, Policy

Headers = tuple[tuple[str, str], ...]


def reply_headers(decision: Decision, policy: Policy, message: InboundMessage) -> Headers:
    """`X-Policy-Revision`; `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link` where they apply."""
    return tuple(_headers(decision, policy, message))


def _headers(decision: Decision, policy: Policy, message: InboundMessage) -> Iterator[tuple[str, str]]:
    yield "X-Policy-Revision", decision.revision
    version = decision.moved_from or decision.model or decision.ended
    if version is None:
        return
    if version.deprecated is not None:
        yield "Deprecation", f"@{int(_begin(version.deprecated, policy.zone).timestamp())}"
    if version.sunset is not None:
        yield "Sunset", format_datetime(_begin(version.sunset, policy.zone).astimezone(UTC), usegmt=True)
    if version.successor and (version.deprecated or version.sunset):
        yield "Link", f'<{_address(version, message)}>; rel="successor-version"'


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _address(version: ModelVersion, message: InboundMessage) -> str:
    """Of the same operation with the successor; SOAP takes no model in its address, so there it is a name."""
    if message.protocol is Protocol.FHIR:
        path = quote(f"{message.base}/{message.target}", safe="/$")
        return f"{path}?model={version.alias}%40{quote(version.successor or '', safe='')}"
    return f"urn:ehr-gateway:model:{quote(version.alias, safe='')}:{quote(version.successor or '', safe='')}"
