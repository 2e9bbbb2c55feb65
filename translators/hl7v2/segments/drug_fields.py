"""Where RXO, RXE, RXD, RXG and RXA keep dose, strength, route and the rest, as one table."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.clinical import Detail, DetailName, FactStatus
from translators.hl7v2 import elements
from translators.hl7v2.codes import ADMINISTRATION, WITHDRAWN, Standing
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each thing stands in one of the drug segments; 0 where it does not."""

    category: str
    drug: int
    amount: tuple[int, int]
    """Least and most."""
    unit: int
    form: int
    quantity: tuple[int, int] = (0, 0)
    """Amount to dispense or dispensed, and its unit."""
    strength: tuple[int, int] = (0, 0)
    rate: tuple[int, int] = (0, 0)
    instructions: tuple[int, ...] = ()
    reason: int = 0
    timing: int = 0
    time: int = 0
    end: int = 0
    lot: int = 0
    manufacturer: int = 0
    comment: int = 0


COLUMNS: dict[str, Columns] = {
    "RXO": Columns("order", 1, (2, 3), 4, 5, quantity=(11, 12), strength=(18, 19), rate=(21, 22),
                   instructions=(7, 6), reason=20),
    "RXE": Columns("order", 2, (3, 4), 5, 6, quantity=(10, 11), strength=(25, 26), rate=(23, 24),
                   instructions=(7, 21), reason=27, timing=1),
    "RXD": Columns("dispense", 2, (0, 0), 0, 6, quantity=(4, 5), strength=(16, 17), instructions=(15,),
                   reason=21, time=3, lot=18, manufacturer=20, comment=9),
    "RXG": Columns("order", 4, (5, 6), 7, 8, strength=(17, 18), rate=(15, 16), instructions=(13,),
                   reason=22, timing=3, lot=19, manufacturer=21, comment=9),
    "RXA": Columns("administration", 5, (6, 0), 7, 8, strength=(13, 14), reason=19, time=3, end=4, lot=15,
                   manufacturer=17, comment=9),
}  # fmt: skip

NOT_DOSED = "999"
"""RXA-6 when the amount is not known (2.5.1 section 4.14.7.6)."""


def administration_standing(context: Context, segment: Segment) -> tuple[Standing, str, bool]:
    """Status, the code sent, and whether it was not given. A reason for refusal alone says it was refused."""
    if elements.first_code(context.syntax, segment.row[21]) == "D":
        return WITHDRAWN, "RXA-21=D", False
    completion = elements.first_code(context.syntax, segment.row[20])
    if not completion and context.syntax.text(segment.row[18]):
        return FactStatus.NOT_DONE, "RXA-18", True
    status = ADMINISTRATION.get(completion, FactStatus.UNKNOWN)
    return status, f"RXA-20={completion}" if completion else "", status is FactStatus.NOT_DONE


def drug_details(context: Context, segment: Segment, columns: Columns) -> list[Detail]:
    """Dose, strength, form, rate, quantity, instructions, reason, lot, manufacturer and comment."""
    syntax, row = context.syntax, segment.row
    least, most = columns.amount
    amount = syntax.folded(row[least]) if least else ""
    upper = syntax.folded(row[most]) if most else ""
    if amount == NOT_DOSED and segment.name == "RXA":
        amount = ""
    if upper and upper != amount:
        amount = f"{amount}-{upper}" if amount else upper
    unit = elements.for_people(elements.unit_of(syntax, row[columns.unit])) if columns.unit else ""
    dose = f"{amount} {unit}".strip() if amount else ""
    strength = elements.quantity(syntax, row[columns.strength[0]], row[columns.strength[1]])
    quantity = elements.quantity(syntax, row[columns.quantity[0]], row[columns.quantity[1]])
    rate = elements.quantity(syntax, row[columns.rate[0]], row[columns.rate[1]]) if columns.rate[0] else ""
    instructions = [text for field in columns.instructions if (text := _written(context, row[field]))]
    named = [
        (DetailName.DOSE, " at ".join([part for part in (dose, rate) if part])),
        (DetailName.STRENGTH, strength if columns.strength[0] else ""),
        (DetailName.FORM, elements.coded_text(syntax, row[columns.form])),
        (DetailName.QUANTITY, quantity if columns.quantity[0] else ""),
        *((DetailName.INSTRUCTIONS, text) for text in instructions),
        (DetailName.LOT, syntax.folded(row[columns.lot]) if columns.lot else ""),
    ]
    details = [Detail(name=name, text=text) for name, text in named if text]
    coded = [
        (columns.reason, DetailName.REASON),
        (columns.manufacturer, DetailName.MANUFACTURER),
        (columns.comment, DetailName.COMMENT),
    ]
    return details + context.details(segment, *[each for each in coded if each[0]])


def _written(context: Context, raw: str) -> str:
    """Instructions repeat, coded or plain."""
    texts = [elements.coded_text(context.syntax, each) for each in context.syntax.repetitions(raw)]
    return "; ".join([text for text in texts if text])


def route_details(context: Context, *segments: Segment | None) -> list[Detail]:
    """RXR of the first of the segments that has any."""
    for segment in segments:
        rows = segment.attached_of("RXR") if segment is not None else []
        if rows:
            return [
                detail
                for row in rows
                for detail in (
                    *context.details(
                        row, (1, DetailName.ROUTE), (2, DetailName.SITE), (4, DetailName.METHOD)
                    ),
                    *context.comments(row),
                )
            ]
    return []


def in_order(details: Iterable[Detail]) -> tuple[Detail, ...]:
    """Each once, in an order that does not depend on which segment said what."""
    return tuple(sorted(dict.fromkeys(details), key=lambda detail: _ORDER.index(detail.name)))


_ORDER = (
    DetailName.STRENGTH,
    DetailName.FORM,
    DetailName.DOSE,
    DetailName.ROUTE,
    DetailName.FREQUENCY,
    DetailName.SITE,
    DetailName.METHOD,
    DetailName.INSTRUCTIONS,
    DetailName.QUANTITY,
    DetailName.PRIORITY,
    DetailName.REASON,
    DetailName.LOT,
    DetailName.MANUFACTURER,
    DetailName.COMMENT,
)
