"""How a model's answer is read: whatever it is wrapped in, never when it breaks off."""

import json
import re
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backends.failure import BackendFailure
from gateway.errors import ErrorKind
from gateway.prompt import ANSWER_SCHEMA, UnreadableAnswer, build_prompt, read_answer
from gateway.summary import Statement, SummarySection
from tests.gateway.backends.extractive.making import K, fact, note, request
from tests.timing import cpu_seconds

PROMPT = build_prompt(
    request(
        [fact(K.ALLERGY, "Penicillin", "AL1[1]"), fact(K.RESULT, "Potassium", "OBX[1]-5", value="6.80")],
        [note("Stable.", origin="OBX[2]-5")],
    )
)
ALLERGY = {"section": "allergies", "text": "Allergic to penicillin", "evidence": ["F1"]}
RESULT = {"section": "results", "text": "Potassium 6.80", "evidence": ["F2", "N1"]}
ANSWER = json.dumps({"statements": [ALLERGY, RESULT]})
PRETTY = json.dumps({"statements": [ALLERGY, RESULT]}, indent=4)
READ = (
    Statement(section=SummarySection.ALLERGIES, text="Allergic to penicillin", evidence=("AL1[1]",)),
    Statement(section=SummarySection.RESULTS, text="Potassium 6.80", evidence=("OBX[1]-5", "OBX[2]-5")),
)
FORM, EXAMPLE = (line for line in PROMPT.system.splitlines() if line.startswith('{"statements"'))
"""What the instructions show of an answer."""


def statements(text: str) -> tuple[Statement, ...]:
    return read_answer(text, PROMPT)[0]


def one(**given: object) -> Statement:
    (read,) = statements(json.dumps({"statements": [{**ALLERGY, **given}]}))
    return read


WRAPPED = {
    "bare": ANSWER,
    "written over many lines": PRETTY,
    "white space and a byte order mark": f"\ufeff\n  {ANSWER}\n\n",
    "code block": f"```json\n{PRETTY}\n```",
    "code block without a language": f"```\n{ANSWER}\n```",
    "sentences around": f"Here is the summary [as asked]:\n{PRETTY}\nLet me know {{if}} more is needed :)",
    "schema first": f"{json.dumps(ANSWER_SCHEMA)}\n{ANSWER}",
    "form and example first": f"{FORM}\n{EXAMPLE}\n{ANSWER}",
    "said twice": f"{ANSWER}\n{PRETTY}",
    "thinking first": f'<think>F1 is an allergy: {{"statements": [</think>{ANSWER}',
    "a list instead of the object": json.dumps([ALLERGY, RESULT]),
    "a list in a code block": f"```json\n{json.dumps([ALLERGY, RESULT], indent=1)}\n```",
    "the object in a list": f"[{ANSWER}]",
    "one statement a line": f"{json.dumps(ALLERGY)}\n{json.dumps(RESULT)}\n",
    "trailing commas": PRETTY.replace("}\n    ]", "},\n    ]").replace('"N1"\n', '"N1",\n'),
    "more beside it": json.dumps({"note": [{"text": 1}], "statements": [ALLERGY, RESULT], "done": True}),
    "brackets in sentences": f"The range [3.5 - 5.1] and {{braces}} \\{{ and \\[ too. {ANSWER}",
}


@pytest.mark.parametrize("name", WRAPPED)
def test_an_answer_is_found_in_its_wrapping(name: str) -> None:
    assert read_answer(WRAPPED[name], PROMPT) == (READ, ())


def test_the_example_of_the_instructions_follows_the_schema_and_names_nothing_of_a_record() -> None:
    example = json.loads(EXAMPLE)
    for statement in example["statements"]:
        assert list(statement) == ["section", "text", "evidence"]
        assert (
            statement["section"]
            in ANSWER_SCHEMA["properties"]["statements"]["items"]["properties"]["section"]["enum"]
        )
        assert all(re.fullmatch(r"[FN]900\d", each) for each in statement["evidence"])


