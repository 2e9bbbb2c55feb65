"""What hl7apy's validator finds in a message. Slow (26 ms for an ADT): it runs only when it is asked for."""

import re
from collections.abc import Iterator
from typing import Any

from translators.hl7v2.er7 import read
from translators.hl7v2.head import head_fields

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def findings(payload: bytes) -> list[str]:
    """One sentence for each departure from the message structure: places and rules, never values.

    Raises `GatewayError` where the message cannot be read at all.
    """
    from hl7apy.exceptions import HL7apyException
    from hl7apy.parser import parse_message
    from hl7apy.validation import Validator

    head = head_fields(payload)
    er7 = read(payload, head)
    # hl7apy knows neither a fifth character of MSH-2 nor line ends other than CR.
    separator = er7.syntax.field
    lines = [separator.join(segment.row).rstrip(separator) for segment in er7.segments]
    header = er7.segments[0].row
    lines[0] = separator.join([header[0], header[2][:4], *header[3:]]).rstrip(separator)
    try:
        message = parse_message("\r".join(lines), find_groups=True)
    except (HL7apyException, ValueError, LookupError, AttributeError, TypeError) as error:
        return [f"hl7apy does not read it: {type(error).__name__}"]
    found: dict[str, None] = {}
    for element in _from_the_inside(message):
        try:
            Validator.validate(element)
        except HL7apyException as error:
            found[_QUOTED.sub("...", str(error))] = None
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            found[f"{element.name}: {type(error).__name__}"] = None
    return list(found)


def _from_the_inside(element: Any) -> Iterator[Any]:
    """Fields before their segment, segments before the message: hl7apy tells only the first of each."""
    if element.classname in ("Message", "Group", "Segment"):
        for child in element.children:
            yield from _from_the_inside(child)
    yield element
