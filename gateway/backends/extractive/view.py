"""A request as one reader is to see it: facts by kind, days without the birth date, cleaned comments."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.backends.extractive.identity import IdentityGuard
from gateway.backends.extractive.outlines import FULL, OUTLINES, Depth, Outline, subject
from gateway.backends.extractive.wording import STATUS_WORDS, details
from gateway.clinical import ClinicalFact, DetailName, FactKind, Patient
from gateway.request import Audience, Purpose, SummarizationRequest
from gateway.summary import SummarySection

LONGEST_COMMENT = 240
"""Characters. A longer comment is counted, not cut: the end of a sentence can turn its beginning."""

_SHORTEST_NUMBER = 6
"""Characters from which a value can be a patient's number and not a result that happens to be the same."""
_SHARED_BY = 4
"""Results with the same comment ("performed at ..."): it is then told once."""


@dataclass(frozen=True, slots=True)
class View:
    request: SummarizationRequest
    facts: dict[FactKind, list[ClinicalFact]]
    outline: Outline
    subject: SummarySection | None
    plain: bool
    """Plain words instead of codes and the field's own."""
    coder: bool
    guard: IdentityGuard
    shared_comments: frozenset[str]
    """Comments that stand at so many results that they say nothing of any one of them."""

    @classmethod
    def of(cls, request: SummarizationRequest) -> "View":
        facts: dict[FactKind, list[ClinicalFact]] = defaultdict(list)
        for sent in request.facts:
            fact = _without_identity(sent, request.patient)
            facts[fact.kind].append(fact)
        task = request.task
        return cls(
            request=request,
            facts=facts,
            outline=OUTLINES[task.purpose],
            subject=subject(request.facts),
            plain=task.audience in (Audience.PATIENT, Audience.CAREGIVER)
            or (task.purpose is Purpose.PATIENT_LETTER and task.audience is Audience.CLINICIAN),
            coder=task.audience is Audience.CODER,
            guard=IdentityGuard(request.patient, request.encounter),
            shared_comments=_shared_comments(facts.get(FactKind.RESULT, ())),
        )

    @property
    def heading_audience(self) -> Audience:
        return Audience.PATIENT if self.plain else self.request.task.audience

    def of_kinds(self, *kinds: FactKind) -> Iterable[ClinicalFact]:
        for kind in kinds:
            yield from self.facts.get(kind, ())

    def depth(self, section: SummarySection) -> Depth:
        about_this = section is self.subject and section is not SummarySection.ALLERGIES
        return FULL if about_this else self.outline.depth(section)

    def status(self, fact: ClinicalFact) -> str:
        return STATUS_WORDS[fact.status][self.plain]

    def day(self, time: str) -> str:
        """`2026-03-14T09:30:15-06:00` as `2026-03-14 09:30`: the wall clock of the source, UTC said so.

        The patient's birth date is told as `birth`, since nothing in a summary names it.
        """
        date = time[:10]
        if self._is_birth(date):
            return "birth"
        if len(time) < 16 or time[10] != "T":
            return time
        return f"{date} {time[11:16]}{' UTC' if time.endswith(('Z', '+00:00')) else ''}"

    def _is_birth(self, date: str) -> bool:
        born = self.request.patient.birth_date[:10]
        return min(len(born), len(date)) >= 7 and (born.startswith(date) or date.startswith(born))

    def period(self, fact: ClinicalFact, since: bool = False) -> str:
        """`2010-05 to 2012-03`, `since 2010-05`, `until 2012-03`."""
        if fact.time and fact.end:
            return self.span(fact.time, fact.end)
        if not fact.time:
            return f"until {self.day(fact.end)}" if fact.end else ""
        return f"since {self.day(fact.time)}" if since else self.day(fact.time)

    def span(self, start: str, end: str) -> str:
        """`2026-03-14 09:30 to 09:45`, `2026-03-10 to 2026-03-14`."""
        first, last = self.day(start), self.day(end)
        if first == last:
            return first
        return f"{first} to {last[11:] if first[:11] == last[:11] and last[16:17] != ' ' else last}"

    def instructions(self, fact: ClinicalFact) -> str:
        """`; take with food`, as far as it names nobody."""
        cleaned = [self.guard.clean(text) for text in details(fact, DetailName.INSTRUCTIONS)]
        return "".join(f"; {text or 'has instructions that are not shown here'}" for text in cleaned)

    def comments(self, fact: ClinicalFact) -> str:
        """`; comment: haemolysed`, for each comment of the fact."""
        if not fact.details:
            return ""
        said = []
        for comment in details(fact, DetailName.COMMENT):
            if comment in self.shared_comments and fact.kind is FactKind.RESULT:
                continue
            cleaned = self.guard.clean(comment) if len(comment) <= LONGEST_COMMENT else None
            said.append(f"; comment: {cleaned}" if cleaned else "; has a comment that is not shown here")
        return "".join(dict.fromkeys(said))


def _without_identity(fact: ClinicalFact, patient: Patient) -> ClinicalFact:
    """Birth date and numbers of the patient, which some sources send as the value of an observation too."""
    value = fact.value
    if value is None or fact.unit or len(value) < _SHORTEST_NUMBER:
        return fact
    if len(patient.birth_date) == 10 and value.startswith(patient.birth_date):
        return replace(fact, value=f"[birth date]{value[10:]}")
    if any(each.value == value for each in patient.identifiers):
        return replace(fact, value="[number]")
    return fact


def _shared_comments(facts: Iterable[ClinicalFact]) -> frozenset[str]:
    counts = Counter(
        comment for fact in facts if fact.details for comment in details(fact, DetailName.COMMENT)
    )
    return frozenset(comment for comment, number in counts.items() if number >= _SHARED_BY)
