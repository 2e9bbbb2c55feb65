"""Statuses, waits and codes of failed answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backends.failed_answers import cause_of_status, may_retry, plain_code, retry_after_s
from gateway.backends.failure import Cause

DATE = "Mon, 23 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "9e99"}, 86400),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "5", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "5", "retry-after-ms": "?"}, 5),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT", "date": DATE}, 30),
        ({"retry-after": "Mon, 23 Nov 2026 09:00:00 GMT", "date": DATE}, 0),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 -0000", "date": DATE}, None),
    ],
)
def test_how_long_a_provider_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers) == seconds


@given(st.text())
def test_no_header_breaks_the_reading(text: str) -> None:
    waits = retry_after_s({"retry-after": text, "date": DATE})
    assert waits is None or 0 <= waits <= 86400


def test_the_provider_may_say_itself_whether_to_try_again() -> None:
    assert [may_retry({"x-should-retry": said}) for said in ("true", "False", "maybe")] == [True, False, None]
    assert may_retry({}) is None


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (307, Cause.BAD_REQUEST),
        (400, Cause.BAD_REQUEST),
        (401, Cause.CREDENTIALS),
        (402, Cause.SPEND_LIMIT),
        (404, Cause.UNKNOWN_MODEL),
        (408, Cause.SERVER_ERROR),
        (413, Cause.CONTEXT_EXCEEDED),
        (422, Cause.BAD_REQUEST),
        (429, Cause.RATE_LIMITED),
        (500, Cause.SERVER_ERROR),
        (503, Cause.OVERLOADED),
        (504, Cause.SERVER_ERROR),
        (529, Cause.OVERLOADED),
    ],
)
def test_what_a_status_means_by_itself(status: int, cause: Cause) -> None:
    assert cause_of_status(status) is cause


def test_a_code_that_might_be_a_sentence_is_not_repeated() -> None:
    assert plain_code("rate_limit_exceeded") == "rate_limit_exceeded"
    assert [plain_code(value) for value in ("Jane Doe is ill", "x" * 65, 7, None, "a\n")] == [""] * 5
