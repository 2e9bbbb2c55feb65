"""`ehr-gateway check --hipaa`: each safeguard with the evidence found in the operator's file."""

import json
import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape

from gateway.settings import Settings, UnusableSettings, load
from gateway.settings.safeguards import Result, Safeguard, safeguards
from gateway.settings.to_policy import policy_of

_COLOURS = {Result.PASS: "green", Result.FAIL: "red", Result.NOT_APPLICABLE: "dim"}
_SCOPE = "This holds the file against the rules' text as far as a file can show it. It is no legal advice."


def check_hipaa(config: Path, *, as_json: bool) -> int:
    """Exit code: 0 where nothing fails, 1 where something does, 78 (EX_CONFIG) for an unusable file."""
    console = Console()
    try:
        settings, _ = load(config)
    except UnusableSettings as error:
        for problem in error.problems:
            console.print(f"[red]error[/red]    {escape(str(problem))}", soft_wrap=True)
        return os.EX_CONFIG
    except OSError as error:
        console.print(f"[red]error[/red]    {config}: {error.strerror}")
        return os.EX_CONFIG
    rows = safeguards(settings, datetime.now(ZoneInfo(settings.gateway.time_zone)).date())
    failed = sum(row.result is Result.FAIL for row in rows)
    if as_json:
        print(json.dumps(_plain(settings, rows), indent=2))
    else:
        for row in rows:
            _show(console, row)
        counts = ", ".join(f"{sum(row.result is each for row in rows)} {each}" for each in Result)
        console.print(f"{config}: {counts}. {_SCOPE}", soft_wrap=True)
    return 1 if failed else os.EX_OK


def _show(console: Console, row: Safeguard) -> None:
    mark = f"[{_COLOURS[row.result]}]{row.result:14}[/]"
    console.print(f"{mark} {row.section:34} {row.asks}", soft_wrap=True, highlight=False)
    for line in (row.evidence, *(f"{Result.FAIL}: {each}" for each in row.findings)):
        console.print(f"{'':14} {escape(line)}", soft_wrap=True, highlight=False)


def _plain(settings: Settings, rows: tuple[Safeguard, ...]) -> dict[str, object]:
    return {
        "policy_revision": policy_of(settings).revision,
        "safeguards": [
            {
                "section": row.section,
                "asks": row.asks,
                "result": row.result.value,
                "evidence": row.evidence,
                "findings": list(map(str, row.findings)),
            }
            for row in rows
        ],
    }
