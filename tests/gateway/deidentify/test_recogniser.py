"""A recogniser from outside: what it finds goes too, and what it does wrong sends nothing."""

import re
from dataclasses import dataclass

import pytest

from gateway.deidentify import deidentify
from gateway.deidentify.categories import Category
from gateway.deidentify.presidio import over
from gateway.deidentify.recogniser import Recognised, Recogniser, load_recogniser
from gateway.errors import GatewayError
from gateway.policy.rules import Deidentify
from tests.gateway.deidentify.a_recogniser import failing, thornquists
from tests.gateway.deidentify.test_deidentify import record
from tests.gateway.deidentify.test_wiring import Echo, answer
from tests.on_reactor import on_reactor

HERE = "tests.gateway.deidentify.a_recogniser"


def shown(recogniser: Recogniser, *texts: str) -> list[str]:
    made = deidentify(record(*texts), Deidentify.SAFE_HARBOR, [Recognised(recogniser)])
    return [note.text for note in made.request.notes]


def test_what_it_finds_goes_as_well_and_the_known_keep_their_tokens() -> None:
    assert shown(thornquists(), "Thornquist agrees.", "Mina asked Thornquist.") == [
        "[NAME-1] agrees.",
        "[PATIENT-NAME-1] asked [NAME-1].",
    ]


def test_it_takes_no_denial_no_eponym_and_nothing_over_the_end_of_a_text() -> None:
    def greedy(text: str) -> list[tuple[int, int, Category]]:
        return [(0, len(text), Category.NAME), (text.index("Parkinson"), text.index("'s"), Category.NAME)]

    texts = ["No fever.", "Has Parkinson's disease."]
    assert shown(greedy, *texts) == texts


@pytest.mark.parametrize("recogniser", [failing(), lambda text: [(0, 10_000, Category.NAME)]])
def test_one_that_fails_sends_nothing_and_quotes_nothing(recogniser: Recogniser) -> None:
    with pytest.raises(GatewayError) as raised:
        shown(recogniser, "Mina rests.")
    assert "Mina" not in raised.value.detail


@on_reactor
async def test_every_call_of_a_model_goes_past_it() -> None:
    model = Echo("model")
    await answer(Deidentify.SAFE_HARBOR, model, note="Thornquist agrees.", recogniser=thornquists())
    assert model.seen[0].notes[0].text == "[NAME-1] agrees."
    unasked = Echo("model")
    with pytest.raises(GatewayError):
        await answer(Deidentify.SAFE_HARBOR, unasked, recogniser=failing())
    assert not unasked.seen


def test_it_is_made_of_its_path() -> None:
    assert shown(load_recogniser(f"{HERE}:thornquists"), "Thornquist agrees.") == ["[NAME-1] agrees."]
    for path in (
        f"{HERE}:nothing",
        f"{HERE}:none",
        "nowhere:to_be_found",
        "gateway.deidentify.presidio:recogniser",
    ):
        with pytest.raises(ValueError, match=r"gateway\.recogniser"):
            load_recogniser(path)


@dataclass
class Result:
    entity_type: str
    start: int
    end: int


class Engine:
    """As much of Presidio's analyzer as is used; the real one is in test_presidio.py."""

    def __init__(self) -> None:
        self.longest = 0

    def get_supported_entities(self, language: str) -> list[str]:
        assert language == "en"
        return ["PERSON", "LOCATION", "DATE_TIME"]

    def analyze(self, text: str, language: str, entities: list[str], score_threshold: float) -> list[Result]:
        assert (language, entities) == ("en", ["PERSON", "LOCATION"])
        self.longest = max(self.longest, len(text))
        found = [("PERSON", each.span()) for each in re.finditer("Thornquist", text)]
        found += [("LOCATION", each.span()) for each in re.finditer("Larchmere", text)]
        return [Result(kind, *place) for kind, place in found]


def test_presidio_is_one() -> None:
    assert shown(over(Engine()), "Thornquist came from Larchmere.") == ["[NAME-1] came from [PLACE-2]."]


@pytest.mark.parametrize("end", ["\n", " ", "x"])
def test_it_reads_long_records_in_pieces_that_part_no_word(end: str) -> None:
    engine, filling = Engine(), f"as before{end}" * 20_000
    made = list(over(engine)(f"Thornquist {filling} Thornquist {filling} Larchmere"))
    where = (0, 12 + len(filling), 24 + 2 * len(filling))
    assert made == [
        (where[0], where[0] + 10, Category.NAME),
        (where[1], where[1] + 10, Category.NAME),
        (where[2], where[2] + 9, Category.PLACE),
    ]
    assert engine.longest <= 5_000


@pytest.mark.parametrize(
    ("found", "text", "shows"),
    [
        # of what lies over one of ours, what lies beside it
        ("Mina asked", "Mina asked Thornquist.", "[PATIENT-NAME-1] [NAME-1] Thornquist."),
        ("in", "Mina rests.", "[PATIENT-NAME-1] rests."),
        ("asked Mina for", "He asked Mina for it.", "He [NAME-1] [PATIENT-NAME-1] for it."),
        # of what is called a name, what may be one
        ("Vancomycin 1.25", "Vancomycin 1.25 g given.", "Vancomycin 1.25 g given."),
        ("Nurse Thornquist MD", "Nurse Thornquist MD", "Nurse [NAME-1] MD"),
        ("Apgar 8/9", "Apgar 8/9.", "[NAME-1] 8/9."),
        ("G3P2", "G3P2, well.", "G3P2, well."),
        ("Anders Whiting", "Anders Whiting agrees.", "[NAME-1] agrees."),  # not half of it
        ("Parkinson", "Has Parkinson's disease.", "Has Parkinson's disease."),
    ],
)
def test_it_only_adds_and_what_it_calls_a_name_is_held_to_our_words(
    found: str, text: str, shows: str
) -> None:
    assert shown(finding(found, Category.NAME), text) == [shows]


def test_states_stay_whoever_finds_them() -> None:
    assert shown(finding("IA", Category.PLACE), "Came from IA.") == ["Came from IA."]
    assert shown(finding("Riverside", Category.PLACE), "Came from Riverside.") == ["Came from [PLACE-2]."]


def finding(words: str, category: Category) -> Recogniser:
    return lambda text: [(match.start(), match.end(), category) for match in re.finditer(words, text)]
