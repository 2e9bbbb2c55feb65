"""`docs/policy.md` as examples that can be run. The page's own section "How to read this page" says the form."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.processes import ROOT, gateway

PAGE = ROOT / "docs" / "policy.md"
_BLOCK = re.compile(
    r"^(?:## (?P<heading>[^\n]+)|```(?P<info>[^\n]*)\n(?P<content>.*?)^```)$", re.MULTILINE | re.DOTALL
)
_ANYTHING = "[...]"


@dataclass
class Console:
    """Commands and what each must print, perhaps beside a running gateway."""

    text: str
    is_served: bool


@dataclass
class Section:
    """What stands below one heading: files, then what is done with them, in this order."""

    heading: str
    base: str
    steps: list[tuple[str, str] | Console] = field(default_factory=list)
    """(name, content) of a file, or a console."""


def sections(page: str) -> list[Section]:
    """Those that show something to run."""
    found: list[Section] = []
    base, heading = "", ""
    for block in _BLOCK.finditer(page):
        if block["heading"]:
            heading = block["heading"]
            found.append(Section(heading, base))
            continue
        language, _, name = block["info"].partition(" ")
        if name == "base":
            base = block["content"]
            for section in found:
                section.base = base
        elif language == "console":
            found[-1].steps.append(Console(block["content"], name == "served"))
        elif name:
            found[-1].steps.append((name, block["content"]))
    return [section for section in found if any(isinstance(step, Console) for step in section.steps)]


def run(section: Section, folder: Path) -> None:
    """Every command of the section, in `folder`. Raises `AssertionError` where one prints something else."""
    (folder / "samples").symlink_to(ROOT / "samples")
    (folder / "gateway.yaml").write_text(section.base)
    for step in section.steps:
        if isinstance(step, Console):
            with ExitStack() as stack:
                ports = _served(stack, folder) if step.is_served else {}
                for command, expected in _commands(step.text):
                    _check(command, expected, _printed(command, folder, ports))
        else:
            name, content = step
            is_settings = name.endswith(".yaml")
            (folder / name).write_text(_merged_text(section.base, content) if is_settings else content)


def _merged_text(base: str, fragment: str) -> str:
    return yaml.safe_dump(merged(yaml.safe_load(base), yaml.safe_load(fragment)), sort_keys=False)


def merged(base: Any, fragment: Any) -> Any:
    """Mappings key by key; anything else takes the place of what was there."""
    if not isinstance(base, dict) or not isinstance(fragment, dict):
        return fragment
    return base | {key: merged(base.get(key), value) for key, value in fragment.items()}


def _served(stack: ExitStack, folder: Path) -> dict[str, int]:
    """Ports as the page writes them -> as the system chose them."""
    written: dict[str, str] = {}
    for file in folder.glob("*.yaml"):  # those that are put in force later too
        settings = yaml.safe_load(file.read_text())
        for each in settings.get("listeners", ()):
            host, _, port = each["bind"].rpartition(":")
            if port != "0":
                written[each["name"]] = port
            each["bind"] = f"{host}:0"
        file.write_text(yaml.safe_dump(settings, sort_keys=False))
    running = stack.enter_context(gateway(folder / "gateway.yaml", folder / "var"))
    return {written[name]: port for name, port in running.ports.items()}


def _commands(text: str) -> Iterator[tuple[str, list[str]]]:
    command, expected = "", list[str]()
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            if command:
                yield command, expected
            command, expected = line[2:], []
        elif line.strip():
            expected.append(line)
    if command:
        yield command, expected


def _printed(command: str, folder: Path, ports: dict[str, int]) -> str:
    for written, port in ports.items():
        command = command.replace(f":{written}", f":{port}")
    command = re.sub(r"\behr-gateway\b", f"{sys.executable} -m gateway", command)
    environment = {**os.environ, "COLUMNS": "200", "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def _check(command: str, expected: list[str], printed: str) -> None:
    """Each line of the page stands in what was printed, in this order; what is between is not shown there."""
    lines = iter(_plain(line) for line in printed.splitlines())
    for line in expected:
        if line.strip() == "...":
            continue
        pattern = re.compile(".*".join(re.escape(_plain(part)) for part in line.split(_ANYTHING)))
        assert any(pattern.fullmatch(each) for each in lines), (
            f"{command}\nlacks: {line}\nprinted:\n{printed}"
        )


def _plain(line: str) -> str:
    """Columns are as wide as their content, and a wildcard may stand beside a blank."""
    return " ".join(line.split())
