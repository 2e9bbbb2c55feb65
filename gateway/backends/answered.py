"""From a model's whole answer to a summary, the same whichever way the model was reached."""

import asyncio

from gateway.backends.declined import is_declined
from gateway.backends.failed_answers import plain_code
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.wire import Completion
from gateway.clinical import Caution
from gateway.errors import ErrorKind, GatewayError
from gateway.prompt.prompt import Prompt, build_prompt, read_answer
from gateway.request import SummarizationRequest
from gateway.summary import REGION_MISMATCH, Summary
from gateway.summary_text import fitted, summary_text
from gateway.values import carrier


@carrier
class Configured:
    """What the operator's file says of who answers."""

    backend: str
    model: str
    region: str = ""
    prompt_tokens: int | None = None
    """The most that a prompt may have; None: not known."""


_IN_EUROPE_NOT_IN_EU = frozenset({"europe-west2", "europe-west6"})
"""Google's regions of London and Zurich."""
_OFF_LOOP_BYTES = 100_000


async def prompt_for(request: SummarizationRequest, most_tokens: int | None = None) -> Prompt:
    """`prompt_of`, on a thread for a large message: 5 MB of notes take 0.1 s, and 0.4 s to shorten."""
    if request.size_bytes > _OFF_LOOP_BYTES:
        return await asyncio.to_thread(prompt_of, request, most_tokens)
    return prompt_of(request, most_tokens)


def prompt_of(request: SummarizationRequest, most_tokens: int | None = None) -> Prompt:
    """Raises `BackendFailure` when the request cannot be made to fit."""
    try:
        return build_prompt(request, most_tokens)
    except GatewayError as error:
        if error.kind is ErrorKind.CONTEXT_EXCEEDED:
            raise BackendFailure(Cause.CONTEXT_EXCEEDED, error.detail) from error
        raise


def summary_of(
    request: SummarizationRequest,
    prompt: Prompt,
    completion: Completion,
    configured: Configured,
    model_asked: str,
) -> Summary:
    """Raises `BackendFailure` when the answer holds no statement with evidence, or declines."""
    try:
        statements, cautions = read_answer(completion.text, prompt)
    except GatewayError as error:
        cause = Cause.REFUSED if is_declined(completion.text) else Cause.UNREADABLE
        raise BackendFailure(
            cause, f"{configured.backend}: {error.detail}", usage=completion.usage
        ) from error
    task = request.task
    kept = fitted(statements, task.max_length, audience=task.audience)
    return Summary(
        statements=kept.statements,
        text=summary_text(kept.statements, task.language, audience=task.audience),
        backend=configured.backend,
        model_asked=model_asked,
        model_served=completion.model or configured.model,
        region=completion.region or configured.region,
        language=task.language,
        usage=completion.usage,
        prompt_version=prompt.version,
        load_s=completion.load_s,
        warnings=(*prompt.warnings, *cautions, *kept.cautions, *_elsewhere(completion, configured)),
    )


def _elsewhere(completion: Completion, configured: Configured) -> tuple[Caution, ...]:
    """The provider says that it computed the answer in another region than the file says it would."""
    served, expected = completion.region, configured.region
    if not served or not expected or _is_within(served.lower(), expected.lower()):
        return ()
    named = plain_code(served) or "another region"
    text = f"{configured.backend} answered from {named}, not from {expected}"
    return (Caution(code=REGION_MISMATCH, text=text),)


def _is_within(region: str, asked: str) -> bool:
    """`us-central1` lies in `us`, `europe-west4` in `eu`."""
    if asked == "eu" and region.startswith("europe-"):
        return region not in _IN_EUROPE_NOT_IN_EU
    return region == asked or region.startswith(f"{asked}-")
