"""Reading single elements of FHIR JSON by name, each with the type that FHIR R4 gives it.

An element of another type raises `GatewayError(INVALID_VALUE)` with the element's name as `location`:
to overlook it could turn a meaning round. `null` and an empty string count as absent, because systems
send both.
"""

import re
from collections.abc import Sequence

from gateway.clinical import Code
from gateway.errors import ErrorKind, GatewayError
from gateway.values import carrier
from translators.fhir.json_guard import Element, Number
from translators.terminology.code_systems import canonical


@carrier
class Concept:
    """A CodeableConcept or Coding: its words and its codes."""

    text: str = ""
    codes: tuple[Code, ...] = ()


NOTHING = Concept()


def wrong(name: str) -> GatewayError:
    return GatewayError(ErrorKind.INVALID_VALUE, location=name, public=f"{name} is not as FHIR R4 defines it")


def string(parent: Element, name: str) -> str:
    """A string, code, uri, date ... or empty."""
    value = parent.get(name)
    if value is None:
        return ""
    if type(value) is str:
        return value
    raise wrong(name)


def words(parent: Element, name: str) -> str:
    """A string with its white space folded."""
    value = parent.get(name)
    if value is None:
        return ""
    if type(value) is str:
        return " ".join(value.split())
    raise wrong(name)


def strings(parent: Element, name: str) -> list[str]:
    """A list of strings. FHIR writes `null` where an item has only extensions: those are left out."""
    value = parent.get(name)
    if value is None:
        return []
    if type(value) is not list:
        raise wrong(name)
    found: list[str] = []
    for each in value:
        if type(each) is str:
            found.append(each)
        elif each is not None:
            raise wrong(name)
    return found


def child(parent: Element, name: str) -> Element | None:
    value = parent.get(name)
    if value is None or type(value) is dict:
        return value
    raise wrong(name)


def children(parent: Element, name: str) -> Sequence[Element]:
    value = parent.get(name)
    if value is None:
        return ()
    if type(value) is not list:
        raise wrong(name)
    for each in value:
        if type(each) is not dict:
            raise wrong(name)
    return value


def boolean(parent: Element, name: str) -> bool | None:
    value = parent.get(name)
    if value is None or type(value) is bool:
        return value
    raise wrong(name)


_DECIMAL = re.compile(r"-?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?", re.ASCII)


def number(parent: Element, name: str) -> str:
    """A number's literal, or empty. A decimal in quotes is what several systems send, and says the same."""
    value = parent.get(name)
    if value is None:
        return ""
    if type(value) is Number:
        return str(value)
    if type(value) is str and _DECIMAL.fullmatch(value):
        return value
    raise wrong(name)


def choice(parent: Element, stem: str) -> str:
    """The name in use of a choice of types, `valueQuantity` for `value`; empty when there is none.

    Raises `GatewayError` for two at once: which of them is meant is not known.
    """
    near = [name for name in parent if stem in name]  # most have none, and `in` asks at half the cost
    if not near:
        return ""
    length = len(stem)
    found = [
        name
        for name in near
        if name.startswith(stem) and name[length : length + 1].isupper() and parent[name] is not None
    ]
    if len(found) > 1:
        raise wrong(f"{stem}[x]")
    return found[0] if found else ""


def concept(parent: Element, name: str) -> Concept:
    """A CodeableConcept. Its words are its text, else the first display, else the first code."""
    element = parent.get(name)
    if element is None:
        return NOTHING
    if type(element) is dict:
        return as_concept(element)
    raise wrong(name)


def concepts(parent: Element, name: str) -> list[Concept]:
    if parent.get(name) is None:
        return []
    return [as_concept(each) for each in children(parent, name)]


def texts_in(parent: Element, name: str) -> list[str]:
    """The words of a list of CodeableConcepts."""
    return [each.text for each in concepts(parent, name)]


def as_concept(element: Element) -> Concept:
    codings = children(element, "coding")
    if not codings:
        text = words(element, "text")
        return Concept(text) if text else NOTHING
    if len(codings) == 1:
        code = as_code(codings[0])
        return Concept(words(element, "text") or code.display or code.code, (code,) if code.code else ())
    codes = tuple([as_code(each) for each in codings])
    text = words(element, "text")
    if not text:
        text = next((code.display for code in codes if code.display), "")
    if not text:
        text = next((code.code for code in codes if code.code), "")
    return Concept(text, tuple([code for code in codes if code.code]))


def as_code(coding: Element) -> Code:
    code, system, display = _parts_of(coding)
    return Code(code=code, system=canonical(system), display=" ".join(display.split()))


def _parts_of(coding: Element) -> tuple[str, str, str]:
    """Its code, system and display as sent; most codings have all three."""
    code, system, display = coding.get("code"), coding.get("system"), coding.get("display")
    if type(code) is str and type(system) is str and type(display) is str:
        return code, system, display
    return string(coding, "code"), string(coding, "system"), string(coding, "display")


def coding(parent: Element, name: str) -> Concept:
    """A Coding, read as a concept of one code."""
    element = child(parent, name)
    if element is None:
        return NOTHING
    code = as_code(element)
    return Concept(code.display or code.code, (code,) if code.code else ())


def codes_in(parent: Element, name: str) -> list[str]:
    """The bare codes of a CodeableConcept or a list of them."""
    value = parent.get(name)
    if value is None:
        return []
    found: list[str] = []
    for each in [value] if type(value) is dict else children(parent, name):
        found += _said(each)[0]
    return found


def status_code(parent: Element, name: str, known: Sequence[str]) -> str:
    """A status, whether written as code or as CodeableConcept (STU3 and R4 differ in some).

    The first of `known` that is said in any coding or in the text, whatever its letters' case; else what
    was sent.
    """
    value = parent.get(name)
    if value is None:
        return ""
    if type(value) is str:
        said = [value]
    elif type(value) is dict:
        codes, text = _said(value)
        said = [*codes, text]
    else:
        raise wrong(name)
    folded = [each.strip().lower() for each in said]
    for code in known:
        if code in folded:
            return code
    return said[0].strip()


def _said(element: Element) -> tuple[list[str], str]:
    """The bare codes of a CodeableConcept and its text, else its first display: `as_concept` at a third."""
    codes, shown = [], ""
    for each in children(element, "coding"):
        code, _, display = _parts_of(each)
        if code:
            codes.append(code)
        if not shown and display:
            shown = " ".join(display.split())
    return codes, words(element, "text") or shown


_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def absent_reason(parent: Element, name: str) -> str:
    """Why an element has no value, as the data-absent-reason extension says it; empty when it does not."""
    for holder in (parent.get(f"_{name}"), parent.get(name)):
        if type(holder) is dict:
            for extension in children(holder, "extension"):
                if string(extension, "url") == _ABSENT:
                    return string(extension, "valueCode")
    return ""
