"""Every CDA document of the shared corpus: what is read of it, held against an independent look at its XML.

The figures are printed, the floors are asserted.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from gateway.clinical import ClinicalFact, Reading
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Protocol
from gateway.request import SummarizationRequest
from gateway.summary import Answer, Statement, Summary, SummarySection
from tests.figures import report
from tests.shared_data import shared_data
from translators.cda.reader import read_cda
from translators.cda.writer import add_summary

_V3 = {"h": "urn:hl7-org:v3"}
_WORD = re.compile(r"\w+")
_NOT_DOCUMENTS = {".json", ".tsv", ".txt", ""}
_FRAGMENT_PARENTS = {  # where a published fragment would stand in a document
    "component": "{}",
    "section": "<component>{}</component>",
    "entry": "<component><section><text/>{}</section></component>",
}
_STATEMENTS = {
    "act",
    "encounter",
    "observation",
    "organizer",
    "procedure",
    "substanceAdministration",
    "supply",
}
_KNOWN_SECTIONS = {
    "48765-2", "11450-4", "10160-0", "10183-2", "29549-3", "30954-2", "8716-3", "47519-4", "11369-6",
    "46240-8", "18776-5", "29762-2", "10157-6", "47420-5", "46264-8", "61146-7", "75310-3", "69730-0",
}  # fmt: skip


@dataclass
class Corpus:
    readings: dict[Path, tuple[bytes, Reading]] = field(default_factory=dict)
    refused: dict[Path, GatewayError] = field(default_factory=dict)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Each file as it is; any exception but a `GatewayError` fails every test here."""
    found = Corpus()
    for path in sorted(shared_data("ccda").rglob("*")):
        if not path.is_file() or path.suffix in _NOT_DOCUMENTS:
            continue
        payload = path.read_bytes()
        try:
            found.readings[path] = payload, read_cda(payload)
        except GatewayError as error:
            found.refused[path] = error
    return found


def test_every_document_is_read_and_everything_else_refused_by_name(corpus: Corpus) -> None:
    facts = Counter(fact.kind.value for _, reading in corpus.readings.values() for fact in reading.facts)
    negated = sum(fact.negated for _, reading in corpus.readings.values() for fact in reading.facts)
    unread = Counter(each.reason.value for _, reading in corpus.readings.values() for each in reading.unread)
    notes = sum(len(reading.notes) for _, reading in corpus.readings.values())
    report(
        f"CDA corpus: documents read {len(corpus.readings)}, fragments and broken files refused by name"
        f" {len(corpus.refused)}; facts {facts.total()} ({negated} negated), notes {notes}, unread"
        f" {dict(unread.most_common())}"
    )

    assert len(corpus.readings) >= 160
    assert all(error.kind is ErrorKind.MALFORMED for error in corpus.refused.values())
    for path, error in corpus.refused.items():
        content = path.read_bytes()
        assert b'<ClinicalDocument xmlns="urn:hl7-org:v3"' not in content or path.stem.startswith("NT_BadXml")
        assert error.location


def test_almost_no_word_of_any_section_is_lost(corpus: Corpus) -> None:
    shares: list[tuple[float, str]] = []
    said = lost = 0
    for path, (payload, reading) in corpus.readings.items():
        for title, words in _narratives(payload):
            text = "\n".join(note.text for note in reading.notes if note.title == title)
            missing = _missing(words, text)
            said += words.total()
            lost += missing
            shares.append((1 - missing / words.total(), f"{path.name}: {title}"))
    worst, where = min(shares)
    report(
        f"CDA corpus, narrative: {len(shares)} sections, {said} words, {lost} lost; worst section keeps {worst:.2%}"
        f" ({where})"
    )
    assert worst >= 0.99


def test_what_is_negated_stays_negated(corpus: Corpus) -> None:
    denied = read = listed = 0
    for payload, reading in corpus.readings.values():
        for origin in _negated_entries(payload):
            denied += 1
            if any(fact.negated and _stands_in(fact, origin) for fact in reading.facts):
                read += 1
            else:
                assert any(each.origin.startswith(origin) for each in reading.unread), origin
                listed += 1
    report(f"CDA corpus: negated entries {denied}; negated facts {read}, listed as unread {listed}")
    assert denied > 80


def test_no_fact_is_negated_that_its_entry_does_not_deny(corpus: Corpus) -> None:
    """But for codes and words that say by themselves that there is none."""
    for path, (payload, reading) in corpus.readings.items():
        root = _parsed(payload)
        for fact in reading.facts:
            if fact.negated and not fact.text.startswith("known "):
                assert root.xpath("//h:*[@negationInd='true']", namespaces=_V3), (path.name, fact)


