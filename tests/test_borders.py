"""The borders of the house hold, and every file has a room."""

import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parents[1]
WITHOUT_A_LAYER = {
    "gateway.logging",
    "gateway.metrics",
    "gateway.backend_metrics",
}  # anybody may log and count


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo"]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout


def test_every_module_of_the_gateway_stands_in_a_layer() -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / "setup.cfg")
    placed = set(contracts["importlinter:contract:shared-words"]["layers"].replace("|", " ").split())
    found = {
        f"gateway.{path.stem}"
        for path in (ROOT / "gateway").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }
    assert found - placed - WITHOUT_A_LAYER == set()


def test_every_folder_of_tests_is_a_package() -> None:
    """Or pytest would import `tests/gateway` as `gateway`."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []
