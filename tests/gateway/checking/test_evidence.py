"""What is saved in reading evidence changes nothing of what it bears, nor of what is found."""

from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.checking import assertions, conditions, drugs
from gateway.checking.conditions import meanings_in
from gateway.checking.drugs import drugs_of
from gateway.checking.evidence import Evidence, stem
from gateway.checking.frequencies import frequencies
from gateway.checking.polarity import State, states
from gateway.checking.prose import BREAK, END
from gateway.checking.reading import read, read_apart
from gateway.checking.said import Said
from gateway.checking.sources import EvidenceIndex
from gateway.clinical import Certainty, FactStatus
from gateway.summary import Statement, SummarySection
from tests.gateway.backends.extractive.making import K, fact, note, request
from tests.gateway.checking.test_hostile import TEXTS

_CLINICAL = st.lists(
    st.sampled_from(
        "pneumonia fever penicillin metformin allergy allergies NKDA tolerates active no denies not was stopped"
        " resolved history of possible ruled out tablet 500 mg twice daily every 6 hours May 2 2026 left hip and ;"
        " , : . (chronic) cough. appendicitis, beta-blocker a week".split()
    ),
    max_size=9,
).map(" ".join)
_ANY_TEXT = st.one_of(TEXTS, _CLINICAL)
_STATUSES = st.sampled_from((FactStatus.UNKNOWN, *FactStatus))


@given(st.lists(_ANY_TEXT, max_size=5))
@example(["glucose >", "100 mg", "7 x", "10*3/uL", "5", "%"])
@settings(max_examples=300, deadline=None)
def test_texts_read_as_one_read_as_each_by_itself(texts: list[str]) -> None:
    together, ends = read_apart(texts)
    start = 0
    quantities = []
    for text, end in zip(texts, ends, strict=True):
        alone = read(text)
        assert together.words[start : end + 1] == [*alone.words, BREAK]
        assert together.stops[start : end + 1] == [*alone.stops, END]
        quantities += [replace(each, at=each.at + start) for each in alone.quantities]
        start = end + 1
    assert together.quantities == quantities
    told_apart = {code for text in texts for code in frequencies(read(text))}
    assert set(frequencies(together)) == told_apart


@given(st.lists(st.tuples(_ANY_TEXT, st.sampled_from((None, None, *State))), max_size=4))
@settings(max_examples=300, deadline=None)
def test_what_a_place_says_is_what_its_texts_say(told: list[tuple[str, int | None]]) -> None:
    expected: dict[str, int] = {}
    for text, state in told:
        prose = read(text)
        words = prose.words
        own = states(words, prose.stops) if state is None else [state] * len(words)
        keys = [(at, key) for at, word in enumerate(words) for key in (stem(word), *drugs_of(word))]
        keys += [(at, f"~{name}") for name, places in meanings_in(words).items() for at in places]
        for at, key in keys:
            expected[key] = expected.get(key, 0) | (own[at] if own is not None else State.AFFIRMED)
    evidence = Evidence(told, ())
    assert evidence.said == expected
    assert evidence.affirms <= all(bits & (State.AFFIRMED | State.OPEN) == 1 for bits in expected.values())


@given(_ANY_TEXT, _ANY_TEXT, _ANY_TEXT, _ANY_TEXT, _STATUSES, st.sampled_from((None, *Certainty)))
@settings(max_examples=400, deadline=None)
def test_a_denial_is_never_looked_past(
    text: str, name: str, value: str, written: str, status: FactStatus, certainty: Certainty | None
) -> None:
    facts = [
        fact(K.CONDITION, name, "C", status=status, certainty=certainty),
        fact(K.RESULT, name, "R", value=value, status=status),
        fact(K.ALLERGY, value, "A", reaction=written),
    ]
    index = EvidenceIndex(request(facts, [note(written, origin="N")]))
    for evidence in (("C",), ("R",), ("A",), ("N",), ("C", "N"), ("A", "R")):
        said = Said.of(Statement(section=SummarySection.NOTES, text=text, evidence=evidence), index)
        assert list(assertions.denials(said)) == list(assertions._denials(said, affirms=False))


def test_every_ending_is_found_by_its_last_letters() -> None:
    for endings, letters in (
        (drugs._ENDINGS, drugs._LAST_LETTERS),
        (conditions._ENDINGS, conditions._LAST_LETTERS),
    ):
        assert all(f"xxxxxxx{ending}"[-3:] in letters for ending in endings)
