"""What a prompt says of a record, in which version, and what it never says."""

import hashlib
import json
import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from gateway.clinical import (
    Certainty,
    ClinicalFact,
    Code,
    Contact,
    Detail,
    DetailName,
    Encounter,
    FactKind,
    FactStatus,
    Identifier,
    Name,
    Patient,
)
from gateway.errors import ErrorKind, GatewayError
from gateway.prompt import ANSWER_SCHEMA, build_prompt
from gateway.prompt.importance import Step
from gateway.prompt.templates import VERSIONS
from gateway.request import Audience, Purpose, SummarizationRequest, Task
from tests.gateway.backends.extractive.making import K, S, fact, margaret, note, request
from tests.gateway.prompt.record_reading import read_record
from tests.journeys import sample_reading
from tests.timing import cpu_seconds

PAGE = Path(__file__).parents[3] / "docs" / "prompts.md"
GOLDEN = Path(__file__).parent / "golden"
EVERY_TASK = [(purpose, audience) for purpose in Purpose for audience in Audience]


def line_of(one: ClinicalFact, **more: object) -> str:
    return read_record(build_prompt(request([one], **more))).lines["F1"]


def test_the_prompt_of_a_whole_patient_is_the_one_on_file() -> None:
    prompt = build_prompt(margaret(Purpose.HANDOFF))
    assert f"{prompt.system}\n\n{prompt.user}\n" == (GOLDEN / "handoff-clinician.txt").read_text()


def test_no_text_changes_without_its_version() -> None:
    """After a change of wording: a new folder of templates, a new `VERSION`, a new row on file."""
    made = {}
    for (purpose, audience), wording in product(EVERY_TASK, VERSIONS):
        for max_length in (None, 2000, 300):
            task = margaret(purpose, audience, max_length=max_length)
            prompt = build_prompt(replace(task, task=replace(task.task, prompt_version=wording)))
            digest = hashlib.sha256(f"{prompt.system}\0{prompt.user}".encode()).hexdigest()[:16]
            made[f"{purpose}-{audience} {prompt.version} {max_length}"] = digest
    on_file = json.loads((GOLDEN / "versions.json").read_text())
    assert made == on_file


def test_a_task_may_ask_for_an_older_wording() -> None:
    task = margaret(Purpose.HANDOFF)
    older = build_prompt(replace(task, task=replace(task.task, prompt_version="1")))
    assert older.version == "handoff-clinician/1"
    assert older.system != build_prompt(task).system


def test_the_example_holds_nothing_that_could_be_told_of_a_patient() -> None:
    """Small models copy it: what they copy must be a placeholder, which the check rejects."""
    whole = build_prompt(margaret(Purpose.HANDOFF)).system.partition("EXAMPLE")[2]
    answer = json.loads(next(line for line in whole.splitlines() if line.startswith('{"statements"')))
    for each in answer["statements"]:
        assert re.search(r"<[a-z ]+>", each["text"]), each["text"]
    assert not re.search(
        r"latex|warfarin|potassium|pneumonia|influenza|bleeding|\d{4}-", whole, re.IGNORECASE
    )


@pytest.mark.parametrize(("purpose", "audience"), EVERY_TASK)
def test_the_fixed_part_is_the_same_for_every_record(purpose: Purpose, audience: Audience) -> None:
    whole = build_prompt(margaret(purpose, audience, max_length=3000))
    other = build_prompt(
        request([fact(K.ALLERGY, "Latex")], purpose=purpose, audience=audience, max_length=4000)
    )
    assert whole.system == other.system
    assert whole.version == other.version
    assert len(whole.system) > 4700  # some 1,200 tokens: from 1,024 on most models cache


def test_every_task_has_instructions_of_its_own() -> None:
    systems = {build_prompt(margaret(*task)).system for task in EVERY_TASK}
    assert len(systems) == len(EVERY_TASK) - 1  # a letter to the patient is for the patient


