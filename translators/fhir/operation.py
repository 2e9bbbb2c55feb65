"""A call of `$summarize`, read from a Parameters resource, a bare resource or a query, and checked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from gateway.clinical import Caution
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import InboundMessage
from gateway.request import Audience, Purpose, Task
from gateway.values import carrier
from translators.fhir.bundle import type_of
from translators.fhir.elements import boolean, child, children, choice, number, string
from translators.fhir.json_guard import Element
from translators.fhir.parameters import PARAMETERS, Parameter
from translators.fhir.resource_types import R4_TYPES
from translators.fhir.to_request import Selection

PURPOSES_OF_USE = frozenset({"BTG", "TREAT", "ETREAT", "HPAYMT", "HOPERAT", "PATRQT", "HRESCH"})

_GENERAL = frozenset({"_format", "_pretty"})
"""Query parameters of every interaction, not of this operation."""

_VALUES: dict[str, tuple[str, ...]] = {  # FHIR is strict here, callers are not, and nothing is ambiguous
    "id": ("valueId", "valueString"),
    "string": ("valueString",),
    "date": ("valueDate", "valueDateTime", "valueString"),
    "instant": ("valueInstant", "valueDateTime", "valueString"),
    "code": ("valueCode", "valueString"),
    "positiveInt": ("valuePositiveInt", "valueInteger", "valueUnsignedInt"),
    "canonical": ("valueCanonical", "valueUri", "valueUrl", "valueString"),
    "boolean": ("valueBoolean",),
    "Coding": ("valueCoding",),
    "Reference": ("valueReference",),
}

_DEFAULT_PURPOSE = {"DiagnosticReport": Purpose.RESULTS}

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,6}", re.ASCII)
_MOST_CHARACTERS = 10_000_000

Code = TypeVar("Code", bound=StrEnum)


@dataclass(slots=True)
class Invocation:
    """What the caller asks for, checked."""

    resource: Element | None = None
    task: Task = Task()  # noqa: RUF009 (a value, never changed)
    selection: Selection = field(default_factory=Selection)
    patient: str = ""
    identifier: str = ""
    documents: tuple[str, ...] = ()
    evidence: bool = True
    warnings: list[Caution] = field(default_factory=list)


@carrier
class _Given:
    """One parameter as it was sent."""

    location: str
    value: str = ""
    """Of a primitive, as text."""
    element: Element | None = None
    """Of a resource, Coding or Reference."""


def read_invocation(
    message: InboundMessage, root: Element | None, *, is_strict: bool, instance: str = ""
) -> Invocation:
    """`root` is the parsed body, `instance` the Patient's id in the path.

    Raises `GatewayError`, whose `location` names the parameter.
    """
    invocation = Invocation()
    given: dict[str, list[_Given]] = {}
    if instance:
        given["patient"] = [_Given("http.path", instance)]
    for name, value in message.query:
        if name not in _GENERAL:
            _take(invocation, given, name, _from_query(name, value), is_strict)
    if root is not None and root.get("resourceType") == "Parameters":
        for index, parameter in enumerate(children(root, "parameter")):
            name, sent = _from_body(parameter, f"Parameters.parameter[{index}]")
            _take(invocation, given, name, sent, is_strict)
    elif root is not None:
        given.setdefault("resource", []).append(_Given("", element=root))
    _check_cardinality(given)
    _fill(invocation, given, message)
    _check_resource(invocation, given)
    return invocation


def _take(
    invocation: Invocation, given: dict[str, list[_Given]], name: str, sent: _Given, is_strict: bool
) -> None:
    if name in PARAMETERS:
        given.setdefault(name, []).append(sent)
    elif is_strict:
        raise GatewayError(ErrorKind.UNKNOWN_PARAMETER, name, location=sent.location)
    else:
        text = "A parameter that is not known to this operation was ignored"
        invocation.warnings.append(Caution(code="unknown-parameter", text=text, location=sent.location))


def _from_query(name: str, value: str) -> _Given:
    known = PARAMETERS.get(name)
    if known and not known.is_primitive:
        public = f"The parameter {name} cannot be passed in the query"
        raise GatewayError(ErrorKind.INVALID_VALUE, location=f"http.{name}", public=public)
    return _Given(f"http.{name}" if known else "http.query", value.strip())


def _from_body(parameter: Element, place: str) -> tuple[str, _Given]:
    try:
        name = string(parameter, "name")
        known = PARAMETERS.get(name)
        return name, _value_of(parameter, known, place) if known else _Given(f"{place}.name")
    except GatewayError as error:
        error.location = error.location if error.location.startswith(place) else f"{place}.{error.location}"
        raise


def _value_of(parameter: Element, known: Parameter, place: str) -> _Given:
    if known.type == "Resource":
        resource = child(parameter, "resource")
        if resource is None:
            raise _wrong_type(known, place)
        return _Given(f"{place}.resource", element=resource)
    sent = choice(parameter, "value")
    if sent not in _VALUES[known.type]:
        raise _wrong_type(known, place)
    location = f"{place}.value"
    if known.type == "positiveInt":
        return _Given(location, number(parameter, sent))
    if known.type == "boolean":
        return _Given(location, str(boolean(parameter, sent)).lower())
    if known.is_primitive:
        return _Given(location, string(parameter, sent).strip())
    return _Given(location, element=child(parameter, sent))


def _wrong_type(known: Parameter, place: str) -> GatewayError:
    public = f"The parameter {known.name} must be of type {known.type}"
    return GatewayError(ErrorKind.INVALID_VALUE, location=place, public=public)


def _check_cardinality(given: dict[str, list[_Given]]) -> None:
    for name, sent in given.items():
        if len(sent) > 1 and PARAMETERS[name].most == "1":
            public = f"Expected at most 1 value for the parameter {name}"
            location = next((each.location for each in sent[1:] if each.location), sent[0].location)
            raise GatewayError(ErrorKind.INVALID_VALUE, location=location, public=public)


def _fill(invocation: Invocation, given: dict[str, list[_Given]], message: InboundMessage) -> None:
    resource = _first(given, "resource")
    invocation.resource = resource.element if resource else None
    root_type = type_of(invocation.resource) if invocation.resource else ""
    profile = _first(given, "profile")
    if profile:
        text = "No profile of the Composition is offered; the plain document is given"
        invocation.warnings.append(Caution(code="profile-not-offered", text=text, location=profile.location))
    model, version = _first(given, "model"), _first(given, "operationVersion")
    invocation.task = Task(
        purpose=_code(given, "purpose", Purpose, _DEFAULT_PURPOSE.get(root_type, Purpose.LONGITUDINAL)),
        audience=_code(given, "audience", Audience, Audience.CLINICIAN),
        language=_language(given, message),
        max_length=_max_length(given),
        model=model.value if model and model.value else None,
        operation_version=version.value if version else "",
        purpose_of_use=tuple(_purpose_of_use(each) for each in given.get("purposeOfUse", ())),
    )
    start, end = _date(given, "start"), _date(given, "end")
    if start and end and end[: len(start)] < start[: len(end)]:
        raise _invalid(given["end"][0], "The parameter end is before start")
    invocation.selection = Selection(_types(given), _since(given), start, end)
    patient, identifier = _first(given, "patient"), _first(given, "identifier")
    invocation.patient = patient.value if patient else ""
    invocation.identifier = identifier.value if identifier else ""
    references = [each.element or {} for each in given.get("document", ())]
    invocation.documents = tuple(string(each, "reference") for each in references)
    evidence = _first(given, "evidence")
    if evidence and evidence.value not in ("true", "false"):
        raise _invalid(evidence, "The parameter evidence is true or false")
    invocation.evidence = evidence is None or evidence.value == "true"


def _check_resource(invocation: Invocation, given: dict[str, list[_Given]]) -> None:
    """There is content, and it is one resource of FHIR R4."""
    if invocation.resource is None:
        asked = [name for name in ("patient", "identifier", "document") if name in given]
        if asked:
            public = "No FHIR server is configured to fetch content from: send it as the parameter resource"
            raise GatewayError(
                ErrorKind.UNSUPPORTED_TYPE, location=given[asked[0]][0].location, public=public
            )
        public = "Expected 1 value for the parameter resource, or a resource as the body"
        raise GatewayError(ErrorKind.REQUIRED_MISSING, location="Parameters.parameter", public=public)
    location = given["resource"][0].location
    if not invocation.resource.get("resourceType"):
        public = "The body is not a FHIR resource: it has no resourceType"
        place = f"{location}.resourceType".lstrip(".")
        raise GatewayError(ErrorKind.REQUIRED_MISSING, location=place, public=public)
    if type_of(invocation.resource) in ("", "Parameters"):
        public = "This type of resource is not one that FHIR R4 has and that can be summarized"
        raise GatewayError(ErrorKind.UNSUPPORTED_TYPE, location=location, public=public)


def _first(given: dict[str, list[_Given]], name: str) -> _Given | None:
    sent = given.get(name)
    return sent[0] if sent else None


def _invalid(sent: _Given, public: str) -> GatewayError:
    return GatewayError(ErrorKind.INVALID_VALUE, sent.value, location=sent.location, public=public)


def _unknown_code(sent: _Given, public: str) -> GatewayError:
    return GatewayError(ErrorKind.UNKNOWN_CODE, sent.value, location=sent.location, public=public)


def _code(given: dict[str, list[_Given]], name: str, codes: type[Code], default: Code) -> Code:
    sent = _first(given, name)
    if sent is None:
        return default
    try:
        return codes(sent.value)
    except ValueError as error:
        raise _unknown_code(sent, f"The parameter {name} is one of: {', '.join(codes)}") from error


def _language(given: dict[str, list[_Given]], message: InboundMessage) -> str:
    sent = _first(given, "language")
    if sent is None:
        preferred = message.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()
        return preferred if _LANGUAGE.fullmatch(preferred) else "en"
    if not _LANGUAGE.fullmatch(sent.value):
        raise _unknown_code(sent, "The parameter language is a BCP 47 code, such as en or es-US")
    return sent.value


def _max_length(given: dict[str, list[_Given]]) -> int | None:
    sent = _first(given, "maxLength")
    if sent is None:
        return None
    is_number = sent.value.isascii() and sent.value.isdigit() and len(sent.value) <= 9
    if not is_number or not 0 < int(sent.value) <= _MOST_CHARACTERS:
        raise _invalid(sent, f"The parameter maxLength is a whole number from 1 to {_MOST_CHARACTERS}")
    return int(sent.value)


def _purpose_of_use(sent: _Given) -> str:
    code = string(sent.element or {}, "code")
    if code not in PURPOSES_OF_USE:
        public = f"The parameter purposeOfUse is one of: {', '.join(sorted(PURPOSES_OF_USE))}"
        raise _unknown_code(sent, public)
    return code


def _date(given: dict[str, list[_Given]], name: str) -> str:
    sent = _first(given, name)
    if sent is None:
        return ""
    date = sent.value.partition("T")[0]
    if not _DATE.fullmatch(date):
        raise _invalid(sent, f"The parameter {name} is a date, such as 2026-03-14")
    return date


def _since(given: dict[str, list[_Given]]) -> datetime | None:
    sent = _first(given, "_since")
    if sent is None:
        return None
    try:
        since = datetime.fromisoformat(sent.value)
    except ValueError as error:
        raise _invalid(sent, "The parameter _since is an instant") from error
    if since.tzinfo is None:
        raise _invalid(sent, "The parameter _since is an instant, with its offset")
    return since


def _types(given: dict[str, list[_Given]]) -> frozenset[str]:
    found: set[str] = set()
    for sent in given.get("_type", ()):
        names = [name.strip() for name in sent.value.split(",")]
        if not R4_TYPES.issuperset(names):
            raise _unknown_code(sent, "The parameter _type is a resource type of FHIR R4")
        found.update(names)
    return frozenset(found)


def preferences(header: str) -> Sequence[tuple[str, str]]:
    """The list of a Prefer header (RFC 7240): names in lower case with their values."""
    found = []
    for item in header.split(","):
        name, _, value = item.partition(";")[0].partition("=")
        if name.strip():
            found.append((name.strip().lower(), value.strip(' \t"').lower()))
    return found
