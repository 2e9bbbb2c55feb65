"""How a command finds the gateway that runs on a folder, and learns what became of its last reload."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

LOCK = "gateway.lock"
"""Held by the one process that writes to the store of the folder."""
_NAME = "gateway.pid"


@dataclass(frozen=True, slots=True)
class Running:
    pid: int
    revision: str
    """Of the policy in force."""
    reloads: int = 0
    """Asked for so far, refused ones too."""
    problems: tuple[str, ...] = ()
    """Why the last one was refused; empty: it is in force."""
    needs_restart: tuple[str, ...] = ()
    """Keys that the last one changed and that have no effect before a restart."""
    tells_limits: bool = False
    """It answers `gateway.limits_in_use`. The signal would end one that does not."""

    def after_reload(
        self, revision: str, problems: tuple[str, ...] = (), needs_restart: tuple[str, ...] = ()
    ) -> "Running":
        return replace(
            self,
            revision=revision,
            reloads=self.reloads + 1,
            problems=problems,
            needs_restart=needs_restart,
        )


def announce(data_dir: Path, running: Running) -> None:
    """Seen whole or not at all."""
    draft = data_dir / f"{_NAME}.new"
    draft.write_text(json.dumps(asdict(running)), encoding="utf-8")
    draft.replace(data_dir / _NAME)


def withdraw(data_dir: Path) -> None:
    (data_dir / _NAME).unlink(missing_ok=True)


def running_on(data_dir: Path) -> Running | None:
    """None when no gateway runs there, whatever a crashed one has left behind."""
    try:
        if not _is_held(data_dir / LOCK):
            return None
        found = json.loads((data_dir / _NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    lists = {name: tuple(found[name]) for name in ("problems", "needs_restart")}
    return Running(**{**found, **lists})


def _is_held(path: Path) -> bool:
    """The system frees the lock with its process, so that a number is never taken for another's."""
    lock = os.open(path, os.O_WRONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
