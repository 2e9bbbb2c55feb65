"""`ehr-gateway explain --recorded SINCE`: what another file would have decided, message by message."""

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.commands.explain import guarded, moment_of, read_settings
from gateway.commands.explained import Case, differences, explained, outcome, said
from gateway.commands.offline import as_received, offline_translators
from gateway.commands.terminal import printable
from gateway.errors import ErrorKind, GatewayError
from gateway.identity.partners import Partner
from gateway.messages import Protocol
from gateway.policy.rules import Operation, Policy, RequestFacts
from gateway.request import Task
from gateway.request_facts import query_facts, request_facts
from gateway.settings import Settings
from gateway.settings.to_policy import policy_of
from gateway.store.message_store import open_reader
from gateway.store.reads import ListedMessage, StoreReader

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

_REFUSED = (ErrorKind.FORBIDDEN, ErrorKind.VERSION_ENDED, ErrorKind.UNSUPPORTED_VERSION)
"""By policy: what a decision can be refused as."""

Outcome = dict[str, Any]


def explain_recorded(
    since: str, config: Path, against: Path, data_dir: Path | None, *, as_json: bool, fail_on_change: bool
) -> int:
    """Exit code: 0, or 1 where something differs and `fail_on_change` is given; else as `explain`."""

    def explaining() -> int:
        before, after = read_settings(config), read_settings(against)
        reader = open_reader(data_dir or before.gateway.data_dir)
        replayed = _Replay(reader, before, after)
        for listed in reader.since(_begin(since, before)):
            replayed.add(listed)
        print(json.dumps(replayed.as_json(), indent=2, default=str) if as_json else replayed.text())
        return int(bool(replayed.changed) and fail_on_change)

    return guarded(explaining)


def _begin(text: str, settings: Settings) -> datetime:
    """`24h`, `7d` or `30m` ago, or an ISO time."""
    found = re.fullmatch(r"(\d{1,6})([mhd])", text)
    if found:
        return datetime.now(UTC) - timedelta(**{_UNITS[found[2]]: int(found[1])})
    return moment_of(text, settings)


class _Side:
    """One of the two files."""

    def __init__(self, settings: Settings) -> None:
        from gateway.settings.to_identity import partner_of

        self._policy: Policy = policy_of(settings)
        self._partners: dict[str, Partner] = {
            name: partner_of(name, each) for name, each in settings.partners.items()
        }

    def outcome(self, listed: ListedMessage, case_of: Callable[[Partner], Case]) -> Outcome:
        """At the time when the message came."""
        partner = self._partners.get(listed.partner)
        if partner is None:
            return {"permitted": False, "error": "no such partner"}
        try:
            return outcome(explained(case_of(partner), self._policy, listed.received_at))
        except GatewayError as error:
            return {"permitted": False, "error": error.kind.value}


class _Replay:
    def __init__(self, reader: StoreReader, before: Settings, after: Settings) -> None:
        self._reader = reader
        self._translators = offline_translators()
        self._before, self._after = _Side(before), _Side(after)
        self._compared = 0
        self._skipped = 0
        """Refused before anything was decided (strangers, and what could not be read), or not kept."""
        self._decided_otherwise = 0
        """The file of today does not give the rules that were recorded then."""
        self.changed: list[tuple[ListedMessage, dict[str, tuple[Any, Any]]]] = []

    def add(self, listed: ListedMessage) -> None:
        if not listed.partner or not listed.rules:
            self._skipped += 1
            return

        request = self._reader.request(listed.id)
        body = self._reader.content(listed.id, "body") if request is None else None
        if request is None and body is None:  # nothing of it is kept
            self._skipped += 1
            return

        def case_of(partner: Partner) -> Case:
            if request is None:
                return Case(listed.id, self._query_facts(listed, body or b"", partner), listed.id)
            operation = _operation(listed, partner)
            facts = request_facts(partner, operation, request)
            return Case(listed.id, facts, request.id, request)

        self._compared += 1
        was, would = self._before.outcome(listed, case_of), self._after.outcome(listed, case_of)
        recorded = (" ".join(was.get("rules", ())), bool(was["permitted"]))
        self._decided_otherwise += recorded != (listed.rules, listed.error_kind not in _REFUSED)
        found = differences(was, would)
        if found:
            self.changed.append((listed, found))

    def _query_facts(self, listed: ListedMessage, body: bytes, partner: Partner) -> RequestFacts:
        """As they were before anything was looked up."""
        message = as_received(body, listed.id, listed.listener, listed.received_at)
        opened = self._translators[Protocol(listed.protocol)].open(message)
        task = self._reader.task(listed.id) or Task()
        return query_facts(partner, message, opened, task, listed.authentication)

    def _counts(self) -> list[tuple[str, int]]:
        kinds = Counter(
            f"{name}: {said(old)} -> {said(new)}"
            for _, found in self.changed
            for name, (old, new) in found.items()
        )
        return kinds.most_common()

    def text(self) -> str:
        lines = []
        for listed, found in self.changed:
            what = "; ".join(f"{name}: {said(old)} -> {said(new)}" for name, (old, new) in found.items())
            place = f"{listed.id}  {listed.received_at:%Y-%m-%d %H:%M:%S}  {listed.partner}"
            lines.append(printable(f"{place}  {listed.message_type}  {what}"))
        lines += [f"{count:>6}  {kind}" for kind, count in self._counts()]
        lines.append(
            f"{len(self.changed)} of {self._compared} decisions would change; {self._skipped} were refused"
            f" before any, {self._decided_otherwise} were decided under another policy than --config"
        )
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        return {
            "compared": self._compared,
            "changed": len(self.changed),
            "skipped": self._skipped,
            "decided_otherwise": self._decided_otherwise,
            "counts": dict(self._counts()),
            "changes": [
                {
                    "id": listed.id,
                    "received_at": listed.received_at,
                    "partner": listed.partner,
                    "message_type": listed.message_type,
                    "changes": {name: {"before": old, "after": new} for name, (old, new) in found.items()},
                }
                for listed, found in self.changed
            ],
        }


def _operation(listed: ListedMessage, partner: Partner) -> Operation:
    """What the pipeline made of it: an event (`ADT^A01`) is summarized where its partner wants that."""
    is_event = "^" in listed.message_type
    wanted = not is_event or partner.wants_summary_of(listed.message_type)
    return Operation.SUMMARIZE if wanted else Operation.RECORD
