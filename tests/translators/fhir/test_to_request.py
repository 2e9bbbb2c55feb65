"""Each entry in its own guarded step: nothing that is sent brings a message down, or changes its meaning."""

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clinical import UnreadReason
from gateway.errors import GatewayError
from tests.translators.fhir.exchange import (
    ATTACHMENTS,
    Json,
    bundle_of,
    call,
    coded,
    read,
    reading_of,
    translator,
)
from tests.translators.fhir.test_other_resources import BARE
from translators.fhir.json_guard import parse_json
from translators.fhir.to_request import READERS, Selection, read_content

GOOD = {"resourceType": "Condition", "id": "good", "code": coded("Asthma")}


def test_one_bad_entry_costs_only_itself() -> None:
    bad = {"resourceType": "Condition", "code": "Asthma"}
    reading = reading_of(bad, GOOD)
    assert [fact.text for fact in reading.facts] == ["Asthma"]
    assert [(each.origin, each.reason, each.what) for each in reading.unread] == [
        ("Bundle.entry[0].resource", UnreadReason.INVALID, "Condition: code is not as FHIR R4 defines it")
    ]


def test_what_a_bad_entry_gave_before_it_failed_is_taken_back() -> None:
    half = {
        "resourceType": "Observation",
        "code": coded("BP"),
        "component": [{"code": coded("Systolic"), "valueInteger": 142}, {"code": 7}],
    }
    reading = reading_of(half, GOOD)
    assert [fact.text for fact in reading.facts] == ["Asthma"]
    assert len(reading.unread) == 1


@pytest.mark.parametrize(
    "place",
    [
        {"modifierExtension": [{"url": "http://x.example/negates", "valueBoolean": True}]},
        {"stage": [{"modifierExtension": [{"url": "http://x.example/negates"}]}]},
        {"modifierExtension": "x"},
    ],
)
def test_an_unknown_modifier_extension_makes_an_entry_unusable(place: Json) -> None:
    reading = reading_of(GOOD | {"id": "bad"} | place, GOOD)
    assert len(reading.facts) == 1
    assert [(each.origin, each.reason) for each in reading.unread] == [
        ("Bundle.entry[0].resource", UnreadReason.INVALID)
    ]


def test_a_modifier_extension_written_with_escapes_is_seen() -> None:
    body = json.dumps(GOOD | {"modifierExtension": [{"url": "http://x.example"}]}).encode()
    message = call(body.replace(b"modifierExtension", rb"modifier\u0045xtension"))
    fhir = translator()
    with pytest.raises(GatewayError):
        fhir.to_request(message, fhir.open(message), "epic")


CAUTIONS = [
    ({"implicitRules": "http://x.example/rules"}, "implicit-rules"),
    ({"meta": {"tag": [{"code": "SUBSETTED"}]}}, "subsetted"),
]


@pytest.mark.parametrize(("elements", "code"), CAUTIONS)
def test_what_may_matter_is_a_caution(elements: Json, code: str) -> None:
    assert [caution.code for caution in read(GOOD | elements).reading.warnings] == [code]


def test_extensions_are_counted_and_not_read() -> None:
    extended = GOOD | {"extension": [{"url": "http://x.example", "valueString": "x"}]}
    reading = reading_of(extended, GOOD | {"id": "b"})
    assert [(each.reason, each.what) for each in reading.unread] == [
        (UnreadReason.LOCAL, "extensions of 1 entry")
    ]


def test_null_counts_as_absent() -> None:
    fact = read(GOOD | {"onsetDateTime": None, "clinicalStatus": None, "bodySite": None}).reading.facts[0]
    assert (fact.time, fact.status_sent) == ("", "")


def test_a_contained_condition_is_read_once() -> None:
    inner = {"resourceType": "Condition", "id": "c", "code": coded("Appendicitis")}
    alone = read({"resourceType": "Procedure", "code": coded("Appendectomy"), "contained": [inner]}).reading
    assert [fact.origin for fact in alone.facts] == ["Procedure", "Procedure.contained[0]"]
    used = {"code": coded("Appendectomy"), "contained": [inner], "reasonReference": [{"reference": "#c"}]}
    assert len(read({"resourceType": "Procedure"} | used).reading.facts) == 1


def test_only_the_types_asked_for_are_read() -> None:
    bundle = bundle_of(GOOD, {"resourceType": "Procedure", "code": coded("Appendectomy")})
    reading = read(bundle, Selection(types=frozenset({"Procedure"}))).reading
    assert [fact.text for fact in reading.facts] == ["Appendectomy"]
    assert [caution.code for caution in reading.warnings] == ["not-selected"]


