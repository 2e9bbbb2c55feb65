"""Hostile and unusual JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ErrorKind, GatewayError
from translators.fhir.json_guard import JsonLimits, Number, parse_json


@pytest.mark.parametrize("literal", ["6.80", "1e5", "-0", "72.50", "0.000", "12345678901234567890.10"])
def test_numbers_stay_as_they_were_written(literal: str) -> None:
    assert parse_json(b'{"value": %s}' % literal.encode())["value"] == Number(literal)


def test_a_number_is_not_taken_for_a_string() -> None:
    assert type(parse_json(b'{"value": 1}')["value"]) is Number


def test_a_byte_order_mark_is_tolerated() -> None:
    assert parse_json(b"\xef\xbb\xbf{}") == {}


HOSTILE = {
    "not json": (b'{"a": }', ErrorKind.MALFORMED, "line 1, column 7"),
    "cut off": (b'{"resourceType": "Bundle"\n,', ErrorKind.MALFORMED, "line 2, column 2"),
    "empty": (b" ", ErrorKind.MALFORMED, "line 1, column 2"),
    "two values": (b"{} {}", ErrorKind.MALFORMED, "line 1, column 4"),
    "an array": (b"[]", ErrorKind.MALFORMED, ""),
    "a string": (b'"Patient"', ErrorKind.MALFORMED, ""),
    "null": (b"null", ErrorKind.MALFORMED, ""),
    "NaN": (b'{"a": NaN}', ErrorKind.MALFORMED, ""),
    "Infinity": (b'{"a": -Infinity}', ErrorKind.MALFORMED, ""),
    "Latin-1": (b'{"a": "\xe9"}', ErrorKind.UNSUPPORTED_ENCODING, "byte 7"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), ErrorKind.UNSUPPORTED_ENCODING, "byte 0"),
    "control character": (b'{"a": "\x01"}', ErrorKind.MALFORMED, "line 1, column 8"),
    "deep arrays": (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", ErrorKind.TOO_LARGE, ""),
    "deep objects": (b'{"a":' * 65 + b"1" + b"}" * 65, ErrorKind.TOO_LARGE, ""),
    "deeper than the stack": (b"[" * 200_000, ErrorKind.TOO_LARGE, ""),
    "a million digits": (b'{"a": %s}' % (b"1" * 1_000_000), ErrorKind.TOO_LARGE, ""),
    "a million decimals": (b'{"a": 0.%s}' % (b"1" * 1_000_000), ErrorKind.TOO_LARGE, ""),
    "same name twice": (
        b'{"resourceType": "Bundle", "entry": [{"resource": {"code": {"a": 1, "a": 2}}}]}',
        ErrorKind.MALFORMED,
        "Bundle.entry[0].resource.code",
    ),
    "same name twice, the quotes of one made up for by escapes": (
        rb'{"resourceType": "Bundle", "a": "", "a": "\u0022\u0022\u0022\u0022"}',
        ErrorKind.MALFORMED,
        "Bundle",
    ),
    "same name twice, one with a number": (
        b'{"resourceType": "Patient", "a": 1, "b": [{}, "", 2.50], "a": 1}',
        ErrorKind.MALFORMED,
        "Patient",
    ),
    "half a surrogate pair": (
        rb'{"resourceType": "Patient", "name": [{"family": "\ud83d"}]}',
        ErrorKind.MALFORMED,
        "Patient.name[0].family",
    ),
    "half a pair in a name": (rb'{"resourceType": "Patient", "\udc00": 1}', ErrorKind.MALFORMED, "Patient"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_json_is_refused_with_its_place(case: str) -> None:
    body, kind, location = HOSTILE[case]
    with pytest.raises(GatewayError) as raised:
        parse_json(body)
    assert (raised.value.kind, raised.value.location) == (kind, location)


def test_too_many_names_are_refused_while_they_are_read() -> None:
    body = json.dumps({"entry": [{"a": 1, "b": 2}] * 10}).encode()
    with pytest.raises(GatewayError) as raised:
        parse_json(body, JsonLimits(keys=20))
    assert raised.value.kind is ErrorKind.TOO_LARGE


def test_the_place_of_an_error_never_shows_a_name_that_is_no_element() -> None:
    with pytest.raises(GatewayError) as raised:
        parse_json(b'{"resourceType": "Patient", "Jane Doe": {"x": 1, "x": 2}}')
    assert raised.value.location == "Patient.?"


def test_whole_surrogate_pairs_are_characters() -> None:
    assert parse_json(rb'{"text": "\ud83d\ude00"}') == {"text": "\U0001f600"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text("xyz", max_size=3), VALUES, max_size=5), st.booleans())
def test_what_is_not_hostile_is_read_as_json_reads_it(root: dict[str, object], ascii_only: bool) -> None:
    assert parse_json(json.dumps(root, ensure_ascii=ascii_only).encode()) == root


def _written(pairs: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in pairs) + "}"


PAIRS = st.recursive(
    st.sampled_from(['""', '"\\\\"', '"\\""', '"\\u0022"', "7.50", "null", "[]", "{}"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(st.sampled_from(["a", "b", '\\"', "c", "d"]), inner), max_size=4).map(_written)
    ),
    max_leaves=12,
)


def _holds_a_name_twice(text: str) -> bool:
    found = False

    def make(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal found
        found = found or len({name for name, _ in pairs}) < len(pairs)
        return dict(pairs)

    json.loads(text, object_pairs_hook=make)
    return found


@given(PAIRS)
def test_a_name_twice_is_seen_wherever_it_stands(value: str) -> None:
    text = f'{{"root": {value}}}'
    if _holds_a_name_twice(text):
        with pytest.raises(GatewayError):
            parse_json(text.encode())
    else:
        assert parse_json(text.encode()) == json.loads(text, parse_float=Number)


@pytest.mark.parametrize("depth", [63, 64])
def test_what_nests_as_deep_as_is_allowed_is_read(depth: int) -> None:
    assert parse_json(b'{"a":' * depth + b"1" + b"}" * depth)


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_but_gateway_errors(body: bytes) -> None:
    for each in (body, b'{"resourceType":"Bundle",' + body):
        try:
            parse_json(each)
        except GatewayError:
            continue
