"""A recogniser from outside: what it finds goes too, and what it does wrong sends nothing."""

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
    """As much of Presidio's analyzer as is used."""

    def analyze(self, text: str, language: str, entities: list[str], score_threshold: float) -> list[Result]:
        assert language == "en" and "PERSON" in entities and "DATE_TIME" not in entities
        person, place = text.index("Thornquist"), text.index("Larchmere")
        return [Result("PERSON", person, person + 10), Result("LOCATION", place, place + 9)]


def test_presidio_is_one() -> None:
    assert shown(over(Engine()), "Thornquist came from Larchmere.") == ["[NAME-1] came from [PLACE-2]."]
