"""What the readers of segments share while a message is read: where they write, how a place is named."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gateway.clinical import (
    Caution,
    ClinicalFact,
    ClinicalNote,
    Code,
    Detail,
    DetailName,
    FactKind,
    FactStatus,
    LabelledPart,
    Labels,
    Reading,
    Unread,
    UnreadReason,
)
from gateway.errors import GatewayError
from translators.attachments import Attachments
from translators.hl7v2.elements import coded_text, iso
from translators.hl7v2.er7 import ASTRAY, NULL, Segment, Syntax
from translators.hl7v2.labels import BY_CODE
from translators.terminology.absence import Absence, absence_of


@dataclass(slots=True)
class Counted:
    segment: Segment
    reason: UnreadReason
    what: str
    times: int = 1


class Context:
    """One message on its way into a `Reading`."""

    __slots__ = (
        "attachments",
        "counted",
        "event",
        "facts",
        "foreign",
        "labels",
        "message_type",
        "prefix",
        "reading",
        "segments",
        "syntax",
    )

    def __init__(
        self,
        syntax: Syntax,
        segments: list[Segment],
        attachments: Attachments,
        *,
        prefix: str = "",
        message_type: str = "",
        event: str = "",
    ) -> None:
        self.syntax = syntax
        self.segments = segments
        self.attachments = attachments
        self.reading = Reading()
        self.facts: list[ClinicalFact] = self.reading.facts
        self.prefix = prefix
        """Origin of the payload itself where another message carries it, ending in a slash."""
        self.message_type = message_type  # MSH-9.1
        self.event = event  # MSH-9.2
        self.labels: list[Labels] = []
        self.counted: dict[str, Counted] = {}
        self.foreign: Segment | None = None
        """The PID of another person, while segments that follow it are not the patient's."""

    def origin(self, segment: Segment, field: int | None = None) -> str:
        place = f"{self.prefix}{segment.name}[{segment.nth}]"
        return place if field is None else f"{place}-{field}"

    def time(self, segment: Segment, field: int) -> str:
        """A field as ISO 8601; what is not a timestamp is left out, with a caution that names the place."""
        raw = segment.row[field]
        if not raw:
            return ""
        time = iso(self.syntax, raw)
        if time is None:
            place = self.origin(segment, field)
            self.caution("time-unreadable", f"{segment.name}-{field} is not an HL7 timestamp", place)
            return ""
        return time

    def caution(self, code: str, text: str, location: str) -> None:
        self.reading.warnings.append(Caution(code=code, text=text, location=location))

    def unread(self, segment: Segment, reason: UnreadReason, what: str, field: int | None = None) -> None:
        """List what is not read. A segment without any field says nothing that could be missed."""
        if reason is UnreadReason.INVALID and segment.name != ASTRAY and not any(segment.row[1:]):
            return
        self.reading.unread.append(Unread(origin=self.origin(segment, field), reason=reason, what=what))

    def count(self, segment: Segment, reason: UnreadReason, name: str, what: str = "") -> None:
        """One of many that are listed once, at the first, with how often the message has them."""
        counted = self.counted.get(name)
        if counted is None:
            self.counted[name] = Counted(segment, reason, what or name)
        else:
            counted.times += 1

    def list_counted(self) -> None:
        for each in self.counted.values():
            what = f"{each.what}, {each.times} times" if each.times > 1 else each.what
            self.unread(each.segment, each.reason, what)

    def withdrawn(self, segment: Segment, sent: str, what: str) -> None:
        """The sender took the entry back: it is listed, and its comments go with it."""
        self.unread(segment, UnreadReason.WITHDRAWN, f"{sent} {what}".strip())
        segment.notes = None

    def comments(self, *segments: Segment | None) -> tuple[Detail, ...]:
        """The NTE bound to these segments, one comment each; the notes count as read."""
        found: tuple[Detail, ...] = ()
        for segment in segments:
            if segment is not None and segment.notes is not None:
                text = self.note_text(segment.notes)
                segment.notes = None
                if text:
                    found += (Detail(name=DetailName.COMMENT, text=text),)
        return found

    def note_text(self, notes: list[Segment]) -> str:
        return "\n".join([self.syntax.lines(note.row[3]) for note in notes]).strip("\n")

    def note(
        self,
        text: str,
        segment: Segment,
        field: int,
        *,
        title: str = "",
        section: str = "",
        status: FactStatus = FactStatus.UNKNOWN,
        time: str = "",
    ) -> None:
        origin = self.origin(segment, field)
        self.reading.notes.append(
            ClinicalNote(text=text, title=title, section=section, status=status, time=time, origin=origin)
        )

    def label(
        self,
        segment: Segment,
        field: int,
        *,
        covers: Sequence[Segment] | None = None,
        is_free_text: bool = False,
    ) -> None:
        """A confidentiality field, of the whole message where `covers` is None.

        A code that is not known is cautioned: it may not mean "normal".
        """
        for repetition in self.syntax.repetitions(segment.row[field]):
            code = self.syntax.first(repetition).upper()
            known = BY_CODE.get(code)
            if known is not None:
                self.add_label(known, covers)
            elif code and not is_free_text:
                place = self.origin(segment, field)
                self.caution("label-unread", "a confidentiality code is not known here", place)

    def add_label(self, label: Labels, covers: Sequence[Segment] | None = None) -> None:
        """`covers` None: everything that the message says."""
        self.labels.append(label)
        if label.sensitivity:
            places = ("",) if covers is None else tuple([self.origin(each) for each in covers])
            self.reading.labelled.append(LabelledPart(sensitivity=label.sensitivity, origins=places))

    def with_comments(self, segment: Segment) -> list[Segment]:
        """The segment and the NTE that follow it, which stand by themselves where it is no fact."""
        return [segment, *self._following(segment, lambda each: each.name != "NTE")]

    def with_order(self, order: Segment) -> list[Segment]:
        """An ORC with all that is ordered by it, up to the next."""
        return [order, *self._following(order, lambda each: each.name in ("ORC", "PID", "PV1"))]

    def _following(self, first: Segment, ends: Callable[[Segment], bool]) -> Iterator[Segment]:
        following = iter(self.segments)
        for each in following:
            if each is first:
                break
        for each in following:
            if ends(each):
                return
            yield each

    def details(self, segment: Segment, *fields: tuple[int, DetailName]) -> list[Detail]:
        """Coded or plain fields that hold anything, one detail for every repetition."""
        found = []
        for field, name in fields:
            raw = segment.row[field]
            if raw:
                for repetition in self.syntax.repetitions(raw):
                    text = coded_text(self.syntax, repetition)
                    if text:
                        found.append(Detail(name=name, text=text))
        return found

    def stated(
        self,
        segment: Segment,
        kind: FactKind,
        text: str,
        codes: tuple[Code, ...],
        *,
        field: int,
        is_denied: bool = False,
    ) -> tuple[str, bool] | None:
        """What an entry is about, and whether it is denied. None when it states nothing, which is then said.

        A denial that there is none ("no known problems", refuted) is not read: its meaning is uncertain.
        """
        if not text:
            reason = UnreadReason.NO_INFORMATION if segment.row[field] == NULL else UnreadReason.INVALID
            self.unread(segment, reason, f"{segment.name}-{field} names nothing")
            return None
        absence = absence_of(kind, codes, text)
        if absence is None:
            return text, is_denied
        if absence[0] is Absence.NO_INFORMATION:
            self.unread(segment, UnreadReason.NO_INFORMATION, text)
            return None
        if is_denied:
            self.unread(segment, UnreadReason.INVALID, "it denies that there are none")
            return None
        return absence[1], True

    def guarded(self, reader: "SegmentReader", segment: Segment) -> None:
        """One bad segment never costs the message."""
        try:
            reader(self, segment)
        except (GatewayError, ValueError, LookupError):
            self.unread(segment, UnreadReason.INVALID, f"{segment.name} could not be read")
            segment.notes = None

    def absorb(self, carried: Reading, segment: Segment, field: int) -> None:
        """Take over what a carried document says, unless it is about somebody else."""
        try:
            self.reading.add(carried)
        except GatewayError:
            self.unread(segment, UnreadReason.INVALID, "a document about another patient", field)


SegmentReader = Callable[[Context, Segment], None]
