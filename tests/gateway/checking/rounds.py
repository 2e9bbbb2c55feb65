"""A round: statements by hand over made-up patients. One line each: [category |] patient [section] | evidence | text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.request import SummarizationRequest
from gateway.summary import Statement, SummarySection

Case = tuple[SummarizationRequest, Statement]


def said(evidence: tuple[str, ...], text: str, section: SummarySection = SummarySection.NOTES) -> Statement:
    return Statement(section=section, text=text, evidence=evidence)


@dataclass(frozen=True)
class Round:
    name: str
    patients: Mapping[str, SummarizationRequest] = field(repr=False)
    right_lines: str = field(repr=False)
    wrong_lines: str = field(repr=False)

    def right(self) -> Iterator[Case]:
        for line in self.right_lines.strip().splitlines():
            patient, evidence, text = line.split(" | ")
            yield self._case(patient, evidence, text)

    def wrong(self) -> Iterator[tuple[str, Case]]:
        for line in self.wrong_lines.strip().splitlines():
            category, patient, evidence, text = line.split(" | ")
            yield category, self._case(patient, evidence, text)

    def _case(self, of: str, evidence: str, text: str) -> Case:
        patient, _, section = of.partition(" ")
        of_section = SummarySection(section) if section else SummarySection.NOTES
        return self.patients[patient], said(tuple(evidence.split()), text, of_section)
