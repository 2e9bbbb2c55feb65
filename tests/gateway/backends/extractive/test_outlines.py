"""What each purpose shows, as its page says it."""

from pathlib import Path

import pytest

from gateway.backends.extractive.outlines import OUTLINES
from gateway.clinical import FactKind
from gateway.request import Purpose
from gateway.summary import SummarySection
from gateway.summary_text import SECTION_OF_KIND

PAGE = Path(__file__).parents[4] / "docs" / "extractive.md"


@pytest.mark.parametrize("purpose", Purpose)
def test_every_section_stands_in_every_outline(purpose: Purpose) -> None:
    outline = OUTLINES[purpose]
    assert sorted(outline.order) == sorted(SummarySection)
    assert sorted(outline.importance) == sorted(SummarySection)
    assert (outline.order[0], outline.order[-1]) == (SummarySection.OVERVIEW, SummarySection.LIMITS)


def test_every_kind_of_fact_has_its_section() -> None:
    assert set(SECTION_OF_KIND) == set(FactKind)


def listed(cell: str) -> list[str]:
    return [name.strip().replace(" ", "-") for name in cell.split(",") if name.strip()]


@pytest.mark.parametrize("purpose", Purpose)
def test_the_page_tells_order_and_depth(purpose: Purpose) -> None:
    (row,) = [line for line in PAGE.read_text().splitlines() if line.startswith(f"| {purpose} |")]
    _, _, order, full, brief, _ = row.split("|")
    outline = OUTLINES[purpose]
    assert listed(order) == [section.value for section in outline.order[1:-1]]
    assert set(listed(full)) == {section.value for section in outline.focus}
    assert set(listed(brief)) == {section.value for section in outline.brief}