def test_every_reader_has_a_sample_that_gives_content() -> None:
    others = {
        "AllergyIntolerance", "Binary", "Composition", "DiagnosticReport", "DocumentReference", "Media",
        "MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement",
        "Observation", "OperationOutcome",
    }  # fmt: skip
    assert READERS.keys() == BARE.keys() | others
    for kind, elements in BARE.items():
        assert not read({"resourceType": kind} | elements).reading.is_empty()


# A patient with one of everything, which the mutations below take apart.
WHOLE: Json = bundle_of(
    {"resourceType": "Patient", "id": "p", "name": [{"family": "Shaw", "given": ["Amy"]}], "birthDate": "1987"},
    {
        "resourceType": "Composition",
        "id": "c",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "encounter": {"reference": "Encounter/e"},
        "section": [
            {
                "code": coded("Problems", "11450-4"),
                "text": {"status": "generated", "div": "<div><p>Asthma</p></div>"},
                "entry": [{"reference": "Condition/good"}],
                "section": [{"title": "Inner", "emptyReason": {"coding": [{"code": "nilknown"}]}}],
            }
        ],
    },
    {
        "resourceType": "Encounter",
        "id": "e",
        "class": {"code": "IMP"},
        "period": {"start": "2026-03-10"},
        "diagnosis": [{"condition": {"reference": "Condition/good"}, "use": coded("AD", "AD")}],
        "location": [{"location": {"display": "Ward"}}],
        "participant": [{"individual": {"display": "Dr Bone"}}],
    },
    GOOD | {"subject": {"reference": "Patient/p"}, "onsetAge": {"value": 4, "code": "a"}},
    {
        "resourceType": "AllergyIntolerance",
        "code": coded("Nuts"),
        "reaction": [{"manifestation": [coded("Hives")], "severity": "mild"}],
    },
    {
        "resourceType": "MedicationRequest",
        "contained": [{"resourceType": "Medication", "id": "m", "code": coded("Metformin")}],
        "medicationReference": {"reference": "#m"},
        "dosageInstruction": [
            {
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["HS"]}},
                "doseAndRate": [{"doseRange": {"low": {"value": 1}, "high": {"value": 2}}}],
            }
        ],
    },
    {
        "resourceType": "Observation",
        "id": "o",
        "meta": {"security": [{"code": "R"}], "lastUpdated": "2026-03-01T00:00:00Z"},
        "code": coded("K"),
        "valueQuantity": {"value": 6.8, "unit": "mmol/L"},
        "interpretation": [coded("H")],
        "referenceRange": [{"low": {"value": 3.5}}],
        "component": [{"code": coded("x"), "valueRatio": {"numerator": {"value": 1}}}],
        "hasMember": [{"reference": "Observation/x"}],
    },
    {
        "resourceType": "DiagnosticReport",
        "code": coded("CBC"),
        "result": [{"reference": "Observation/o"}],
        "conclusion": "fine",
        "presentedForm": [{"contentType": "text/plain", "data": "Zm9v"}],
    },
    {
        "resourceType": "DocumentReference",
        "content": [{"attachment": {"contentType": "text/html", "data": "PGI+eDwvYj4="}}],
    },
    *({"resourceType": kind} | elements for kind, elements in BARE.items()),
)  # fmt: skip


def _places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(node, dict):
        for key, value in node.items():
            found += _places(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            found += _places(value, (*path, index))
    return found


PLACES = _places(WHOLE)
JUNK = st.sampled_from(
    [None, True, 0, -1.5, "", "x", " ", "\u0000", "entered-in-error", [], [None], [[]], {}, ["x"], [{}],
     {"reference": "#"}, {"reference": "Patient/zz"}, {"coding": [None]}, {"value": {}}, "2026-13-45", "#", "💥"]
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=4))
def test_no_mutation_of_a_bundle_raises_anything_but_gateway_errors(
    mutations: list[tuple[tuple[Any, ...], Any]],
) -> None:
    mutated = copy.deepcopy(WHOLE)
    for place, junk in mutations:
        with contextlib.suppress(KeyError, IndexError, TypeError):  # an earlier mutation took the place away
            _put(mutated, place, copy.deepcopy(junk))
    with contextlib.suppress(GatewayError):
        read_content(parse_json(json.dumps(mutated).encode()), ATTACHMENTS, Selection())


def _put(node: Any, place: tuple[Any, ...], junk: Any) -> None:
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = junk


def test_every_single_element_may_be_of_any_type() -> None:
    for place in PLACES:
        for junk in (None, 7, "x", [], {}, [7], {"x": 1}):
            mutated = copy.deepcopy(WHOLE)
            _put(mutated, place, junk)
            with contextlib.suppress(GatewayError):
                read_content(mutated, ATTACHMENTS, Selection())
