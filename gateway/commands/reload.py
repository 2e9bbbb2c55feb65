"""`ehr-gateway reload`: put a changed file in force in a running gateway, and tell what became of it."""

import os
import signal
import sys
import time
from pathlib import Path

from gateway.commands.unusable import tell_unusable
from gateway.pid_file import Running, running_on
from gateway.settings import UnusableSettings, load

_WAIT_S = 20.0


def reload(config: Path, data_dir: Path | None) -> int:
    """Exit code: 0 in force, 1 refused by the gateway, 69 none runs or none answers, 78 unusable settings."""
    try:
        settings, warnings = load(config)
    except (UnusableSettings, OSError) as error:
        return tell_unusable(config, error)
    for warning in warnings:
        print(f"{config}: {warning}", file=sys.stderr)
    folder = data_dir or settings.gateway.data_dir
    before = running_on(folder)
    if before is None:
        print(f"no gateway runs on {folder}", file=sys.stderr)
        return os.EX_UNAVAILABLE
    os.kill(before.pid, signal.SIGHUP)
    after = _after(folder, before)
    if after is None:
        print(f"the gateway on {folder} (pid {before.pid}) has not answered", file=sys.stderr)
        return os.EX_UNAVAILABLE
    return _told(after)


def _after(folder: Path, before: Running) -> Running | None:
    ends_at = time.monotonic() + _WAIT_S
    while time.monotonic() < ends_at:
        now = running_on(folder)
        if now is None or now.pid != before.pid:
            return None
        if now.reloads > before.reloads:
            return now
        time.sleep(0.05)
    return None


def _told(after: Running) -> int:
    for problem in after.problems:
        print(f"refused: {problem}", file=sys.stderr)
    if after.problems:
        print(f"policy revision {after.revision} stays in force", file=sys.stderr)
        return 1
    print(f"policy revision {after.revision} is in force")
    for key in after.needs_restart:
        print(f"{key} needs a restart")
    return os.EX_OK
