"""What a summary says of who answered."""

import pytest

from gateway.backends.answered import Configured, prompt_of, summary_of
from gateway.backends.wire import Completion
from gateway.messages import Summary, Usage
from tests.gateway.backends.asking import GOOD_ANSWER, REQUEST


def summary(served: str, configured: str) -> Summary:
    completion = Completion(GOOD_ANSWER, "m-2026", Usage(), region=served)
    return summary_of(REQUEST, prompt_of(REQUEST), completion, Configured("claude", "m", configured), "c@1")


@pytest.mark.parametrize(
    ("served", "configured", "region", "is_said"),
    [
        ("", "us", "us", False),
        ("us", "", "us", False),
        ("US", "us", "US", False),
        ("eu", "us", "eu", True),
    ],
)
def test_an_answer_from_another_region_is_said(
    served: str, configured: str, region: str, is_said: bool
) -> None:
    made = summary(served, configured)
    assert made.region == region
    assert ("region-mismatch" in [caution.code for caution in made.warnings]) is is_said


def test_a_region_that_is_no_name_is_not_repeated() -> None:
    warning = summary("Jane Doe lives here", "us").warnings[-1]
    assert warning.code == "region-mismatch"
    assert "Jane" not in warning.text
