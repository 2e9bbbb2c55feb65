"""What every reader of a resource needs: the other resources, and where what it finds is gathered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from gateway.clinical import (
    Caution,
    ClinicalFact,
    ClinicalNote,
    FactKind,
    FactStatus,
    Reading,
    UnreadReason,
)
from gateway.errors import ErrorKind, GatewayError
from translators.attachments import Attachments, html_to_text
from translators.fhir.bundle import Entry, Graph
from translators.fhir.elements import Concept, absent_reason, as_concept, child, children, string, words
from translators.fhir.json_guard import Element
from translators.terminology.absence import Absence, absence_of

StatusTable = Mapping[str, FactStatus]


@dataclass(slots=True)
class Scope:
    graph: Graph
    attachments: Attachments
    reading: Reading
    panels: dict[str, str] = field(default_factory=dict)
    """The text of the panel or report that an Observation belongs to, by the Observation's origin."""
    sections: dict[str, str] = field(default_factory=dict)
    """The LOINC code of the Composition section that refers to an entry, by the entry's origin."""
    diagnoses: dict[str, str] = field(default_factory=dict)
    """The category of a Condition that an Encounter names as a diagnosis, by the Condition's origin."""
    used: set[str] = field(default_factory=set)
    """Origins of resources that were read through another and are not to be read again."""
    encounter: Entry | None = None
    """The one that the message is about."""

    def add(self, fact: ClinicalFact) -> None:
        self.reading.facts.append(fact)

    def leave_out(self, origin: str, reason: UnreadReason, what: str) -> None:
        self.graph.leave_out(origin, reason, what)

    def withdrawn(self, entry: Entry, status: str, text: str) -> None:
        what = " ".join(part for part in (entry.type, text, f"({status})") if part)
        self.leave_out(entry.origin, UnreadReason.WITHDRAWN, what)

    def caution(self, code: str, text: str, location: str) -> None:
        self.reading.warnings.append(Caution(code=code, text=text, location=location))

    def stated(
        self, entry: Entry, kind: FactKind, found: Concept, negated: bool, name: str = "code"
    ) -> tuple[str, bool] | None:
        """What an entry is about and whether it is denied; None when it states nothing, which is then said.

        Raises `GatewayError` for a denial of an absence ("no known allergies", refuted): its meaning is
        uncertain.
        """
        if not found.text:
            self._is_silent(entry, name)
            return None
        absence = absence_of(kind, found.codes, found.text)
        if absence is None:
            return found.text, negated
        if absence[0] is Absence.NO_INFORMATION:
            self.leave_out(entry.origin, UnreadReason.NO_INFORMATION, f"{entry.type} {found.text}")
            return None
        if negated:
            raise GatewayError(ErrorKind.INVALID_VALUE, public="it denies that there are none")
        return absence[1], True

    def _is_silent(self, entry: Entry, name: str) -> None:
        """There is no code and no text: say why, and keep the words that stand in the narrative."""
        absent = absent_reason(entry.resource, name)
        hidden = UnreadReason.MASKED if absent == "masked" else UnreadReason.NO_INFORMATION
        self.leave_out(
            entry.origin, hidden, f"{entry.type} without {name}" + (f": {absent}" if absent else "")
        )
        text = child(entry.resource, "text")
        if text and not absent and string(text, "status") != "additional":
            self.note(entry, f"{entry.origin}.text", html_to_text(string(text, "div")), FactStatus.UNKNOWN)

    def date(self, entry: Entry, parent: Element, name: str) -> str:
        """A date or dateTime as sent; a caution and nothing when it is none."""
        sent = string(parent, name).strip()
        if not sent or _DATE_TIME.fullmatch(sent):
            return sent
        text = f"{entry.type}.{name} is not a date and was not read"
        self.caution("time-unreadable", text, entry.origin)
        return ""

    def time(self, entry: Entry, stem: str) -> tuple[str, str]:
        """Start and end of a choice of times: `effective`, `performed`, `occurrence`, `onset`."""
        resource = entry.resource
        date_time, instant, period, repeated = _forms_of_time(stem)
        if date_time in resource:
            return self.date(entry, resource, date_time), ""
        if instant in resource:
            return self.date(entry, resource, instant), ""
        if period in resource:
            return self.period(entry, resource, period)
        timing = child(resource, repeated)
        if timing is None:
            return "", ""
        events = timing.get("event")
        if type(events) is list and events and type(events[0]) is str:
            return self.date(entry, {"event": events[0]}, "event"), ""
        return self.period(entry, child(timing, "repeat") or {}, "boundsPeriod")

    def period(self, entry: Entry, parent: Element, name: str) -> tuple[str, str]:
        period = child(parent, name)
        if period is None:
            return "", ""
        return self.date(entry, period, "start"), self.date(entry, period, "end")

    def text_of(self, reference: Element, entry: Entry) -> str:
        """What a reference means in words: the code of the resource, if it was sent, else its display."""
        target = self.graph.resolve(reference, entry)
        if target is None:
            return words(reference, "display")
        if target.container:
            self.used.add(target.origin)
        for name in ("code", "type", "vaccineCode"):
            element = target.resource.get(name)
            if type(element) is dict:
                return as_concept(element).text
        name_sent = target.resource.get("name")
        return name_sent if type(name_sent) is str else words(reference, "display")

    def texts_of(self, entry: Entry, name: str) -> list[str]:
        return [self.text_of(each, entry) for each in children(entry.resource, name)]

    def say_missing(self, entry: Entry, references: Sequence[Element], what: str) -> None:
        """Of resources that an entry is made up of, those that were not sent."""
        missing = [each for each in references if self.graph.resolve(each, entry) is None]
        if missing:
            self.leave_out(entry.origin, UnreadReason.EXTERNAL, f"{len(missing)} {what}, which were not sent")

    def narrative(self, entry: Entry, status: FactStatus) -> None:
        """The entry's own text, where its author says that it holds more than the coded elements."""
        text = child(entry.resource, "text")
        if text and string(text, "status") == "additional":
            self.note(entry, f"{entry.origin}.text", html_to_text(string(text, "div")), status)

    def note(
        self,
        entry: Entry,
        origin: str,
        text: str,
        status: FactStatus,
        *,
        title: str = "",
        section: str = "",
        time: str = "",
        repeats_facts: bool = False,
    ) -> None:
        if text.strip():
            self.reading.notes.append(
                ClinicalNote(
                    text=text.strip(),
                    title=title or entry.type,
                    section=section,
                    status=status,
                    time=time,
                    origin=origin,
                    repeats_facts=repeats_facts,
                )
            )


@cache
def _forms_of_time(stem: str) -> tuple[str, str, str, str]:
    """The names of a choice of times; stems are ours, never a sender's."""
    return f"{stem}DateTime", f"{stem}Instant", f"{stem}Period", f"{stem}Timing"


_DATE_TIME = re.compile(
    r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d|:60)?(\.\d{1,12})?(Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