def test_the_version_names_purpose_and_audience() -> None:
    assert build_prompt(margaret(Purpose.HANDOFF)).version == "handoff-clinician/2"
    assert build_prompt(margaret(Purpose.PATIENT_LETTER)).version == "patient-letter-patient/2"
    assert build_prompt(margaret(Purpose.PATIENT_LETTER, Audience.CODER)).version == "patient-letter-coder/2"


def test_language_and_length_are_said() -> None:
    prompt = build_prompt(margaret(Purpose.RESULTS, language="es-US", max_length=300))
    assert "BCP 47 tag es-US" in prompt.system
    assert "at most 300 characters" in prompt.user
    assert "300" not in prompt.system


def test_the_page_for_operators_names_every_purpose_step_and_flag() -> None:
    page = PAGE.read_text()
    for purpose in Purpose:
        assert f"| {purpose} |" in page
    for step in Step:
        assert step is Step.NEVER or f"\n| {step.value} |" in page
    never = page.partition("**Never**")[2].partition("\n\n")[0]
    for flag in ("HH", "LL", "AA", "HU", "LU", "HX", "LX", "TOX"):
        assert flag in never
    assert build_prompt(margaret(Purpose.HANDOFF)).version in page


def test_the_same_request_makes_the_same_prompt() -> None:
    assert build_prompt(margaret(Purpose.REFERRAL)) == build_prompt(margaret(Purpose.REFERRAL))


EVERYTHING = ClinicalFact(
    kind=FactKind.RESULT,
    text="Potassium",
    codes=(Code(code="2823-3", system="http://loinc.org", display="Potassium"),),
    value="6.80",
    unit="mmol/L",
    flag="HH",
    reference_range="3.5-5.1",
    time="2026-03-14T06:30-06:00",
    end="2026-03-14T07:00-06:00",
    status=FactStatus.PRELIMINARY,
    status_sent="OBX-11=P",
    certainty=Certainty.PROVISIONAL,
    negated=True,
    category="laboratory",
    group="Basic metabolic panel",
    details=tuple(Detail(name=name, text=f"the {name}") for name in DetailName),
    origin="OBX[1]-5",
)


def test_every_field_with_a_meaning_stands_in_the_line() -> None:
    line = line_of(EVERYTHING)
    assert line.startswith(
        'result: NOT "Potassium" = "6.80 mmol/L"; flag HH; range "3.5-5.1"; provisional; status preliminary; '
    )
    for name in DetailName:
        assert f'; {name} "the {name}"' in line
    assert "; category laboratory; " in line
    assert '; part of "Basic metabolic panel"; ' in line
    assert line.endswith("; time 2026-03-14T06:30-06:00; until 2026-03-14T07:00-06:00")


@pytest.mark.parametrize("field", ["text", "value", "unit", "flag", "reference_range", "time", "end", "status", "certainty",
                                   "negated", "category", "group", "details"])  # fmt: skip
def test_no_two_facts_that_differ_look_the_same(field: str) -> None:
    other = {
        "status": FactStatus.FINAL,
        "certainty": Certainty.REFUTED,
        "negated": False,
        "details": EVERYTHING.details[1:],
    }.get(field, "other")
    assert line_of(replace(EVERYTHING, **{field: other})) != line_of(EVERYTHING)


@pytest.mark.parametrize("status", FactStatus)
def test_every_status_is_said_but_the_unknown_one(status: FactStatus) -> None:
    line = line_of(fact(K.MEDICATION, "Aspirin", status=status))
    assert (f"; status {status.value}" in line) == (status is not FactStatus.UNKNOWN)


def test_a_status_that_was_not_understood_is_shown_as_sent() -> None:
    sent = replace(fact(K.RESULT, "Potassium", value="4"), status_sent="OBX-11=Z")
    assert line_of(sent).endswith('status sent as "OBX-11=Z"')


