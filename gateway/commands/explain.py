"""`ehr-gateway explain`: what policy decides for a file, rule by rule, without calling a model."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from gateway.commands.explained import Case, Explained, as_json, differences, explained, outcome, said, show
from gateway.commands.inputs import Input, read_inputs
from gateway.commands.offline import as_message, error_line, offline_translators, request_of
from gateway.commands.unusable import tell_unusable
from gateway.errors import GatewayError
from gateway.identity.partners import Partner
from gateway.messages import InboundMessage, Opened, Wish
from gateway.policy.rules import Operation
from gateway.request import SummarizationRequest, Task
from gateway.request_facts import query_facts, request_facts
from gateway.settings import Settings, UnusableSettings, load
from gateway.settings.to_policy import policy_of


@dataclass(frozen=True, slots=True)
class Sender:
    """As whom to decide, instead of whoever the file names."""

    partner: str = ""
    authentication: str = ""
    """How it would have proved who it is; empty: as the file does, or not known."""


class UnreadableTime(Exception):
    """An argument is no time."""


def explain(
    file: Path,
    config: Path,
    sender: Sender,
    *,
    at: str | None,
    against: Path | None,
    as_json: bool,
    fail_on_change: bool,
) -> int:
    """Exit code: 0 permitted, 1 not, 66 no such file, 78 unusable settings, 64 a wrong time.

    With `against`, 0 whatever either file says, and 1 where they differ and `fail_on_change` is given.
    """

    def explaining() -> int:
        before = read_settings(config)
        after = read_settings(against) if against else None
        sources = [part for each in read_inputs(file, file.read_bytes()) for part in _parts(each)]
        moment = moment_of(at, before)
        if after is None:
            return max(_explain(source, before, sender, moment, is_json=as_json) for source in sources)
        changed = [_compare(source, before, after, sender, moment, is_json=as_json) for source in sources]
        return int(any(changed) and fail_on_change)

    return guarded(explaining)


def guarded(explaining: Callable[[], int]) -> int:
    """The exit code, with what is wrong with the arguments told."""
    try:
        return explaining()
    except UnusableSettings:  # told by `read_settings`, with the file's name
        return os.EX_CONFIG
    except UnreadableTime as error:
        print(str(error), file=sys.stderr)
        return os.EX_USAGE
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return os.EX_NOINPUT


def read_settings(path: Path) -> Settings:
    try:
        return load(path)[0]
    except UnusableSettings as error:
        tell_unusable(path, error)
        raise


def moment_of(text: str | None, settings: Settings) -> datetime:
    """Now, or an ISO time, without an offset in the gateway's time zone. Raises `UnreadableTime`."""
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableTime(f"{text} is no time such as 2026-11-23T09:30") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings.gateway.time_zone))


def _explain(source: Input, settings: Settings, sender: Sender, at: datetime, *, is_json: bool) -> int:
    try:
        case = _case(source, settings, sender)
        each = None if isinstance(case, str) else explained(case, policy_of(settings), at)
    except GatewayError as error:
        print(error_line(source.name, error), file=sys.stderr)
        return 1
    if each is None:
        made = {"file": source.name, "decision": None, "why": case}
        print(json.dumps(made, indent=2) if is_json else f"{source.name}: no decision is made: {case}")
        return 0
    if is_json:
        print(json.dumps(as_json(each), indent=2, default=str))
    else:
        show(Console(), each)
    return 0 if each.decision.permitted else 1


def _compare(
    source: Input, before: Settings, after: Settings, sender: Sender, at: datetime, *, is_json: bool
) -> bool:
    """Whether the two files decide differently."""
    outcomes: list[dict[str, Any]] = []
    whole: list[dict[str, Any]] = []
    for settings in (before, after):
        try:
            case = _case(source, settings, sender)
            if isinstance(case, str):
                outcomes.append({})
                whole.append({"file": source.name, "decision": None, "why": case})
                continue
            each: Explained = explained(case, policy_of(settings), at)
        except GatewayError as error:
            outcomes.append({"permitted": False, "error": error.kind.value})
            whole.append({"file": source.name, "permitted": False, "error": error.kind.value})
        else:
            outcomes.append(outcome(each))
            whole.append(as_json(each))
    found = differences(*outcomes)
    if is_json:
        changes = {name: {"before": old, "after": new} for name, (old, new) in found.items()}
        made = {"file": source.name, "changes": changes, "before": whole[0], "after": whole[1]}
        print(json.dumps(made, indent=2, default=str))
    else:
        print(f"{source.name}: {'would change' if found else 'no difference'}")
        for name, (old, new) in found.items():
            print(f"  {name}: {said(old)} -> {said(new)}")
    return bool(found)


def _parts(source: Input) -> list[Input]:
    """The messages of a batch, each of which is decided for itself; else the file as it is."""
    try:
        message = as_message(source)
        parts = offline_translators()[message.protocol].open(message).parts
    except GatewayError:  # told when it is explained
        return [source]
    made = [replace(source, body=part.body, number=number) for number, part in enumerate(parts, 1)]
    return made or [source]


def undecided(opened: Opened[Any]) -> str:
    """Why the pipeline decides nothing about such a message; empty where it does."""
    if opened.wish is Wish.ECHO:
        return "a test of the connection is answered to everybody, and nothing is done with it"
    if opened.wish is Wish.NOTHING:
        return "an acknowledgment is dropped"
    return ""


def _case(source: Input, settings: Settings, sender: Sender) -> Case | str:
    """The facts of the decision, as the pipeline would have made them, or why there is none. Raises
    `GatewayError`."""
    from gateway.settings.to_identity import partner_of, partner_table

    message = as_message(source, listener=_listener(settings, source))
    translator = offline_translators()[message.protocol]
    opened = translator.open(message)
    if why := undecided(opened):
        return why
    if sender.partner in settings.partners:
        partner, method = partner_of(sender.partner, settings.partners[sender.partner]), ""
    else:
        principal = partner_table(settings).identify(opened.claims, message)
        partner, method = principal.partner, principal.method.value
    opened, request = request_of(message, translator, partner.name)
    task = translator.to_query(message, opened).task if opened.wish is Wish.RETRIEVE else Task()
    return case_of(source.name, message, opened, partner, request, sender.authentication or method, task)


def case_of(
    name: str,
    message: InboundMessage,
    opened: Opened[Any],
    partner: Partner,
    request: SummarizationRequest | None,
    authentication: str = "",
    task: Task = Task(),  # noqa: B008 - frozen
) -> Case:
    """`task`: what a query is for."""
    if request is None:
        return Case(name, query_facts(partner, message, opened, task, authentication), message.id)
    request = replace(request, authentication=authentication)
    wanted = opened.wish is Wish.SUMMARIZE or partner.wants_summary_of(opened.message_type)
    operation = Operation.SUMMARIZE if wanted else Operation.RECORD
    return Case(name, request_facts(partner, operation, request), request.id, request)


def _listener(settings: Settings, source: Input) -> str:
    """The first listener that could have taken the file."""
    protocol = "mllp" if source.form.value == "hl7v2" else "http"
    return next((each.name for each in settings.listeners if each.protocol == protocol), "offline")
