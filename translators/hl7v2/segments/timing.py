"""When and how often: TQ1 (2.5 and later), and the TQ fields it took the place of (ORC-7, OBR-27, RXE-1)."""

from dataclasses import dataclass

from gateway.clinical import Detail, DetailName
from translators.hl7v2 import elements
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment, Syntax


@dataclass(slots=True)
class Timing:
    start: str = ""
    end: str = ""
    details: tuple[Detail, ...] = ()


_NONE = Timing()


def timing_of(context: Context, *places: tuple[Segment | None, int]) -> Timing:
    """The first that says anything: the TQ1 of each segment, then the TQ field of each.

    A segment with its TQ field, in order of precedence; 0 where it has none.
    """
    for segment, _ in places:
        if segment is not None and segment.attached is not None:
            rows = segment.attached_of("TQ1")
            if rows:
                return _of_tq1(context, rows)
    for segment, field in places:
        if segment is not None and field and segment.row[field]:
            return _of_tq(context, segment, field)
    return _NONE


def _of_tq1(context: Context, rows: list[Segment]) -> Timing:
    """Several TQ1 are steps of one schedule (a taper): all are told, the first gives the start."""
    syntax = context.syntax
    details: list[Detail] = []
    for segment in rows:
        row = segment.row
        pattern = " ".join(
            [text for each in syntax.repetitions(row[3]) if (text := _repeat_pattern(syntax, each))]
        )
        explicit = " ".join([syntax.text(each) for each in syntax.repetitions(row[4])])
        duration = elements.quantity(syntax, *syntax.components(row[6], 2)[:2])
        priority, is_prn = _priority(syntax, row[9])
        details += _details(
            (DetailName.FREQUENCY, _frequency(pattern, [explicit], duration, syntax.folded(row[10]), is_prn)),
            (DetailName.INSTRUCTIONS, syntax.folded(row[11])),
            (DetailName.PRIORITY, priority),
        )
        details += context.comments(segment)
    return Timing(context.time(rows[0], 7), context.time(rows[-1], 8), tuple(details))


_ALIGNMENTS = frozenset("DM DW DY HD MH MY NH SM WY".split())  # RPT.2, table 0527


def _repeat_pattern(syntax: Syntax, raw: str) -> str:
    """RPT: its code in the words sent with it (`BID&2 times a day&HL70335`), else its period (RPT.5 and
    RPT.6). Many senders write it as a CWE: `BID^2 times a day^HL70335`."""
    if syntax.component not in raw and syntax.subcomponent not in raw:
        return syntax.folded(raw)
    parts = syntax.components(raw, 6)
    text = elements.coded_text(syntax, parts[0].replace(syntax.subcomponent, syntax.component))
    words = syntax.folded(parts[1])
    if words and words not in _ALIGNMENTS:
        return words
    period = elements.quantity(syntax, parts[4], parts[5])
    return text or (f"every {period}" if period else "")


def _of_tq(context: Context, segment: Segment, field: int) -> Timing:
    """TQ: quantity, interval, duration, start, end, priority, condition, text (2.3 section 4.4)."""
    syntax = context.syntax
    parts = syntax.components(syntax.repetitions(segment.row[field] or "-")[0], 8)
    pattern = " ".join([syntax.text(part) for part in parts[1].split(syntax.subcomponent) if part])
    duration = syntax.text(parts[2])
    priority, is_prn = _priority(syntax, parts[5])
    details = _details(
        (DetailName.FREQUENCY, _frequency(pattern, [], duration, syntax.folded(parts[6]), is_prn)),
        (DetailName.INSTRUCTIONS, syntax.folded(parts[7])),
        (DetailName.PRIORITY, priority),
    )
    return Timing(elements.iso(syntax, parts[3]) or "", elements.iso(syntax, parts[4]) or "", tuple(details))


_AS_NEEDED = "PRN"  # table 0485, among the priorities (TQ1-9, TQ.6)
_CONDITION_BEGINS = frozenset("after as before for if in on unless until when while with".split())


def _priority(syntax: Syntax, raw: str) -> tuple[str, bool]:
    """What is said of urgency, and whether it is only as needed: that is no urgency but part of how often."""
    said = [(elements.first_code(syntax, each), each) for each in syntax.repetitions(raw)] if raw else []
    texts = [elements.coded_text(syntax, each) for code, each in said if code != _AS_NEEDED]
    return ", ".join([text for text in texts if text]), any(code == _AS_NEEDED for code, _ in said)


def _frequency(pattern: str, times: list[str], duration: str, condition: str, is_prn: bool) -> str:
    """`every 6 hours as needed for pain`: worded as FHIR and C-CDA are, where the drug is taken as needed."""
    if is_prn:
        is_worded = condition.partition(" ")[0].lower() in _CONDITION_BEGINS
        pattern = f"{pattern} as needed".strip()
        pattern += f" {condition if is_worded else f'for {condition}'}" if condition else ""
        condition = ""
    parts = [pattern, *times, f"for {duration}" if duration else "", condition]
    return ", ".join([part for part in parts if part])


def _details(*named: tuple[DetailName, str]) -> list[Detail]:
    return [Detail(name=name, text=text) for name, text in named if text]