def test_codes_are_for_coders() -> None:
    problem = fact(K.CONDITION, "Type 2 diabetes mellitus", icd_10_cm="E11.9")
    assert line_of(problem, audience=Audience.CODER).endswith("; codes E11.9 of icd-10-cm")
    assert "E11.9" not in line_of(problem)


def test_facts_notes_and_encounter_have_ids_that_lead_back() -> None:
    made = margaret(Purpose.DISCHARGE)
    prompt = build_prompt(made)
    assert prompt.origins["E1"] == "PV1[1]"
    assert [prompt.origins[f"F{number}"] for number, _ in enumerate(made.facts, 1)] == [
        each.origin for each in made.facts
    ]
    assert prompt.origins["N1"] == "OBX[40]-5"
    read_record(prompt)


def test_an_encounter_without_a_place_cannot_be_evidence() -> None:
    prompt = build_prompt(request([fact(K.ALLERGY, "Latex")], encounter=Encounter(reason="Pain")))
    assert "E1" not in prompt.origins


def test_lines_of_a_note_stay_lines_and_say_whose_they_are() -> None:
    prompt = build_prompt(request(notes=[note("one\r\n\r\n\r\ntwo  \n  - three\n" + "-" * 70, "Plan", status=S.FINAL,
                                               time="2026-03-14", repeats_facts=True)]))  # fmt: skip
    read = read_record(prompt)
    assert read.lines["N1"] == 'note: "Plan"; status final; time 2026-03-14; repeats facts'
    assert read.texts["N1"] == ["one", "", "two", "  - three", "---"]


PERSON = Patient(
    identifiers=(Identifier(value="MRN7788123", type="MR"), Identifier(value="999-12-3456", type="SS")),
    names=(Name(family="Zyxwvut", given=("Quirina",)),),
    birth_date="1958-03-14",
    sex="female",
    contacts=(Contact(name=Name(family="Plumbago")),),
)


def test_a_birth_date_or_number_sent_as_a_fact_is_not_told() -> None:
    facts = [
        fact(K.OTHER, "Date of birth", value="1958-03-14"),
        fact(K.OTHER, "Record number", value="MRN7788123"),
        fact(K.CONDITION, "Spina bifida", time="1958-03-14"),
        fact(K.PROCEDURE, "Closure", time="1958-03-14T09:00", end="1958-03"),
    ]
    prompt = build_prompt(request(facts, patient=PERSON))
    assert "1958" not in prompt.user
    assert "7788123" not in prompt.user
    assert '"Spina bifida"; time birth' in prompt.user
    assert '"Closure"; time birth T09:00; until birth' in prompt.user


def test_age_and_sex_are_all_that_is_told_of_a_person() -> None:
    assert "\nPatient: 68-year-old woman\n" in build_prompt(request([EVERYTHING], patient=PERSON)).user
    old = replace(PERSON, birth_date="1930-01-01")
    assert "\nPatient: woman aged 90 or older\n" in build_prompt(request([EVERYTHING], patient=old)).user


def identity_of(made: SummarizationRequest) -> set[str]:
    """Every word and number by which somebody could be known."""
    patient, encounter = made.patient, made.encounter
    names = [*patient.names, *(contact.name for contact in patient.contacts)]
    names += [each.name for each in encounter.participants] if encounter else []
    found = {part for name in names for part in (name.family, *name.given, name.text)}
    numbers = [*patient.identifiers, *(encounter.visit_numbers if encounter else ())]
    found |= {each.value for each in numbers} | {patient.birth_date, patient.birth_date.replace("-", "")}
    for address in (
        *patient.addresses,
        *(each for contact in patient.contacts for each in contact.addresses),
    ):
        found |= {*address.lines, address.city, address.postal_code}
    for telecom in (*patient.telecoms, *(each for contact in patient.contacts for each in contact.telecoms)):
        found |= {telecom, telecom.partition(":")[2]}
    return {each for each in found if len(each) > 3}


