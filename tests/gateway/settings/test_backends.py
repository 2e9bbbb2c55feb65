"""Backends in the operator's file: what each type takes, and what contradicts itself."""

from datetime import date
from pathlib import Path

import pytest

from gateway.backend_table import backends_of
from gateway.backends.http_backend import HttpBackend
from gateway.settings import Settings, UnusableSettings, parse
from gateway.settings.backends import AnthropicSettings, OllamaSettings, VertexSettings
from gateway.settings.to_policy import policy_of

FILE = """
gateway: {{environment: {environment}}}
listeners: [{{name: web, protocol: http, bind: "127.0.0.1:0"}}]
partners: {{epic: {{identify: [{{network: 127.0.0.0/8}}]}}}}
backends: {{it: {backend}}}
models: {{clinical: {{default: "1", versions: {{"1": {{targets: [{{backend: it}}]}}}}}}}}
policy: {{rules: [{{id: all, effect: permit, when: {{operation: [record]}}}}]}}
"""
CLAUDE = 'type: anthropic, model: m, api_key: "${KEY}"'
GEMINI = "type: vertex, model: gemini-2.5-flash, project: p, location: europe-west4"
ON_VERTEX = "type: vertex, model: claude-sonnet-5-5, project: p, location: eu"
OLLAMA = 'type: ollama, model: "llama3.1:8b"'


def text_with(backend: str, environment: str = "development") -> str:
    return FILE.format(backend="{" + backend + "}", environment=environment)


def usable(backend: str) -> Settings:
    settings, warnings = parse(text_with(backend), {"KEY": "s3cr3t"})
    assert not warnings
    return settings


def problems(backend: str, environment: str = "development") -> list[str]:
    with pytest.raises(UnusableSettings) as unusable:
        parse(text_with(backend, environment), {"KEY": "s3cr3t"})
    return [f"{problem.path}: {problem.text}" for problem in unusable.value.problems]


@pytest.mark.parametrize("backend", [CLAUDE, GEMINI, ON_VERTEX, OLLAMA])
def test_each_type_is_built_from_its_shortest_form(backend: str) -> None:
    settings = usable(backend)
    assert isinstance(backends_of(settings)["it"], HttpBackend)
    assert policy_of(settings).backends["it"].available


def test_a_version_without_quotes_is_a_version_and_not_a_date() -> None:
    """YAML reads 2023-06-01 as a date."""
    backend = usable(CLAUDE + ", version: 2023-06-01").backends["it"]
    assert isinstance(backend, AnthropicSettings)
    assert backend.version == "2023-06-01"
    assert date.fromisoformat(backend.version)


def test_a_vertex_backend_is_in_the_region_of_its_location_unless_it_names_one() -> None:
    assert policy_of(usable(GEMINI)).backends["it"].region == "europe-west4"
    assert policy_of(usable(GEMINI + ", region: eu")).backends["it"].region == "eu"


def test_ollama_has_time_to_load_its_model() -> None:
    backend = usable(OLLAMA).backends["it"]
    assert isinstance(backend, OllamaSettings)
    assert (backend.first_byte_s, backend.timeout_s) == (300, 360)


