"""Every FHIR file of the shared corpus through the translator, held against an independent look at its JSON.

The figures are printed (`pytest -s`), the floors are asserted.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Reply
from gateway.request import SummarizationRequest
from tests.figures import report
from tests.shared_data import shared_data
from tests.translators.fhir.exchange import IDENTITY, NOW, Json, answer_to, call
from translators.attachments import CDA, Attachments
from translators.cda.reader import read_cda
from translators.fhir.to_error import OUTCOME
from translators.fhir.translator import FhirTranslator

_WORD = re.compile(r"\w+")


@dataclass
class Corpus:
    bodies: dict[Path, bytes] = field(default_factory=dict)
    requests: dict[Path, SummarizationRequest] = field(default_factory=dict)
    replies: dict[Path, Reply] = field(default_factory=dict)
    refused: dict[Path, GatewayError] = field(default_factory=dict)

    def resources(self) -> Iterator[tuple[Path, str, Json]]:
        """Every resource that stands in a file or in an entry of its Bundle, with its origin."""
        for path in self.requests:
            root = json.loads(self.bodies[path], parse_float=str, parse_int=str)
            if root["resourceType"] != "Bundle":
                yield path, root["resourceType"], root
                continue
            for index, entry in enumerate(root["entry"]):
                yield path, f"Bundle.entry[{index}].resource", entry["resource"]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Any exception but a `GatewayError` fails every test here."""
    found = Corpus()
    fhir = FhirTranslator(IDENTITY, Attachments({CDA: read_cda}))
    for path in sorted(shared_data("fhir").rglob("*.json")):
        found.bodies[path] = path.read_bytes()
        message = call(found.bodies[path])
        opened = fhir.open(message)
        try:
            request = fhir.to_request(message, opened, "corpus")
        except GatewayError as error:
            found.refused[path] = error
            continue
        found.requests[path] = request
        found.replies[path] = fhir.to_reply(message, opened, answer_to(request), NOW)
    return found


def test_no_file_is_the_servers_fault(corpus: Corpus) -> None:
    kinds = Counter(error.kind for error in corpus.refused.values())
    facts = Counter(fact.kind.value for request in corpus.requests.values() for fact in request.facts)
    notes = sum(len(request.notes) for request in corpus.requests.values())
    unread = Counter(each.reason.value for request in corpus.requests.values() for each in request.unread)
    cautions = Counter(each.code for request in corpus.requests.values() for each in request.warnings)
    print(f"\nfiles {len(corpus.bodies)}, summarizable {len(corpus.requests)}")
    print(f"refused {dict(kinds)}")
    print(f"facts {sum(facts.values())} {dict(facts.most_common())}, notes {notes}")
    print(f"unread {dict(unread.most_common())}, cautions {dict(cautions)}")
    assert all(400 <= OUTCOME[kind][0] < 500 for kind in kinds)
    assert unread["invalid"] == 0  # all files of this corpus are valid FHIR
    assert len(corpus.requests) > 0.75 * len(corpus.bodies)


def test_what_is_refused_holds_nothing_to_summarize(corpus: Corpus) -> None:
    for path, error in corpus.refused.items():
        kinds = (ErrorKind.NO_CLINICAL_CONTENT, ErrorKind.SEVERAL_PATIENTS)
        assert error.kind in kinds, (path.name, error.kind, error.location)


def test_every_answer_validates(corpus: Corpus) -> None:
    for path, reply in corpus.replies.items():
        Bundle.model_validate_json(reply.body)
        assert b"null" not in re.sub(rb'"[^"]*"', b"", reply.body), path


def test_every_measured_value_is_kept_to_the_digit(corpus: Corpus) -> None:
    values = 0
    for path, origin, resource in corpus.resources():
        if resource["resourceType"] != "Observation":
            continue
        facts = {fact.origin: fact for fact in corpus.requests[path].facts}
        parts = [(origin, resource)] + [
            (f"{origin}.component[{index}]", component)
            for index, component in enumerate(resource.get("component", ()))
        ]
        for place, part in parts:
            if "valueQuantity" in part and "value" in part["valueQuantity"]:
                values += 1
                assert facts[place].value == part["valueQuantity"]["value"], (path.name, place)
    print(f"\nquantities kept to the digit {values}")
    assert values > 500


