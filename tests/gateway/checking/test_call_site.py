"""Where answers are checked: those of models, and never the built-in's own."""

from gateway.policy.decision import Candidate, Decision
from gateway.policy.rules import ModelVersion, Treatment
from gateway.request import SummarizationRequest
from gateway.summarizer import Summarizer
from tests.gateway.backends.extractive.making import RECEIVED, K, fact, request
from tests.gateway.plugs import FakeBackend
from tests.on_reactor import on_reactor

FOREIGN: SummarizationRequest = request([fact(K.ALLERGY, "Penicillin", "AL1[1]")])
"""Its origins are not those that the fake backend names."""


def decision(treatment: Treatment) -> Decision:
    version = ModelVersion("m", "1", (("model", 1),), ("builtin",))
    kept = tuple(Candidate(name, True, "") for name in version.backends)
    return Decision(True, ("r",), "r1", version, kept, unsupported=treatment)


async def answered(treatment: Treatment) -> tuple[str, set[str], list[str]]:
    model, builtin = FakeBackend("model"), FakeBackend("builtin")
    model.repeatable = False
    summarizer = Summarizer({"model": model, "builtin": builtin}, lambda: RECEIVED, lambda: 0.0)
    summary = (await summarizer.summarize(FOREIGN, decision(treatment))).summary
    flags = [flag for each in summary.statements for flag in each.flags]
    return summary.backend, {each.code for each in summary.warnings}, flags


@on_reactor
async def test_a_models_answer_is_marked() -> None:
    assert await answered(Treatment.MARK) == ("model", {"unsupported"}, ["unsupported"])


@on_reactor
async def test_a_replaced_answer_is_the_builtins_which_is_not_checked() -> None:
    assert await answered(Treatment.REPLACE) == ("builtin", {"backend-failed"}, [])