def test_claude_on_vertex_is_told_by_its_name() -> None:
    backend = usable(ON_VERTEX).backends["it"]
    assert isinstance(backend, VertexSettings)
    assert backend.is_claude


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        (
            "type: anthropic, model: m",
            "backends.it.api_key: is missing: https://api.anthropic.com answers nobody without",
        ),
        (
            CLAUDE + ", temperature: 0",
            "backends.it.temperature: is refused from version 2026-10-21 on: leave it out, or say 2023-06-01",
        ),
        (CLAUDE + ", version: 2024-01-01", "backends.it.version: Input should be '2026-10-21' or '2023-06-01'"),
        (
            "type: vertex, model: m, project: p, location: global",
            "backends.it.location: global is no promise of residency: name a region, or say residency: false",
        ),
        (
            GEMINI + ", access_token: t, credentials_file: f.json",
            "backends.it.access_token: stands in place of credentials_file: give one of them",
        ),
        (GEMINI + ", effort: low", "backends.it: effort is Claude's, the model is gemini-2.5-flash"),
        (ON_VERTEX + ", safety: BLOCK_NONE", "backends.it: safety is Gemini's, the model is claude-sonnet-5-5"),
        (
            ON_VERTEX + ", temperature: 0",
            "backends.it.temperature: is refused from version 2026-10-21 on: leave it out, or say 2023-06-01",
        ),
        (
            "type: vertex, model: m, project: p, location: us/../eu",
            "backends.it.location: String should match pattern '^[a-z][a-z0-9-]*$'",
        ),
        (
            "type: vertex, model: m/../n, project: p, location: us",
            r"backends.it.model: String should match pattern '^[\w.@-]+$'",
        ),
        (
            "type: ollama, model: gpt-oss:120b-cloud",
            "backends.it.model: is a cloud model, content would leave for ollama.com: say allow_remote: true",
        ),
        (
            OLLAMA + ", on_premises: true, allow_remote: true",
            "backends.it.allow_remote: contradicts on_premises: a remote model does not stand there",
        ),
        (OLLAMA + ", max_context: 4096", "backends.it.min_context: is more than max_context"),
        (
            CLAUDE + ", context_tokens: 2048",
            "backends.it.context_tokens: leaves no room for a record beside an answer of 1500 tokens",
        ),
        (
            CLAUDE + ", context_tokens: 3800",
            "backends.it.context_tokens: leaves no room for a record beside an answer of 1500 tokens",
        ),
        (
            OLLAMA + ", max_tokens: 20000",
            "backends.it.max_tokens: leaves no room for a record in a context of 32768 tokens",
        ),
        (CLAUDE + ", base_url: ftp://x", r"backends.it.base_url: String should match pattern '^https?://[^\s?]+$'"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_named_with_its_key(backend: str, said: str) -> None:
    assert problems(backend) == [said]


@pytest.mark.parametrize(
    "backend",
    [
        'type: anthropic, model: m, base_url: "http://127.0.0.1:1"',
        CLAUDE + ", temperature: 0, version: 2023-06-01",
        "type: vertex, model: m, project: p, location: global, residency: false",
        'type: ollama, model: "gpt-oss:120b-cloud", allow_remote: true',
        OLLAMA + ", min_context: 2048, max_context: 4096",
        "type: vertex, model: claude-sonnet-5-5, project: p, location: us, effort: low, prompt_caching: false",
    ],
)
def test_what_does_not_is_usable(backend: str) -> None:
    usable(backend)


@pytest.mark.parametrize(
    ("backend", "path"),
    [
        (CLAUDE + ', base_url: "http://models.example"', "base_url"),
        (OLLAMA + ', base_url: "http://10.0.0.7:11434", on_premises: true', "base_url"),
        ('type: openai, model: m, azure: {endpoint: "http://x.example", deployment: d}', "azure.endpoint"),
    ],
)
def test_production_sends_no_record_in_the_clear(backend: str, path: str) -> None:
    assert problems(backend, "production") == [
        f"backends.it.{path}: must be https off loopback in production"
    ]
    usable(backend)
    parse(text_with(backend.replace("http://", "https://"), "production"), {"KEY": "x"})


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost", "http://[::1]:1/v1"])
def test_loopback_needs_no_tls_in_production(url: str) -> None:
    parse(text_with(f'{OLLAMA}, base_url: "{url}"', "production"), {})


def test_google_auth_is_loaded_by_those_who_need_it_only(tmp_path: Path) -> None:
    """An extra: who has no Vertex backend need not install it, nor wait for it at the start."""
    import subprocess
    import sys

    (tmp_path / "gateway.yaml").write_text(text_with(OLLAMA))
    code = (
        "import sys; from pathlib import Path; from gateway.settings import load\n"
        "from gateway.backend_table import backends_of\n"
        f"backends_of(load(Path({str(tmp_path / 'gateway.yaml')!r}))[0])\n"
        "print(sorted(name for name in sys.modules if name.startswith(('google', 'requests'))))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=30).stdout
    assert said.strip() in (b"[]", b"['google']")


@pytest.mark.parametrize("key", ["access_token: ", 'proxy: "http://gw:{}@10.0.0.7:3128"'])
def test_a_secret_is_no_part_of_the_policy_and_not_printed(key: str) -> None:
    keys = [key.format(secret) if "{}" in key else key + secret for secret in ("s3cr3t", "other")]
    ours, other = (usable(f"{GEMINI}, {each}") for each in keys)
    assert policy_of(ours).revision == policy_of(other).revision
    assert "s3cr3t" not in repr(ours) + repr(backends_of(ours))