def test_every_document_is_given_back_with_its_summary_and_nothing_else_changed(corpus: Corpus) -> None:
    links = references = 0
    for path, (payload, reading) in corpus.readings.items():
        written = add_summary(payload, _answer(reading), _NOW, "6f9619ff-8b86-d011-b42d-00c04fc964ff")
        again = read_cda(written)
        links += written.count(b'linkHtml href="#')
        references += written.count(b'"2.16.840.1.113883.10.20.22.4.122"')
        assert again.facts == reading.facts, path.name
        assert again.patient == reading.patient
        assert again.notes[-1].title == "AI-generated summary, not reviewed"
        said = [note.text for note in again.notes]
        assert [note.text for note in reading.notes if note.text not in said] == [], path.name
    print(
        f"\ndocuments given back: {len(corpus.readings)}, links: {links}, references to entries: {references}"
    )
    assert links > 1000


def test_published_fragments_are_read_within_a_document(corpus: Corpus) -> None:
    facts: Counter[str] = Counter()
    fragments = 0
    for path in corpus.refused:
        document = _around(path.read_text("utf-8-sig", "replace"))
        try:
            reading = read_cda(document)
        except GatewayError:
            continue
        fragments += 1
        facts.update(fact.kind.value for fact in reading.facts)
    report(
        f"CDA corpus: fragments read within a document {fragments} of {len(corpus.refused)}, facts {facts.total()}"
    )
    assert fragments > 350


_NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


def _answer(reading: Reading) -> Answer:
    """A summary that cites every fact."""
    request = SummarizationRequest(
        id="01", partner="epic", protocol=Protocol.SOAP, version="1.1", message_type="ProcessDocument",
        control_id="", received_at=_NOW, labels=reading.labels,
    )  # fmt: skip
    statements = tuple(
        Statement(section=SummarySection.COURSE, text=fact.text, evidence=(fact.origin,))
        for fact in reading.facts
    )
    summary = Summary(statements=statements, text="-", backend="builtin", model_asked="m", model_served="m")
    return Answer(request=request, summary=summary, generated_at=_NOW)


def _parsed(payload: bytes) -> etree._Element:
    parser = etree.XMLParser(recover=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(payload.lstrip(b"\xef\xbb\xbf \r\n"), parser)


def _narratives(payload: bytes) -> Iterator[tuple[str, Counter[str]]]:
    """Of each section its words, text node by text node, deleted content left out."""
    for text in _parsed(payload).xpath("//h:section/h:text", namespaces=_V3):
        nodes = text.xpath(".//text()[not(ancestor::h:content[@revised='delete'])]", namespaces=_V3)
        words = Counter(word for node in nodes for word in _words(str(node)))
        if words:
            yield _title(text.getparent()), words


def _title(section: etree._Element) -> str:
    title = section.find("h:title", _V3)
    written = "" if title is None else " ".join("".join(title.itertext()).split())
    code = section.find("h:code", _V3)
    return written or ("" if code is None else code.get("displayName", "").strip())


def _missing(words: Counter[str], text: str) -> int:
    """A word that its source writes onto the next (`<content>80</content>mm`) is there within another."""
    short = words - Counter(_words(text))
    return sum(count for word, count in short.items() if text.count(word) < words[word])


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _negated_entries(payload: bytes) -> Iterator[str]:
    """Origins of the entries of known sections with a statement that is negated at their heart."""
    sections: Counter[str] = Counter()
    for section in _parsed(payload).xpath(
        "/*/h:component/h:structuredBody/h:component/h:section", namespaces=_V3
    ):
        code = section.find("h:code", _V3)
        name = "" if code is None else code.get("code", "")
        sections[name] += 1
        if name not in _KNOWN_SECTIONS:
            continue
        number = f"[{sections[name]}]" if sections[name] > 1 else ""
        for position, entry in enumerate(section.findall("h:entry", _V3), 1):
            if _heart(entry).xpath("boolean(.//@negationInd[.='true'])"):
                yield f"section[{name}]{number}/entry[{position}]"


def _heart(entry: etree._Element) -> etree._Element:
    """The entry without what hangs on its statements: a reaction or a reason may be negated by itself."""
    for each in entry.xpath(
        "./h:observation/h:entryRelationship | ./h:substanceAdministration/h:entryRelationship"
        " | ./h:procedure/h:entryRelationship | ./h:act/h:entryRelationship/h:*/h:entryRelationship"
        " | ./h:organizer/h:component/h:*/h:entryRelationship",
        namespaces=_V3,
    ):
        each.getparent().remove(each)
    return entry


def _stands_in(fact: ClinicalFact, entry: str) -> bool:
    return fact.origin == entry or fact.origin.startswith(f"{entry}/")


def _around(fragment: str) -> bytes:
    bare = re.sub(r"<!--.*?-->|<\?.*?\?>", "", fragment, flags=re.DOTALL).strip()
    match = re.match(r"<([\w:]+)", bare)
    name = match[1] if match else ""
    parent = _FRAGMENT_PARENTS.get(name)
    if parent is None and name in _STATEMENTS:
        parent = "<component><section><text/><entry>{}</entry></section></component>"
    body = (parent or "<component><section>{}</section></component>").format(bare)
    return (
        '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><component><structuredBody>'
        f"{body}</structuredBody></component></ClinicalDocument>"
    ).encode()
