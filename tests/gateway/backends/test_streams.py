"""Answers cut into events, whatever pieces they come in."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backends.streams import AnswerTooLarge, is_heartbeat, splitter
from gateway.backends.wire import Framing, StreamEvent

LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
TEXTS = st.text(
    st.sampled_from("ab {}:\u2028\u2029\x85\x0b\x0c\x1c\u00e9\U0001f600") | st.characters(codec="utf-8")
)
VALUES = TEXTS.map(lambda text: json.dumps({"t": text}, ensure_ascii=False).encode())
NAMES = st.sampled_from(["", "message", "error"])
CUTS = st.lists(st.integers(0, 400), max_size=12)


def pieces(body: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cuts), len(body)]
    return [body[start:end] for start, end in pairwise(places)]


def events(framing: Framing, chunks: list[bytes], **most: int) -> list[StreamEvent]:
    split = splitter(framing, **most)
    found = [event for chunk in chunks for event in split.feed(chunk)]
    return [*found, *split.end()]


def sse(given: list[tuple[str, bytes]], end: bytes) -> bytes:
    lines = []
    for name, data in given:
        lines += [b"event: " + name.encode()] if name else []
        lines += [b": a comment", b"data: " + data, b""]
    return b"".join(line + end for line in lines)


@given(st.lists(st.tuples(NAMES, VALUES)), LINE_ENDS, CUTS)
def test_sse_events_survive_any_chunking(given: list[tuple[str, bytes]], end: bytes, cuts: list[int]) -> None:
    found = events(Framing.SSE, pieces(sse(given, end), cuts))
    assert [(event.name, event.data) for event in found] == given


@given(st.lists(VALUES), LINE_ENDS, CUTS)
def test_ndjson_lines_survive_any_chunking(given: list[bytes], end: bytes, cuts: list[int]) -> None:
    body = b"".join(line + end + end for line in given)
    assert [event.data for event in events(Framing.NDJSON, pieces(body, cuts))] == given


@given(st.binary(max_size=300), CUTS)
def test_the_pieces_never_change_what_is_read(body: bytes, cuts: list[int]) -> None:
    for framing in Framing:
        assert events(framing, pieces(body, cuts)) == events(framing, [body])


@pytest.mark.parametrize("framing", [Framing.SSE, Framing.NDJSON])
def test_an_event_is_handed_on_as_soon_as_it_is_complete(framing: Framing) -> None:
    split = splitter(framing)
    assert not split.feed(b"data: 1\r" if framing is Framing.SSE else b"1")
    assert len(split.feed(b"\r")) == 1


def test_an_error_in_plain_json_between_events_is_handed_on() -> None:
    error = json.dumps({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, indent=2).encode()
    found = events(Framing.SSE, [b"data: 1\n\n" + error])
    assert found[0] == StreamEvent("", b"1")
    assert found[1].is_stray
    assert json.loads(found[1].data)["error"]["code"] == 429


def test_data_of_several_lines_is_joined_and_an_event_may_have_none() -> None:
    body = b"\xef\xbb\xbfid: 7\nretry: 10\ndata: a\ndata:b\n\nevent: end\n\n\n\n"
    assert events(Framing.SSE, [body]) == [StreamEvent("", b"a\nb"), StreamEvent("end", b"")]


def test_what_the_end_left_open_is_handed_on_last() -> None:
    assert events(Framing.SSE, [b"event: x\ndata: [DO"]) == [StreamEvent("x", b"[DO")]
    assert events(Framing.NDJSON, [b'{}\n{"a"']) == [StreamEvent("", b"{}"), StreamEvent("", b'{"a"')]
    assert events(Framing.WHOLE, [b"a", b"b"]) == [StreamEvent("", b"ab")]


@pytest.mark.parametrize(
    ("framing", "piece"),
    [
        (Framing.SSE, b"data: endless"),
        (Framing.SSE, b"data: endless\n"),
        (Framing.SSE, b"endless\n"),
        (Framing.SSE, b"data: x\n\n"),
        (Framing.SSE, b": ping\n"),
        (Framing.NDJSON, b"endless"),
        (Framing.NDJSON, b"1\n"),
        (Framing.WHOLE, b"endless"),
    ],
)
def test_nothing_may_go_on_without_end(framing: Framing, piece: bytes) -> None:
    with pytest.raises(AnswerTooLarge):
        events(framing, [piece] * 200, most_event_bytes=100, most_bytes=390)


@pytest.mark.parametrize(
    ("piece", "is_one"),
    [
        (b": ping\r\n\r\n", True),
        (b":\n", True),
        (b"\n", True),
        (b"", True),
        (b": ping\n\ndata: x\n\n", False),
        (b"data: x\n\n", False),
        (b"{", False),
        (b"\n{", False),
        (b'event: ping\ndata: {"type": "ping"}\n\n', True),
        (b'event: ping\r\ndata:{"type":"ping"}\r\n\r\n: ok\n', True),
        (b'event: ping\ndata: {"type":"ping"}\n\nevent: message_stop\n', False),
        (b"event: pinging\n\n", False),
    ],
)
def test_a_heartbeat_says_nothing_of_the_model(piece: bytes, is_one: bool) -> None:
    assert is_heartbeat(piece) is is_one


def test_no_event_is_repeated_in_a_repr() -> None:
    assert "secret" not in repr(StreamEvent("", b"secret"))
