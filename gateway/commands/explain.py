"""`ehr-gateway explain`: what policy decides for a file, rule by rule, without calling a model."""

import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from gateway.commands.inputs import Input, read_inputs
from gateway.commands.offline import as_message, error_line, offline_translators, request_of
from gateway.errors import GatewayError
from gateway.messages import InboundMessage, Opened, SummarizationRequest, Wish
from gateway.pipeline import query_facts, request_facts
from gateway.policy.decision import Decision, Verdict, decide
from gateway.policy.decision import explain as explain_rules
from gateway.policy.partners import Partner
from gateway.policy.rules import Operation, RequestFacts
from gateway.routing import order_backends
from gateway.settings import Settings, UnusableSettings, load
from gateway.settings.to_policy import policy_of


def explain(file: Path, config: Path, partner: str | None, *, as_json: bool) -> int:
    """Exit code: 0 permitted, 1 not, 66 no such file, 78 unusable settings."""
    try:
        settings, _ = load(config)
        sources = read_inputs(file, file.read_bytes())
    except UnusableSettings as error:
        print(f"{config}: {error}", file=sys.stderr)
        return os.EX_CONFIG
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return os.EX_NOINPUT
    return max(_explain(source, settings, partner, as_json) for source in sources)


def _explain(source: Input, settings: Settings, named: str | None, as_json: bool) -> int:
    policy = policy_of(settings)
    try:
        facts, sticky_key = _facts(source, settings, named)
    except GatewayError as error:
        print(error_line(source.name, error), file=sys.stderr)
        return 1
    now = datetime.now(UTC)
    decision = decide(facts, policy, now)
    verdicts = explain_rules(facts, policy, now)
    order = order_backends(decision, sticky_key)
    if as_json:
        print(json.dumps(_as_json(source, facts, decision, verdicts, order), indent=2, default=str))
    else:
        _show(Console(), source, facts, decision, verdicts, order)
    return 0 if decision.permitted else 1


def _facts(source: Input, settings: Settings, named: str | None) -> tuple[RequestFacts, str]:
    """The facts of the decision, as the pipeline would have made them. Raises `GatewayError`."""
    from gateway.service import partner_of, partner_table

    message = as_message(source, listener=_listener(settings, source))
    translator = offline_translators()[message.protocol]
    opened = translator.open(message)
    partner = (
        partner_of(named, settings.partners[named])
        if named in settings.partners
        else partner_table(settings).identify(opened.claims, message)
    )
    opened, request = request_of(message, translator, partner.name)
    return _facts_of(message, opened, partner, request)


def _facts_of(
    message: InboundMessage, opened: Opened[Any], partner: Partner, request: SummarizationRequest | None
) -> tuple[RequestFacts, str]:
    if request is None:
        return query_facts(partner, message, opened), message.id
    wanted = opened.wish is Wish.SUMMARIZE or partner.wants_summary_of(opened.message_type)
    operation = Operation.SUMMARIZE if wanted else Operation.RECORD
    return request_facts(partner, operation, request), request.id


def _listener(settings: Settings, source: Input) -> str:
    """The first listener that could have taken the file."""
    protocol = "mllp" if source.form.value == "hl7v2" else "http"
    return next((each.name for each in settings.listeners if each.protocol == protocol), "offline")


def _as_json(
    source: Input,
    facts: RequestFacts,
    decision: Decision,
    verdicts: tuple[Verdict, ...],
    order: tuple[str, ...],
) -> dict[str, Any]:
    return {
        "file": source.name,
        "permitted": decision.permitted,
        "rules": decision.rules,
        "why": decision.why,
        "policy_revision": decision.revision,
        "facts": asdict(facts),
        "model": f"{decision.model.alias}@{decision.model.version}" if decision.model else None,
        "deidentify": decision.deidentify.value,
        "unsupported": decision.unsupported.value,
        "backends": [asdict(candidate) for candidate in decision.candidates],
        "order": order,
        "verdicts": [asdict(verdict) for verdict in verdicts],
    }


def _show(
    console: Console,
    source: Input,
    facts: RequestFacts,
    decision: Decision,
    verdicts: tuple[Verdict, ...],
    order: tuple[str, ...],
) -> None:
    outcome = "[green]permitted[/green]" if decision.permitted else "[red]refused[/red]"
    console.print(f"{source.name}: {outcome} by {', '.join(decision.rules)}", soft_wrap=True)
    if decision.why:
        console.print(f"because {decision.why}", soft_wrap=True)
    known = {name: value for name, value in asdict(facts).items() if value not in ("", (), None)}
    console.print(
        "facts: " + "; ".join(f"{name} {_plain(value)}" for name, value in known.items()), soft_wrap=True
    )
    rules = Table("rule", "effect", "applies", "what it saw", box=None, header_style="bold", pad_edge=False)
    for verdict in verdicts:
        seen = "; ".join(
            f"{fact} {value} {'yes' if passed else 'NO'}" for fact, value, passed in verdict.tests
        )
        applies = verdict.error or ("yes" if verdict.applies else "no")
        rules.add_row(verdict.rule, verdict.effect, applies, seen or "always")
    console.print(rules)
    if decision.model is not None:
        console.print(
            f"model {decision.model.alias}@{decision.model.version}, deidentify {decision.deidentify}, "
            f"unsupported {decision.unsupported}"
        )
        backends = Table("backend", "", "why", box=None, header_style="bold", pad_edge=False)
        for candidate in decision.candidates:
            backends.add_row(candidate.backend, "kept" if candidate.kept else "dropped", candidate.why)
        console.print(backends)
        console.print(f"would be tried in this order: {', '.join(order) or 'none'}")
    console.print(f"policy revision {decision.revision}")


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
