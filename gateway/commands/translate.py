"""`ehr-gateway translate`: the normalised request of a file as JSON, or the prompt made of it."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from gateway.commands.inputs import Form, Input, read_inputs
from gateway.commands.offline import as_message, error_line, offline_translators, request_of
from gateway.deidentify import deidentify
from gateway.errors import GatewayError
from gateway.policy.rules import Deidentify
from gateway.request import SummarizationRequest
from gateway.store.rows import request_json, request_schema


def translate(
    file: Path | None,
    *,
    schema: bool,
    conformance: bool,
    prompt: bool = False,
    budget_tokens: int | None = None,
    level: str = "none",
) -> int:
    """Exit code: 0 every message was read, 1 one was not, 64 no file named, 66 no such file."""
    if schema:
        print(json.dumps(request_schema(), indent=2))
        return 0
    if file is None:
        print("name the file to translate", file=sys.stderr)
        return 64
    if level not in list(Deidentify):
        print(f"there is no level {level}; there are {', '.join(Deidentify)}", file=sys.stderr)
        return 64
    try:
        sources = read_inputs(file, file.read_bytes())
    except OSError as error:
        print(f"{file}: {error.strerror}", file=sys.stderr)
        return 66
    shown = partial(_prompt, budget_tokens=budget_tokens) if prompt else _json
    return max(_translate(source, conformance, shown, Deidentify(level)) for source in sources)


def _translate(
    source: Input, conformance: bool, show: Callable[[SummarizationRequest], str], level: Deidentify
) -> int:
    try:
        message = as_message(source)
        opened, request = request_of(message, offline_translators()[message.protocol], "offline")
        shown = ""
        if request is not None:
            made = deidentify(request, level)
            shown = show(made.request)
    except GatewayError as error:
        print(error_line(source.name, error), file=sys.stderr)
        return 1
    if request is None:
        print(f"{source.name}: {opened.message_type} asks for no summary of its own", file=sys.stderr)
    else:
        print(shown)
        for each in made.report:
            said = f"{each.category}: {each.found} found, {each.replaced} replaced"
            print(f"{source.name}: {said}", file=sys.stderr)
    if conformance:
        for finding in _findings(source):
            print(f"{source.name}: {finding}", file=sys.stderr)
    return 0


def _json(request: SummarizationRequest) -> str:
    return request_json(request).decode()


def _prompt(request: SummarizationRequest, budget_tokens: int | None) -> str:
    """Both parts as a model would get them, and what else is known of them. Raises `GatewayError`."""
    from gateway.prompt import build_prompt

    prompt = build_prompt(request, budget_tokens)
    of_budget = f" of {budget_tokens}" if budget_tokens is not None else ""
    return "\n".join(
        [
            f"version: {prompt.version}",
            f"input tokens: at most about {prompt.input_tokens}{of_budget}",
            *(f"warning: {each.text}: {each.location}" for each in prompt.warnings),
            "",
            "--- system: the same for every record of this purpose, audience, language and class of length",
            prompt.system,
            "",
            "--- user",
            prompt.user,
        ]
    )


def _findings(source: Input) -> list[str]:
    """What the field's own validators find. They are slow and strict, so they judge only here."""
    if source.form is Form.HL7V2:
        from translators.hl7v2.conformance import findings

        return findings(source.body)
    if source.form is Form.FHIR:
        from translators.fhir.strict import findings as fhir_findings

        return fhir_findings(source.body)
    return ["no validator is at hand for this form"]
