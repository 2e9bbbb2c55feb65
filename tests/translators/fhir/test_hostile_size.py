"""Bodies made to be slow: refused or read in a time that grows with their size only."""

import contextlib
import json
import time
from collections.abc import Callable

import pytest

from gateway.errors import GatewayError
from tests.translators.fhir.exchange import Json, call, coded, translator

N = 5_000
OBSERVATION = {"resourceType": "Observation", "code": coded("K"), "valueInteger": 1}


def bundle(*resources: Json) -> bytes:
    entries = [{"resource": each} for each in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def contained_and_referred_to() -> bytes:
    contained = [OBSERVATION | {"id": str(number)} for number in range(N)]
    members = [{"reference": f"#{number}"} for number in range(N)]
    return bundle(OBSERVATION | {"contained": contained, "hasMember": members})


def versions_of_one_resource() -> bytes:
    return bundle(*(OBSERVATION | {"id": "1", "meta": {"versionId": str(number)}} for number in range(N)))


def linked_patients() -> bytes:
    links = [{"other": {"reference": f"Patient/{number}"}} for number in range(N)]
    return bundle(
        *(
            {"resourceType": "Patient", "id": str(number), "link": links[number - 1 : number]}
            for number in range(N)
        ),
        *(OBSERVATION | {"subject": {"reference": f"Patient/{number}"}} for number in range(N // 2)),
    )


def inline_labels() -> bytes:
    security = [{"code": "PROCESSINLINELABEL"}] * N
    return bundle(OBSERVATION | {"meta": {"security": security}, "note": [{"text": "x"}] * N})


def repeated_names_that_are_lost() -> bytes:
    twice = b'{"x": 1, "x": 2}'
    return (
        b'{"resourceType": "Bundle", '
        + b", ".join(b'"a": ' + twice for _ in range(N))
        + b', "b": [%s]}' % (b", ".join([b"{}"] * N))
    )


def half_a_pair_at_the_end() -> bytes:
    return json.dumps({"resourceType": "Bundle", "a": "x" * 3_000_000, "b": "\udc00"}).encode()


def an_open_bracket_two_million_times() -> bytes:
    return b'{"a":' * 400_000


def sections_in_sections() -> bytes:
    section: Json = {"title": "x"}
    for _ in range(25):
        section = {"title": "x", "section": [section], "text": {"div": "<p>" * 500}}
    return bundle({"resourceType": "Composition", "section": [section] * 20})


def unknown_parameters() -> bytes:
    unknown = [{"name": f"p{number}"} for number in range(5 * N)]
    return json.dumps({"resourceType": "Parameters", "parameter": unknown}).encode()


def markup_that_never_ends() -> bytes:
    text = {"status": "additional", "div": "<div>" + "<b><i" * 100_000}
    return bundle(OBSERVATION | {"text": text})


@pytest.mark.parametrize(
    "made",
    [
        contained_and_referred_to,
        versions_of_one_resource,
        linked_patients,
        inline_labels,
        repeated_names_that_are_lost,
        half_a_pair_at_the_end,
        an_open_bracket_two_million_times,
        sections_in_sections,
        unknown_parameters,
        markup_that_never_ends,
    ],
)
def test_it_takes_no_more_time_than_its_size(made: Callable[[], bytes]) -> None:
    message, fhir = call(made()), translator()
    opened = fhir.open(message)
    before = time.process_time()
    with contextlib.suppress(GatewayError):
        fhir.to_request(message, opened, "epic")
    assert time.process_time() - before < 2.0
