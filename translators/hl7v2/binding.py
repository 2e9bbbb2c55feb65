"""Which segment belongs to which: a comment to the segment before it, a route to its drug, an OBX to its OBR.

One forward pass over the order of segments as they came, without looking at message structures: the
same rules hold for every type and version. What is bound is read with its holder, the rest by itself.
"""

from translators.hl7v2.er7 import Segment

DRUGS = frozenset({"RXO", "RXE", "RXD", "RXG", "RXA"})
_APPOINTMENT_PARTS = frozenset({"AIS", "AIG", "AIL", "AIP"})
_TEXT_TYPES = frozenset({"TX", "FT", "ST", ""})
# Who took part in the segment before: a comment after it still speaks of that segment (2.7 and later).
_TRANSPARENT = frozenset({"PRT", "ROL", "CTD"})
_NEW_SUBJECT = frozenset({"PID", "PRB", "GOL", "PTH", "SCH"})
_ADDITIONS = {"NK1": "PID", "PV2": "PV1"}


class Binding:
    """The pass. `main` are the segments to read in order; `hosts` those with comments after them."""

    def __init__(self, segments: list[Segment]) -> None:
        self.main: list[Segment] = []
        self.hosts: list[Segment] = []
        self._order: Segment | None = None
        self._request: Segment | None = None
        self._drug: Segment | None = None
        self._appointment: Segment | None = None
        self._timed: Segment | None = None
        self._specimen: Segment | None = None
        self._holder: Segment | None = None
        self._run: Segment | None = None
        """The first row of a text of several OBX, while the next row may still continue it."""
        self._specimen_first = False
        self._first: dict[str, Segment] = {}
        """The PID and PV1 in force."""
        previous: Segment | None = None
        for at, segment in enumerate(segments):
            name = segment.name
            if name == "OBX":
                self._observation(segment)
            elif name == "NTE" and previous is not None:
                self._comment(segment, previous)
                continue
            elif name in _TRANSPARENT:
                self.main.append(segment)
                continue
            elif name == "ORC":
                self._run = None
                self._order_control(segment, previous, segments[at + 1 : at + 2])
            else:
                self._run = None
                bind = _BINDERS.get(name)
                if bind is None:
                    self.main.append(segment)
                else:
                    bind(self, segment)
            previous = segment

    def _comment(self, note: Segment, host: Segment) -> None:
        if host.notes is None:
            self.hosts.append(host)
        host.note(note)
        self._run = None

    def _observation(self, segment: Segment) -> None:
        run = self._run
        if run is not None and continues(run, segment, in_document=_is_document(self._holder)):
            run.attach(segment)
            return
        self._run = segment if segment.row[2] in _TEXT_TYPES else None
        if self._holder is None:
            self.main.append(segment)
        else:
            self._holder.attach(segment)

    def _order_control(self, segment: Segment, previous: Segment | None, following: list[Segment]) -> None:
        request = self._request
        trails = request is not None and request is previous and request.order is None
        if request is not None and trails and not (following and following[0].name in _ORDERED):
            # OUL and ORL put ORC after its OBR.
            request.order = segment
            segment.parent = request
            return
        self.main.append(segment)
        self._order = self._timed = segment
        self._request = self._drug = self._holder = None

    def _service_request(self, segment: Segment) -> None:
        self.main.append(segment)
        order = self._order
        if order is not None and order.parent is None:  # a further OBR has no ORC of its own
            segment.order = order
            order.parent = segment
        if self._specimen is not None and self._specimen_first:
            segment.attach(self._specimen)
            self._specimen.parent = segment
        self._request = self._holder = self._timed = segment
        self._drug = None

    def _drug_order(self, segment: Segment) -> None:
        self.main.append(segment)
        order = self._order
        if order is not None:
            segment.order = order
            order.parent = order.parent or segment
        before = self._drug
        if segment.name == "RXE" and before is not None and before.name == "RXO" and before.order is order:
            segment.parent = before  # the pharmacy's encoding of that order: one drug, said twice
            before.parent = segment
        self._drug = self._holder = self._timed = segment
        self._request = None

    def _of_drug(self, segment: Segment) -> None:
        self._to(self._drug, segment)

    def _timing(self, segment: Segment) -> None:
        self._to(self._timed, segment)

    def _visit(self, segment: Segment) -> None:
        self.main.append(segment)
        self._first["PV1"] = segment

    def _addition(self, segment: Segment) -> None:
        self._to(self._first.get(_ADDITIONS[segment.name]), segment)

    def _appointment_part(self, segment: Segment) -> None:
        self._to(self._appointment, segment)

    def _to(self, holder: Segment | None, segment: Segment) -> None:
        if holder is None:
            self.main.append(segment)
        else:
            holder.attach(segment)

    def _of_specimen(self, segment: Segment) -> None:
        if self._request is not None and not self._specimen_first:
            self._request.attach(segment)
            segment.parent = self._request
            return
        self._specimen_first = True
        self._specimen = segment
        self._request = self._holder = None
        self.main.append(segment)

    def _document(self, segment: Segment) -> None:
        self.main.append(segment)
        self._holder = segment
        self._request = self._drug = None

    def _new_subject(self, segment: Segment) -> None:
        self.main.append(segment)
        self._order = self._request = self._drug = self._holder = self._timed = None
        if segment.name == "SCH":
            self._appointment = self._timed = segment
        elif segment.name == "PID":
            self._first = {"PID": segment}
            self._specimen = None
            self._specimen_first = False


_ORDERED = DRUGS | {"OBR"}

_BINDERS = {
    "OBR": Binding._service_request,
    "SPM": Binding._of_specimen,
    "TXA": Binding._document,
    "TQ1": Binding._timing,
    "PV1": Binding._visit,
    "NK1": Binding._addition,
    "PV2": Binding._addition,
    "RXR": Binding._of_drug,
    "RXC": Binding._of_drug,
    **dict.fromkeys(DRUGS, Binding._drug_order),
    **dict.fromkeys(_APPOINTMENT_PARTS, Binding._appointment_part),
    **dict.fromkeys(_NEW_SUBJECT, Binding._new_subject),
}


def _is_document(holder: Segment | None) -> bool:
    return holder is not None and holder.name == "TXA"


def continues(first: Segment, row: Segment, *, in_document: bool) -> bool:
    """Whether an OBX is one more line of the text that `first` began.

    A line of text, about the same thing (OBX-3) or about nothing, in the same standing (OBX-11), and not
    a measurement (units, range). Outside documents ST is a line only under the same sub-id (OBX-4):
    two organisms found are two results.
    """
    a, b = first.row, row.row
    if b[2] not in _TEXT_TYPES or (b[3] and b[3] != a[3]) or b[11] != a[11]:
        return False
    if b[6] or b[7] or a[6] or a[7]:
        return False
    if in_document or (b[2] in ("TX", "FT") and a[2] in ("TX", "FT")):
        return True
    return a[2] == b[2] and a[4] == b[4] and a[8] == b[8]
