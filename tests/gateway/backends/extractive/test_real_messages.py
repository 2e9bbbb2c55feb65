"""Every real message that is read is summarized, and what must hold of a summary holds of each."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from gateway.backends.extractive import summarize
from gateway.backends.extractive.wording import is_negative
from gateway.clinical import Reading
from gateway.errors import ErrorKind, GatewayError
from gateway.interfaces import Translator
from gateway.messages import Claims, GatewayIdentity, InboundMessage, Opened, Protocol
from gateway.request import SummarizationRequest, Task
from gateway.summary import SummarySection
from tests.gateway.backends.extractive.making import RECEIVED
from tests.gateway.backends.extractive.test_summarizing import all_origins
from tests.shared_data import shared_data
from translators.attachments import CDA, ER7, Attachments
from translators.cda.reader import read_cda
from translators.fhir.translator import FhirTranslator
from translators.hl7v2.translator import Hl7v2Translator, read_er7

IDENTITY, ATTACHMENTS = (
    GatewayIdentity("RIVERSIDE-GW", "RIVERSIDE", "0"),
    Attachments({CDA: read_cda, ER7: read_er7}),
)
TRANSLATORS: dict[Protocol, Translator] = {
    Protocol.HL7V2: Hl7v2Translator(IDENTITY, ATTACHMENTS),
    Protocol.FHIR: FhirTranslator(IDENTITY, ATTACHMENTS),
}
DENIAL = re.compile(r"\b(no|not|none|ruled out|negated|denies|without|never|nkda|nka)\b", re.IGNORECASE)


def message(protocol: Protocol, body: bytes) -> InboundMessage:
    web = {"method": "POST", "base": "/fhir/R4", "target": "$summarize"} if protocol is Protocol.FHIR else {}
    headers = {"content-type": "application/fhir+json"} if web else {}
    return InboundMessage(
        id="01J8ZQ3V5K9T4N2M6P", protocol=protocol, listener="l", peer="p", received_at=RECEIVED, body=body,
        headers=headers, **web,
    )  # fmt: skip


def translated(protocol: Protocol, body: bytes) -> SummarizationRequest:
    arrived = message(protocol, body)
    translator = TRANSLATORS[protocol]
    return translator.to_request(arrived, translator.open(arrived), "epic")


def hl7v2() -> Iterator[SummarizationRequest]:
    for path in sorted(shared_data("hl7v2").rglob("*")):
        if path.is_file() and path.name != "SOURCE":
            lines = path.read_bytes().replace(b"\r\n", b"\r").replace(b"\n", b"\r")
            for body in re.split(rb"(?:^|(?<=\r))(?=MSH.)", lines)[1:]:
                yield from readable(lambda body=body: translated(Protocol.HL7V2, body))


def fhir() -> Iterator[SummarizationRequest]:
    for path in sorted(shared_data("fhir").rglob("*.json")):
        yield from readable(lambda path=path: translated(Protocol.FHIR, path.read_bytes()))


def cda() -> Iterator[SummarizationRequest]:
    for path in sorted(shared_data("ccda").rglob("*.xml")):
        yield from readable(lambda path=path: carried(read_cda(path.read_bytes())))


def carried(reading: Reading) -> SummarizationRequest:
    opened = Opened(wish=None, claims=Claims(), control_id="", message_type="CDA", version="", parsed=None)
    return SummarizationRequest.of(message(Protocol.SOAP, b""), opened, "epic", Task(), reading)


def readable(read: Callable[[], SummarizationRequest]) -> Iterator[SummarizationRequest]:
    """What translators refuse is theirs to test."""
    try:
        yield read()
    except GatewayError:
        return


def names_and_numbers(made: SummarizationRequest) -> set[str]:
    found = {
        each.value for each in made.patient.identifiers if len(each.value) > 6 and not each.value.isalpha()
    }
    for name in made.patient.names:
        if len(name.family) > 2 and name.given and len(name.given[0]) > 2:
            found |= {f"{name.given[0]} {name.family}", f"{name.family}, {name.given[0]}"}
    return found | ({made.patient.birth_date} if len(made.patient.birth_date) == 10 else set())


@pytest.mark.parametrize("source", [hl7v2, fhir, cda])
def test_real_messages_give_sourced_summaries_that_name_nobody(
    source: Callable[[], Iterator[SummarizationRequest]], capsys: pytest.CaptureFixture[str]
) -> None:
    figures: Counter[str] = Counter()
    for made in source():
        try:
            summary = summarize(made)
        except GatewayError as error:
            assert error.kind is ErrorKind.NO_CLINICAL_CONTENT
            figures["without clinical content"] += 1
            continue
        figures["summaries"] += 1
        figures["facts"] += len(made.facts)
        figures["statements"] += len(summary.statements)
        told = {origin for each in summary.statements for origin in each.evidence}
        assert {each.origin for each in made.facts} <= told <= all_origins(made)
        assert all(each.evidence or each.section is SummarySection.LIMITS for each in summary.statements)
        for each in filter(is_negative, made.facts):
            for line in summary.statements:
                if each.origin in line.evidence and each.text in line.text:
                    figures["denied facts shown"] += 1
                    assert DENIAL.search(line.text), line
        folded = f" {summary.text} "
        for identity in names_and_numbers(made):
            assert not re.search(rf"(?<!\w){re.escape(identity)}(?!\w)", folded), summary.text
    with capsys.disabled():
        print(f"\n{source.__name__}: {dict(figures)}")
    assert figures["summaries"] > 100