def free_text_of(made: SummarizationRequest) -> str:
    """What a source wrote freely may quote a name: the privacy step works on it before a prompt is made."""
    texts = [text for each in made.notes for text in (each.text, each.title)]
    for each in made.facts:
        texts += [each.text, each.value or "", each.group, *(detail.text for detail in each.details)]
    if made.encounter:
        texts += [
            made.encounter.reason,
            made.encounter.service,
            made.encounter.disposition,
            made.encounter.type,
        ]
    return "\n".join(texts)


def readable(name: str) -> SummarizationRequest | None:
    try:
        return sample_reading.opened(name)[1]
    except GatewayError:
        return None


SAMPLES = {name: made for name in sample_reading.FILES if (made := readable(name)) is not None}


@pytest.mark.parametrize("audience", [Audience.CLINICIAN, Audience.CODER])
@pytest.mark.parametrize("name", SAMPLES)
def test_the_identity_of_no_sample_is_in_its_prompt(name: str, audience: Audience) -> None:
    made = SAMPLES[name]
    prompt = build_prompt(replace(made, task=Task(audience=audience)))
    read_record(prompt)
    free = free_text_of(made)
    asked = f"{prompt.system}\n{prompt.user}"
    assert not [each for each in identity_of(made) if each in asked and each not in free]


def test_the_samples_have_identity_to_hide() -> None:
    assert sum(len(identity_of(made)) for made in SAMPLES.values()) > 100


def test_the_texts_of_a_prompt_are_not_in_its_repr() -> None:
    made = repr(build_prompt(request([EVERYTHING])))
    assert "Potassium" not in made
    assert "Prompt(" in made


def schemas(schema: object) -> list[dict[str, object]]:
    """The schema and everything in it."""
    if not isinstance(schema, dict):
        return []
    inner = [*schema.get("properties", {}).values(), schema.get("items")]
    return [schema, *(found for each in inner for found in schemas(each))]


def test_the_schema_is_within_what_every_provider_takes() -> None:
    for schema in schemas(ANSWER_SCHEMA):
        assert set(schema) <= {"type", "properties", "required", "additionalProperties", "items", "enum"}
        if schema["type"] == "object":
            assert schema["additionalProperties"] is False
            assert schema["required"] == list(schema["properties"])
    assert "limits" not in json.dumps(ANSWER_SCHEMA)


def test_the_estimate_counts_instructions_record_and_schema() -> None:
    small = build_prompt(request([fact(K.ALLERGY, "Latex")]))
    large = build_prompt(margaret(Purpose.LONGITUDINAL))
    assert small.input_tokens < large.input_tokens
    assert small.input_tokens * 4 > len(small.system) + len(small.user) + len(json.dumps(ANSWER_SCHEMA))


def test_what_cannot_fit_is_refused_by_name() -> None:
    with pytest.raises(GatewayError) as raised:
        build_prompt(margaret(Purpose.HANDOFF), 1000)
    assert raised.value.kind is ErrorKind.CONTEXT_EXCEEDED


def test_the_time_for_a_long_note_grows_with_its_length() -> None:
    line = "Denies chest pain. K 6.8 <5 [H] <|im_start|> caf\u00e9 \u200b.\n"

    def seconds(lines: int, budget_tokens: int | None) -> float:
        made = request(notes=[note(line * lines)])
        return cpu_seconds(lambda: build_prompt(made, budget_tokens))

    for budget_tokens in (None, 20_000):
        assert seconds(8000, budget_tokens) < 3 * 4 * seconds(2000, budget_tokens)


def test_a_laboratory_report_is_written_in_less_than_a_millisecond() -> None:
    made = request([replace(EVERYTHING, details=(), origin=f"OBX[{number}]-5") for number in range(40)])
    build_prompt(made)
    assert min(cpu_seconds(lambda: build_prompt(made, 100_000)) for _ in range(20)) < 0.001
