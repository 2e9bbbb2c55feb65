"""A model's answer as statements with evidence: strict about what it says, patient about how it is wrapped.

Read are: the object asked for, bare, in a code block or among sentences, after an echo of the schema or
the model's thinking; a list instead of the object; statements one after another; trailing commas and raw
line breaks in strings; evidence as one string, in brackets, in small letters. Never read: an answer that
breaks off, even where whole statements stand before the break, and two answers that differ.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import orjson

from gateway.clinical import Caution
from gateway.errors import ErrorKind, GatewayError
from gateway.prompt.asked import Prompt
from gateway.prompt.quoting import visible
from gateway.prompt.schema import SECTIONS
from gateway.summary import Statement, SummarySection


class UnreadableAnswer(GatewayError):
    """A whole answer that is not statements with evidence. The backend that got it says so as
    `Cause.UNREADABLE`, with the usage, which is not known here."""

    def __init__(self, detail: str) -> None:
        """`detail` quotes nothing of the answer."""
        super().__init__(ErrorKind.BACKEND_UNAVAILABLE, detail)


# All of these take linear time in `re` too, where one match costs a fiftieth of re2's.
_ID = re.compile(r"(?ai)\b([EFN])(\d{1,9})\b")
_CITED = re.compile(r"(?ai) ?\[([EFN]\d{1,9}(?:[,; ]+[EFN]\d{1,9})*)\]")
_BRACKETS = re.compile(r'(?s)\\.|["{}\[\]]')
_STRING_OR_TRAILING_COMMA = re.compile(r'(?s)("(?:[^"\\]|\\.)*")|,(\s*[}\]])')
_AFTER_THINKING = "</think>"
_SECTION_OF_NAME = {section.value: section for section in SECTIONS}
_SECTION_OF_WORDS = {section.value.replace("-", " "): section for section in SECTIONS}

Given = Sequence[object]
"""Statements as the model gave them."""


def read_answer(text: str, prompt: Prompt) -> tuple[tuple[Statement, ...], tuple[Caution, ...]]:
    """Statements whose evidence exists; the others are left out and counted. Raises `UnreadableAnswer`."""
    given = _given(text, prompt)
    read = [statement for each in given if (statement := _statement(each, prompt)) is not None]
    if not read:
        raise UnreadableAnswer("the answer has no statement with evidence")
    dropped = len(given) - len(read)
    cautions = (
        Caution(
            code="unsupported", text=f"{dropped} statements of the model had no source and were left out"
        ),
    )
    return tuple(_without_repeats(read)), cautions if dropped else ()


def _given(text: str, prompt: Prompt) -> Given:
    text = text.strip().removeprefix("\ufeff")
    try:
        found = _statements_in(orjson.loads(text))
    except orjson.JSONDecodeError:
        found = None
    return found if found is not None else _given_among_words(text.rpartition(_AFTER_THINKING)[2], prompt)


def _given_among_words(text: str, prompt: Prompt) -> Given:
    answers: list[Given] = []
    loose: list[object] = []
    for value in _json_values(text):
        found = _statements_in(value)
        if found is not None and _says_something(found, prompt):
            answers.append(found)
        elif found is None and _is_statement(value):
            loose.append(value)
    if any(answer != answers[0] for answer in answers):
        raise UnreadableAnswer("the answer holds several answers that differ")
    if answers and loose:
        raise UnreadableAnswer("the answer has statements within and beside its object")
    if not answers and not loose:
        raise UnreadableAnswer("the answer has no list of statements")
    return answers[0] if answers else loose


def _statements_in(value: object) -> Given | None:
    """Of the object asked for, or of a list in its place."""
    if (
        isinstance(value, list)
        and len(value) == 1
        and isinstance(value[0], dict)
        and "statements" in value[0]
    ):
        value = value[0]
    if isinstance(value, dict):
        statements = value.get("statements")
        return statements if isinstance(statements, list) else None
    return value if isinstance(value, list) and value and all(map(_is_statement, value)) else None


def _is_statement(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("text"), str)


def _says_something(given: Given, prompt: Prompt) -> bool:
    """Of this record: the example of the instructions, echoed, names no entry that exists."""
    return any(_statement(each, prompt) is not None for each in given)


def _json_values(text: str) -> Iterator[object]:
    """Each whole object or list of objects among the words. Raises when one of them breaks off."""
    for part in _bracketed(text):
        try:
            yield orjson.loads(part)
        except orjson.JSONDecodeError:
            try:
                yield json.loads(_STRING_OR_TRAILING_COMMA.sub(_as_json, part), strict=False)
            except (ValueError, RecursionError) as error:
                if '"statements"' in part or '"evidence"' in part:
                    raise UnreadableAnswer("the answer is not JSON") from error


def _as_json(match: re.Match[str]) -> str:
    return match.group(1) or match.group(2)


def _bracketed(text: str) -> Iterator[str]:
    """What stands between the brackets of JSON, the outermost ones; in one pass, however hostile."""
    start = depth = 0
    in_string = False
    for match in _BRACKETS.finditer(text):
        sign = match.group()
        if depth == 0:
            if sign in ("{", "[") and _opens_json(sign, text, match.end()):
                start, depth = match.start(), 1
        elif sign == '"':
            in_string = not in_string
        elif in_string or sign[0] == "\\":
            continue
        elif sign in ("{", "["):
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                yield text[start : match.end()]
    if depth:
        raise UnreadableAnswer("the answer breaks off")


def _opens_json(sign: str, text: str, at: int) -> bool:
    """Unlike a bracket in a sentence."""
    following = text[at : at + 200].lstrip()[:1]
    return following in ('"', "}") if sign == "{" else following == "{"


def _statement(given: object, prompt: Prompt) -> Statement | None:
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        return None
    text = " ".join(visible(given["text"]).split())
    ids = _named(given.get("evidence"), prompt)
    cited = [each for match in _CITED.finditer(text) for each in _ids(match.group(1))] if "[" in text else []
    known = [each for each in ids or cited if each in prompt.origins]
    if cited and set(cited) <= set(known):
        text = _CITED.sub("", text)
    if not known or not any(map(str.isalnum, text)):
        return None
    return Statement(
        section=_section(given.get("section"), known[0], prompt),
        text=text,
        evidence=tuple(dict.fromkeys([prompt.origins[each] for each in known])),
    )


def _named(evidence: object, prompt: Prompt) -> list[str]:
    """The ids, most often written as they were asked for."""
    if isinstance(evidence, list):
        try:
            if all(map(prompt.origins.__contains__, evidence)):
                return evidence
        except TypeError:  # an object or a list among them
            pass
    return list(_ids(evidence))


def _ids(named: object) -> Iterator[str]:
    """`["F1", "n2"]`, `"F1, N2"`, `["[F1]"]`, `[{"id": "F1"}]`."""
    if isinstance(named, str):
        for match in _ID.finditer(named):
            yield f"{match.group(1).upper()}{int(match.group(2))}"
    elif isinstance(named, list):
        for each in named:
            if not isinstance(each, list):
                yield from _ids(each)
    elif isinstance(named, dict):
        yield from _ids(named.get("id"))


def _section(named: object, entry: str, prompt: Prompt) -> SummarySection:
    """As named; else where its first evidence belongs, so that no allergy ends among the notes."""
    if isinstance(named, str) and named in _SECTION_OF_NAME:
        return _SECTION_OF_NAME[named]
    words = named.casefold().replace("_", " ").replace("-", " ").strip() if isinstance(named, str) else ""
    return _SECTION_OF_WORDS.get(words) or prompt.sections.get(entry, SummarySection.NOTES)


def _without_repeats(statements: Iterable[Statement]) -> list[Statement]:
    """A text that was said before adds only its evidence."""
    said: dict[str, Statement] = {}
    for statement in statements:
        first = said.get(statement.text)
        if first is None:
            said[statement.text] = statement
        else:
            evidence = tuple(dict.fromkeys((*first.evidence, *statement.evidence)))
            said[statement.text] = replace(first, evidence=evidence)
    return list(said.values())
