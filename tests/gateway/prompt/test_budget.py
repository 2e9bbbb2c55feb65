"""What goes when there is little room, in which order, what never does, and how it is told."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clinical import Certainty, ClinicalFact, ClinicalNote
from gateway.errors import ErrorKind, GatewayError
from gateway.prompt import Prompt, build_prompt
from gateway.prompt.importance import Series, Step, instant, step_of
from gateway.prompt.tokens import LEAST_PROMPT_TOKENS
from gateway.request import Audience, Purpose, SummarizationRequest
from tests.gateway.backends.extractive.making import REQUESTS, K, S, fact, margaret, note, request
from tests.gateway.prompt.record_reading import read_record


def fitted(made: SummarizationRequest) -> list[Prompt]:
    """The prompts of ever smaller budgets, down to the last that has room for what must stay."""
    prompts = [build_prompt(made)]
    budget = prompts[0].input_tokens
    while True:
        budget -= 25
        try:
            prompts.append(build_prompt(made, budget))
        except GatewayError as error:
            assert error.kind is ErrorKind.CONTEXT_EXCEEDED
            return prompts
        assert prompts[-1].input_tokens <= budget


def step(one: ClinicalFact, *others: ClinicalFact) -> Step:
    return step_of(one, Series([one, *others]))


LATER = fact(
    K.RESULT, "Potassium", value="4.0", unit="mmol/L", flag="N", time="2026-03-14T08:00", status=S.FINAL
)


def potassium(flag: str, **more: object) -> ClinicalFact:
    given = {"time": "2026-03-13T08:00", "status": S.FINAL, "value": "4.1", "unit": "mmol/L", **more}
    return fact(K.RESULT, "Potassium", flag=flag, **given)


NEVER = [
    fact(K.ALLERGY, "Penicillin"),
    fact(K.ALLERGY, "Penicillin", status=S.RESOLVED),
    fact(K.ALLERGY, "known drug allergies", negated=True),
    fact(K.CONDITION, "Embolism", negated=True),
    fact(K.CONDITION, "Embolism", certainty=Certainty.REFUTED),
    fact(K.CONDITION, "Diabetes", status=S.ACTIVE),
    fact(K.CONDITION, "Diabetes"),
    fact(K.CONDITION, "Lymphoma", certainty=Certainty.PROVISIONAL),
    fact(K.MEDICATION, "Warfarin", status=S.ACTIVE),
    fact(K.MEDICATION, "Warfarin"),
    fact(K.MEDICATION, "Warfarin", status=S.ON_HOLD),
    fact(K.MEDICATION, "Heparin", negated=True),
    fact(K.IMMUNIZATION, "Influenza", negated=True, status=S.NOT_DONE),
    fact(K.PROCEDURE, "Colonoscopy", status=S.NOT_DONE),
    fact(K.DIRECTIVE, "Do not resuscitate"),
    fact(K.FAMILY_HISTORY, "Breast cancer", negated=True),
    *(potassium(flag) for flag in ("HH", "LL", "AA", "HU", "LU", "A,HH", "TOX", "PANIC")),
    fact(K.VITAL_SIGN, "Heart rate", value="190", flag="HH", time="2020"),
]


@pytest.mark.parametrize("one", NEVER, ids=lambda one: f"{one.kind} {one.text} {one.flag}")
def test_what_never_goes(one: ClinicalFact) -> None:
    assert step(one, LATER) is Step.NEVER


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (potassium("N"), Step.OLDER_NORMAL),
        (potassium(""), Step.OLDER_UNFLAGGED),
        (potassium("H"), Step.OLDER_ABNORMAL),
        (potassium("N", time="2026-03-14T08:00"), Step.NORMAL),
        (potassium("N", time=""), Step.NORMAL),
        (potassium("N", time="2026-03-14"), Step.NORMAL),
        (potassium("N", time="2026-03"), Step.NORMAL),
        (potassium("N", time="2026-03-13"), Step.OLDER_NORMAL),
        (potassium("", time="2026-03-15"), Step.REST),
        (potassium("H", time="2026-03-15"), Step.REST),
        (potassium("N", status=S.PRELIMINARY), Step.REST),
        (potassium("N", status=S.CORRECTED), Step.REST),
        (potassium("", value=None), Step.REST),
        (potassium("", unit="mg/dL"), Step.REST),
        (potassium("", specimen="Urine"), Step.REST),
        (fact(K.CONDITION, "Pneumonia", status=S.RESOLVED), Step.BACKGROUND),
        (fact(K.MEDICATION, "Morphine", status=S.COMPLETED), Step.BACKGROUND),
        (fact(K.MEDICATION, "Warfarin", status=S.STOPPED), Step.REST),
        (fact(K.IMMUNIZATION, "Tetanus", status=S.COMPLETED), Step.BACKGROUND),
        (fact(K.PROCEDURE, "Biopsy"), Step.BACKGROUND),
        (fact(K.PROCEDURE, "Biopsy", status=S.PLANNED), Step.REST),
        (fact(K.APPOINTMENT, "Clinic", status=S.PLANNED), Step.REST),
        (fact(K.DEVICE, "Pacemaker"), Step.REST),
        (fact(K.SOCIAL_HISTORY, "Tobacco"), Step.BACKGROUND),
    ],
)
def test_when_the_others_go(one: ClinicalFact, expected: Step) -> None:
    assert step(one, LATER) is expected


def test_later_is_judged_by_the_instant_and_not_by_the_clock_on_the_wall() -> None:
    assert instant("2026-03-14T23:00-06:00") > instant("2026-03-15T01:00+00:00")
    assert instant("2026-03-14T08:00:00Z") == instant("2026-03-14T09:00:00+01:00")
    assert instant("soon") == "soon"


def test_all_stays_while_there_is_room() -> None:
    made = margaret(Purpose.HANDOFF)
    whole = build_prompt(made)
    assert build_prompt(made, whole.input_tokens) == whole
    assert whole.warnings == ()


def test_the_example_of_the_instructions_goes_before_anything_of_the_record() -> None:
    made = request([LATER])
    assert "EXAMPLE" in build_prompt(made, 4000).system
    small = build_prompt(made, 3999)
    assert "EXAMPLE" not in small.system
    assert small.system in build_prompt(made).system
    assert small.user == build_prompt(made).user


def test_what_must_stay_stays_in_every_budget() -> None:
    made = margaret(Purpose.HANDOFF)
    series = Series(made.facts)
    must = {f"F{number}" for number, one in enumerate(made.facts, 1) if step_of(one, series) is Step.NEVER}
    prompts = fitted(made)
    assert len(prompts) > 20
    for prompt in prompts:
        assert must | {"E1"} <= set(prompt.origins)
        read = read_record(prompt)
        assert "ALLERGIES: Latex causes a rash." in read.texts["N1"]
    assert set(prompts[-1].origins) == must | {"E1", "N1"}


@pytest.mark.parametrize("purpose", Purpose)
def test_the_least_room_has_room_for_instructions_and_some_record(purpose: Purpose) -> None:
    for audience in Audience:
        made = request(NEVER[:3], purpose=purpose, audience=audience, max_length=100)
        assert len(build_prompt(made, LEAST_PROMPT_TOKENS).origins) == 3


def test_nothing_comes_back_when_there_is_still_less_room() -> None:
    """The order is one: a smaller budget only takes more away."""
    prompts = [prompt for prompt in fitted(margaret(Purpose.RESULTS)) if "EXAMPLE" not in prompt.system]
    kept = [set(prompt.origins) for prompt in prompts]
    assert len(kept) > 20
    for larger, smaller in pairwise(kept):
        assert smaller <= larger


def test_what_goes_is_told_to_people_and_to_the_model() -> None:
    made = margaret(Purpose.HANDOFF)
    for prompt in fitted(made)[1:]:
        entries = len(made.facts) + len(made.notes) + 1
        gone = entries - len(prompt.origins)
        told = [caution for caution in prompt.warnings if "passage" not in caution.text]
        assert {caution.code for caution in prompt.warnings} == {"left-out"}
        assert sum(int(caution.text.split()[0]) for caution in told) == gone
        places = {place for caution in told for place in caution.location.split(", ")}
        assert places == {each.origin for each in made.facts} - set(prompt.origins.values())
        (line,) = (line for line in read_record(prompt).told if line.startswith("Left out here"))
        for caution in prompt.warnings:
            assert caution.text.partition(" left out")[0] in line


def test_a_line_that_is_parted_keeps_to_the_room_too() -> None:
    """Written in parts it has more beginnings of lines than before."""
    sentences = "The ward was quiet and the weather was fine on that day in the spring of the year. "
    assert len(fitted(request(notes=[note(sentences * 50, origin=f"OBX[{n}]-5") for n in range(2)]))) > 50


def test_more_than_twenty_places_are_counted() -> None:
    facts = [
        fact(
            K.RESULT,
            "Sodium",
            f"OBX[{day}]-5",
            value="140",
            flag="N",
            time=f"2026-03-{day:02}",
            status=S.FINAL,
        )
        for day in range(1, 32)
    ]
    made = request(facts)
    (caution,) = build_prompt(made, build_prompt(made, 3999).input_tokens - 1000).warnings
    number = int(caution.text.split()[0])
    assert number > 20
    assert caution.location.startswith("OBX[1]-5, OBX[2]-5, ")
    assert caution.location.endswith(f" and {number - 20} more")


def test_the_oldest_go_first() -> None:
    facts = [
        fact(
            K.RESULT,
            "Sodium",
            f"OBX[{day}]-5",
            value="140",
            flag="N",
            time=f"2026-03-{day:02}",
            status=S.FINAL,
        )
        for day in (3, 1, 4, 2, 5, 8, 7, 6)
    ]
    made = request(facts)
    days = [[int(each[4]) for each in prompt.origins.values()] for prompt in fitted(made)]
    assert [3, 4, 5, 8, 7, 6] in days
    assert days[-1] in ([8], [])


REPEATED = note(
    "Aspirin | 81 mg | daily\n" * 30, "Medications", "10160-0", "section[10160-0]", repeats_facts=True
)


def test_narrative_that_repeats_facts_goes_first() -> None:
    facts = [fact(K.RESULT, "Sodium", value="140", flag="N", time="2026-03-01", status=S.FINAL)] * 9
    last_with_facts = [each for each in fitted(request(facts, [REPEATED])) if len(each.origins) >= 9][-1]
    assert "N1" not in last_with_facts.origins
    (caution,) = last_with_facts.warnings
    assert re.match(r"\d+ passages of narrative that repeats facts left out", caution.text)
    assert caution.location == "section[10160-0]"


def test_an_allergy_in_a_narrative_that_repeats_facts_stays() -> None:
    text = f"{REPEATED.text}\n\nWarfarin: stopped.\n\nAspirin: had an allergic reaction."
    made = request([LATER] * 9, [replace(REPEATED, text=text)])
    last = read_record(fitted(made)[-1])
    assert last.texts["N1"] == ["Aspirin: had an allergic reaction."]


@pytest.mark.parametrize(
    "kept",
    [
        note("Latex - rash\n" * 30, "Allergies", "48765-2", repeats_facts=True),
        note("Latex - rash\n" * 30, "ALLERGY LIST", repeats_facts=True),
    ],
)
def test_the_narrative_on_allergies_never_goes(kept: ClinicalNote) -> None:
    made = request([LATER] * 9, [kept])
    assert [set(prompt.origins) for prompt in fitted(made)][-1] == {"N1"}


def test_of_a_plan_that_repeats_facts_the_text_goes_in_parts() -> None:
    made = request(
        notes=[
            note(
                "Ferrous sulfate. " * 40 + "\n\nNo driving for 4 weeks.",
                "Plan",
                "18776-5",
                repeats_facts=True,
            )
        ]
    )
    last = fitted(made)[-1]
    assert last.origins == {} or "No driving for 4 weeks." in last.user


@given(REQUESTS, st.integers(0, 1500))
@settings(max_examples=150, deadline=None)
def test_any_request_fits_or_is_refused(made: SummarizationRequest, room: int) -> None:
    fixed = build_prompt(request()).input_tokens
    try:
        prompt = build_prompt(made, fixed + room)
    except GatewayError as error:
        assert error.kind is ErrorKind.CONTEXT_EXCEEDED
        return
    assert prompt.input_tokens <= fixed + room
    read = read_record(prompt)
    gone = {f"F{number}" for number, _ in enumerate(made.facts, 1)} - set(prompt.origins)
    assert bool(prompt.warnings) == bool(read.told) >= bool(gone)
    for number, one in enumerate(made.facts, 1):
        if one.negated or one.kind is K.ALLERGY or re.search("HH|LL", one.flag):
            assert f"F{number}" in prompt.origins
