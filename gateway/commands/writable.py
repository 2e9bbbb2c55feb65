"""Whether the store and the audit can be written, found out without writing anything."""

import os
from pathlib import Path

from gateway.settings.file import SettingsProblem
from gateway.settings.schema import GatewaySettings
from gateway.store.audit_log import CHECKPOINTS_FILE
from gateway.store.database import database_path


def data_dir_problem(gateway: GatewaySettings) -> SettingsProblem | None:
    """None when it can be. Production does not start without its audit; in development it is a warning."""
    why = _why_not(gateway.data_dir)
    if not why:
        return None
    return SettingsProblem("gateway.data_dir", why, is_warning=gateway.environment != "production")


def _why_not(data_dir: Path) -> str:
    folder = data_dir
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        return f"{folder} is no folder"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{folder} cannot be written"
    for file in (database_path(data_dir), data_dir / CHECKPOINTS_FILE):
        if file.exists() and not os.access(file, os.W_OK):
            return f"{file} cannot be written: it holds the {_HOLDS[file.name]}"
    return ""


_HOLDS = {database_path(Path()).name: "messages and the audit", CHECKPOINTS_FILE: "signatures of the audit"}
