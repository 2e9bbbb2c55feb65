"""JSON from strangers, read once, with every known trap refused and every decimal kept as it was sent.

What the objects mean is not looked at here, apart from the root having to be one FHIR resource.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import orjson

from gateway.errors import ErrorKind, GatewayError

Element = dict[str, object]
"""A JSON object: a FHIR resource or a part of one."""


class Number(str):
    """A JSON number as it was written: `6.80` stays `6.80`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """About ten times what the largest bundles of the corpus hold (1.5 MB: 30,785 keys, depth 11)."""

    depth: int = 64
    keys: int = 1_000_000
    number_length: int = 64
    """Characters of one number; FHIR decimals need 18 digits and an exponent."""


def parse_json(body: bytes, limits: JsonLimits | None = None) -> Element:
    """The root object. Raises `GatewayError`, whose `location` is a line and column or a FHIRPath.

    A byte order mark is tolerated; any encoding but UTF-8 is not (FHIR R4 2.6.2, RFC 8259 8.1).
    """
    limits = limits or JsonLimits()
    text = _decoded(body)
    may_hold_too_many = len(text) > limits.keys and text.count(":") > limits.keys
    root, is_plain = (None, False) if may_hold_too_many else _read_plain(text, limits)
    if not is_plain:
        root = _read_closely(text, limits)
    if type(root) is not dict:
        raise _malformed("The body is not a JSON object")
    return root


def _read_plain(text: str, limits: JsonLimits) -> tuple[object, bool]:
    """The root, and whether it is certain that no name stands twice, nothing nests too deep, and no string
    holds half a character: what was read, written again, has as many quotes as were sent.

    At a third less than `_read_closely`, which finds out what is wrong, if anything is.
    """
    numbers = 0

    def number(literal: str) -> Number:
        nonlocal numbers
        numbers += 1
        return _number(literal, limits)

    root = _parsed(json.JSONDecoder(parse_float=number, parse_int=number, parse_constant=_constant), text)
    try:
        written = orjson.dumps(root, option=orjson.OPT_INDENT_2)
    except orjson.JSONEncodeError:  # half a pair, or deeper than it writes
        return root, False
    # Numbers are written in quotes. A name that stood before takes its quotes with it, and only an
    # escaped quote has fewer of them on its way in.
    has_every_name = written.count(b'"') == text.count('"') + 2 * numbers and "\\u0022" not in text
    return root, has_every_name and _indent(limits.depth) not in written


@cache
def _indent(depth: int) -> bytes:
    """The start of a line within the container at that depth, as `OPT_INDENT_2` writes it."""
    return b"\n" + b"  " * depth


def _read_closely(text: str, limits: JsonLimits) -> object:
    shape = _Shape(limits)

    def number(literal: str) -> Number:
        return _number(literal, limits)

    root = _parsed(
        json.JSONDecoder(
            parse_float=number, parse_int=number, parse_constant=_constant, object_pairs_hook=shape.make
        ),
        text,
    )
    if shape.repeated:
        raise _malformed("An object has the same name twice", _path_to(root, shape.is_repeated))
    _check_depth(root, limits.depth)
    if _MAY_BE_SURROGATE.search(text):
        _check_surrogates(root)
    return root


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GatewayError(
            ErrorKind.UNSUPPORTED_ENCODING,
            str(error),
            location=f"byte {error.start}",
            public="The body is not UTF-8",
        ) from error


class _Shape:
    """What can only be seen while objects are being made."""

    def __init__(self, limits: JsonLimits) -> None:
        self._keys_left = limits.keys
        self.repeated: dict[int, Element] = {}
        """Objects that had a name twice, by identity; held, so that no other takes their identity."""

    def make(self, pairs: list[tuple[str, object]]) -> Element:
        made = dict(pairs)
        self._keys_left -= len(pairs)
        if self._keys_left < 0:
            raise GatewayError(ErrorKind.TOO_LARGE, public="The JSON has too many elements")
        if len(made) != len(pairs):
            self.repeated[id(made)] = made
        return made

    def is_repeated(self, node: object) -> bool:
        return id(node) in self.repeated


def _parsed(decoder: json.JSONDecoder, text: str) -> object:
    try:
        root: object = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise GatewayError(
            ErrorKind.MALFORMED,
            error.msg,
            location=f"line {error.lineno}, column {error.colno}",
            public="The body is not well-formed JSON",
        ) from error
    except RecursionError as error:
        raise GatewayError(ErrorKind.TOO_LARGE, public="The JSON nests too deep") from error
    return root


def _number(literal: str, limits: JsonLimits) -> Number:
    if len(literal) > limits.number_length:
        raise GatewayError(ErrorKind.TOO_LARGE, public="A number has too many digits")
    return Number(literal)


def _constant(literal: str) -> Number:
    raise _malformed("NaN and Infinity are not JSON")


def _check_depth(root: object, most: int) -> None:
    level = [root]
    depth = 0
    while level:
        depth += 1
        if depth > most:
            raise GatewayError(ErrorKind.TOO_LARGE, public="The JSON nests too deep")
        level = [
            value
            for node in level
            for value in (node.values() if type(node) is dict else node if type(node) is list else ())
            if type(value) is dict or type(value) is list
        ]


_HALF_A_PAIR = re.compile("[\ud800-\udfff]")
_MAY_BE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _check_surrogates(root: object) -> None:
    """Halves of surrogate pairs are no characters: they could be neither stored nor answered."""
    try:
        json.dumps(root, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise _malformed(
            "A string holds half a surrogate pair", _path_to(root, _holds_half_a_pair)
        ) from error


def _holds_half_a_pair(node: object) -> bool:
    strings = [node] if isinstance(node, str) else list(node) if type(node) is dict else []
    return any(_HALF_A_PAIR.search(each) for each in strings)


_ELEMENT_NAME = re.compile(r"_?[a-z][A-Za-z]{0,40}")


def _path_to(root: object, found: Callable[[object], bool]) -> str:
    """FHIRPath of the first node that is looked for; names that no element could have become `?`."""
    name = root.get("resourceType") if type(root) is dict else None
    start = name if type(name) is str and re.fullmatch(r"[A-Z][A-Za-z]{1,40}", name) else "$this"
    pending: list[tuple[str, object]] = [(start, root)]
    while pending:
        path, node = pending.pop()
        if found(node):
            return path
        if type(node) is dict:
            pending += [
                (f"{path}.{key if _ELEMENT_NAME.fullmatch(key) else '?'}", value)
                for key, value in node.items()
            ]
        elif type(node) is list:
            pending += [(f"{path}[{index}]", value) for index, value in enumerate(node)]
    return ""


def _malformed(public: str, location: str = "") -> GatewayError:
    return GatewayError(ErrorKind.MALFORMED, location=location, public=public)
