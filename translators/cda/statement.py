"""One clinical statement of a CDA entry: its children read once, what is nested in it named by its role."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.clinical import Caution, Detail, FactStatus, Reading, Unread, UnreadReason
from translators.cda.datatypes import (
    NO_CONCEPT,
    Concept,
    Period,
    code_of,
    codes_of,
    concept,
    period,
    text_of,
)
from translators.cda.narrative import Narrative
from translators.cda.roles import ASSERTS_ITS_VALUE, Role, role_of
from translators.cda.sections import SectionKind
from translators.cda.status import Standing, StatusTable, standing_of
from translators.cda.tags import (
    CODE,
    EFFECTIVE_TIME,
    ENTRY_RELATIONSHIP,
    RELATED_SUBJECT,
    STATEMENTS,
    STATUS_CODE,
    SUBJECT,
    TEXT,
    VALUE,
    Element,
    Parts,
    child,
    parts_of,
)

_SHORT_NARRATIVE = 300
PLANNED_MOODS = frozenset({"INT", "RQO", "PRMS", "PRP", "ARQ", "APT"})
"""Intended, ordered, promised, proposed or booked: it has not happened."""


_NEGATION = {"true": True, "1": True, "false": False, "0": False, "": False}


def _folded(element: Element) -> str:
    """negationInd; senders write `TRUE` and `True`, too, and a negation missed turns a meaning round."""
    return (element.get("negationInd") or "").strip().lower()


@dataclass(slots=True)
class Place:
    """The section whose entries are read, and where what they say goes."""

    kind: SectionKind
    category: str
    narrative: Narrative
    reading: Reading
    narrative_text: str = ""
    complete: bool = True
    """Every entry so far was read, or said itself that there is nothing to read."""
    _words: str | None = None

    def narrative_words(self) -> str:
        """The narrative without its lines and tables, to look for text in."""
        if self._words is None:
            self._words = " ".join(self.narrative_text.replace(" | ", " ").split())
        return self._words


class Around(NamedTuple):
    """What the acts and organizers around a statement say of it."""

    concern: str = ""
    """The concern act's statusCode."""
    category: str = ""
    group: str = ""
    """The panel's name."""
    when: Period = Period()
    of_relative: bool = False
    """It is about a member of the family, not the patient."""
    details: tuple[Detail, ...] = ()


@dataclass(slots=True)
class Statement:
    """An act, observation, substanceAdministration ... with its first child of each name."""

    element: Element
    origin: str
    place: Place
    parts: Parts = field(init=False)
    code: str = field(init=False)
    """The bare code of its `code`; empty without one."""
    _nested: "list[tuple[Role, Statement]] | None" = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.parts = parts_of(self.element)
        self.code = code_of(self.parts.get(CODE))

    @property
    def mood(self) -> str:
        return self.element.get("moodCode") or "EVN"

    @property
    def negated(self) -> bool:
        return _NEGATION.get(_folded(self.element), False)

    @property
    def negation_is_readable(self) -> bool:
        return _folded(self.element) in _NEGATION

    @property
    def status_code(self) -> str:
        return code_of(self.parts.get(STATUS_CODE))

    def each(self, tag: str) -> Iterable[Element]:
        """All its children of that name."""
        return self.element.iterchildren(tag) if tag in self.parts else ()

    def concept(self, tag: str = CODE, named: str = "") -> Concept:
        found = self.parts.get(tag)
        return NO_CONCEPT if found is None else concept(found, self.place.narrative, named)

    def period(self) -> Period:
        """Its effectiveTime, with a caution when that cannot be read."""
        found = self.parts.get(EFFECTIVE_TIME)
        if found is None:
            return Period()
        when = period(found)
        if when.unreadable:
            self.caution("time-unreadable", "a time of this entry is not a time and was left out")
        return when

    def caution(self, code: str, text: str) -> None:
        self.place.reading.warnings.append(Caution(code=code, text=text, location=self.origin))

    def written(self) -> str:
        """The text that the statement points to, as one line."""
        return text_of(self.parts.get(TEXT), self.place.narrative).replace("\n", " ")

    def words(self) -> str:
        """What it says in words. A denial that points to none may be explained by a section that is short."""
        written = self.written()
        if written or not self.negated or len(self.place.narrative_text) > _SHORT_NARRATIVE:
            return written
        return self.place.narrative_text.replace("\n", " | ")

    def nested(self) -> "list[tuple[Role, Statement]]":
        """The statements of its entryRelationships, each with its role."""
        if self._nested is None:
            self._nested = []
            if ENTRY_RELATIONSHIP in self.parts:
                self._nested = self._read_nested()
        return self._nested

    def _read_nested(self) -> "list[tuple[Role, Statement]]":
        found = []
        for number, relationship in enumerate(self.element.iterchildren(ENTRY_RELATIONSHIP), 1):
            if _NEGATION.get(_folded(relationship), True):  # it says that the two do not belong together
                place = f"{self.origin}/entryRelationship[{number}]"
                what = "a relationship that is negated"
                self.place.reading.unread.append(Unread(origin=place, reason=UnreadReason.INVALID, what=what))
                continue
            for each in relationship:
                if each.tag in STATEMENTS:
                    inner = Statement(each, f"{self.origin}/entryRelationship[{number}]", self.place)
                    role = role_of(each, inner.code, relationship.get("typeCode") or "")
                    found.append((role, inner))
        return found

    def is_about_a_relative(self) -> bool:
        subject = self.parts.get(SUBJECT)
        return subject is not None and child(subject, RELATED_SUBJECT) is not None

    def asserts_its_value(self) -> bool:
        """Its code, or a translation of it, says only that the value is the case; or it has no code."""
        sent = codes_of(self.parts.get(CODE))
        return not sent or any(code in ASSERTS_ITS_VALUE for code in sent)

    def standing(self) -> tuple[Standing | None, str]:
        """What its status observation says, and in which words; (None, "") without one.

        Words that are not known here ("not taking") say nothing that could be relied on, but they keep
        the concern's statusCode from being taken for it.
        """
        for role, inner in self.nested():
            if role is Role.STATUS:
                said = inner.concept(VALUE)
                unknown = Standing(FactStatus.UNKNOWN) if said.text else None
                return standing_of(said) or unknown, said.text and f"status={said.text}"
        return None, ""

    def sent_status(self, table: StatusTable) -> tuple[FactStatus, str]:
        """Its statusCode by that table, and as sent."""
        code = self.status_code
        return table.get(code, FactStatus.UNKNOWN), code and f"statusCode={code}"
