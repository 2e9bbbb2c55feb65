"""Real messages: nothing that a record knows of its people is left in its texts, and the way back is exact."""

import re
from collections.abc import Iterator

import pytest

from gateway.deidentify import deidentify
from gateway.policy.rules import Deidentify
from gateway.request import SummarizationRequest
from tests.figures import report
from tests.gateway.backends.extractive.test_real_messages import cda, fhir, hl7v2

TEST_PEOPLE = {"test", "one", "boy", "name", "modality", "241", "unknown", "girl", "data"}
"""What test patients are called and every note says too."""


def texts_of(request: SummarizationRequest) -> list[str]:
    texts = [text for note in request.notes for text in (note.text, note.title)]
    for fact in request.facts:
        texts += [fact.text, fact.value or "", *(detail.text for detail in fact.details)]
    return texts


def known_words(request: SummarizationRequest) -> set[str]:
    """Whole words and numbers, in small letters."""
    patient, visit = request.patient, request.encounter
    names = [*patient.names, *(contact.name for contact in patient.contacts)]
    names += [each.name for each in visit.participants] if visit else []
    words = {
        word.strip(".,()")
        for name in names
        for part in (name.family, *name.given, name.text)
        for word in part.split()
    }
    numbers = [*patient.identifiers, *(visit.visit_numbers if visit else ())]
    words |= {each.value for each in numbers if any(map(str.isdigit, each.value))}
    words |= {
        line for address in patient.addresses for line in address.lines if len(line) > 5 and " " in line
    }
    return {word.casefold() for word in words if len(word) >= 4} - TEST_PEOPLE


def said(words: set[str], texts: list[str]) -> Iterator[str]:
    for text in texts:
        folded = text.casefold()
        for word in words:
            if word in folded and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", folded):
                yield word


@pytest.mark.parametrize("source", [hl7v2, fhir, cda], ids=["hl7v2", "fhir", "cda"])
def test_what_a_record_knows_is_not_left_in_its_texts(source: object) -> None:
    messages = gone = 0
    for request in source():  # type: ignore[operator]
        made = deidentify(request, Deidentify.SAFE_HARBOR)
        words = known_words(request)
        assert list(said(words, texts_of(made.request))) == []
        assert made.tokens is not None
        for before, after in zip(texts_of(request), texts_of(made.request), strict=True):
            assert made.tokens.restore(after)[0] == before.encode("utf-8", "replace").decode()
        messages += 1
        gone += len(list(said(words, texts_of(request))))
    report(
        f"de-identification, {messages} real messages: {gone} texts said what the record knows, none does after"
    )
    assert messages
