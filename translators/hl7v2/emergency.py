"""Access in an emergency as HL7 v2 asks for it: a consent to the release of information that was bypassed.

CON (chapter 9, since 2.5): CON-2 `001` of table 0496, and CON-11 `B` of table 0498 or a reason of table 0499
in CON-20. Who asks for it is in EVN-5. A query may hold both segments between QPD and RCP, where its
structure leaves room for any. A bypassed consent to something else, an operation, asks for nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from gateway.request import MOST_REASON, Task
from translators.hl7v2 import elements
from translators.hl7v2.er7 import Segment, Syntax, read
from translators.hl7v2.head import Head

_RELEASE_OF_INFORMATION = "001"
_BYPASSED = "B"
_REASONS = {"E": ("Emergency", "ETREAT"), "PJ": ("Professional judgment", "BTG")}
"""Of table 0499: what it says, and the purpose of use (v3-ActReason) that it is."""


def is_bypassed(syntax: Syntax, consent: Segment) -> bool:
    """A CON that says that its consent was not sought, whatever it is a consent to."""
    return bool(syntax.first(consent.row[20])) or elements.first_code(syntax, consent.row[11]) == _BYPASSED


def is_of_information(syntax: Syntax, consent: Segment) -> bool:
    return syntax.first(consent.row[2]) == _RELEASE_OF_INFORMATION


def _in_emergency(task: Task, syntax: Syntax, segments: Sequence[Segment]) -> Task:
    """`task` with what the first such consent asks for. What it lacks stays empty: policy refuses it."""
    consent = next(
        (
            each
            for each in segments
            if each.name == "CON" and is_of_information(syntax, each) and is_bypassed(syntax, each)
        ),
        None,
    )
    if consent is None:
        return task
    code = elements.first_code(syntax, consent.row[20])
    said, purpose = _REASONS.get(code, ("", "BTG"))
    words = elements.coded_text(syntax, consent.row[20])
    return replace(
        task,
        purpose_of_use=(purpose,),
        break_glass=(words if said and words.upper() != code else said)[:MOST_REASON],
        break_glass_by=_operator(syntax, segments),
    )


def in_emergency_of(task: Task, payload: bytes, head: Head) -> Task:
    """Nearly no message has a CON: only then is it read for it."""
    if b"CON" + head.separator not in payload:
        return task
    er7 = read(_with_segments_of_its_own(payload, head), head)
    return _in_emergency(task, er7.syntax, er7.segments)


def _with_segments_of_its_own(payload: bytes, head: Head) -> bytes:
    """Where segments end in CR, a line feed within somebody's text begins none that opens anything."""
    end = payload.find(b"\r", head.start)
    if end < 0 or payload.find(b"\n", head.start, end) >= 0:
        return payload
    return payload.replace(b"\r\n", b"\r").replace(b"\n", b" ")


def _operator(syntax: Syntax, segments: Sequence[Segment]) -> str:
    """EVN-5, an XCN: number and name."""
    for event in segments:
        if event.name == "EVN":
            for repetition in syntax.repetitions(event.row[5]):
                number, family, given = syntax.texts(repetition, 3)[:3]
                name = ", ".join(part for part in (family, given) if part)
                return f"{number} {name}".strip()[:MOST_REASON]
    return ""
