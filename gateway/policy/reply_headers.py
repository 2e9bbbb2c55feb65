"""HTTP headers that tell a caller which policy decided, and of the lives of what it was given. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, tzinfo
from email.utils import format_datetime
from urllib.parse import quote

from gateway.messages import InboundMessage, Protocol
from gateway.policy.decision import Decision
from gateway.policy.rules import ModelVersion, Policy
from gateway.versions import OPERATION, Versioned

Headers = tuple[tuple[str, str], ...]


def reply_headers(decision: Decision, policy: Policy, message: InboundMessage) -> Headers:
    """`X-Policy-Revision`; `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link` where they apply.

    They are about the call as it was made, which lives as long as the first to end of what it rests on.
    """
    return tuple(_headers(decision, policy, message))


def _headers(decision: Decision, policy: Policy, message: InboundMessage) -> Iterator[tuple[str, str]]:
    yield "X-Policy-Revision", decision.revision
    meant: tuple[Versioned | None, ...] = (
        decision.operation_moved_from or decision.operation or decision.operation_ended,
        decision.moved_from or decision.model or decision.ended,
    )
    versions = [each for each in meant if each is not None and (each.deprecated or each.sunset)]
    deprecated = [each.deprecated for each in versions if each.deprecated is not None]
    if deprecated:
        yield "Deprecation", f"@{int(_begin(min(deprecated), policy.zone).timestamp())}"
    sunset = [each.sunset for each in versions if each.sunset is not None]
    if sunset:
        yield "Sunset", format_datetime(_begin(min(sunset), policy.zone).astimezone(UTC), usegmt=True)
    links = [link for each in versions for link in _links(each, message)]
    if links:
        yield "Link", ", ".join(links)


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _links(version: Versioned, message: InboundMessage) -> Iterator[str]:
    if version.successor:
        yield f'<{_address(version, version.successor, message)}>; rel="successor-version"'
    if version.documentation:
        yield f'<{version.documentation}>; rel="deprecation"; type="text/html"'


def _address(version: Versioned, successor: str, message: InboundMessage) -> str:
    """Of the same call with the successor; SOAP takes neither in its address, so there it is a name."""
    alias = version.alias if isinstance(version, ModelVersion) else ""
    named = quote(successor, safe="")
    if message.protocol is not Protocol.FHIR:
        path = f"model:{quote(alias, safe='')}" if alias else f"operation:{OPERATION}"
        return f"urn:ehr-gateway:{path}:{named}"
    path = quote(f"{message.base}/{message.target}", safe="/$")
    return f"{path}?model={alias}%40{named}" if alias else f"{path}?operationVersion={named}"
