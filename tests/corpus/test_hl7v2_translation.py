"""Real-world HL7 v2 through the translator: nothing but a reading or a `GatewayError`, and an answer for each."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from gateway.clinical import Reading
from gateway.errors import GatewayError
from gateway.messages import InboundMessage, Opened, Reply, Wish
from tests.shared_data import shared_data
from tests.translators.hl7v2.messages import ATTACHMENTS, NOW, TRANSLATOR, inbound
from translators.hl7v2.head import head_fields
from translators.hl7v2.opening import Parsed
from translators.hl7v2.to_request import reading_of
from translators.hl7v2.versions import SUPPORTED

_STARTS = re.compile(rb"(?:\A|(?<=[\r\n\x0b\xbf]))MSH")


def messages(root: Path) -> Iterator[tuple[str, bytes]]:
    """Every message of every file, split where an MSH begins a line."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.name != "SOURCE":
            payload = path.read_bytes()
            starts = [match.start() for match in _STARTS.finditer(payload)]
            for start, end in pairwise([*starts, len(payload)]):
                yield f"{path.relative_to(root)}@{start}", payload[start:end]


@dataclass
class Figures:
    messages: int = 0
    well_formed: int = 0
    well_formed_accepted: int = 0
    answered: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    notes: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    refused_though_well_formed: list[str] = field(default_factory=list)


def is_well_formed(payload: bytes) -> bool:
    """MSH with its delimiters, a type, a control id and a version of the standard."""
    head = head_fields(payload)
    return bool(head.fields[2] and head.fields[9] and head.fields[10]) and head.code(12) in (
        *SUPPORTED,
        "2.9",
    )


@cache
def figures() -> Figures:
    found = Figures()
    for name, payload in messages(shared_data("hl7v2")):
        _count(found, name, payload)
    return found


def _count(found: Figures, name: str, payload: bytes) -> None:
    found.messages += 1
    message = inbound(payload)
    of: Opened[Parsed] | None = None
    try:
        of = TRANSLATOR.open(message)
        if of.wish is Wish.NOTHING:
            found.answers["none"] += 1
            return
        reply = _taken(found, message, of)
    except GatewayError as error:
        reply = TRANSLATOR.to_error(message, of, error, NOW)
        found.refusals[f"{error.kind.value} {error.location}"] += 1
    found.answers[reply.code] += 1
    sent = payload.split(payload[3:4])
    control_id = re.split(rb"[\r\n]", sent[9])[0] if len(sent) > 9 and _in_header(payload, 9) else b""
    acknowledged = next(line for line in reply.body.split(b"\r") if line.startswith(b"MSA"))
    found.answered += acknowledged.split(acknowledged[3:4])[2] == control_id
    if is_well_formed(payload):
        found.well_formed += 1
        found.well_formed_accepted += reply.code == "AA"
        if reply.code != "AA":
            found.refused_though_well_formed.append(name)


def _in_header(payload: bytes, separators: int) -> bool:
    return re.split(rb"[\r\n]", payload)[0].count(payload[3:4]) >= separators


def _taken(found: Figures, message: InboundMessage, of: Opened[Parsed]) -> Reply:
    if of.wish is Wish.RETRIEVE:
        return TRANSLATOR.to_query_reply(message, of, None, NOW)
    request = TRANSLATOR.to_request(message, of, "corpus")
    found.facts.update(each.kind.value for each in request.facts)
    found.notes += len(request.notes)
    found.unread.update(each.reason.value for each in request.unread)
    return TRANSLATOR.to_receipt(message, of, NOW)


def test_every_message_is_answered_under_its_own_control_id(capsys: pytest.CaptureFixture[str]) -> None:
    found = figures()
    with capsys.disabled():
        print(f"\nHL7 v2 corpus: {found}")
    assert found.messages > 1_000
    assert found.answered == found.messages - found.answers["none"]


def test_nearly_all_well_formed_messages_are_accepted() -> None:
    found = figures()
    assert found.well_formed > 1_000
    share = found.well_formed_accepted / found.well_formed
    assert share >= 0.995, found.refused_though_well_formed


def test_the_corpus_yields_facts_of_every_kind_it_has() -> None:
    found = figures()
    assert found.facts["result"] > 5_000
    for kind in ("allergy", "condition", "order", "medication", "procedure", "immunization", "appointment"):
        assert found.facts[kind] >= 10, kind


def test_every_origin_names_a_segment_that_is_there() -> None:
    origin = re.compile(r"([A-Z][A-Z0-9]{2}|line)\[(\d+)\](-\d+)?(/.*)?")
    for name, payload in messages(shared_data("hl7v2")):
        try:
            reading: Reading = reading_of(payload, head_fields(payload), ATTACHMENTS)
        except GatewayError:
            continue
        lines = [line.strip()[:3].upper() for line in re.split(rb"[\r\n]", payload)]
        for each in (*reading.facts, *reading.notes, *reading.unread):
            match = origin.fullmatch(each.origin)
            assert match is not None, (name, each.origin)
            assert match[1] == "line" or lines.count(match[1].encode()) >= int(match[2]), (name, each.origin)


@pytest.mark.parametrize("word", [b"NKDA", b"NKA", b"No Known"])
def test_no_known_allergies_are_never_allergies(word: bytes) -> None:
    for name, payload in messages(shared_data("hl7v2")):
        rows = [line for line in re.split(rb"[\r\n]", payload) if line.startswith(b"AL1") and word in line]
        if rows:
            reading = reading_of(payload, head_fields(payload), ATTACHMENTS)
            negated = [each for each in reading.facts if each.kind == "allergy" and each.negated]
            assert len(negated) >= len(rows), name
