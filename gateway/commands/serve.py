"""`ehr-gateway serve`: from the operator's file to a running gateway."""

import os
import sys
from functools import partial
from pathlib import Path

from gateway.commands.demo_settings import demo_settings
from gateway.commands.unusable import tell_unusable
from gateway.commands.writable import data_dir_problem
from gateway.logging import configure_logging
from gateway.settings import Settings, UnusableSettings, load


def serve(
    config: Path | None, demo: bool, mllp_port: int, http_port: int, data_dir: Path | None, log_level: str
) -> int:
    """Exit code: 0 stopped as told, 78 unusable settings, 71 an address or the store cannot be used."""
    if demo == (config is not None):
        print("give either --config FILE or --demo", file=sys.stderr)
        return os.EX_USAGE
    try:
        settings = (
            demo_settings(data_dir or Path("./var/demo"), mllp_port, http_port)
            if config is None
            else _configured(config, data_dir)
        )
    except (UnusableSettings, OSError) as error:
        return tell_unusable(config, error)
    unwritable = data_dir_problem(settings.gateway)
    if unwritable is not None and not unwritable.is_warning:
        print(f"{config}: {unwritable}", file=sys.stderr)
        return os.EX_CONFIG
    configure_logging(log_level)
    from gateway.service import run

    try:
        load_again = None if config is None else partial(_configured, config, data_dir)
        return run(settings, lambda line: print(line, flush=True), load_again)
    except (OSError, ValueError) as error:
        print(f"cannot run: {error}", file=sys.stderr)
        return os.EX_OSERR


def _configured(config: Path, data_dir: Path | None) -> Settings:
    settings, warnings = load(config)
    for warning in warnings:
        print(f"{config}: {warning}", file=sys.stderr)
    if data_dir is None:
        return settings
    gateway = settings.gateway.model_copy(update={"data_dir": data_dir})
    return settings.model_copy(update={"gateway": gateway})