ENTRIES = {  # types of which each resource is a fact, and the element that says it is not so
    "AllergyIntolerance": "verificationStatus",
    "Condition": "verificationStatus",
    "Immunization": "status",
    "MedicationRequest": "status",
    "MedicationStatement": "status",
    "Procedure": "status",
}


def test_every_entry_of_the_main_types_is_a_fact_or_is_listed(corpus: Corpus) -> None:
    counts: Counter[str] = Counter()
    for path, origin, resource in corpus.resources():
        if resource["resourceType"] in ENTRIES:
            request = corpus.requests[path]
            stated = [fact.origin for fact in request.facts] + [each.origin for each in request.unread]
            assert origin in stated, (path.name, origin)
            counts[resource["resourceType"]] += 1
    print(f"\nentries found again {dict(counts)}")


def test_whatever_denies_stays_denied(corpus: Corpus) -> None:
    denials = 0
    for path, origin, resource in corpus.resources():
        kind = resource["resourceType"]
        said = json.dumps(
            [resource.get(name) for name in ("code", "vaccineCode", "medicationCodeableConcept")]
        )
        status = json.dumps(resource.get(ENTRIES.get(kind, "")) or "")
        denied = "no-known-" in said or "716186003" in said or "No known" in said
        denied = denied or any(code in status for code in ('"refuted"', '"not-done"', '"not-taken"'))
        if kind in ENTRIES and denied:
            (fact,) = [fact for fact in corpus.requests[path].facts if fact.origin == origin]
            assert fact.negated, (path.name, origin)
            denials += 1
    report(f"FHIR corpus: entries that deny {denials}, each a negated fact")
    assert denials


def test_the_words_of_every_section_reach_the_request(corpus: Corpus) -> None:
    worst, sections = 1.0, 0
    for path, _origin, resource in corpus.resources():
        if resource["resourceType"] != "Composition":
            continue
        notes = " ".join(note.text for note in corpus.requests[path].notes)
        reached = Counter(_WORD.findall(notes))
        for section in _sections(resource):
            markup = section.get("text", {}).get("div", "")
            wanted = Counter(_WORD.findall(unescape(re.sub(r"<[^>]*>", " ", markup))))
            if wanted:
                share = sum((wanted & reached).values()) / sum(wanted.values())
                worst, sections = min(worst, share), sections + 1
    report(f"FHIR corpus, narrative: {sections} sections, worst section keeps {worst:.1%} of its words")
    assert worst >= 0.99


def _sections(holder: Json) -> Iterator[Json]:
    for section in holder.get("section", ()):
        yield section
        yield from _sections(section)


def test_strictness_ends_in_findings_and_never_in_failure() -> None:
    fhir = FhirTranslator(IDENTITY, Attachments({CDA: read_cda}))
    outcomes: Counter[str] = Counter()
    for path in sorted(shared_data("fhir").rglob("*.json")):
        if path.stat().st_size > 100_000:
            continue
        message = call(path.read_bytes(), headers={"prefer": "handling=strict"})
        opened = fhir.open(message)
        try:
            fhir.to_request(message, opened, "corpus")
            outcomes["read"] += 1
        except GatewayError as error:
            outcomes[error.kind.value] += 1
            assert 400 <= fhir.to_error(message, opened, error, NOW).status < 500
    print(f"\nstrict {dict(outcomes)}")


def test_identity_stands_in_the_patient_only(corpus: Corpus) -> None:
    """Family names of Patients, looked for in everything that is shown beside notes."""
    for path, request in corpus.requests.items():
        names = {name.family for name in request.patient.names if len(name.family) > 3}
        shown: list[Any] = [*request.unread, *request.warnings]
        for name in names:
            assert not any(name in repr(each) for each in shown), (path.name, name)
