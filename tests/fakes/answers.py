"""The good answer to a prompt: statements that quote the entries it holds, with their ids."""

import json
import re

_ENTRY = re.compile(r"^\W{0,3}([FN]\d+)\b[ :.\])|]*(.*)$", re.MULTILINE)
_MARKS = re.compile(r"<<<|>>>")
_SECTIONS = {
    "condition": "problems",
    "allergy": "allergies",
    "medication": "medications",
    "result": "results",
    "vital-sign": "vital-signs",
    "procedure": "procedures",
    "immunization": "immunizations",
}


def good_answer(prompt: str) -> str:
    """JSON as `gateway.prompt` asks for it. The prompt's own example entries stand in quotes, so they
    are not taken for entries."""
    entries = dict(reversed(_ENTRY.findall(prompt)))  # a note may quote an id further down
    statements = [_statement(entry, said) for entry, said in reversed(entries.items())]
    return json.dumps({"statements": statements}, ensure_ascii=False)


def pieces_of(text: str, count: int = 60) -> list[str]:
    """The text in about `count` parts, as a model's tokens come."""
    size = max(1, -(-len(text) // count))
    return [text[at : at + size] for at in range(0, len(text), size)]


def tokens_of(text: str) -> int:
    return -(-len(text) // 4)


def _statement(entry: str, said: str) -> dict[str, object]:
    kind, _, rest = said.partition(": ")
    section = _SECTIONS.get(kind, "notes")
    text = _MARKS.sub("", rest or said).strip()
    return {"section": section, "text": text or entry, "evidence": [entry]}
