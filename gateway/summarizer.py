"""A summary by the backends that a decision permits, one after another, within the model's deadline."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from gateway.attempts.account import Account, total
from gateway.attempts.asked import Asked
from gateway.attempts.attempts import Answered, Attempts
from gateway.attempts.guard import Guard
from gateway.attempts.limits import BackendLimits
from gateway.attempts.priority import Urgency, urgency_of
from gateway.attempts.watch import NoWatch, Watch
from gateway.backends.extractive import summarize as without_model
from gateway.checking import treated
from gateway.clinical import Caution
from gateway.deidentify import Deidentified, deidentify
from gateway.deidentify.recogniser import Recognised, Recogniser
from gateway.errors import ErrorKind, GatewayError
from gateway.interfaces import Backend
from gateway.policy.decision import Decision
from gateway.policy.minimum import withheld
from gateway.policy.notices import SUPPRESSED
from gateway.policy.rules import Deidentify
from gateway.policy.sensitive import without_protected
from gateway.request import SummarizationRequest
from gateway.routing import order_backends
from gateway.summary import REGION_MISMATCH, Answer, Deidentification, Notice, Redaction, Summary

log = structlog.get_logger("summarizer")

_OFF_LOOP_CHARACTERS = 20_000
"""Records with more text are de-identified on a thread, and answers are held against them there: it takes a
millisecond for each 10,000."""

_NOTHING_READABLE = "Policy lets a model read nothing of this message for its purpose of use"
_CHARACTERS_A_TOKEN = 2
"""Of the summary's text; the answer around it (evidence, JSON) takes as much again."""
_NO_LIMITS: Mapping[str, BackendLimits] = {}


@dataclass(slots=True, eq=False)
class View:
    """What some of the backends may read of a request."""

    readable: SummarizationRequest
    left_out: tuple[Caution, ...] = ()
    is_stripped: bool = False
    shown: Deidentified | None = None
    """What those outside of this process get to see of it."""
    is_long: bool = False


class Summarizer:
    def __init__(
        self,
        backends: Mapping[str, Backend],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        *,
        limits: Mapping[str, BackendLimits] = _NO_LIMITS,
        chance: Callable[[], float] = random.random,
        watch: Watch | None = None,
        recogniser: Recogniser | None = None,
    ) -> None:
        """A backend without `limits` has the default ones. `recogniser` finds identifiers beside our own
        finders, on a thread."""
        watch = watch or NoWatch()
        self._backends = backends
        self._now = now
        self._monotonic = monotonic
        self.guards = {
            name: Guard(backend, limits.get(name, BackendLimits()), monotonic, watch)
            for name, backend in backends.items()
        }
        self._recognised = (Recognised(recogniser),) if recogniser else ()
        self._attempts = Attempts(self.guards, monotonic, chance, watch)

    async def close(self) -> None:
        for backend in self._backends.values():
            await backend.close()

    def is_repeatable(self, decision: Decision) -> bool:
        """Whatever backend answers, a second call would cost nothing and disclose nothing."""
        return all(self._backends[name].repeatable for name in decision.backends)

    def first_remote(self, request: SummarizationRequest, decision: Decision) -> str | None:
        """The backend that is asked first, unless that one is in this process."""
        if self.is_repeatable(decision):
            return None
        order = order_backends(decision, _sticky_key(request))
        return order[0] if order and not self._backends[order[0]].repeatable else None

    async def summarize(
        self,
        request: SummarizationRequest,
        decision: Decision,
        account: Account | None = None,
        *,
        is_background: bool = False,
        before_paid_call: Callable[[], Awaitable[None]] | None = None,
        before_each_paid_call: Callable[[], None] | None = None,
    ) -> Answer:
        """Raises `GatewayError` when no permitted backend gave a summary.

        `account` tells at any moment what the calls so far have cost, the answer's own excepted. In the
        background nobody waits: callers go first, and time spent in a queue is no part of the deadline.
        `before_paid_call` is awaited once, before anything is sent that may have to be paid;
        `before_each_paid_call` is called each time, and may raise a failure instead.
        """
        version = decision.model
        order = order_backends(decision, _sticky_key(request))
        if version is None or not order:
            raise GatewayError(ErrorKind.FORBIDDEN, decision.why)
        model = f"{version.alias}@{version.version}"
        views = _views(request, decision, order)
        first = views[next(name for name in order if name in views)]
        if first.readable.only_takes_back():  # a model could add nothing but what is not so
            return _answer(request, without_model(first.readable, model_asked=model), decision, self._now())
        order = tuple(name for name in order if name in views)
        ends_at = self._monotonic() + version.deadline_s
        await self._prepare(views, decision)
        was_shown: list[View] = []
        account = account or Account()

        async def call(backend: Backend, given_s: float) -> Summary:
            view = views[backend.name]
            if backend.repeatable:  # nothing leaves, and these are the built-in's own words, not a model's
                return await backend.summarize(view.readable, model, given_s)
            shown = view.shown
            assert shown is not None  # noqa: S101
            was_shown.append(view)
            account.shows(backend.name)
            summary = shown.restored(await backend.summarize(shown.request, model, given_s))
            if not view.is_long:
                return treated(summary, view.readable, decision.unsupported)
            return await asyncio.to_thread(treated, summary, view.readable, decision.unsupported)

        asked = Asked(
            request_id=request.id,
            order=order,
            call=call,
            ends_at=ends_at,
            deadline_s=version.deadline_s,
            around_refusals=version.around_refusals,
            urgency=Urgency.ROUTINE if self.is_repeatable(decision) else urgency_of(request),
            is_background=is_background,
            before_paid_call=before_paid_call,
            before_each_paid_call=before_each_paid_call,
            account=account,
        )
        answered = await self._attempts.answer(asked)
        if any(caution.code == REGION_MISMATCH for caution in answered.summary.warnings):
            log.warning("region_mismatch", id=request.id, backend=answered.summary.backend)
        view = views.get(answered.summary.backend) or next(reversed(views.values()))
        shown = view if view in was_shown else next(iter(was_shown), None)
        return _answer(
            request,
            _told(answered, asked.account, decision, view.left_out),
            decision,
            self._now(),
            shown.shown.report if shown and shown.shown else (),
            (SUPPRESSED,) if view.is_stripped else (),
            self._deidentified(answered.summary.backend, decision),
        )

    def _deidentified(self, backend: str, decision: Decision) -> Deidentification | None:
        if decision.deidentify is Deidentify.NONE or self._backends[backend].repeatable:
            return None
        return Deidentification(level=decision.deidentify.value, rules=decision.deidentify_by)

    async def _prepare(self, views: Mapping[str, View], decision: Decision) -> None:
        """De-identify what backends outside of this process get to see, once however many there are."""
        outside = {id(view): view for name, view in views.items() if not self._backends[name].repeatable}
        for view in outside.values():
            view.is_long = view.readable.text_length() > _OFF_LOOP_CHARACTERS
            if decision.deidentify is Deidentify.NONE or not (self._recognised or view.is_long):
                view.shown = deidentify(view.readable, decision.deidentify)
            else:
                view.shown = await asyncio.to_thread(
                    deidentify, view.readable, decision.deidentify, self._recognised
                )


