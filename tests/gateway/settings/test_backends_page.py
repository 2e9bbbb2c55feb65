"""The operators' page of backends says all that the file takes, and all that a call ends with."""

import re
from pathlib import Path

import pytest

from gateway.backends import anthropic, ollama, vertex
from gateway.backends.failure import Cause
from gateway.settings import backends

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/backends.md").read_text()
SHARED = PAGE.split("## Keys of every backend")[1].split("\n## ")[0]
OUTCOMES = [
    line for line in PAGE.split("## What each outcome becomes")[1].splitlines() if line.startswith("|")
]
SECTIONS = {
    "openai": backends.OpenAiSettings,
    "anthropic": backends.AnthropicSettings,
    "vertex": backends.VertexSettings,
    "ollama": backends.OllamaSettings,
    "langserve": backends.LangServeSettings,
    "langchain": backends.LangChainSettings,
}


def section_of(kind: str) -> str:
    found = re.search(rf"^## .*`{kind}`.*\n([\s\S]*?)(?=^## )", PAGE, re.MULTILINE)
    assert found, kind
    return found[1]


@pytest.mark.parametrize("kind", SECTIONS)
def test_every_key_is_on_the_page(kind: str) -> None:
    said = SHARED + section_of(kind)
    missing = [key for key in SECTIONS[kind].model_fields if not re.search(rf"\b{key}\b", said)]
    assert not missing


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_is_on_the_page(cause: Cause) -> None:
    assert f"`{cause}`" in PAGE


@pytest.mark.parametrize(
    "code",
    [*anthropic._STOPPED_EARLY, *anthropic._WHOLE, *filter(None, ollama._STOPPED_EARLY)]
    + [code for code in vertex._STOPPED_EARLY if not code.startswith(("IMAGE_", "MISSING_"))],
)
def test_every_reason_to_stop_stands_with_its_cause(code: str) -> None:
    causes = anthropic._STOPPED_EARLY | ollama._STOPPED_EARLY | vertex._STOPPED_EARLY
    (row,) = [line for line in OUTCOMES if f"`{code}`" in line.split("|", 2)[2]]
    assert row.split("|")[1].strip() == (f"`{causes[code]}`" if code in causes else "(a summary)")


@pytest.mark.parametrize(
    "default", ["2026-10-21", "https://api.anthropic.com", "http://127.0.0.1:11434", "30m"]
)
def test_defaults_are_those_of_the_code(default: str) -> None:
    kinds = (backends.AnthropicSettings, backends.OllamaSettings)
    assert default in {field.default for kind in kinds for field in kind.model_fields.values()}
    assert f"`{default}`" in PAGE
