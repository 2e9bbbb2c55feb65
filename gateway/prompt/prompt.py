"""What a model is asked: fixed instructions, and one record between marks that nothing in it can close.

Read `build_prompt`. What stays when there is little room is `budget` and `importance`; how foreign text
is made safe, and what no frame can promise, is `quoting`; how the answer is read is `answer`.
"""

import re
from collections.abc import Sequence
from functools import cache

import orjson

from gateway.clinical import Caution
from gateway.errors import ErrorKind, GatewayError
from gateway.prompt.answer import UnreadableAnswer, read_answer
from gateway.prompt.asked import PROMPT_VERSION, Prompt
from gateway.prompt.budget import fit
from gateway.prompt.entries import Entry, entries_of, patient_line
from gateway.prompt.quoting import mark_for
from gateway.prompt.schema import ANSWER_SCHEMA
from gateway.prompt.templates import around_record_weight, audience_of, system_part, user_part, version_of
from gateway.prompt.tokens import MILLI, weight_of, weight_of_fixed
from gateway.request import Audience, SummarizationRequest
from gateway.summary import DEIDENTIFIED

__all__ = [
    "ANSWER_SCHEMA",
    "PROMPT_VERSION",
    "Prompt",
    "UnreadableAnswer",
    "build_prompt",
    "read_answer",
]

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}")
_EXAMPLE_FROM_TOKENS = 4000
"""With less room than that the record needs what the example takes: some 650 as they are counted here."""
_HEAVIEST_MARK = "0" * 8
_CHAT_FORMAT_TOKENS = 40
"""What a provider's chat format puts around two messages."""


def build_prompt(request: SummarizationRequest, budget_tokens: int | None = None) -> Prompt:
    """The same request and budget make the same prompt.

    `budget_tokens` bounds `Prompt.input_tokens`: what has no room is left out in the order of
    `importance.Step` and told in `Prompt.warnings`. Raises `CONTEXT_EXCEEDED` when what must be said
    has no room. The time it takes grows with the length of the record: some 0.1 s for 5 MB of notes.
    """
    task = request.task
    if not _LANGUAGE.fullmatch(task.language):  # it stands among the instructions
        raise GatewayError(ErrorKind.INVALID_VALUE, "language is no BCP 47 tag", location="language")
    with_example = budget_tokens is None or budget_tokens >= _EXAMPLE_FROM_TOKENS
    system, patient = system_part(task, with_example=with_example), patient_line(request)
    entries: Sequence[Entry] = entries_of(request, coded=audience_of(task) is Audience.CODER)
    withheld = any(each.code == DEIDENTIFIED for each in request.warnings)
    fixed_weight = weight_of_fixed(system) + around_record_weight(task, withheld, _HEAVIEST_MARK)
    fixed_weight += _around_weight() + weight_of(patient)
    record, weight = _joined(patient, entries)
    cautions = tuple[Caution, ...]()
    if budget_tokens is not None and fixed_weight + weight > budget_tokens * MILLI:
        kept = fit(entries, budget_tokens * MILLI - fixed_weight)
        entries, cautions = kept.entries, kept.cautions
        record, weight = _joined(patient, entries, kept.told)
    return Prompt(
        system,
        user_part(record, mark_for(request.id, record), task, withheld),
        {entry.id: entry.origin for entry in entries},
        version=version_of(task),
        input_tokens=-(-(fixed_weight + weight) // MILLI),
        warnings=cautions,
        sections={entry.id: entry.section for entry in entries},
        max_tokens=task.max_tokens,
    )


def _joined(patient: str, entries: Sequence[Entry], told: str = "") -> tuple[str, int]:
    """The record, and the weight of what stands in it beside the patient's line."""
    record = "\n".join([patient, *[entry.text for entry in entries], *([told] if told else [])])
    return record, weight_of(record[len(patient) :])


@cache
def _around_weight() -> int:
    """Of the chat format and the schema: some providers show the schema to the model, and it may count."""
    return _CHAT_FORMAT_TOKENS * MILLI + weight_of(orjson.dumps(ANSWER_SCHEMA).decode())
