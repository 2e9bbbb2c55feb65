"""Every example of `docs/policy.md` does what the page says."""

from pathlib import Path

import pytest

from tests.journeys.policy_page import PAGE, Section, merged, run, sections

SECTIONS = sections(PAGE.read_text())


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.heading)
def test_every_example_prints_what_the_page_shows(section: Section, tmp_path: Path) -> None:
    run(section, tmp_path)


def test_an_example_that_prints_something_else_is_found(tmp_path: Path) -> None:
    page = "## One\n```yaml base\n{a: 1}\n```\n```console\n$ echo one; echo two\none\nthree\n```\n"
    [section] = sections(page)
    with pytest.raises(AssertionError, match="lacks: three"):
        run(section, tmp_path)


def test_a_fragment_is_laid_over_the_base() -> None:
    base = {"models": {"a": {"default": "1"}}, "rules": [1, 2]}
    assert merged(base, {"models": {"a": {"default": "2"}, "b": {}}, "rules": [3]}) == {
        "models": {"a": {"default": "2"}, "b": {}},
        "rules": [3],
    }
