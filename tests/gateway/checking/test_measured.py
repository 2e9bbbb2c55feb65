"""What is caught and what is flagged wrongly, over right and corrupted statements of our own making.

A third of all is held out: chosen by hash, and never looked at while the rules were made.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256

import pytest

from gateway.backends.extractive import summarize
from gateway.checking import check
from gateway.clinical import FactKind
from gateway.errors import GatewayError
from gateway.messages import Statement, SummarizationRequest, SummarySection
from tests.gateway.backends.extractive.test_real_messages import cda, fhir, hl7v2
from tests.gateway.checking.corruptions import CORRUPTIONS, denied_line, evidence_text
from tests.gateway.checking.patients import PATIENTS
from tests.gateway.checking.right_prose import right
from tests.gateway.checking.wrong_prose import wrong

Case = tuple[SummarizationRequest, Statement]

_MOST_OF_EACH_SOURCE = 500
_GROUPS = {
    "number": "number", "unit": "number", "date": "number", "frequency": "number", "drug": "drug", "negation": "negation"
}  # fmt: skip


def is_held_out(text: str) -> bool:
    return sha256(text.encode()).digest()[0] % 10 < 3


def said(evidence: tuple[str, ...], text: str, section: SummarySection = SummarySection.NOTES) -> Statement:
    return Statement(section=section, text=text, evidence=evidence)


def prose() -> list[Case]:
    return [(PATIENTS[patient], said(evidence, text)) for patient, evidence, text in right()]


def extracted(sources: tuple[Callable[[], Iterator[SummarizationRequest]], ...]) -> list[Case]:
    """Lines of the built-in summarizer over real messages, each text once, those chosen by hash."""
    found: list[Case] = []
    for source in sources:
        lines: dict[str, Case] = {}
        for request in source():
            try:
                summary = summarize(request)
            except GatewayError:
                continue
            for each in summary.statements:
                if each.section is not SummarySection.LIMITS:
                    lines.setdefault(each.text, (request, each))
        chosen = sorted(lines, key=lambda text: sha256(text.encode()).digest()[::-1])
        found += [lines[text] for text in chosen[:_MOST_OF_EACH_SOURCE]]
    return found


def from_patients() -> Iterator[SummarizationRequest]:
    yield from PATIENTS.values()


def corrupted(cases: list[Case], kind: str) -> Iterator[tuple[str, Case]]:
    for request, statement in cases:
        known = evidence_text(request, statement.evidence)
        for name, corrupt in CORRUPTIONS.items():
            made = corrupt(statement.text, known)
            if made is not None and (kind == "prose" or name not in ("invented", "negation")):
                yield name, (request, said(statement.evidence, made, statement.section))
        if kind == "lines":
            facts = [each for each in request.facts if each.origin in statement.evidence]
            if len(facts) == 1 and facts[0].kind in (
                FactKind.CONDITION,
                FactKind.ALLERGY,
                FactKind.MEDICATION,
            ):
                made = CORRUPTIONS["negation"](statement.text, known) or denied_line(statement.text)
                if made is not None:
                    yield "negation", (request, said(statement.evidence, made, statement.section))


class Figures:
    def __init__(self) -> None:
        self.all: Counter[tuple[str, bool]] = Counter()
        self.flagged: Counter[tuple[str, bool]] = Counter()

    def add(self, name: str, case: Case) -> bool:
        request, statement = case
        part = is_held_out(statement.text)
        [checked] = check([statement], request)
        self.all[name, part] += 1
        self.flagged[name, part] += not checked.stands
        return not checked.stands

    def share(self, *names: str, parts: tuple[bool, ...] = (False, True)) -> float:
        keys = [(name, part) for name in names for part in parts]
        return sum(self.flagged[key] for key in keys) / max(1, sum(self.all[key] for key in keys))

    def table(self, title: str) -> str:
        rows = [f"{title:34}{'tuned on':>18}{'held out':>18}"]
        for name in dict.fromkeys(name for name, _ in self.all):
            cells = "".join(
                f"{f'{self.flagged[name, part]} / {self.all[name, part]}':>12}{self.share(name, parts=(part,)):6.1%}"
                for part in (False, True)
            )
            rows.append(f"{name:34}{cells}")
        return "\n".join(rows)


@pytest.fixture(scope="module")
def cases() -> dict[str, list[Case]]:
    return {"prose": prose(), "lines": extracted((hl7v2, fhir, cda, from_patients))}


def test_right_statements_are_left_alone(
    cases: dict[str, list[Case]], capsys: pytest.CaptureFixture[str]
) -> None:
    figures = Figures()
    for name, of_kind in cases.items():
        for case in of_kind:
            figures.add(name, case)
    with capsys.disabled():
        print("\n" + figures.table("right statements flagged"))
    assert sum(figures.all.values()) >= 400
    for name in cases:
        assert figures.share(name) <= 0.03
        assert figures.share(name, parts=(True,)) <= 0.04


def test_corrupted_statements_are_caught(
    cases: dict[str, list[Case]], capsys: pytest.CaptureFixture[str]
) -> None:
    by_hand, made = Figures(), Figures()
    for category, patient, evidence, text in wrong():
        by_hand.add(category, (PATIENTS[patient], said(evidence, text)))
    for kind, of_kind in cases.items():
        for name, case in corrupted(of_kind, kind):
            made.add(name, case)
    with capsys.disabled():
        print("\n" + by_hand.table("wrong by hand, caught") + "\n\n" + made.table("wrong by change, caught"))
    assert sum(by_hand.all.values()) + sum(made.all.values()) >= 400
    for group in ("number", "drug", "negation"):
        hand = [name for name, _ in by_hand.all if _GROUPS.get(name) == group]
        changed = [name for name, _ in made.all if name.split(":")[0] == group]
        assert by_hand.share(*hand) >= 0.95, group
        assert made.share(*changed) >= 0.95, group
        assert made.share(*changed, parts=(True,)) >= 0.93, group
