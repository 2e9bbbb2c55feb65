"""The decision for every sample under two files, as `decisions.json`: `python -m tests.journeys.golden_decisions`
writes it anew."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.commands.explain import case_of, undecided
from gateway.commands.explained import explained, outcome
from gateway.commands.inputs import read_inputs
from gateway.commands.offline import as_message, offline_translators, request_of
from gateway.errors import GatewayError
from gateway.messages import Protocol
from gateway.settings import Settings, load
from gateway.settings.to_identity import partner_of
from gateway.settings.to_policy import policy_of
from tests.journeys.sample_reading import FILES, SAMPLES

GOLDEN = Path(__file__).with_name("decisions.json")
AT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
PARTNERS = {
    SAMPLES / "gateway.yaml": ("wardlink", "portal"),
    Path(__file__).with_name("decisions.yaml"): ("feed", "apps"),
}
"""A file, and whom the samples come from over MLLP and over HTTP."""


def decisions() -> dict[str, dict[str, Any]]:
    """File -> sample -> facts and outcome."""
    made = {}
    for path, (feed, app) in PARTNERS.items():
        settings, _ = load(path)
        made[path.name] = {name: _decided(name, settings, feed, app) for name in FILES}
    plain: dict[str, dict[str, Any]] = json.loads(json.dumps(made, default=str))
    return plain


def _decided(name: str, settings: Settings, feed: str, app: str) -> dict[str, Any]:
    path = SAMPLES / name
    (source,) = read_inputs(path, path.read_bytes())
    try:
        message = replace(as_message(source), received_at=AT)
        partner = feed if message.protocol is Protocol.HL7V2 else app
        opened, request = request_of(message, offline_translators()[message.protocol], partner)
        if why := undecided(opened):
            return {"undecided": why}
        case = case_of(name, message, opened, partner_of(partner, settings.partners[partner]), request)
    except GatewayError as error:
        return {"error": error.kind.value}
    each = explained(case, policy_of(settings), AT)
    facts = {key: value for key, value in asdict(case.facts).items() if value not in ("", (), None)}
    decided = {key: value for key, value in outcome(each).items() if value not in ("", [], (), None)}
    shadowed = [asdict(shadowed) for shadowed in each.decision.shadowed]
    return {"facts": facts, **decided, "candidates": [asdict(one) for one in each.decision.candidates],
            "shadowed": shadowed, "withheld": [caution.text for caution in each.left_out]}  # fmt: skip


def main() -> None:
    GOLDEN.write_text(json.dumps(decisions(), indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
