"""Real-world messages of every protocol as prompts: the frame holds, nobody is named, any room is kept to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.commands.inputs import read_inputs
from gateway.commands.offline import as_message, offline_translators, request_of
from gateway.errors import ErrorKind, GatewayError
from gateway.prompt import build_prompt
from gateway.request import SummarizationRequest
from tests.gateway.prompt.record_reading import read_record
from tests.gateway.prompt.test_prompt import free_text_of, identity_of
from tests.shared_data import shared_data

_SMALLEST = {"hl7v2": 500, "fhir": 40, "ccda": 40}
"""Messages that at least are in each folder, or the test proves little."""
_OUR_WORDS = frozenset({"Patient"})
_LARGEST_BYTES = 1_000_000


def requests(root: Path) -> Iterator[SummarizationRequest]:
    translators = offline_translators()
    for path in sorted(root.rglob("*")):
        if not path.is_file() or path.stat().st_size > _LARGEST_BYTES:
            continue
        try:
            for source in read_inputs(path, path.read_bytes()):
                message = as_message(source)
                request = request_of(message, translators[message.protocol], "corpus")[1]
                if request is not None:
                    yield request
        except GatewayError:
            continue


@pytest.mark.parametrize("folder", _SMALLEST)
def test_real_messages_make_prompts_that_hold(folder: str) -> None:
    seen = 0
    for request in requests(shared_data(folder)):
        seen += 1
        prompt = build_prompt(request)
        read_record(prompt)
        free = free_text_of(request)
        known_by = identity_of(request) - _OUR_WORDS
        assert not [each for each in known_by if each in prompt.user and each not in free]
        room = prompt.input_tokens * 2 // 3
        try:
            shortened = build_prompt(request, room)
        except GatewayError as error:
            assert error.kind is ErrorKind.CONTEXT_EXCEEDED
        else:
            read_record(shortened)
            assert shortened.input_tokens <= room
    assert seen >= _SMALLEST[folder]
