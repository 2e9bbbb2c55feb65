"""How the gateway asks the model: each format with the operator's file and the server's flags for it."""

from dataclasses import dataclass
from pathlib import Path

_CONFIG = """
gateway: {{name: REAL-MODEL}}
listeners:
  - {{name: feed, protocol: mllp, bind: "127.0.0.1:0"}}
  - {{name: web, protocol: http, bind: "127.0.0.1:0"}}
partners:
  samples:
    identify:
      # of "demo"
      - {{api_key_sha256: 2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea}}
      - username: demo
        password_sha256: 2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea
      - {{network: 127.0.0.0/8, listener: feed}}
    purpose_of_use: [TREAT]
    hl7v2: {{answer: none}}
backends:
  builtin: {{type: extractive}}
  smollm2:
    model: smollm2
    on_premises: true
    context_tokens: 8192
    max_tokens: 700
    # llama-server has one slot here, so that a prompt's fixed part stays in its cache
    concurrency: 1
    timeout_s: 90
    first_byte_s: 80
    {backend}
models:
  summary:
    default: "1"
    versions: {{"1": {{targets: [{{backend: smollm2}}], fallback: [builtin], deadline_s: 110}}}}
policy:
  rules: [{{id: samples, effect: permit, when: {{partner: [samples]}}}}]
"""


@dataclass(frozen=True)
class Format:
    name: str
    backend: tuple[str, ...]
    """Further lines of the backend in the operator's file; `{url}` is the server's."""
    flags: tuple[str, ...]
    """Of llama-server."""
    protocols: tuple[str, ...] = ("mllp", "fhir", "soap")
    must_answer: bool = True
    """Without any summary of the model the run has failed."""

    def config(self, port: int) -> str:
        lines = "\n    ".join(self.backend).format(url=f"http://127.0.0.1:{port}")
        return _CONFIG.format(backend=lines)


# Both formats are held to a grammar by the server: its /v1/messages knows no schema of a request's own.
_HELD = (
    *("--grammar-file", str(Path(__file__).with_name("answer.gbnf"))),
    *("--seed", "1", "--temp", "0.3", "--repeat-penalty", "1.1"),
)
_FREE = ("--seed", "1", "--temp", "0", "--repeat-penalty", "1.3", "--repeat-last-n", "256")

FORMATS = (
    Format("openai", ("type: openai", 'base_url: "{url}/v1"', "structured_output: false"), _HELD),
    Format("anthropic", ("type: anthropic", 'base_url: "{url}"', "structured_output: false"), _HELD),
    Format("openai-schema", ("type: openai", 'base_url: "{url}/v1"'), _FREE, ("fhir",), must_answer=False),
)
"""The last is held to the answer's schema by the request itself, as hosted providers are: so small a model
fills it with entries that are not there, and the fallback answers for most."""
