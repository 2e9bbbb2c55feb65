"""Whatever the bytes: a reading or a `GatewayError`, in bounded time, and an answer."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Wish
from tests.timing import cpu_seconds
from tests.translators.hl7v2.messages import NOW, TRANSLATOR, header, inbound, read_payload
from translators.hl7v2.to_request import CLINICAL, IDENTITY

_NAMES = sorted({*CLINICAL, *IDENTITY, "MSH", "ZZZ", "QPD", "RCP", "MSA"})
_FIELD = st.one_of(
    st.sampled_from(
        ["", '""', "F", "W", "D", "TX", "NM", "ED", "RP", "SN", "20260314", "1^2&3~4", "\\.br\\", "\\X0D\\",
         "^AP^PDF^Base64^AAAA", "A^B^LN", "NKDA", "~~", "^^^", "&&", "\\", "\\Z", "é", "\x0b"]
    ),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=12),
)  # fmt: skip
_SEGMENT = st.builds(
    lambda name, fields: "|".join([name, *fields]), st.sampled_from(_NAMES), st.lists(_FIELD, max_size=30)
)


def through(payload: bytes) -> None:
    """Every step that the payload's wish allows. Anything but a `GatewayError` fails the test."""
    message, of = inbound(payload), None
    try:
        of = TRANSLATOR.open(message)
        if of.parts:
            for part in of.parts[:3]:
                through(part.body)
        elif of.wish is Wish.RETRIEVE:
            TRANSLATOR.to_query_reply(message, of, None, NOW)
            TRANSLATOR.to_query(message, of)
        elif of.wish is Wish.RECORD:
            TRANSLATOR.to_request(message, of, "p")
            TRANSLATOR.to_receipt(message, of, NOW)
    except GatewayError as error:
        TRANSLATOR.to_error(message, of, error, NOW)


@given(st.binary(max_size=400))
def test_no_bytes_after_the_header_do_harm(tail: bytes) -> None:
    through(b"MSH|" + tail)


@given(st.binary(max_size=400))
def test_no_bytes_after_a_good_header_do_harm(tail: bytes) -> None:
    through(header().encode() + b"\r" + tail)


@settings(max_examples=300)
@given(
    st.lists(_SEGMENT, max_size=12),
    st.sampled_from(["ORU^R01", "ADT^A01", "MDM^T02", "VXU^V04", "RDE^O11", "OUL^R22", "SIU^S12", "QBP^Q15"]),
    st.sampled_from(["2.1", "2.3", "2.5.1", "2.8.2"]),
)
def test_no_segments_in_any_order_do_harm(segments: list[str], kind: str, version: str) -> None:
    through("\r".join([header(kind, version), *segments]).encode())


@given(st.lists(_SEGMENT, max_size=6), st.sampled_from(["^~\\&", "^~\\&#", "^", "^~&", "$%!*"]))
def test_no_delimiters_do_harm(segments: list[str], encoding: str) -> None:
    through("\r".join([header().replace("^~\\&", encoding, 1), *segments]).encode())


def test_time_grows_with_the_size_and_not_faster() -> None:
    head = (header() + "\rPID|1||M\rOBR|1|||X^R^L\r").encode()
    shapes = [
        b"OBX|1|TX|R^R^L||line||||||F\r",
        b"OBX|1|NM|R^R^L||1||||||F\rNTE|1||x\r",
        b"\\X0D\\",
        b"\\Z",
        b"~^&\\",
        b"|",
        b"\r\r",
        b"ZZZ|1\r",
    ]
    for shape in shapes:
        small, large = (cpu_seconds(partial(read_payload, head + shape * times)) for times in (2_000, 20_000))
        assert large < 40 * max(small, 0.001), shape


def test_an_escape_cannot_exhaust_memory() -> None:
    (note,) = read_payload((header() + "\rOBX|1|TX|R^R^L||a\\.sp99999999\\b||||||F").encode()).notes
    assert len(note.text) < 100


def test_a_second_patient_is_an_error_that_can_be_answered() -> None:
    payload = (
        header() + "\rPID|1||A^^^H\rOBX|1|NM|X^X||1||||||F\rPID|2||B^^^H\rOBX|1|NM|X^X||1||||||F"
    ).encode()
    message = inbound(payload)
    of = TRANSLATOR.open(message)
    try:
        TRANSLATOR.to_request(message, of, "p")
    except GatewayError as error:
        assert error.kind is ErrorKind.SEVERAL_PATIENTS
        assert b"MSA|AE|MSG1" in TRANSLATOR.to_error(message, of, error, NOW).body
    else:
        raise AssertionError("facts of two patients were mixed")


@pytest.mark.parametrize(
    "segment",
    ["PID|1||{}||Doe^J", "PID|1||M1||Doe^J||||||||{}", "PV1|1|I|W||||{}", "PV1|1|I|W||||||||||||||||{}"],
)
def test_many_repetitions_take_time_by_their_number_and_not_its_square(segment: str) -> None:
    def seconds(count: int) -> float:
        line = segment.format("~".join(f"{number}^^^A^MR" for number in range(count)))
        payload = "\r".join((header(), line, "DG1|1||^Asthma")).encode()
        return cpu_seconds(lambda: read_payload(payload))

    seconds(100)
    assert seconds(20_000) < 40 * max(seconds(2_000), 0.005)