def _views(request: SummarizationRequest, decision: Decision, order: Sequence[str]) -> dict[str, View]:
    """What each of the backends may read, those left out that may read nothing. Raises `FORBIDDEN`."""
    stripped_for = decision.stripped_for.intersection(order)
    views: dict[str, View] = {}
    if len(stripped_for) < len(set(order)):
        whole = View(*_readable(request, decision))
        views |= {name: whole for name in order if name not in stripped_for}
    if stripped_for:
        rest = without_protected(request)
        if rest is not None:
            try:
                stripped = View(*_readable(rest, decision), is_stripped=True)
                views |= dict.fromkeys(stripped_for, stripped)
            except GatewayError:
                if not views:
                    raise
    if not views:
        raise GatewayError(ErrorKind.FORBIDDEN, "every part is labelled", public=_NOTHING_READABLE)
    return views


def _readable(
    request: SummarizationRequest, decision: Decision
) -> tuple[SummarizationRequest, tuple[Caution, ...]]:
    """What a model may read of the request, by which instructions and with what bound on its answer.
    Raises `FORBIDDEN`."""
    readable, left_out = withheld(request, decision.sections)
    if left_out and not readable.has_content():
        raise GatewayError(ErrorKind.FORBIDDEN, "every part is withheld", public=_NOTHING_READABLE)
    wording = decision.operation.prompt if decision.operation else ""
    if wording:
        readable = replace(readable, task=replace(readable.task, prompt_version=wording))
    bound = decision.max_tokens
    if bound is not None:
        # A model that does not know how short it has to be is cut off, and then there is no answer.
        characters = min(readable.task.max_length or bound * _CHARACTERS_A_TOKEN, bound * _CHARACTERS_A_TOKEN)
        readable = replace(readable, task=replace(readable.task, max_tokens=bound, max_length=characters))
    return readable, left_out


def _answer(
    request: SummarizationRequest,
    summary: Summary,
    decision: Decision,
    now: datetime,
    redactions: tuple[Redaction, ...] = (),
    notices: tuple[Notice, ...] = (),
    deidentified: Deidentification | None = None,
) -> Answer:
    return Answer(
        request=request,
        summary=summary,
        generated_at=now,
        rules=decision.rules,
        policy_revision=decision.revision,
        redactions=redactions,
        deidentified=deidentified,
        notices=(*decision.notices, *notices),
        return_to=decision.return_to,
        operation_version=decision.operation.version if decision.operation else "",
    )


def _told(answered: Answered, account: Account, decision: Decision, left_out: tuple[Caution, ...]) -> Summary:
    """The summary with what its reader should know of how it came about, and what all calls cost."""
    cautions = [
        *left_out,
        *(
            Caution(code="backend-failed", text=f"{name}: {failure.public}")
            for name, failure in answered.failed
        ),
    ]
    if decision.why:
        cautions.append(Caution(code="model-overridden", text=decision.why))
    summary = answered.summary
    if not cautions and not account.usage.calls:
        return summary
    return replace(
        summary,
        usage=total(account.usage, summary.usage),
        warnings=(*summary.warnings, *cautions),
    )


def _sticky_key(request: SummarizationRequest) -> str:
    """The same patient of the same partner meets the same target of a weighted route."""
    number = request.patient.identifiers[0].value if request.patient.identifiers else request.id
    return f"{request.partner}:{number}"
