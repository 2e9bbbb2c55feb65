"""Cuts notes into passages that may be quoted alone without turning their meaning round.

A passage is a sentence with the heading, lead-in or table header it stands under. Where it is not sure
that a sentence stands by itself ("This was ruled out.", lines under "Denies:"), it stays with its
neighbours: a passage can be too long to be shown, but it is never cut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.backends.extractive.cues import FAMILY, NEGATION, cues_of
from gateway.backends.extractive.note_lines import (
    Kind,
    Line,
    header_row,
    kind_of,
    known_heading,
    list_mark,
    may_be_list,
)
from gateway.backends.extractive.note_sections import AROUND, OTHER, NoteSection
from gateway.backends.extractive.sentences import Sentence, continues, sentences_of, wrap_width

LONGEST_PASSAGE = 500
"""Characters of a passage with what it stands under."""

_LONGEST_LEAD_IN = 100
_RUNNING = (Kind.PLAIN, Kind.LABEL)

_REFERS_BACK = frozenset(
    "this that these those it they both neither none nor which such same however but yet although"
    " though nevertheless nonetheless except instead subsequently later otherwise rather unless"
    " whereas thereafter ruled likewise former latter and or".split()
)
"""First words of a sentence that completes, or takes back, the one before it."""
_PRONOUNS = frozenset({"he", "she", "his", "her", "who"})
_SUMS_UP = frozenset({"all", "none", "neither", "both", "these", "those", "they"})
"""After a list they speak of the whole list."""


@dataclass(slots=True)
class Passage:
    """The least of a note that may be quoted."""

    section: NoteSection
    under: str
    """Heading, lead-in or table header that it stands under, as written."""
    parts: list[str]
    cues: int
    opens_section: bool
    depends: bool
    """It refers back to something that could not be told: it is not quoted."""

    @property
    def text(self) -> str:
        return "".join(self.parts)

    @property
    def quote(self) -> str:
        if not self.under:
            return self.text
        return f"{self.under}{' ' if self.under[-1] in '.!?:,]' else ': '}{self.text}"

    @property
    def fits(self) -> bool:
        return sum(map(len, self.parts)) + len(self.under) <= LONGEST_PASSAGE


_NONE = frozenset({"none", "none known", "none reported", "none noted"})
"""Right beneath a heading it answers that: "ALLERGIES: None"."""


@dataclass(slots=True)
class _Group:
    """Sentences that stay together, with what stands between each and the one before."""

    parts: list[str]
    cues: int
    kind: Kind
    bare: bool
    """Its last line has no full stop."""
    indented: bool = False
    refers_back: bool = False
    is_fragment: bool = False
    under: str = ""

    @property
    def opens_list(self) -> bool:
        """A list within the list follows, whose end nobody can tell."""
        return any(part.endswith(":") for part in self.parts)

    def take(self, other: "_Group", between: str = " / ") -> None:
        self.parts += (between, *other.parts)
        self.cues |= other.cues
        self.bare = other.bare


def passages(text: str, section: NoteSection) -> list[Passage]:
    """Every passage of a note, in its order. `section` is what its code or title says it is."""
    raw = text.split("\n")
    lines = [line.strip() for line in raw]
    reader = _Reader(section, wrap_width(lines))
    kinds = [kind_of(line) if line else None for line in lines]
    following: Kind | None = None
    heads_list = [False] * len(lines)
    for index in range(len(lines) - 1, -1, -1):
        heads_list[index] = following is Kind.ITEM
        following = kinds[index] or following
    for whole, line, kind, heads in zip(raw, lines, kinds, heads_list, strict=True):
        if kind is None:
            reader.blank()
        else:
            reader.read(Line(line, kind, whole[:1] in (" ", "\t")), heads_list=heads)
    return reader.finish()


@dataclass(slots=True)
class _Reader:
    """Reads a note line by line, knowing what each line stands under."""

    section: NoteSection
    width: int
    made: list[Passage] = field(default_factory=list)
    block: list[Line] = field(default_factory=list)
    """Lines since the last blank one or heading."""
    heading: str = ""
    lead: str = ""
    fresh: bool = True
    """Nothing has stood under the heading yet."""
    after_blank: bool = True
    lead_of: Kind | None = None
    """What kind of lines has stood under the lead-in so far."""
    lead_is_old: bool = False
    """A blank line has followed the lead-in: only what is plainly its list still stands under it."""
    before_list: str = ""
    """The end of the block before, where a list may belong to it."""

    def blank(self) -> None:
        self._flush()
        self.after_blank = self.lead_is_old = True

    def read(self, line: Line, *, heads_list: bool) -> None:
        """`heads_list`: the next line with text is a list item."""
        text = line.text
        known, rest = known_heading(text, self.after_blank) if line.kind is not Kind.ROW else (None, "")
        if known is not None:
            self._flush()
            self.section, self.heading = known, text[: len(text) - len(rest)].strip(AROUND)
            self.lead, self.before_list, self.fresh = "", "", True
            if rest:
                self.block.append(Line(rest, kind_of(rest), line.indented))
        elif text.endswith(":") and line.kind is not Kind.ITEM and self._may_lead(text):
            self._flush()
            self._open(text.strip(AROUND), heads_list)
        else:
            self.block.append(line)
        self.after_blank = False

    def finish(self) -> list[Passage]:
        self._flush()
        return self.made

    def _may_lead(self, text: str) -> bool:
        goes_on = bool(self.block) and continues(self.block[-1].text, text, self.width)
        return len(text) <= _LONGEST_LEAD_IN and not goes_on

    def _open(self, text: str, heads_list: bool) -> None:
        """`Text:` alone on its line: a heading of its own, or a lead-in within the present section."""
        if self.after_blank and not self.fresh and not heads_list and not cues_of(text) & NEGATION:
            self.section, self.heading, self.lead, self.fresh = OTHER, text, "", True
        else:
            self.lead = text
        self.lead_is_old, self.lead_of, self.before_list = False, None, ""

    def _flush(self) -> None:
        block, self.block = self.block, []
        if not block:
            return
        lists = may_be_list(block[0])
        if self.lead_is_old and not (lists and self.lead_of in (None, block[0].kind)):
            self.lead = ""
        if not lists and not self.fresh and self.section.is_list and self.heading:
            self.section, self.heading = OTHER, ""  # a paragraph after a list is not of it
        self.lead_of = block[0].kind
        for group in self._groups(_unwrapped(block, self.width)):
            self._add(group)
        self.fresh = False

    def _add(self, group: _Group) -> None:
        under = ": ".join(part for part in (self.heading, self.lead, group.under) if part)
        last = self.made[-1] if self.made and not self.fresh else None
        if last is not None and last.section is not self.section:
            last = None
        lone = group.is_fragment and not self.lead and not self.section.is_list
        if last is not None and (group.refers_back or (lone and last.under == under)):
            last.parts += (" / ", *group.parts)
            last.cues |= group.cues
            return
        # "Chills" after a list of what is denied: denied as well, or a complaint?
        open_question = lone and last is not None and bool(cues_of(last.quote) & NEGATION)
        answers_heading = (
            self.fresh and bool(self.heading) and "".join(group.parts).strip(" .!").lower() in _NONE
        )
        depends = (group.refers_back and not answers_heading) or open_question
        self.made.append(Passage(self.section, under, group.parts, group.cues, self.fresh, depends))
        self.fresh = False

    def _groups(self, lines: Sequence[Line]) -> list[_Group]:
        if self.lead and cues_of(self.lead) & NEGATION and any(line.kind is not Kind.ITEM for line in lines):
            whole = " / ".join(" ".join(line.text.split()) for line in lines)
            return [_Group([whole], cues_of(whole), Kind.PLAIN, bare=True)]
        groups: list[_Group] = []
        header = header_row(lines)
        under = self.before_list if lines[0].kind is Kind.ITEM and not self.lead else ""
        for position, line in enumerate(lines):
            if line is header:
                continue
            if line.kind is Kind.ROW:
                groups.append(_row(line, header))
                continue
            if line.kind is Kind.ITEM and position and lines[position - 1].kind in _RUNNING:
                under = _lead_in(groups)
                if under.endswith(":"):
                    groups.pop()
            made = list(_sentence_groups(line, groups))
            for group in made:
                group.under = under if line.kind is Kind.ITEM else ""
            groups += made
        groups = _sublists_led(groups)
        groups = _bare_runs_together(groups)
        if groups:
            self.before_list = under if groups[-1].kind is Kind.ITEM else _lead_in(groups)
        return groups


def _row(line: Line, header: Line | None) -> _Group:
    text = " ".join(line.text.split())
    title = "" if header is None else f"[{' '.join(header.text.split())}]"
    return _Group([text], cues_of(text), Kind.ROW, bare=False, under=title)


def _sublists_led(groups: Sequence[_Group]) -> list[_Group]:
    """Items under an item that ends with a colon, and have another mark than it, stand under it."""
    made: list[_Group] = []
    opener: _Group | None = None
    for group in groups:
        if group.kind is not Kind.ITEM:
            opener = None
        elif group.opens_list or (opener and list_mark(group.parts[0]) == list_mark(opener.parts[0])):
            opener = group if group.parts[-1].endswith(":") else None
        elif opener is not None:
            if made and made[-1] is opener:
                made.pop()
            group.under = " ".join(part for part in (opener.under, "".join(opener.parts)) if part)
        made.append(group)
    return made


def _unwrapped(block: Sequence[Line], width: int) -> list[Line]:
    """Lines that were broken only to fit a width, put together again."""
    lines: list[Line] = []
    pieces: list[str] = []
    for line in block:
        joins = lines and lines[-1].kind is not Kind.ROW and line.kind in _RUNNING
        if joins and continues(pieces[-1], line.text, width):
            pieces.append(line.text)
            continue
        if len(pieces) > 1:
            lines[-1].text = " ".join(pieces)
        lines.append(line)
        pieces = [line.text]
    if len(pieces) > 1:
        lines[-1].text = " ".join(pieces)
    return lines


def _sentence_groups(line: Line, before: list[_Group]) -> Iterator[_Group]:
    """The sentences of a line; those that need the one before are put to it, in this line or in `before`."""
    current: _Group | None = None
    for sentence in sentences_of(line.text):
        group = _Group([sentence.text], cues_of(sentence.text), line.kind, not sentence.ended, line.indented)
        fragment = sentence.is_fragment and not sentence.text.endswith(":")
        if current is not None and (fragment or _refers_back(sentence, current)):
            current.take(group, " ")
        elif current is None and before and _completes(sentence, line.kind, before):
            before[-1].take(group)
        else:
            if current is not None:
                yield current
            current = group
            opens = not before and line.kind in _RUNNING
            group.refers_back = not before and sentence.first_word in _REFERS_BACK
            group.is_fragment = opens and fragment
    if current is not None:
        yield current


def _completes(sentence: Sentence, kind: Kind, before: list[_Group]) -> bool:
    """It belongs to the last group of `before`; a list that it sums up becomes one group first."""
    last = before[-1]
    if kind is Kind.ITEM and last.kind is Kind.ITEM and last.opens_list:
        return list_mark(sentence.text) == list_mark(last.parts[0])
    if before[-1].kind is Kind.ITEM and sentence.first_word in _SUMS_UP:
        start = len(before)
        while start and before[start - 1].kind is Kind.ITEM:
            start -= 1
        for group in before[start + 1 :]:
            before[start].take(group)
        del before[start + 1 :]
        return True
    if kind in _RUNNING and last.kind in _RUNNING and sentence.is_fragment and not last.bare:
        return True
    return _refers_back(sentence, last)


def _refers_back(sentence: Sentence, last: _Group) -> bool:
    """It speaks of what the sentence before it says, or of a relative named there: "She died at 45."."""
    about_relative = bool(last.cues & FAMILY) and sentence.first_word in _PRONOUNS
    return about_relative or sentence.first_word in _REFERS_BACK


def _lead_in(groups: Sequence[_Group]) -> str:
    """What a list that follows stands under: the line before it, where it does not stand for itself."""
    if not groups or groups[-1].kind not in _RUNNING:
        return ""
    return "".join(groups[-1].parts) if groups[-1].bare or groups[-1].cues & NEGATION else ""


def _bare_runs_together(groups: Sequence[_Group]) -> list[_Group]:
    """Lines without full stops where one of them denies: which others it denies, only a reader can tell."""
    made: list[_Group] = []
    run: list[_Group] = []
    for group in groups:
        if not (run and run[-1].bare and group.kind in _RUNNING):
            made += _as_one(run)
            run = []
        if group.kind is Kind.ROW:
            made.append(group)
        else:
            run.append(group)
    return made + _as_one(run)


def _as_one(run: list[_Group]) -> list[_Group]:
    denying = any(group.cues & NEGATION for group in run)
    made: list[_Group] = []
    for group in run:
        if made and (
            denying or group.parts[0][:1].islower() or (group.indented and made[-1].kind is Kind.ITEM)
        ):
            made[-1].take(group)
        else:
            made.append(group)
    return made
