"""MLLP framing: every split of the stream, every wrong frame of the decoder policy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listeners.mllp_framing import HEAD_BYTES, Frame, FrameReader, framed

ONE = b"MSH|^~\\&|A|B|C|D|20260314||ADT^A01|1|P|2.5\rPID|1\r"
TWO = b"MSH|^~\\&|A|B|C|D|20260314||ADT^A03|2|P|2.5\rPID|1\r"

PAYLOADS = st.lists(
    st.binary(min_size=1, max_size=60).map(lambda raw: b"M" + bytes(byte for byte in raw if byte > 0x1F)),
    max_size=6,
)


def read(reader: FrameReader, *chunks: bytes) -> list[bytes]:
    return [frame.payload for chunk in chunks for frame in reader.feed(chunk)]


@given(PAYLOADS, st.integers(1, 7))
def test_payloads_survive_any_chunking(payloads: list[bytes], chunk: int) -> None:
    stream = b"".join(framed(payload) for payload in payloads)
    pieces = [stream[at : at + chunk] for at in range(0, len(stream), chunk)]
    assert read(FrameReader(), *pieces) == payloads


@pytest.mark.parametrize("split", range(len(framed(ONE)) + 1))
def test_two_frames_survive_a_split_at_every_byte(split: int) -> None:
    stream = framed(ONE) + framed(TWO)
    assert read(FrameReader(), stream[:split], stream[split:]) == [ONE, TWO]


def test_bytes_before_a_frame_are_dropped_and_counted() -> None:
    reader = FrameReader()
    assert read(reader, b"junk\r\n", framed(ONE)) == [ONE]
    assert reader.counts.dropped_bytes == 4


def test_a_start_inside_a_frame_begins_it_anew() -> None:
    reader = FrameReader()
    assert read(reader, b"\x0bMSH|half\x0b" + framed(ONE)[1:]) == [ONE]
    assert reader.counts.abandoned_frames == 1


@pytest.mark.parametrize("after", [b"", b"\n"])
def test_an_end_without_carriage_return_never_merges_two_messages(after: bytes) -> None:
    reader = FrameReader()
    stream = framed(ONE)[:-1] + after + framed(TWO)
    assert read(reader, stream) == [ONE, TWO]
    assert reader.counts.ends_without_cr == 1
    assert read(FrameReader(), *(stream[i : i + 1] for i in range(len(stream)))) == [ONE, TWO]


def test_an_end_followed_by_silence_is_taken_when_the_caller_says_so() -> None:
    reader = FrameReader()
    assert read(reader, framed(ONE)[:-1]) == []
    assert reader.may_have_ended
    assert [frame.payload for frame in reader.end_by_silence()] == [ONE]
    assert not reader.in_frame
    assert list(reader.end_by_silence()) == []


def test_a_separator_inside_a_payload_does_not_cut_the_message_short() -> None:
    reader = FrameReader()
    assert read(reader, b"\x0bMSH|a\x1cb\r\x1c\r") == [b"MSH|a\x1cb\r"]
    assert reader.counts.separators_in_payload == 1


@pytest.mark.parametrize("empty", [b"\x0b\x1c\r", b"\x0b\r\x1c\r", b"\x0b  \x1c\r"])
def test_an_empty_frame_is_counted_and_the_next_one_is_read(empty: bytes) -> None:
    reader = FrameReader()
    assert read(reader, empty + framed(ONE)) == [ONE]
    assert reader.counts.empty_frames == 1


def test_a_frame_over_the_cap_leaves_its_head_and_the_next_one_is_read() -> None:
    reader = FrameReader(max_payload_bytes=10_000)
    big = ONE + b"OBX|" + b"x" * 50_000
    stream = framed(big) + framed(TWO)
    frames = [frame for at in range(0, len(stream), 1000) for frame in reader.feed(stream[at : at + 1000])]
    assert [frame.is_oversize for frame in frames] == [True, False]
    assert frames[0] == Frame(big[:HEAD_BYTES], len(big))
    assert frames[1].payload == TWO
    assert reader.counts.oversize_frames == 1


def test_a_flood_without_an_end_holds_no_more_than_the_head() -> None:
    reader = FrameReader(max_payload_bytes=100_000)
    list(reader.feed(b"\x0b" + ONE))
    for _ in range(1000):
        assert list(reader.feed(b"x" * 4096)) == []
    assert len(reader._held) <= HEAD_BYTES


@given(st.lists(st.sampled_from([b"\x0b", b"\x1c", b"\r", b"\n", b"MSH", b"x" * 40]), max_size=40))
def test_no_stream_breaks_the_reader_and_a_good_frame_after_it_is_read(parts: list[bytes]) -> None:
    reader = FrameReader(max_payload_bytes=100)
    for part in parts:
        list(reader.feed(part))
    list(reader.end_by_silence())
    good = b"MSH|good"
    assert [frame.payload for frame in reader.feed(framed(good))][-1] == good


def test_a_payload_that_would_break_the_framing_is_not_sent() -> None:
    with pytest.raises(ValueError, match="VT"):
        framed(b"MSH|\x0b")
