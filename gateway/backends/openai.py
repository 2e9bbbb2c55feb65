"""OpenAI-compatible chat completions: OpenAI, vLLM, llama.cpp's server."""

import asyncio
from dataclasses import dataclass, field

import orjson

from gateway.backends.http import JsonSender
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import SummarizationRequest, Summary, Usage
from gateway.prompt.prompt import ANSWER_SCHEMA, PROMPT_VERSION, Prompt, build_prompt, read_answer
from gateway.summary_text import fitted, summary_text


@dataclass(frozen=True, slots=True)
class OpenAiModel:
    """Where a model is and how it is asked."""

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    max_tokens: int = 1500
    structured_output: bool = True
    region: str = ""
    timeout_s: float = 60


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished answer."""

    text: str
    model: str
    finish: str
    usage: Usage


class OpenAiBackend:
    repeatable = False

    def __init__(self, name: str, model: OpenAiModel, sender: JsonSender) -> None:
        self.name = name
        self._model = model
        self._sender = sender

    async def summarize(self, request: SummarizationRequest, model: str, timeout_s: float) -> Summary:
        """Raises `GatewayError` with a `BACKEND_` kind or `CONTEXT_EXCEEDED`."""
        prompt = build_prompt(request)
        url, headers, body = to_http(self._model, prompt)
        allowed_s = min(timeout_s, self._model.timeout_s)
        try:
            async with asyncio.timeout(allowed_s):
                status, answer = await self._sender.post(url, body, headers, allowed_s)
        except TimeoutError as error:
            raise GatewayError(ErrorKind.BACKEND_TIMEOUT, f"{self.name}: {allowed_s} s") from error
        completion = from_http(status, answer)
        statements, cautions = read_answer(completion.text, prompt)
        kept = fitted(statements, request.task.max_length, audience=request.task.audience)
        return Summary(
            statements=kept.statements,
            text=summary_text(kept.statements, request.task.language, audience=request.task.audience),
            backend=self.name,
            model_asked=model,
            model_served=completion.model or self._model.model,
            region=self._model.region,
            language=request.task.language,
            usage=completion.usage,
            finish=completion.finish,
            prompt_version=PROMPT_VERSION,
            warnings=(*cautions, *kept.cautions),
        )

    async def close(self) -> None:
        await self._sender.close()


def to_http(model: OpenAiModel, prompt: Prompt) -> tuple[str, dict[str, str], bytes]:
    """(url, headers, body) of the call."""
    body: dict[str, object] = {
        "model": model.model,
        "messages": [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ],
        "max_completion_tokens" if "api.openai.com" in model.base_url else "max_tokens": model.max_tokens,
    }
    if model.structured_output:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "summary", "strict": True, "schema": ANSWER_SCHEMA},
        }
    headers = {"authorization": f"Bearer {model.api_key}"} if model.api_key else {}
    return f"{model.base_url.rstrip('/')}/chat/completions", headers, orjson.dumps(body)


def from_http(status: int, body: bytes) -> Completion:
    """The completion. Raises `GatewayError` for anything that is not a finished answer."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise GatewayError(ErrorKind.BACKEND_UNAVAILABLE, f"HTTP {status} without JSON") from error
    if status != 200:
        raise _failure(status, answer)
    try:
        choice = answer["choices"][0]
        message, finish = choice["message"], choice.get("finish_reason") or ""
        if message.get("refusal") or finish == "content_filter":
            raise GatewayError(ErrorKind.BACKEND_REFUSED, str(message.get("refusal") or finish))
        text = message.get("content") or ""
        usage = answer.get("usage") or {}
        counted = Usage(
            input_tokens=int(usage.get("prompt_tokens") or 0),
            output_tokens=int(usage.get("completion_tokens") or 0),
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise GatewayError(ErrorKind.BACKEND_UNAVAILABLE, "the answer has no choice") from error
    if finish == "length" or not text.strip():
        raise GatewayError(ErrorKind.BACKEND_UNAVAILABLE, f"the answer is {finish or 'empty'}")
    return Completion(text, str(answer.get("model") or ""), finish, counted)


def _failure(status: int, answer: object) -> GatewayError:
    error = answer.get("error") if isinstance(answer, dict) else None
    code = str(error.get("code") or "") if isinstance(error, dict) else ""
    if code in ("context_length_exceeded", "exceed_context_size_error"):
        return GatewayError(ErrorKind.CONTEXT_EXCEEDED, code)
    if code in ("content_filter", "content_policy_violation"):
        return GatewayError(ErrorKind.BACKEND_REFUSED, code)
    return GatewayError(ErrorKind.BACKEND_UNAVAILABLE, f"HTTP {status} {code}")
