"""The operator's file: read whole, every error named with its key path."""

from pathlib import Path

import pytest

from gateway.policy.rules import Treatment
from gateway.settings import Settings, UnusableSettings, load, parse
from gateway.settings.to_policy import policy_of

CONTRACT = """
gateway:   {name: RIVERSIDE-GW, facility: RIVERSIDE, environment: development, data_dir: ./var, store: sqlite}
listeners:
  - {name: feed, protocol: mllp, bind: "127.0.0.1:2575", partners: [epic]}
  - {name: web, protocol: http, bind: "127.0.0.1:8080", serve: [fhir, soap, console, metrics]}
partners:
  epic:
    identify:
      - {sending_application: EPIC, sending_facility: RIVERSIDE}
      - {client_certificate: "CN=epic.riverside.example"}
      - {api_key_sha256: "2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea"}
    purpose_of_use: [TREAT]
    hl7v2: {answer: deferred, transient_failure: accept}
    return: {mllp: "127.0.0.1:6661", message: MDM^T02}
backends:
  builtin: {type: extractive}
  claude:  {type: anthropic, model: m, api_key: "${ANTHROPIC_API_KEY}", region: us, baa: {expires: 2027-01-31}}
  gemini:  {type: vertex, model: m, project: p, location: us-central1, baa: {expires: 2027-01-31}}
  ward:    {type: ollama, model: "llama3.1:8b", base_url: "http://127.0.0.1:11434", on_premises: true}
  vllm:    {type: openai, model: m, base_url: "http://127.0.0.1:8000/v1", on_premises: true}
  chain:   {type: langchain, runnable: "package.module:chain"}
models:
  clinical:
    default: "2"
    versions:
      "1": {targets: [{backend: ward}], deprecated: 2026-10-01, sunset: 2027-03-01, successor: "2"}
      "2":
        targets: [{backend: claude, weight: 90}, {backend: gemini, weight: 10}]
        fallback: [ward, builtin]
        deadline_s: 20
policy:
  rules:
    - id: treatment
      effect: permit
      when: {partner: [epic], purpose_of_use: [TREAT]}
      then: {model: clinical, deidentify: safe_harbor}
    - {id: part2-stays-in, effect: forbid, when: {sensitivity: [ETH, SUD], backend_on_premises: false}}
  limits:  [{id: epic-rate, per: partner, requests: 20/second}]
  quotas:  [{id: epic-tokens, per: partner, tokens: 5000000/month, on_store_error: deny}]
"""
ENVIRONMENT = {"ANTHROPIC_API_KEY": "s3cr3t"}


def usable(text: str = CONTRACT) -> Settings:
    return parse(text, ENVIRONMENT)[0]


def problems(text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(UnusableSettings) as unusable:
        parse(text, ENVIRONMENT if environment is None else environment)
    return [f"{problem.path}: {problem.text}" for problem in unusable.value.problems]


def test_the_file_of_the_contract_is_usable() -> None:
    settings = usable()
    assert settings.listeners[0].bind == ("127.0.0.1", 2575)
    assert settings.partners["epic"].returns is not None
    assert settings.models["clinical"].versions["2"].deadline_s == 20


def test_what_has_no_effect_yet_is_said() -> None:
    warnings = parse(CONTRACT, ENVIRONMENT)[1]
    assert {"listeners[1].serve"} <= {warning.path for warning in warnings}
    assert all(warning.line for warning in warnings)


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("name: feed,", "name: feed, colour: red,", "listeners[0].colour: there is no such key"),
        ("127.0.0.1:2575", "nowhere", "listeners[0].bind: is host:port, as in 127.0.0.1:2575"),
        ("partners: [epic]}", "partners: [cerner]}", "listeners[0].partners[0]: there is no partner cerner"),
        ("name: web", "name: feed", "listeners[1].name: feed is the name of another listener too"),
        ("8080", "2575", "listeners[1].bind: another listener is bound to the same address"),
        ("fallback: [ward", "fallback: [wart", "models.clinical.versions.2.fallback[0]: there is no backend wart"),
        ('default: "2"', 'default: "3"', "models.clinical.default: there is no version 3"),
        ('successor: "2"', 'successor: "9"', "models.clinical.versions.1.successor: there is no version 9"),
        ("sunset: 2027-03-01", "sunset: 2026-03-01", "models.clinical.versions.1.sunset: is before deprecated"),
        ("model: clinical,", "model: klinical,", "policy.rules[0].then.model: there is no model klinical"),
        ("model: clinical,", "model: clinical@7,", "policy.rules[0].then.model: model clinical has no version 7"),
        ("id: part2-stays-in", "id: treatment", "policy.rules[1].id: treatment is the id of another rule too"),
        ("partner: [epic],", "partner: [nobody],", "policy.rules[0].when.partner[0]: there is no partner nobody"),
        ("purpose_of_use: [TREAT]\n    hl7v2", "purpose_of_use: [TREAT]\n    purpose_of_use: [TREAT]\n    hl7v2",
         "partners.epic.purpose_of_use: is given twice"),
        ("{type: extractive}", "{type: extractive, on_premises: false}",
         "backends.builtin.on_premises: Input should be True"),
    ],
)  # fmt: skip
def test_an_error_is_named_with_its_key(wrong: str, right: str, said: str) -> None:
    assert wrong in CONTRACT
    assert said in problems(CONTRACT.replace(wrong, right, 1))


