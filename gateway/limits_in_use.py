"""How far limits are used: only the gateway that runs on a folder knows, in memory, and a command asks it.

It is asked by SIGUSR1 and answers in a file. Quotas are on disk and need nobody to be asked.
"""

import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gateway.pid_file import Running, running_on
from gateway.policy.limits import Use

ASKING = signal.SIGUSR1
_NAME = "gateway.limits"
_WAIT_S = 5.0


def tell(data_dir: Path, uses: Iterable[Use]) -> None:
    """The gateway's answer. Seen whole or not at all, and by its own user alone: it names callers."""
    number = 1 + (_read(data_dir).get("number", 0))
    draft = data_dir / f"{_NAME}.new"
    draft.unlink(missing_ok=True)
    content = json.dumps({"pid": os.getpid(), "number": number, "uses": [asdict(use) for use in uses]})
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    draft.replace(data_dir / _NAME)


def forget(data_dir: Path) -> None:
    (data_dir / _NAME).unlink(missing_ok=True)


def ask(data_dir: Path, running: Running) -> tuple[Use, ...] | None:
    """None when it does not answer. Raises `PermissionError` where it runs as somebody else."""
    if not running.tells_limits:
        return None
    before = _read(data_dir).get("number", 0)
    os.kill(running.pid, ASKING)
    ends_at = time.monotonic() + _WAIT_S
    while time.monotonic() < ends_at:
        found = _read(data_dir)
        if found.get("pid") == running.pid and found["number"] > before:
            return tuple(Use(**each) for each in found["uses"])
        if running_on(data_dir) is None:
            return None
        time.sleep(0.02)
    return None


def _read(data_dir: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((data_dir / _NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found
