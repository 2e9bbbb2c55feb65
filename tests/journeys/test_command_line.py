"""The command line as people use it: real processes, real files, exit codes and what is printed."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.commands.terminal import printable
from tests.processes import ROOT, Server, gateway

README = (ROOT / "README.md").read_text()
DEMO_PORTS = {"2575": "feed", "8080": "web"}


def run(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with gateway(None, tmp_path_factory.mktemp("store") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def data_dir(server: Server) -> Path:
    """The store of the running gateway, from its command line."""
    arguments = Path(f"/proc/{server.pid}/cmdline").read_bytes().split(b"\0")
    return Path(arguments[arguments.index(b"--data-dir") + 1].decode())


@pytest.fixture
def targets(server: Server) -> list[str]:
    web = f"http://127.0.0.1:{server.ports['web']}"
    return [
        "--mllp",
        f"127.0.0.1:{server.ports['feed']}",
        "--fhir",
        f"{web}/fhir/R4",
        "--soap",
        f"{web}/soap",
    ]


def test_every_sample_gets_its_expected_reply(targets: list[str]) -> None:
    done = run("replay", "samples/hl7v2", "samples/fhir", "samples/soap", "--expect", "--json", *targets)
    report = json.loads(done.stdout)
    assert [each for each in report["results"] if not each["good"]] == []
    assert done.returncode == 0
    assert report["messages"] == 30


def test_a_different_reply_is_shown_and_fails(targets: list[str], tmp_path: Path) -> None:
    for name in ("adt_a01_admission.hl7", "adt_a01_admission.expected"):
        shutil.copy(ROOT / "samples/hl7v2" / name, tmp_path / name)
    expected = tmp_path / "adt_a01_admission.expected"
    expected.write_text(expected.read_text().replace("MSA|AA", "MSA|AE"))
    done = run("replay", tmp_path, "--expect", *targets)
    assert done.returncode == 1
    assert "-MSA|AE" in done.stdout
    assert "+MSA|AA" in done.stdout


def test_a_missing_expectation_and_a_refusal_fail(targets: list[str], tmp_path: Path) -> None:
    shutil.copy(ROOT / "samples/hl7v2/oru_r01_wrong_version.hl7", tmp_path)
    assert run("replay", tmp_path, "--expect", *targets).returncode == 1
    assert run("replay", tmp_path, *targets).returncode == 1


def test_the_type_of_a_file_is_told_by_its_content(targets: list[str], tmp_path: Path) -> None:
    for number, name in enumerate(
        (
            "hl7v2/adt_a01_admission.hl7",
            "fhir/patient_bundle.json",
            "soap/summarize_11.xml",
            "cda/progress_note.xml",
        )
    ):
        shutil.copy(ROOT / "samples" / name, tmp_path / f"{number}.txt")
    (tmp_path / "x.hl7").write_text("not a message")
    done = run("replay", tmp_path, "--json", *targets)
    results = json.loads(done.stdout)["results"]
    assert [each["protocol"] for each in results] == ["hl7v2", "fhir", "soap", "cda", "unknown"]
    assert [each["good"] for each in results] == [True, True, True, True, False]


def test_replay_shows_the_summary_of_an_event(targets: list[str]) -> None:
    done = run("replay", "-v", "samples/hl7v2/oru_r01_critical_potassium.hl7", *targets)
    assert "MSA|AA|" in done.stdout
    assert "CRITICAL" in done.stdout
    assert "OBX[" in done.stdout


def test_replay_sends_at_once_and_again(targets: list[str]) -> None:
    many = ["--concurrency", "8", "--repeat", "20", "--json"]
    report = json.loads(run("replay", "samples/fhir/patient_bundle.json", *many, *targets).stdout)
    assert report["good"] == report["messages"] == 20


def test_no_gateway_and_no_file_are_told_apart(tmp_path: Path) -> None:
    nobody = ["--mllp", "127.0.0.1:9"]
    assert "refused" in run("replay", "samples/hl7v2/adt_a01_admission.hl7", *nobody).stdout
    assert run("replay", tmp_path / "absent", *nobody).returncode == 66


def test_translate_prints_the_normalised_request() -> None:
    done = run("translate", "samples/hl7v2/adt_a01_admission.hl7")
    request = json.loads(done.stdout)
    assert request["message_type"] == "ADT^A01"
    assert "AL1[1]" in {fact["origin"] for fact in request["facts"]}
    refused = run("translate", "samples/hl7v2/oru_r01_wrong_version.hl7")
    assert refused.returncode == 1
    assert "MSH-12" in refused.stderr


def test_translate_shows_what_a_model_would_be_asked() -> None:
    asked = ("translate", "samples/fhir/patient_bundle.json", "--prompt")
    shown = run(*asked)
    assert shown.returncode == 0
    assert "\nYou summarize one patient's health record." in shown.stdout
    assert re.search(r"^F\d+ allergy: ", shown.stdout, re.MULTILINE)
    assert re.search(r"^version: [a-z-]+/\d+$", shown.stdout, re.MULTILINE)
    tokens = re.search(r"^input tokens: at most about (\d+)$", shown.stdout, re.MULTILINE)
    assert tokens
    assert "left out" not in shown.stdout.partition("--- system")[0]
    shortened = run(*asked, "--budget", int(tokens.group(1)) - 100)
    assert "left out of what the model read" in shortened.stdout
    refused = run(*asked, "--budget", "1000")
    assert refused.returncode == 1
    assert "context-exceeded" in refused.stderr


def test_translate_lists_what_the_fields_validators_find() -> None:
    for name in ("hl7v2/adt_a01_admission.hl7", "fhir/patient_bundle.json"):
        assert run("translate", f"samples/{name}", "--conformance").returncode == 0


def test_the_schema_of_a_request_is_published() -> None:
    published = json.loads((ROOT / "docs/summarization-request.schema.json").read_text())
    assert json.loads(run("translate", "--schema").stdout) == published


def test_explain_shows_the_decision_and_why() -> None:
    config = ["--config", "samples/gateway.yaml"]
    done = run("explain", "samples/hl7v2/adt_a01_admission.hl7", *config)
    assert done.returncode == 0
    assert "permitted by treatment" in done.stdout
    as_portal = run(
        "explain", "samples/hl7v2/adt_a01_admission.hl7", *config, "--partner", "portal", "--json"
    )
    assert json.loads(as_portal.stdout)["rules"] == ["treatment"]
    stranger = run("explain", "samples/fhir/patient_bundle.json", *config)
    assert stranger.returncode == 1
    assert "unauthenticated" in stranger.stderr


def test_explain_says_when_it_decides_and_what_differs_from_another_file(tmp_path: Path) -> None:
    sample, config = "samples/fhir/patient_bundle.json", ["--config", "samples/gateway.yaml"]
    text = (ROOT / "samples/gateway.yaml").read_text()
    (tmp_path / "new.yaml").write_text(
        text.replace("id: treatment, effect: permit", "id: care, effect: permit")
    )
    (tmp_path / "bad.yaml").write_text(text.replace("effect: permit", "effect: maybe"))
    ask = ["explain", sample, *config, "--partner", "portal"]
    same = run(*ask, "--against", "samples/gateway.yaml", "--fail-on-change")
    assert (same.returncode, same.stdout) == (0, f"{sample}: no difference\n")
    changed = run(*ask, "--against", tmp_path / "new.yaml", "--json")
    assert changed.returncode == 0
    assert json.loads(changed.stdout)["changes"] == {"rules": {"before": ["treatment"], "after": ["care"]}}
    assert run(*ask, "--against", tmp_path / "new.yaml", "--fail-on-change").returncode == 1
    bad = run(*ask, "--against", tmp_path / "bad.yaml")
    assert bad.returncode == 78
    assert "policy.rules[0].effect" in bad.stderr
    whole = json.loads(run(*ask, "--at", "2026-11-23T09:30", "--json").stdout)
    assert whole["at"] == "2026-11-23T09:30:00-05:00"
    assert {
        "facts",
        "verdicts",
        "candidates",
        "policy_revision",
        "notices",
        "order",
        "withheld",
    } <= whole.keys()
    assert run(*ask, "--at", "tomorrow").returncode == 64
    assert run("explain", *config).returncode == 2


def test_check_names_every_error_with_its_key_and_line(tmp_path: Path) -> None:
    good = (ROOT / "samples/gateway.yaml").read_text()
    (tmp_path / "bad.yaml").write_text(
        good.replace("type: extractive", "type: magic").replace("[builtin], ", "[x], ")
    )
    assert run("check", "--config", "samples/gateway.yaml").returncode == 0
    bad = run("check", "--config", tmp_path / "bad.yaml")
    assert bad.returncode == 78
    assert "backends.builtin" in bad.stdout
    assert "models.clinical.versions.2.fallback[0]: there is no backend x" in bad.stdout
    assert "line " in bad.stdout
    assert run("serve", "--config", tmp_path / "bad.yaml").returncode == 78
    absent = tmp_path / "absent.yaml"
    for command in (("check",), ("serve",), ("reload",), ("keys", "new", "--partner", "epic")):
        done = run(*command, "--config", absent)
        assert done.returncode == 78
        assert f"{absent}: No such file" in (done.stdout + done.stderr).replace("\n", "")


def test_every_backend_that_the_sample_shows_is_usable_and_check_says_where_content_would_go(
    tmp_path: Path,
) -> None:
    shown = (ROOT / "samples/gateway.yaml").read_text()
    shown = re.sub(r"^  # (\w+: {type: )", r"  \1", shown, flags=re.MULTILINE)
    shown = re.sub(r"\$\{\w+_KEY}", "s3cr3t", shown)
    (tmp_path / "gateway.yaml").write_text(shown)
    checked = run("check", "--config", tmp_path / "gateway.yaml")
    assert checked.returncode == 0, checked.stdout
    said = " ".join(checked.stdout.split())
    assert "claude anthropic claude-sonnet-5-5 in us" in said
    assert "gemini vertex gemini-2.5-flash in europe-west4, safety filter OFF" in said
    assert "bedside ollama llama3.1:8b on the premises" in said
    assert "s3cr3t" not in checked.stdout + checked.stderr


def test_messages_are_listed_and_shown(targets: list[str], data_dir: Path) -> None:
    run("replay", "samples/hl7v2/adt_a03_discharge.hl7", *targets)
    control_id = _field("samples/hl7v2/adt_a03_discharge.hl7", 9)
    listed = run("messages", "list", "--data-dir", data_dir, "--control-id", control_id, "--json")
    [found] = json.loads(listed.stdout)
    assert found["reply_code"] == "AA"
    shown = run("messages", "show", found["id"], "--data-dir", data_dir)
    for part in ("received", "normalised request", "reply AA", "summary", "AI-generated summary"):
        assert part in shown.stdout
    body = run("messages", "show", found["id"], "--data-dir", data_dir, "--part", "reply")
    assert body.stdout.startswith("MSH|")
    assert run("messages", "show", "0" * 18, "--data-dir", data_dir).returncode == 65
    assert run("messages", "list", "--data-dir", data_dir / "absent").returncode == 66


def _field(sample: str, number: int) -> str:
    header = (ROOT / sample).read_text().splitlines()[0]
    return header.split(header[3])[number]


def _readme_commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    return [line[2:].split("  #")[0].strip() for block in blocks for line in block.splitlines()]


def test_the_readme_shows_what_make_offers() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"[`$] ?make ([\w-]+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("command", [each for each in _readme_commands() if not each.startswith("make ")])
def test_every_command_of_the_readme_works(
    command: str, server: Server, data_dir: Path, targets: list[str]
) -> None:
    for port, name in DEMO_PORTS.items():
        command = command.replace(f":{port}", f":{server.ports[name]}")
    if " replay " in command:
        command += " " + " ".join(targets)
    if " messages " in command:
        command += f" --data-dir {data_dir}"
    command = command.replace(".venv/bin/ehr-gateway", f"{sys.executable} -m gateway")
    done = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr + done.stdout
    if command.startswith("curl"):
        assert "AI-generated" in done.stdout


def test_what_others_wrote_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2Jb\r\nc\td\u202ee") == "a\ufffd[2Jb\nc\td\ufffde"


def test_explain_decides_as_for_a_caller_who_proved_itself_so(tmp_path: Path) -> None:
    text = (ROOT / "samples/gateway.yaml").read_text()
    forbid = "    - {id: keys-only, effect: forbid, when: {authentication: [basic, network, mllp-sender]}}\n"
    (tmp_path / "gateway.yaml").write_text(text + forbid)
    ask = ["explain", "samples/hl7v2/adt_a01_admission.hl7", "--config", tmp_path / "gateway.yaml"]
    assert "refused by keys-only" in run(*ask).stdout  # known by MSH-3 alone
    as_portal = [*ask, "--partner", "portal"]
    assert "permitted by treatment" in run(*as_portal, "--authentication", "api-key").stdout
    assert "refused by keys-only" in run(*as_portal, "--authentication", "basic").stdout
    (tmp_path / "gateway.yaml").write_text(text + forbid.replace("basic", "guess"))
    assert "policy.rules[2].when.authentication[0]" in run(*ask).stderr
