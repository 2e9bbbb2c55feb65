"""What a summary says of who answered and of what was asked; where a long prompt is made."""

import threading
from dataclasses import replace

import pytest

from gateway.backends.answered import Configured, prompt_for, prompt_of, summary_of
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.wire import Completion
from gateway.summary import Summary, Usage
from tests.gateway.backends.asking import GOOD_ANSWER, REQUEST
from tests.gateway.backends.extractive.making import K, S, fact
from tests.on_reactor import on_reactor


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
        ("us-central1", "us", "us-central1", False),
        ("US-East5", "us", "US-East5", False),
        ("europe-west4", "eu", "europe-west4", False),
        ("europe-west2", "eu", "europe-west2", True),  # London
        ("us", "us-central1", "us", True),
        ("us-central1", "us-east5", "us-central1", True),
        ("usa", "us", "usa", True),
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


def test_what_was_left_out_of_the_prompt_is_said_of_the_summary() -> None:
    normal = [
        fact(K.RESULT, "Sodium", f"OBX[{n}]-5", value="140", flag="N", status=S.FINAL) for n in range(50)
    ]
    long = replace(REQUEST, facts=(*REQUEST.facts, *normal))
    prompt = prompt_of(long, prompt_of(REQUEST).input_tokens + 200)
    made = summary_of(long, prompt, Completion(GOOD_ANSWER, "m", Usage()), Configured("b", "m"), "c@1")
    assert [caution.code for caution in made.warnings] == ["left-out"]
    assert made.prompt_version == "longitudinal-clinician/2"


def test_what_must_stay_and_does_not_fit_is_the_backends_failure() -> None:
    with pytest.raises(BackendFailure) as raised:
        prompt_of(REQUEST, 1000)
    assert raised.value.cause is Cause.CONTEXT_EXCEEDED


class Watched(tuple[object, ...]):
    """Facts that know who reads them."""

    threads: set[str]

    def __iter__(self):  # type: ignore[no-untyped-def]
        self.threads.add(threading.current_thread().name)
        return super().__iter__()


@on_reactor
async def test_the_prompt_of_a_large_message_is_made_on_a_thread() -> None:
    for size_bytes, is_here in ((1000, True), (1_000_000, False)):
        facts = Watched(REQUEST.facts)
        facts.threads = set()
        made = await prompt_for(replace(REQUEST, facts=facts, size_bytes=size_bytes))
        assert made == prompt_of(REQUEST)
        assert (facts.threads == {threading.current_thread().name}) is is_here
