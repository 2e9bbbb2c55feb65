"""Answers of providers fed to the readers, event by event."""

import json
from collections.abc import Iterable

import pytest

from gateway.backends.failure import BackendFailure
from gateway.backends.wire import AnswerReader, Completion, StreamEvent
from gateway.prompt.prompt import Prompt

PROMPT = Prompt("the fixed part", "F1 allergy: NOT known food allergies", {"F1": "AL1[1]"}, input_tokens=25)


def event(given: object, name: str = "") -> StreamEvent:
    return StreamEvent(name, given if isinstance(given, bytes) else json.dumps(given).encode())


def completed(reader: AnswerReader, events: Iterable[object]) -> Completion:
    for each in events:
        reader.feed(event(each))
    return reader.finish()


def failed(reader: AnswerReader, events: Iterable[object]) -> BackendFailure:
    with pytest.raises(BackendFailure) as failure:
        completed(reader, events)
    return failure.value


def everything_said(failure: BackendFailure) -> str:
    """All of a failure that may reach a log or the store."""
    return " ".join([str(failure), repr(failure), failure.detail, failure.public, repr(failure.__cause__)])
