"""What a summary may cost its partner, listener, key and model: held before the work begins, settled after.

Every message that begins work has a `Held`, and whoever has it must end it: by `settle` once something may
have been used, by `release` where nothing was.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Protocol

import structlog

from gateway.admission import ratelimit_headers, throttled
from gateway.attempts.account import Account, difference, total
from gateway.backends.failure import BackendFailure, Cause
from gateway.errors import ErrorKind, GatewayError
from gateway.interfaces import Store
from gateway.policy.decision import Decision
from gateway.policy.limits import Limit, Limits, Meters, Per, Use, leave, take
from gateway.policy.quotas import Amounts, Balance, Measure, Quota, Quotas, Refusal, Subjects
from gateway.prompt.tokens import LEAST_PROMPT_TOKENS, tokens_of
from gateway.records import Hold, Progress, Settlement
from gateway.request import SummarizationRequest
from gateway.summary import Answer, Usage
from gateway.values import carrier

log = structlog.get_logger("spending")

Headers = tuple[tuple[str, str], ...]

_SLACK_S = 60.0
_BACKGROUND_S = 3600.0
"""Work that nobody waits for may wait so long for its turn."""
_SOON_S = 5
_TOKENS_AN_ENTRY = 24
"""Of a fact in the prompt beside its text: number, kind, date, status."""
_NOTHING = Usage(calls=0)
_NO_AMOUNTS: Amounts = dict.fromkeys(Measure, 0)
_NO_QUOTA_FITS = "One request of this size is more than the whole quota"


@carrier
class BackendTerms:
    """What a call of a backend can come to."""

    input_price: float = 0
    """Millionths of the currency for a token, which is the currency for a million."""
    output_price: float = 0
    most_output: int = 0
    """Tokens; 0: it runs in this process and uses none."""


class Counting(Protocol):
    """Metrics, as far as quotas need them."""

    def limited(self, limit: str, how: str) -> None: ...

    def quota_refused(self, quota: str) -> None: ...

    def quota_warned(self, quota: str) -> None: ...


class _Uncounted:
    def limited(self, limit: str, how: str) -> None: ...

    def quota_refused(self, quota: str) -> None: ...

    def quota_warned(self, quota: str) -> None: ...


class Held:
    """What one message holds of the quotas, and its place under the limits of its model."""

    def __init__(
        self,
        spending: "Spending",
        message_id: str,
        holds: tuple[Hold, ...],
        estimate: Amounts,
        meters: Meters,
        account: Account,
        *,
        may_exceed: bool = False,
    ) -> None:
        self.holds = holds
        """For the commit that announces the work."""
        self._spending = spending
        self._message_id = message_id
        self._estimate = estimate
        self._meters = meters
        self._account = account
        self._may_exceed = may_exceed
        self._before = (account.usage, dict(account.by_backend))
        self._calls = 0
        self._settlement: Settlement | None = None

    def stored(self) -> None:
        """The holds are on disk."""
        self._spending.quotas.is_on_disk(self._message_id)

    def another_call(self) -> None:
        """The first is held already. Raises `BackendFailure` where the quotas do not allow a second."""
        self._calls += 1
        if self._calls > 1 and self.holds and not self._may_exceed:
            self._spending.hold_another(self._message_id, self._estimate)

    def settle(self, answer: Answer | None = None) -> Settlement | None:
        """The same each time: what is not written yet can be written later. None: nothing was held."""
        self._leave()
        if self._settlement is None and self.holds:
            self._settlement = self._spending.quotas.settle(self._message_id, self._used(answer))
        return self._settlement

    def release(self) -> None:
        """Nothing was used, or it is settled."""
        self._leave()
        if self._settlement is None and self.holds:
            self._settlement = self._spending.quotas.settle(self._message_id, _NO_AMOUNTS)

    def _leave(self) -> None:
        meters, self._meters = self._meters, ()
        leave(meters)

    def _used(self, answer: Answer | None) -> Amounts:
        usage, by_backend = self._before
        used = {
            name: difference(each, by_backend.get(name, _NOTHING))
            for name, each in self._account.by_backend.items()
        }
        calls = difference(self._account.usage, usage).calls
        if answer is not None:  # which tells the cost of all calls; the account, of all but its own
            name, own = answer.summary.backend, difference(answer.summary.usage, self._account.usage)
            used[name] = total(used.get(name, _NOTHING), own)
            calls += 1
        return self._spending.amounts(used, calls, self._estimate)


class Spending:
    def __init__(
        self,
        quotas: Sequence[Quota],
        zone: tzinfo,
        limits: Sequence[Limit],
        terms: Mapping[str, BackendTerms],
        store: Store,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        counting: Counting,
    ) -> None:
        """`limits` are those of models, `terms` those of every backend."""
        self.quotas = Quotas(quotas, zone)
        self._limits = Limits(limits)
        self._terms = terms
        self._store = store
        self._now = now
        self._monotonic = monotonic
        self._counting = counting
        self._unwritten: list[Settlement] = []

    @classmethod
    def unlimited(cls, store: Store, now: Callable[[], datetime]) -> "Spending":
        return cls((), UTC, (), {}, store, now, lambda: 0.0, _Uncounted())

    def put_in_force(
        self,
        quotas: Sequence[Quota],
        zone: tzinfo,
        limits: Sequence[Limit],
        terms: Mapping[str, BackendTerms],
    ) -> None:
        self.quotas.replace(quotas, zone)
        self._limits.replace(limits)
        self._terms = terms

    async def restore(self) -> None:
        """As the last stop left it. Once, before anything begins."""
        if self.quotas.quotas:
            spent, holds = await self._store.quotas()
            self.quotas.restore(spent, holds, self._now().timestamp())

    async def begin(
        self,
        request: SummarizationRequest,
        decision: Decision,
        account: Account,
        *,
        is_background: bool = False,
    ) -> Held:
        """Raises `THROTTLED` or `QUOTA_EXCEEDED` with the time to wait, or `FORBIDDEN` for what no quota
        will ever allow."""
        model = decision.model.alias if decision.model else ""
        subjects = _subjects(request, model)
        if self._unwritten:
            await self._catch_up(subjects)
        meters = self._limits.of((Per.MODEL, model)) if self._limits.limits else ()
        limited = take(meters, self._monotonic()) if meters else None
        if limited is not None:
            self._counting.limited(limited.meter.limit.id, "refused")
            raise throttled(limited)
        if not self.quotas.quotas or not self.quotas.of(subjects):
            return Held(self, request.id, (), {}, meters, account)
        estimate = self._estimate(request, decision, subjects)
        deadline_s = decision.model.deadline_s if decision.model else 0
        holds = self.quotas.hold(
            request.id,
            subjects,
            estimate,
            self._now().timestamp(),
            deadline_s + (_BACKGROUND_S if is_background else _SLACK_S),
            force=decision.break_glass,  # an emergency waits for no quota
        )
        if isinstance(holds, Refusal):
            leave(meters)
            raise self._refused(holds)
        self._warn(self.quotas.of(subjects))
        return Held(self, request.id, holds, estimate, meters, account, may_exceed=decision.break_glass)

    def hold_another(self, message_id: str, estimate: Amounts) -> None:
        more: Amounts = {
            measure: amount for measure, amount in estimate.items() if measure is not Measure.REQUESTS
        }
        refusal = self.quotas.hold_more(message_id, more, self._now().timestamp())
        if refusal is not None:
            self._counting.quota_refused(refusal.balance.quota.id)
            wait_s = float(self._wait_s(refusal))
            raise BackendFailure(Cause.SPEND_LIMIT, refusal.balance.quota.id, retry_after_s=wait_s)

    def interrupted(self, message_id: str) -> Settlement | None:
        """Of a call that a crash cut off: as much as was held for it."""
        return self.quotas.settle(message_id, None)

    def not_written(self, settlement: Settlement | None) -> None:
        """The store did not take it: it is tried again before the next message."""
        if settlement is not None and settlement not in self._unwritten:
            self._unwritten.append(settlement)

    def headers(self, request: SummarizationRequest, decision: Decision) -> tuple[tuple[str, str], ...]:
        """`RateLimit` of the model's limits, and of quotas that are nearly used up."""
        if not self.quotas.quotas and not self._limits.limits:
            return ()
        model = decision.model.alias if decision.model else ""
        now = self._now().timestamp()
        near = [each for each in self.quotas.of(_subjects(request, model)) if each.is_near_its_end]
        states = ", ".join(
            f'"{each.quota.id}-{each.quota.measure}";r={each.left};t={max(0, math.ceil(each.ends_at - now))}'
            for each in near
        )
        limits = ratelimit_headers(self._limits.of((Per.MODEL, model)), self._monotonic())
        return (*limits, ("RateLimit", states)) if states else limits

    def uses(self) -> Iterator[Use]:
        """Of the limits of models."""
        return self._limits.uses(self._monotonic())

    def amounts(self, used: Mapping[str, Usage], calls: int, estimate: Amounts) -> Amounts:
        """What the calls came to; those whose outcome is unknown count as the estimate."""
        unknown = sum(each.calls_possibly_paid for each in used.values())
        cost = sum(
            each.input_tokens * self._of(name).input_price + each.output_tokens * self._of(name).output_price
            for name, each in used.items()
        )
        return {
            Measure.REQUESTS: 1 if calls else 0,
            Measure.TOKENS: sum(each.input_tokens + each.output_tokens for each in used.values())
            + unknown * estimate.get(Measure.TOKENS, 0),
            Measure.COST: math.ceil(cost) + unknown * estimate.get(Measure.COST, 0),
        }

    def _of(self, backend: str) -> BackendTerms:
        return self._terms.get(backend) or BackendTerms()

    def _estimate(self, request: SummarizationRequest, decision: Decision, subjects: Subjects) -> Amounts:
        """The most that one call can come to, whichever permitted backend answers."""
        estimate = {Measure.REQUESTS: 1, Measure.TOKENS: 0, Measure.COST: 0}
        terms = [self._of(name) for name in decision.backends]
        if self.quotas.measures(subjects) == {Measure.REQUESTS} or not any(
            each.most_output for each in terms
        ):
            return estimate
        read = prompt_tokens(request)
        for each in terms:
            if each.most_output:
                written = min(each.most_output, decision.max_tokens or each.most_output)
                cost = math.ceil(read * each.input_price + written * each.output_price)
                estimate[Measure.TOKENS] = max(estimate[Measure.TOKENS], read + written)
                estimate[Measure.COST] = max(estimate[Measure.COST], cost)
        return estimate

    def _refused(self, refusal: Refusal) -> GatewayError:
        quota = refusal.balance.quota
        self._counting.quota_refused(quota.id)
        if refusal.fits_never:
            return GatewayError(ErrorKind.FORBIDDEN, f"quota {quota.id}", public=_NO_QUOTA_FITS)
        return GatewayError(
            ErrorKind.QUOTA_EXCEEDED,
            f"quota {quota.id}",
            retry_after_s=self._wait_s(refusal),
            limit=quota.id,
        )

    def _wait_s(self, refusal: Refusal) -> int:
        left_s = max(1, math.ceil(refusal.balance.ends_at - self._now().timestamp()))
        return min(_SOON_S, left_s) if refusal.may_fit_soon else left_s

    def _warn(self, balances: Sequence[Balance]) -> None:
        """Once a window."""
        for balance in balances:
            if balance.is_near_its_end and not balance.has_warned:
                balance.has_warned = True
                quota = balance.quota
                self._counting.quota_warned(quota.id)
                log.warning(
                    "quota_nearly_used_up",
                    quota=quota.id,
                    measure=quota.measure.value,
                    per=quota.per.value,
                    left=balance.left,
                    most=quota.most,
                )

    async def _catch_up(self, subjects: Subjects) -> None:
        """Write what the store did not take. Raises `STORE_UNAVAILABLE` where a quota wants to be sure."""
        try:
            while self._unwritten:
                settlement = self._unwritten[0]
                await self._store.advance(Progress(settlement.message_id, settlement=settlement))
                if settlement in self._unwritten:
                    self._unwritten.remove(settlement)
        except GatewayError:
            if any(each.quota.is_denied_on_store_error for each in self.quotas.of(subjects)):
                raise


def prompt_tokens(request: SummarizationRequest) -> int:
    """Never fewer than a model reads of it: the instructions, and all text whether it finds room or not."""
    texts = [note.text for note in request.notes]
    for fact in request.facts:
        texts += (fact.text, fact.value or "", *(each.text for each in fact.details))
    entries = len(request.facts) + len(request.notes)
    return LEAST_PROMPT_TOKENS + tokens_of(" ".join(texts)) + _TOKENS_AN_ENTRY * entries


def _subjects(request: SummarizationRequest, model: str) -> Subjects:
    subjects = ((Per.PARTNER, request.partner), (Per.LISTENER, request.listener), (Per.MODEL, model))
    return (*subjects, (Per.KEY, request.caller)) if request.caller else subjects