UNREADABLE = {
    "nothing": "",
    "prose": "The patient is allergic to penicillin.",
    "no list": '{"statements": "none"}',
    "an empty list": '{"statements": []}',
    "a number": "42",
    "another object": '{"summary": "Allergic to penicillin"}',
    "single quotes": str({"statements": [ALLERGY]}),
    "quotation marks that are not escaped": ANSWER.replace("penicillin", 'peni"cillin'),
    "two answers that differ": f"{ANSWER}\n{json.dumps({'statements': [ALLERGY]})}",
    "statements beside the object": f"{ANSWER}\n{json.dumps(RESULT)}",
    "only the form": FORM,
    "only the example": EXAMPLE,
    "only the schema": json.dumps(ANSWER_SCHEMA),
    "a wrong bracket": ANSWER.replace("]}]}", "}}]}"),
    "nested without end": "[{" * 100_000,
    "nested too deep": '{"a":' * 5000 + "1" + "}" * 5000,
    "a whole statement before the break": f"[{json.dumps(ALLERGY)}, ",
    "a broken line after whole ones": f'{json.dumps(ALLERGY)}\n{{"section": "resul',
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_answer_is_an_error_that_quotes_nothing(name: str) -> None:
    with pytest.raises(UnreadableAnswer) as raised:
        statements(UNREADABLE[name])
    assert raised.value.kind is ErrorKind.BACKEND_UNAVAILABLE
    assert "penicillin" not in raised.value.detail
    assert not isinstance(raised.value, BackendFailure)


@pytest.mark.parametrize("whole", [ANSWER, PRETTY, f"```json\n{ANSWER}", json.dumps([ALLERGY, RESULT])])
def test_an_answer_that_breaks_off_anywhere_is_never_half_an_answer(whole: str) -> None:
    for length in range(len(whole)):
        with pytest.raises(UnreadableAnswer):
            statements(whole[:length])


@pytest.mark.parametrize(
    "evidence",
    [
        ["F1"],
        "F1",
        ["f1"],
        "[F1]",
        ["[F1]"],
        ["F1:"],
        "(F1)",
        ["F01"],
        "F1, F1",
        [["x"], "F1"],
        [{"id": "F1"}],
        ["F1 Penicillin"],
    ],
)
def test_evidence_is_read_however_it_is_written(evidence: object) -> None:
    assert one(evidence=evidence).evidence == ("AL1[1]",)


def test_several_ids_in_one_string_are_several() -> None:
    assert one(evidence="F1, N1 and f2").evidence == ("AL1[1]", "OBX[2]-5", "OBX[1]-5")


@pytest.mark.parametrize(
    "evidence", [[], "", None, ["F9"], ["N2"], ["XF1"], ["F1a"], [1], 1, {"F1": 1}, ["AL1[1]"]]
)
def test_a_statement_without_evidence_that_exists_is_left_out_and_counted(evidence: object) -> None:
    given = json.dumps({"statements": [{**ALLERGY, "evidence": evidence}, RESULT]})
    read, cautions = read_answer(given, PROMPT)
    assert read == READ[1:]
    assert [caution.code for caution in cautions] == ["unsupported"]
    assert "1 " in cautions[0].text


@pytest.mark.parametrize(
    "broken", ["text", None, 5, {"text": ""}, {"text": " ... "}, {"text": 7}, {**ALLERGY, "text": ["x"]}]
)
def test_what_is_no_statement_is_left_out_and_counted(broken: object) -> None:
    read, cautions = read_answer(json.dumps({"statements": [broken, ALLERGY]}), PROMPT)
    assert read == READ[:1]
    assert len(cautions) == 1


def test_ids_cited_in_the_text_are_taken_out_of_it_when_they_are_its_evidence() -> None:
    assert one(text="Allergic to penicillin [F1].").text == "Allergic to penicillin."
    assert one(text="Allergic [F1, F2] to penicillin", evidence=["F1", "F2"]).text == "Allergic to penicillin"
    assert one(text="Allergic to penicillin [F1]", evidence=[]).evidence == ("AL1[1]",)


def test_a_stage_is_not_taken_for_an_id() -> None:
    assert one(text="Liver fibrosis (F1), T2 [N1]").text == "Liver fibrosis (F1), T2 [N1]"


@pytest.mark.parametrize("named", ["Allergies", "ALLERGIES", " allergies "])
def test_sections_are_known_in_any_writing(named: str) -> None:
    assert one(section=named).section is SummarySection.ALLERGIES


@pytest.mark.parametrize("named", ["vital_signs", "Vital Signs", "vital-signs"])
def test_sections_of_two_words_too(named: str) -> None:
    assert one(section=named).section is SummarySection.VITAL_SIGNS


@pytest.mark.parametrize("named", ["limits", "Alergias", "", None, 3, ["allergies"]])
def test_a_section_that_is_not_known_is_that_of_the_evidence(named: object) -> None:
    assert one(section=named).section is SummarySection.ALLERGIES
    assert one(section=named, evidence=["F2"]).section is SummarySection.RESULTS


def test_what_is_said_twice_stands_once_with_all_its_evidence() -> None:
    again = {**ALLERGY, "section": "notes", "evidence": ["N1"]}
    (read,) = statements(json.dumps({"statements": [ALLERGY, ALLERGY, again]}))
    assert read.section is SummarySection.ALLERGIES
    assert read.evidence == ("AL1[1]", "OBX[2]-5")


def test_lines_and_unseen_characters_in_a_text_are_folded() -> None:
    raw = '{"statements": [{"section": "notes", "text": "one\n two\u200b\u202e\x07 ", "evidence": ["N1"]}]}'
    assert statements(raw)[0].text == "one two"
    assert one(text="a\ud83d").text == "a\ufffd"


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_else_than_its_own_error_comes_out(before: str, after: str) -> None:
    try:
        read = statements(f"{before}{ANSWER}{after}")
    except UnreadableAnswer:
        return
    assert read == READ


def refused(text: str) -> None:
    with pytest.raises(UnreadableAnswer):
        statements(text)


@pytest.mark.parametrize("piece", ['{"', "[{", '{"a":1} ', '\\"', "[ {", "{ } x "])
def test_a_hostile_answer_takes_linear_time(piece: str) -> None:
    small, large = (cpu_seconds(partial(refused, piece * times), 2) for times in (2_000, 20_000))
    assert large < 30 * max(small, 0.001)
