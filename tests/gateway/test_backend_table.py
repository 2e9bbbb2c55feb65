"""The table of backends: complete, and cheap until a backend is used."""

import subprocess
import sys

import pytest

from gateway.backend_table import backends_of, limits_of
from gateway.settings import Settings, UnusableSettings, parse
from gateway.settings.backends import BACKEND_TYPES, LangChainSettings
from gateway.settings.to_policy import policy_of
from tests.on_reactor import on_reactor

HEAD = """
listeners: [{name: web, protocol: http, bind: "127.0.0.1:0"}]
partners: {epic: {identify: [{network: 127.0.0.0/8}]}}
models: {clinical: {default: "1", versions: {"1": {targets: [{backend: extractive}]}}}}
backends:
  extractive: {type: extractive}
"""
EACH = (
    HEAD
    + """
  openai: {type: openai, model: m, base_url: "http://127.0.0.1:1/v1", first_byte_s: 7}
  azure: {type: openai, model: m, azure: {endpoint: "https://r.openai.azure.com", deployment: d}}
  anthropic: {type: anthropic, model: claude-x, api_key: k}
  vertex: {type: vertex, model: gemini-x, project: p, location: us-central1}
  ollama: {type: ollama, model: m}
  langserve: {type: langserve, url: "http://127.0.0.1:1/chain", mode: invoke}
  langchain: {type: langchain, runnable: "tests.gateway.backends.a_chain:plain"}
"""
)


def settings_of(text: str) -> Settings:
    settings, _ = parse(text, {})
    return settings


@on_reactor
async def test_each_type_that_the_file_may_name_has_a_row() -> None:
    settings = settings_of(EACH)
    assert {backend.type for backend in settings.backends.values()} == BACKEND_TYPES
    backends = backends_of(settings)
    assert list(backends) == list(settings.backends) == list(limits_of(settings))
    for name, backend in backends.items():
        assert backend.name == name
        await backend.close()


def test_a_runnable_that_cannot_be_loaded_is_named_by_its_key() -> None:
    text = HEAD + '  own: {type: langchain, runnable: "no.such:chain"}'
    with pytest.raises(ValueError, match=r"backends\.own\.runnable: no\.such:chain cannot be loaded"):
        backends_of(settings_of(text))


def test_a_backend_whose_extra_is_missing_is_never_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LangChainSettings, "missing_extra", "langchain")
    settings, warnings = parse(EACH, {})
    assert [(each.path, each.text) for each in warnings] == [
        ("backends.langchain", "needs the extra langchain: never called without it")
    ]
    assert "langchain" not in backends_of(settings)
    assert not policy_of(settings).backends["langchain"].available


@pytest.mark.parametrize(
    "text", ["model: m", "model: m, base_url: 'http://h', azure: {endpoint: 'http://h', deployment: d}"]
)
def test_openai_is_either_at_an_address_or_at_azure(text: str) -> None:
    with pytest.raises(UnusableSettings, match="needs either base_url or azure"):
        parse(HEAD + f"  o: {{type: openai, {text}}}", {})


def test_without_remote_backends_no_http_client_is_loaded() -> None:
    code = "import sys, gateway.backend_table; print([m for m in ('httpx', 'aiohttp', 'google.auth', 'langchain_core', 'jinja2') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_the_first_message_need_not_wait_for_the_templates() -> None:
    made = "from gateway.backend_table import backends_of; from gateway.settings import parse"
    for more, is_ready in (("", False), ("  o: {type: ollama, model: m}", True)):
        code = f"import sys; {made}; backends_of(parse({HEAD + more!r}, {{}})[0]); print('jinja2' in sys.modules)"
        shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert shown.stdout.strip() == str(is_ready)


def test_what_the_gateway_sends_itself_is_not_the_operators_to_change() -> None:
    text = "  o: {type: openai, model: m, base_url: 'http://h/v1', extra_body: {stream: false, messages: []}}"
    with pytest.raises(UnusableSettings, match="extra_body: may not hold messages, stream"):
        parse(HEAD + text, {})
