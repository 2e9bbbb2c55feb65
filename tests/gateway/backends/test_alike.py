"""What is read without parsing is what parsing would have read, or it is not read so."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.backends.alike import AlikeEvents

AROUND = {"id": "c-1", "model": "m", "usage": None}


def chunk(text: str, **more: object) -> dict[str, Any]:
    delta = {"content": text, **more}
    return {**AROUND, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


def learned(event: bytes, text: str) -> AlikeEvents:
    alike = AlikeEvents("content")
    alike.learn(event, text)
    return alike


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2), st.booleans(), st.booleans())
@example(texts=['say "', "\\", "\\\\", '"},{"', "\u2028", "\U0001f600"], is_ascii=True, is_spaced=True)
def test_events_of_one_form_give_their_text(texts: list[str], is_ascii: bool, is_spaced: bool) -> None:
    separators = None if is_spaced else (",", ":")
    events = [
        json.dumps(chunk(text), ensure_ascii=is_ascii, separators=separators).encode() for text in texts
    ]
    alike = learned(events[0], texts[0])
    assert [alike.text_of(event) for event in events] == texts


@given(st.binary(max_size=12), st.integers(0, 200), st.integers(0, 12))
@example(put=b'"', at=93, instead_of=0)
def test_whatever_is_read_so_is_what_parsing_reads(put: bytes, at: int, instead_of: int) -> None:
    event = orjson.dumps(chunk('a "dose" of 5'))
    alike = learned(event, 'a "dose" of 5')
    changed = event[:at] + put + event[at + instead_of :]
    found = alike.text_of(changed)
    if found is not None:
        assert orjson.loads(changed) == chunk(found)


@pytest.mark.parametrize(
    "other",
    [
        {**chunk("b"), "usage": {"prompt_tokens": 3}},
        chunk("b", refusal="no"),
        {**chunk("b"), "choices": [{"index": 0, "delta": {"content": "b"}, "finish_reason": "stop"}]},
        {"error": {"message": "b"}},
    ],
)
def test_an_event_that_says_more_is_parsed(other: dict[str, Any]) -> None:
    assert learned(orjson.dumps(chunk("a")), "a").text_of(orjson.dumps(other)) is None


def test_a_string_that_shares_its_quote_with_what_follows_is_none() -> None:
    event = orjson.dumps(chunk(""))
    assert learned(orjson.dumps(chunk("a")), "a").text_of(event.replace(b'""', b'"')) is None


@pytest.mark.parametrize(
    "event",
    [
        orjson.dumps({"content": "b", **chunk("a")}),
        orjson.dumps(chunk("a")).replace(b'"content"', b'"conten\\u0074"'),
        orjson.dumps(chunk("a")).replace(b'"a"', b'["a"]'),
    ],
)
def test_where_the_text_stands_is_not_guessed(event: bytes) -> None:
    assert learned(event, "a").text_of(event) is None
