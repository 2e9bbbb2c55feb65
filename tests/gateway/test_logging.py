"""What reaches standard error."""

import json
import subprocess
import sys

_CODE = """
import logging
from gateway.logging import configure_logging
configure_logging("info")
log = logging.getLogger("some.library")
log.info("Jane Doe")
log.warning("cannot send %s", "Jane Doe")
try:
    raise ValueError("Jane Doe")
except ValueError:
    log.exception("Jane Doe")
"""


def test_what_a_library_logs_is_told_without_its_text() -> None:
    shown = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=True)
    assert "Jane" not in shown.stdout + shown.stderr
    warning, error = [json.loads(line) for line in shown.stderr.splitlines()]
    assert (warning["event"], warning["level"], warning["library"]) == ("library", "warning", "some.library")
    assert warning["place"] == "<string>:7 <module>"
    assert error["level"] == "error"
    assert error["place"].startswith("ValueError in ")
