"""The scorecard as the table of `docs/failover.md`: `python -m tests.journeys.failover_page` writes it anew."""

import asyncio
import re

from tests.fakes.routes import KINDS
from tests.journeys.failover_bench import CATALOGUE
from tests.journeys.failover_runs import Scorecard, scorecard
from tests.processes import ROOT

PAGE = ROOT / "docs" / "failover.md"
_COLUMNS = {
    "anthropic": "Anthropic",
    "gemini": "Gemini on Vertex",
    "ollama": "Ollama",
    "openai": "OpenAI",
    "azure": "Azure OpenAI",
    "claude-on-vertex": "Claude on Vertex",
    "langserve": "LangServe",
}
_TABLE = re.compile(r"^\| Fault \|.*?(?=\n\n)", re.MULTILINE | re.DOTALL)


def table(measured: Scorecard) -> str:
    """A dash where a format has no such fault."""
    rows = [["Fault", *_COLUMNS.values()], ["---"] * (len(_COLUMNS) + 1)]
    for scenario in CATALOGUE:
        verdicts = [measured[scenario.id][kind] for kind in _COLUMNS]
        rows.append([f"{scenario.id} {scenario.title}", *(each[0] if each else "-" for each in verdicts)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def published() -> str:
    """The table that the page shows."""
    found = _TABLE.search(PAGE.read_text())
    return found[0] if found else ""


def main() -> None:
    measured, _ = asyncio.run(scorecard())
    PAGE.write_text(PAGE.read_text().replace(published(), table(measured)))


assert _COLUMNS.keys() == KINDS.keys()

if __name__ == "__main__":
    main()
