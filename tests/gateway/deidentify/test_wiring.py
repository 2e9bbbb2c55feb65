"""Where identity is taken out and put back: before any backend outside of this process, once a request."""

from gateway.backends.failure import BackendFailure, Cause
from gateway.clinical import ClinicalFact, FactKind
from gateway.deidentify.recogniser import Recogniser
from gateway.interfaces import Backend
from gateway.policy.decision import Candidate, Decision
from gateway.policy.rules import Deidentify, ModelVersion
from gateway.request import SummarizationRequest
from gateway.store.rows import pack_result, request_json, unpack_answer
from gateway.summarizer import Summarizer
from gateway.summary import Answer, Statement, Summary, SummarySection
from tests.gateway.deidentify.test_deidentify import record
from tests.on_reactor import on_reactor

ALLERGY = ClinicalFact(kind=FactKind.ALLERGY, text="Penicillin, says Mina", origin="AL1[1]")


class Echo:
    """Says back what it is shown of the first fact; `failures` times it fails first."""

    def __init__(self, name: str, *, repeatable: bool = False, failures: int = 0) -> None:
        self.name = name
        self.repeatable = repeatable
        self.seen: list[SummarizationRequest] = []
        self._failures = failures

    async def summarize(self, request: SummarizationRequest, model: str, timeout_s: float) -> Summary:
        self.seen.append(request)
        if len(self.seen) <= self._failures:
            raise BackendFailure(Cause.SERVER_ERROR)
        text = request.facts[0].text
        return Summary(
            statements=(Statement(section=SummarySection.ALLERGIES, text=text, evidence=("AL1[1]",)),),
            text=text,
            backend=self.name,
            model_asked=model,
            model_served=self.name,
        )

    async def close(self) -> None: ...


async def answer(
    level: Deidentify, *backends: Backend, note: str = "", recogniser: Recogniser | None = None
) -> Answer:
    names = [backend.name for backend in backends]
    version = ModelVersion("m", "1", ((names[0], 1),), tuple(names[1:]))
    decision = Decision(
        True,
        ("r",),
        "r1",
        version,
        tuple(Candidate(name, True, "") for name in names),
        deidentify=level,
    )
    request = record(note, facts=(ALLERGY,))
    summarizer = Summarizer(
        {backend.name: backend for backend in backends},
        lambda: request.received_at,
        lambda: 0.0,
        recogniser=recogniser,
    )
    summarizer._attempts._sleep = no_wait
    return await summarizer.summarize(request, decision)


async def no_wait(seconds: float) -> None: ...


@on_reactor
async def test_a_model_sees_tokens_and_the_partner_names() -> None:
    model = Echo("model", failures=2)
    given = await answer(Deidentify.SAFE_HARBOR, model)
    assert {each.facts[0].text for each in model.seen} == {"Penicillin, says [PATIENT-NAME-1]"}
    assert len(model.seen) == 3 and len({id(each) for each in model.seen}) == 1
    assert b"Mina" not in b"".join(map(request_json, model.seen))
    assert [each.text for each in given.summary.statements] == [ALLERGY.text]
    assert given.summary.statements[0].flags == ()  # checked against what was sent, after it was put back
    assert ALLERGY.text in given.summary.text
    assert "de-identified" in [each.code for each in given.summary.warnings]
    assert given.request.patient.names
    assert {each.category: each.replaced for each in given.redactions}["name"] == 2


@on_reactor
async def test_the_built_in_sees_the_record_and_what_went_out_before_is_still_told() -> None:
    model, builtin = Echo("model", failures=9), Echo("builtin", repeatable=True)
    given = await answer(Deidentify.SAFE_HARBOR, model, builtin)
    assert builtin.seen[0].facts[0].text == ALLERGY.text
    assert given.redactions
    assert not (await answer(Deidentify.SAFE_HARBOR, Echo("builtin", repeatable=True))).redactions


@on_reactor
async def test_without_the_obligation_a_model_sees_the_record() -> None:
    model = Echo("model")
    given = await answer(Deidentify.NONE, model)
    assert (model.seen[0].facts[0].text, given.redactions) == (ALLERGY.text, ())


@on_reactor
async def test_a_large_record_is_searched_on_a_thread() -> None:
    model = Echo("model")
    await answer(Deidentify.SAFE_HARBOR, model, note="Mina sleeps. " * 3000)
    assert "Mina" not in model.seen[0].notes[0].text


@on_reactor
async def test_the_report_is_kept_with_the_answer() -> None:
    given = await answer(Deidentify.SAFE_HARBOR, Echo("model"))
    kept = unpack_answer(request_json(given.request), pack_result(given))
    assert kept.redactions == given.redactions
