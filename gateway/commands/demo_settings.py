"""The settings of `serve --demo`: loopback only, the built-in summarizer, whoever is on this machine."""

from pathlib import Path

from gateway.settings import Settings, parse

_DEMO = """
gateway: {{name: DEMO-GATEWAY, facility: DEMO, data_dir: "{data_dir}"}}
listeners:
  - {{name: feed, protocol: mllp, bind: "127.0.0.1:{mllp_port}"}}
  - {{name: web, protocol: http, bind: "127.0.0.1:{http_port}", serve: [fhir, soap, metrics]}}
partners:
  demo:
    identify:
      # the key `demo`, the login `demo`/`demo`, and on MLLP whoever connects from this machine
      - {{api_key_sha256: {secret}}}
      - {{username: demo, password_sha256: {secret}}}
      - {{network: 127.0.0.0/8, listener: feed}}
    purpose_of_use: [TREAT]
    hl7v2: {{answer: none}}
backends:
  builtin: {{type: extractive}}
models:
  summary: {{default: "1", versions: {{"1": {{targets: [{{backend: builtin}}]}}}}}}
policy:
  rules:
    - {{id: demo, effect: permit, when: {{partner: [demo]}}}}
"""
_SHA256_OF_DEMO = "2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea"


def demo_settings(data_dir: Path, mllp_port: int, http_port: int) -> Settings:
    text = _DEMO.format(data_dir=data_dir, mllp_port=mllp_port, http_port=http_port, secret=_SHA256_OF_DEMO)
    settings, _ = parse(text, {})
    return settings
