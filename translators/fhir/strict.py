"""Structural validation of every resource by fhir.resources, for callers who ask for it (`handling=strict`).

Its findings name places and kinds of error only: its own sentences may quote values.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from gateway.errors import ErrorKind, GatewayError
from translators.fhir.bundle import Graph, read_graph
from translators.fhir.json_guard import Element, Number, parse_json

_MOST_FINDINGS = 50

_KINDS = {  # pydantic's error types -> issue-type, our sentence
    "missing": ("required", "A required element is missing"),
    "extra_forbidden": ("structure", "FHIR R4 has no such element here"),
    "string_pattern_mismatch": ("value", "The value does not have the form that its type demands"),
}
_OTHERWISE = ("value", "The element is not as FHIR R4 defines it")

_NONE_OF_CHOICE = "Expect any of field value from this list"


@dataclass(frozen=True, slots=True)
class Finding:
    expression: str
    """FHIRPath of the element."""
    code: str
    """issue-type."""
    text: str


class InvalidResources(GatewayError):
    """What was sent does not follow FHIR R4, and the caller wished that to be an error."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(ErrorKind.INVALID_VALUE, location=findings[0].expression, public=findings[0].text)
        self.findings = findings


def validate(graph: Graph) -> None:
    """Raises `InvalidResources` when any resource is not structurally valid FHIR R4."""
    found = tuple(islice(_all_findings(graph), _MOST_FINDINGS))
    if found:
        raise InvalidResources(found)


def findings(body: bytes) -> list[str]:
    """What is not structurally valid in a Bundle or resource, a line each: places, never values."""
    found = _all_findings(read_graph(parse_json(body)))
    return [f"{finding.expression}: {finding.text}" for finding in found]


def _all_findings(graph: Graph) -> Iterator[Finding]:
    for entry in graph.entries:
        yield from _findings_in(entry.resource, entry.type, entry.origin)


def _findings_in(resource: Element, kind: str, origin: str) -> Iterator[Finding]:
    from fhir.resources.R4B import get_fhir_model_class  # 0.3 s at the first use, which most never pay
    from pydantic import ValidationError

    try:
        model = get_fhir_model_class(kind)
    except (KeyError, ValueError):  # R4 types that R4B dropped, and types that do not exist
        if not kind:
            yield Finding(origin, "structure", "FHIR R4 has no resource of this type")
        return
    try:
        model.model_validate(_with_numbers(resource))
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False, include_context=False):
            if not _is_false_alarm(each["msg"], each["loc"], resource):
                code, text = _KINDS.get(each["type"], _OTHERWISE)
                yield Finding(_path(origin, each["loc"]), code, text)
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):  # it has bugs on hostile input
        yield Finding(origin, "structure", "The resource is not structurally valid FHIR R4")


def _with_numbers(node: Any) -> Any:
    if type(node) is dict:
        return {name: _with_numbers(value) for name, value in node.items()}
    if type(node) is list:
        return [_with_numbers(each) for each in node]
    if type(node) is Number:
        return int(node) if node.lstrip("-").isdigit() else Decimal(node)
    return node


def _path(origin: str, location: tuple[int | str, ...]) -> str:
    for step in location:
        if isinstance(step, int):
            origin += f"[{step}]"
        elif _ELEMENT.fullmatch(step) and step != "root":
            origin += f".{step}"
    return origin


_ELEMENT = re.compile(r"_?[a-z][A-Za-z]{0,40}")


def _is_false_alarm(message: str, location: tuple[int | str, ...], resource: Element) -> bool:
    """A choice that is there only as an extension (data-absent-reason) is legal, which the library denies."""
    if _NONE_OF_CHOICE not in message:
        return False
    node: Any = resource
    for step in location:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return False
    return type(node) is dict and any(f"_{name}" in node for name in re.findall(r"'(\w+)'", message))
