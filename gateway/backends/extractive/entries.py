"""Lines made of facts: the same thing said twice becomes one line with the evidence of both."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from gateway.backends.extractive.outlines import Depth
from gateway.backends.extractive.wording import counted
from gateway.summary import Statement, SummarySection

_SHOWN_TIMES = 4


@dataclass(slots=True)
class Entry:
    """One line to be: `text (labels; times)comments`. The dicts are ordered sets."""

    text: str
    rank: int
    """Lower stands earlier; lines of one rank stand in the order of the source."""
    pressing: bool
    """Stands above the bound of its section."""
    flags: tuple[str, ...]
    labels: dict[str, None] = field(default_factory=dict)
    times: dict[str, None] = field(default_factory=dict)
    origins: dict[str, None] = field(default_factory=dict)
    comments: dict[str, None] = field(default_factory=dict)

    def line(self) -> str:
        around = [*self.labels, _times(list(self.times))] if self.times else list(self.labels)
        within = f" ({'; '.join(around)})" if around else ""
        return f"{self.text}{within}{''.join(self.comments)}"


class Entries:
    """Collects the lines of one section."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, Entry] = {}

    def add(
        self,
        text: str,
        origins: Iterable[str],
        *,
        rank: int = 0,
        pressing: bool = False,
        labels: Iterable[str] = (),
        time: str = "",
        comment: str = "",
        flags: tuple[str, ...] = (),
        key: Hashable = None,
    ) -> None:
        """`key` says what is the same thing; without it, the line apart from its time."""
        labels = tuple(label for label in labels if label)
        key = key or (text, labels, flags)
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = Entry(text, rank, pressing, flags)
        entry.rank = min(entry.rank, rank)
        entry.pressing = entry.pressing or pressing
        entry.labels.update(dict.fromkeys(labels))
        entry.origins.update(dict.fromkeys(origins))
        if time:
            entry.times[time] = None
        if comment:
            entry.comments[comment] = None

    def statements(self, section: SummarySection, depth: Depth, noun: str) -> list[Statement]:
        """The lines in their order; those beyond the bound counted in a last one that names their origins."""
        made = []
        beyond: dict[str, None] = {}
        room = depth.lines
        for entry in sorted(self._entries.values(), key=lambda entry: entry.rank):
            always = "critical" in entry.flags or (entry.pressing and depth.pressing_always)
            if not always:
                if room <= 0:
                    beyond.update(entry.origins)
                    continue
                room -= 1
            made.append(
                Statement(
                    section=section, text=entry.line(), evidence=tuple(entry.origins), flags=entry.flags
                )
            )
        if beyond:
            said = f"{counted(len(beyond), f'further {noun}')} received, not listed here"
            made.append(Statement(section=section, text=said, evidence=tuple(beyond)))
        return made


def _times(times: list[str]) -> str:
    if len(times) <= _SHOWN_TIMES:
        return ", ".join(times)
    first, last = min(times).removeprefix("since ").partition(" to ")[0], max(times)
    return f"{len(times)} times from {first} to {last.removeprefix('since ').partition(' to ')[0]}"
