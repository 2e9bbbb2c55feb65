"""The document Bundle: valid FHIR whatever the summary says, labelled, traceable, the same every time."""

import json
import re
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.clinical import Caution, Identifier, Labels, Name, Patient, Unread, UnreadReason
from gateway.messages import Reply
from gateway.request import SummarizationRequest, Task
from gateway.summary import REVIEW_NOTICE, Deidentification, Notice, NoticeCode, Statement, SummarySection
from tests.translators.fhir.exchange import (
    IDENTITY,
    NOW,
    Json,
    answer_to,
    bundle_of,
    call,
    coded,
    reply_to,
    request_of,
    translator,
)
from translators.fhir.document_parts import FullUrls, Sources
from translators.fhir.narrative import folded, plain
from translators.fhir.to_reply import summary_document

S = SummarySection
SENT = bundle_of(
    {
        "resourceType": "Patient",
        "id": "1",
        "identifier": [{"system": "urn:mrn", "value": "4711"}],
        "name": [{"family": "Shaw", "given": ["Amy"]}],
        "gender": "female",
        "birthDate": "1987-02-20",
    },
    {"resourceType": "AllergyIntolerance", "id": "a", "code": coded("Penicillin")},
    {"resourceType": "Condition", "code": coded("Asthma")},
    {"resourceType": "Communication"},
    meta={"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]},
)
STATEMENTS = (
    Statement(section=S.ALLERGIES, text="Penicillin <hives> & more", evidence=("Bundle.entry[1].resource",)),
    Statement(
        section=S.PROBLEMS, text="Asthma", evidence=("Bundle.entry[2].resource.code",), flags=("critical",)
    ),
    Statement(section=S.LIMITS, text="Nothing is known of medications.", evidence=()),
)


def document(reply: Reply) -> Json:
    Bundle.model_validate_json(reply.body)
    made: Json = json.loads(reply.body)
    return made


def parts(bundle: Json) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    for entry in bundle["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def sections(bundle: Json) -> dict[str, Json]:
    return {section["title"]: section for section in bundle["entry"][0]["resource"]["section"]}


def text_of(section: Json) -> str:
    return "".join(str(text) for text in etree.fromstring(section["text"]["div"]).itertext())


def test_the_answer_is_a_document_with_everything_that_it_needs() -> None:
    reply = reply_to(call(SENT), *STATEMENTS)
    bundle = document(reply)
    assert (reply.status, reply.code, reply.positive) == (200, "200", True)
    assert (bundle["type"], bundle["timestamp"]) == ("document", "2026-03-14T09:30:00.000Z")
    assert bundle["identifier"]["system"] == "urn:ietf:rfc:3986"
    assert [entry["resource"]["resourceType"] for entry in bundle["entry"]] == [
        "Composition",
        "Patient",
        "Device",
        "Device",
        "Provenance",
    ]
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", entry["fullUrl"]) for entry in bundle["entry"])
    assert all("id" not in entry["resource"] for entry in bundle["entry"])


def test_it_is_preliminary_unreviewed_and_made_by_a_device() -> None:
    bundle = document(reply_to(call(SENT), *STATEMENTS))
    composition = bundle["entry"][0]["resource"]
    urls = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert composition["status"] == "preliminary"
    assert "not reviewed" in composition["title"]
    assert [urls[author["reference"]] for author in composition["author"]] == ["Device"]
    assert urls[composition["subject"]["reference"]] == "Patient"
    assert REVIEW_NOTICE in composition["text"]["div"]
    assert text_of(composition["section"][0]).startswith(REVIEW_NOTICE)


def test_everything_is_labelled_as_asserted_by_a_machine_and_as_confidential_as_its_source() -> None:
    bundle = document(reply_to(call(SENT), *STATEMENTS))
    for labelled in (bundle, bundle["entry"][0]["resource"]):
        assert [label["code"] for label in labelled["meta"]["security"]] == ["AIAST", "R"]
    assert bundle["entry"][0]["resource"]["confidentiality"] == "R"


def test_sensitivities_stay_on_the_composition_and_obligations_stay_home() -> None:
    request = replace(request_of(call(SENT)), labels=Labels(sensitivity=("ETH", "NODSCLCD", "\u2028")))
    bundle = summary_document(answer_to(request, *STATEMENTS), IDENTITY, Sources())
    codes = [label["code"] for label in bundle["entry"][0]["resource"]["meta"]["security"]]
    assert codes == ["AIAST", "ETH"]
    assert [label["code"] for label in bundle["meta"]["security"]] == ["AIAST"]


def test_sections_refer_to_the_entries_they_rest_on() -> None:
    found = sections(document(reply_to(call(SENT), *STATEMENTS)))
    allergies, problems = found["Allergies and intolerances"], found["Problems"]
    assert allergies["code"]["coding"][0]["code"] == "48765-2"
    assert allergies["entry"] == [
        {"reference": "http://ehr.example/fhir/AllergyIntolerance/a", "display": "Bundle.entry[1].resource"}
    ]
    assert "entry" not in problems  # it was sent without any address
    assert "[Bundle.entry[2].resource.code]" in text_of(problems)
    assert "<b>Asthma</b>" in problems["text"]["div"]


def test_evidence_may_be_left_out() -> None:
    asked = {"name": "evidence", "valueBoolean": False}
    body = {"resourceType": "Parameters", "parameter": [asked, {"name": "resource", "resource": SENT}]}
    found = sections(document(reply_to(call(body), *STATEMENTS)))
    assert "entry" not in found["Allergies and intolerances"]
    assert "Bundle.entry" not in text_of(found["Problems"])


@pytest.mark.parametrize(
    ("resource", "reference"),
    [
        ({"resourceType": "Condition", "id": "c", "code": coded("Asthma")}, "Condition/c"),
        ({"resourceType": "Condition", "code": coded("Asthma")}, None),
    ],
)
def test_a_single_resource_is_referred_to_by_its_id(resource: Json, reference: str | None) -> None:
    found = sections(document(reply_to(call(resource))))
    assert [each["reference"] for each in found["Results"].get("entry", [])] == (
        [reference] if reference else []
    )


def test_the_reply_can_be_built_anew_from_the_message() -> None:
    message, fhir = call(SENT), translator()
    answer = answer_to(request_of(message), *STATEMENTS)
    anew = fhir.to_reply(message, fhir.open(message), answer, NOW)
    assert anew.body == reply_to(message, *STATEMENTS).body


def test_what_was_not_covered_stands_in_the_last_section() -> None:
    request = replace(
        request_of(call(SENT)),
        warnings=(Caution(code="x", text="A caution.", location="Bundle"),),
        unread=(
            Unread(
                origin="Bundle.entry[3].resource", reason=UnreadReason.UNSUPPORTED, what="1 Communication"
            ),
            *(Unread(origin=f"e{n}", reason=UnreadReason.EXTERNAL, what="a result") for n in range(5)),
        ),
    )
    bundle = summary_document(answer_to(request, *STATEMENTS), IDENTITY, Sources())
    last = bundle["entry"][0]["resource"]["section"][-1]
    assert last["title"] == "What this summary does not cover"
    assert text_of(last) == (
        "Nothing is known of medications."
        "Of a type that is not read: 1 Communication [Bundle.entry[3].resource]"
        "Referred to but not sent: a result (5 times) [e0, e1, e2, ...]"
        "A caution. [Bundle]"
    )


def test_many_remarks_are_cut_and_the_cut_is_said() -> None:
    unread = tuple(Unread(origin="x", reason=UnreadReason.INVALID, what=str(number)) for number in range(500))
    request = replace(request_of(call(SENT)), unread=unread)
    bundle = summary_document(answer_to(request), IDENTITY, Sources())
    assert "more remarks" in text_of(bundle["entry"][0]["resource"]["section"][-1])


def test_a_summary_of_text_alone_is_one_section() -> None:
    fhir, message = translator(), call(SENT)
    opened = fhir.open(message)
    answer = answer_to(fhir.to_request(message, opened, "epic"))
    bare = replace(answer.summary, statements=(), text=f"{REVIEW_NOTICE}\nAll is <well>.\n")
    found = sections(document(fhir.to_reply(message, opened, replace(answer, summary=bare), NOW)))
    assert text_of(found["Summary"]) == f"{REVIEW_NOTICE}All is <well>."


def test_it_calls_itself_a_patient_summary_only_with_the_sections_that_one_must_have() -> None:
    def code(*given: SummarySection) -> str:
        made = [Statement(section=each, text="x", evidence=("Bundle.entry[2]",)) for each in given]
        composition = document(reply_to(call(SENT), *made))["entry"][0]["resource"]
        return str(composition["type"]["coding"][0]["code"])

    assert code(S.ALLERGIES, S.PROBLEMS, S.MEDICATIONS) == "60591-5"
    assert code(S.ALLERGIES, S.PROBLEMS) == "34133-9"


def test_the_devices_name_model_and_gateway() -> None:
    rules, gateway = parts(document(reply_to(call(SENT))))["Device"]
    model, _ = parts(document(reply_to(call(SENT), prompt_version="3", model_served="m-1", region="eu")))[
        "Device"
    ]
    kinds = [each["valueCodeableConcept"]["coding"][0]["code"] for each in rules["extension"]]
    assert kinds[0] == "Rule-Based-Systems"
    assert model["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "Large-Language-Models"
    assert rules["type"]["coding"][0]["code"] == "Artificial-Intelligence"
    assert (model["deviceName"][0]["name"], model["identifier"][0]["value"]) == ("m-1", "builtin/m-1")
    assert [note["text"] for note in model["note"]] == [
        "Asked for as clinical, served by the backend builtin.",
        "Region: eu.",
    ]
    assert gateway["deviceName"][0]["name"] == "RIVERSIDE-GW"


@pytest.mark.parametrize("level", ["limited", "safe_harbor"])
def test_the_provenance_says_who_took_identity_out_of_what_the_model_read(level: str) -> None:
    answer = replace(
        answer_to(request_of(call(SENT)), *STATEMENTS),
        deidentified=Deidentification(level=level, rules=("treatment",)),
    )
    made = json.loads(json.dumps(summary_document(answer, IDENTITY, Sources())))
    Bundle.model_validate(made)
    [provenance] = parts(made)["Provenance"]
    *_, derived = provenance["entity"]
    assert derived["role"] == "derivation"
    assert derived["agent"][0]["role"][0]["text"] == f"{level}, as treatment asks"
    labels = made["entry"][0]["resource"]["meta"]["security"]
    assert "DEID" not in json.dumps(labels), "the document has its identity"


def test_the_provenance_says_who_what_and_under_which_rules() -> None:
    bundle = document(reply_to(call(SENT), *STATEMENTS))
    (provenance,) = parts(bundle)["Provenance"]
    urls = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert [urls[each["reference"]] for each in provenance["target"]] == ["Composition"]
    assert provenance["reason"][0]["coding"][0]["code"] == "AIAST"
    assert [agent["type"]["coding"][0]["code"] for agent in provenance["agent"]] == ["author", "assembler"]
    assert provenance["policy"] == ["http://gateway.example:8080/policy/7/treatment"]
    sources = [entity["what"] for entity in provenance["entity"]]
    assert {entity["role"] for entity in provenance["entity"]} == {"source"}
    assert sources[0]["identifier"]["value"] == "01JQ0000000000TEST"
    assert sources[1]["reference"] == "http://ehr.example/fhir/AllergyIntolerance/a"


def test_headers_say_that_it_is_not_to_be_kept_and_what_was_applied() -> None:
    reply = reply_to(call(SENT, headers={"x-request-id": "r-1", "prefer": "respond-async, handling=lenient"}))
    assert dict(reply.headers) == {
        "Cache-Control": "no-store",
        "X-Request-Id": "r-1",
        "Preference-Applied": "handling=lenient",
    }
    assert reply.content_type == "application/fhir+json; fhirVersion=4.0; charset=utf-8"
    assert "Preference-Applied" not in dict(reply_to(call(SENT)).headers)
    assert b"\n  " in reply_to(call(SENT, query=[("_pretty", "true")])).body


def test_a_patient_of_whom_nothing_is_known_is_still_valid() -> None:
    (patient,) = parts(document(reply_to(call({"resourceType": "Condition", "code": coded("Asthma")}))))[
        "Patient"
    ]
    assert patient["name"][0]["extension"][0]["valueCode"] == "unknown"


# Whatever a sender or a model writes, the answer is valid FHIR and well-formed XHTML.
TEXT = st.text(st.characters(), min_size=0, max_size=30)
ODD = st.sampled_from(
    ["", " ", "\x00", "\ud800", "<script>alert(1)</script>", "]]>", "&amp;", "\ufffe", "a\nb"]
)
WORDS = TEXT | ODD
PATIENTS = st.builds(
    lambda system, value, family, given, birth, sex: Patient(
        identifiers=(Identifier(value=value, system=system),),
        names=(Name(family=family, given=(given,), prefix=given, suffix=family),),
        birth_date=birth,
        sex=sex,
    ),
    st.sampled_from(["", "RIVERSIDE", "1.2.3", "urn:oid:1.2.3", "http://x y", "urn:"]) | TEXT,
    WORDS,
    WORDS,
    WORDS,
    st.sampled_from(["", "1987", "1987-02", "1987-13", "19870220", "1987-02-20"]),
    st.sampled_from(["", "female", "F", "banana"]),
)
SOME_STATEMENTS = st.lists(
    st.builds(
        lambda section, text, origin: Statement(section=section, text=text, evidence=(origin,)),
        st.sampled_from(SummarySection),
        WORDS,
        st.sampled_from(["Bundle.entry[1].resource", "Bundle.entry[77]", "OBX[3]-5", "", "Bundle.entry["])
        | TEXT,
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(PATIENTS, SOME_STATEMENTS, WORDS, WORDS)
def test_every_answer_is_valid(patient: Patient, statements: list[Statement], what: str, served: str) -> None:
    request: SummarizationRequest = replace(
        request_of(call(SENT)),
        patient=patient,
        task=Task(),
        unread=(Unread(origin=what, reason=UnreadReason.INVALID, what=what),),
    )
    message, fhir = call(SENT), translator()
    answer = answer_to(request, *statements, model_served=served, prompt_version="1")
    notice = Notice(code=NoticeCode.POLICY, text=f"Only <here> & now: {what}")
    reply = fhir.to_reply(message, fhir.open(message), replace(answer, notices=(notice,)), NOW)
    bundle = document(reply)
    _check_json(bundle)
    composition = bundle["entry"][0]["resource"]
    for section in (composition, *composition["section"]):
        root = etree.fromstring(section["text"]["div"])
        assert not root.xpath("//*[local-name()='script']")


def _check_json(node: Any) -> None:
    """No nulls, no empty arrays, objects or strings (FHIR R4 2.6.2)."""
    assert node not in (None, [], {}, "")
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _check_json(inner)


def test_what_its_source_does_not_bear_is_marked_for_people_and_labelled_for_programs() -> None:
    request = request_of(call(SENT))
    doubtful = replace(STATEMENTS[0], flags=("unsupported",))
    made = summary_document(answer_to(request, doubtful, *STATEMENTS[1:]), IDENTITY, Sources())
    Bundle.model_validate(made)
    allergies = text_of(sections(made)["Allergies and intolerances"])
    assert "& more [not supported by its source] [" in allergies
    assert "[not supported" not in text_of(sections(made)["Problems"])
    labels = {each["code"] for each in made["entry"][0]["resource"]["meta"]["security"]}
    sound = summary_document(answer_to(request, *STATEMENTS), IDENTITY, Sources())
    assert labels - {each["code"] for each in sound["entry"][0]["resource"]["meta"]["security"]} == {
        "UNCERTREL"
    }


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.text(max_size=3).map(ascii))
def test_full_urls_are_uuids_of_version_5(message_id: str, name: str) -> None:
    namespace = UUID("5d1c0a56-5f0c-5b43-9c0a-0f6f6b0a9a4e")
    assert FullUrls(message_id).url(name) == f"urn:uuid:{uuid5(namespace, f'{message_id}/{name}')}"


def test_no_character_that_xml_cannot_hold_is_written() -> None:
    forbidden = [*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
    assert {plain(chr(each)) for each in forbidden} == {""}
    assert {folded(f"a {chr(each)}b") for each in forbidden} == {"a b"}


@pytest.mark.parametrize("address", ["urn:x y", "urn:\u00e9", "urn:\x7f", "", "u" * 2001])
def test_what_is_no_uri_is_not_pointed_to(address: str) -> None:
    sources = Sources({"Bundle.entry[0]": address, "Bundle.entry[1]": "urn:x"})
    places = ["Bundle.entry[0].resource", "Bundle.entry[1].resource", "Bundle.entry[1].resource.text"]
    assert sources.references_to(places) == [{"reference": "urn:x", "display": "Bundle.entry[1].resource"}]