def test_every_error_is_listed_and_not_only_the_first() -> None:
    text = CONTRACT.replace("127.0.0.1:2575", "nowhere").replace("[ward", "[wart").replace("8080", "808080")
    assert len(problems(text, {})) == 4  # two addresses, a backend, a variable


def test_a_missing_environment_variable_is_an_error_that_names_it() -> None:
    assert problems(CONTRACT, {}) == [
        "backends.claude.api_key: the environment has no variable ANTHROPIC_API_KEY"
    ]


def test_what_is_not_yaml_is_an_error_with_its_line() -> None:
    with pytest.raises(UnusableSettings) as unusable:
        parse("gateway: {name: [}", {})
    assert unusable.value.problems[0].line == 1


@pytest.mark.parametrize("text", ["", "[]", "just words", "listeners: 3", "policy: {rules: [1, {id: x}]}"])
def test_any_shape_of_file_gets_problems_and_never_an_exception(text: str) -> None:
    assert problems(text)


def test_production_needs_tls_off_loopback() -> None:
    text = CONTRACT.replace("environment: development", "environment: production").replace(
        'bind: "127.0.0.1:2575"', 'bind: "0.0.0.0:2575"'
    )
    assert "listeners[0].tls: is needed off loopback in production" in problems(text)


def test_the_revision_changes_with_the_policy_and_not_with_a_secret() -> None:
    revision = policy_of(usable()).revision
    assert policy_of(usable(CONTRACT.replace("[ETH, SUD]", "[ETH]"))).revision != revision
    with_versions = CONTRACT + "operations: {summarize: {versions: {'1': {prompt: '1'}}}}"
    assert policy_of(usable(with_versions)).revision != revision
    assert policy_of(parse(CONTRACT, {"ANTHROPIC_API_KEY": "other"})[0]).revision == revision


def test_a_secret_does_not_show_in_what_is_printed() -> None:
    assert "s3cr3t" not in repr(usable())


def test_a_file_is_loaded_from_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "x")
    (tmp_path / "gateway.yaml").write_text(CONTRACT)
    assert load(tmp_path / "gateway.yaml")[0].gateway.name == "RIVERSIDE-GW"


def test_a_rule_says_what_becomes_of_unsupported_statements() -> None:
    wanted = CONTRACT.replace("deidentify: safe_harbor}", "unsupported: drop}")
    rules = {rule.id: rule.unsupported for rule in policy_of(usable(wanted)).rules}
    assert rules == {"treatment": Treatment.DROP, "part2-stays-in": Treatment.MARK}
    assert "policy.rules[0].then.unsupported: " in problems(wanted.replace("drop}", "shrug}"))[0] + ": "


def test_a_replacement_needs_something_to_replace_with() -> None:
    wanted = CONTRACT.replace("deidentify: safe_harbor}", "unsupported: replace}")
    path = "policy.rules[0].then.unsupported"  # version 1 has no fallback at all
    assert path in {warning.path for warning in parse(wanted, ENVIRONMENT)[1]}
    covered = wanted.replace(
        "{targets: [{backend: ward}],", "{targets: [{backend: ward}], fallback: [builtin],"
    )
    assert path not in {warning.path for warning in parse(covered, ENVIRONMENT)[1]}
