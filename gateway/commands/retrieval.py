"""The query that asks for a patient's summary, built from any HL7 v2 message about that patient."""

from datetime import UTC, datetime
from itertools import count

_numbers = count(1)


def query_for(payload: bytes) -> bytes | None:
    """A `QBP^Q15` in the delimiters of `payload`; None where it names no patient and no visit.

    QPD-3 is the patient's identifiers (PID-3), QPD-4 the visit number (PV1-19), as they were sent.
    """
    text = payload.decode("latin-1")
    if len(text) < 9:
        return None
    separator, encoding = text[3], text[4:].split(text[3], 1)[0]
    fields = {segment[:3]: segment.split(separator) for segment in reversed(text.split("\r"))}
    patient = _field(fields.get("PID", []), 3) or _field(fields.get("PID", []), 2)
    visit = _field(fields.get("PV1", []), 19)
    if not patient and not visit:
        return None
    header, component = fields["MSH"], encoding[0]
    now = f"{datetime.now(UTC):%Y%m%d%H%M%S}"
    number = f"Q{now}{next(_numbers)}"
    addresses = [_field(header, number) for number in (2, 3, 4, 5)]  # MSH-3 to MSH-6
    message_type = component.join(("QBP", "Q15", "QBP_Q15"))
    query = [
        ["MSH", encoding, *addresses, now, "", message_type, number, "P", "2.5.1"],
        ["QPD", component.join(("Q15", "Summary", "HL7nnnn")), number, patient, visit],
        ["RCP", "I"],
    ]
    return "".join(separator.join(row) + "\r" for row in query).encode("latin-1")


def _field(row: list[str], number: int) -> str:
    return row[number] if len(row) > number else ""
