"""The store that a command looks into: the one named, the operator's file's, or the demo's."""

import getpass
import os
import sqlite3
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError

from gateway.commands.unusable import tell_unusable
from gateway.errors import GatewayError
from gateway.settings import UnusableSettings, load

P = ParamSpec("P")
T = TypeVar("T")

_DEMO_DATA = Path("./var/demo")


def opened(config: Path | None, data_dir: Path | None, opener: Callable[[Path], T]) -> T | None:
    """What `opener` makes of the folder; None, with the reason on standard error, where it cannot."""
    try:
        folder = data_dir or (load(config)[0].gateway.data_dir if config else _DEMO_DATA)
        return opener(folder)
    except UnusableSettings as error:
        tell_unusable(config, error)
    except (OSError, ValueError) as error:
        print(f"no store can be opened: {error}", file=sys.stderr)
    except GatewayError as error:
        print(f"the store does not open: {error.detail}", file=sys.stderr)
    return None


def tells_why(command: Callable[P, int]) -> Callable[P, int]:
    """Of a store, or a file beside it, that cannot be read or written, in a line on standard error."""

    @wraps(command)
    def told(*arguments: P.args, **named: P.kwargs) -> int:
        try:
            return command(*arguments, **named)
        except BrokenPipeError:  # whoever reads has seen enough
            raise
        except (OSError, sqlite3.Error, DBAPIError) as error:
            # SQLAlchemy's own text may quote what was to be written.
            why = error.orig if isinstance(error, DBAPIError) else error
            print(f"the store cannot be read or written: {why}", file=sys.stderr)
            return os.EX_IOERR

    return told


def who() -> str:
    """The user of the operating system, behind sudo too."""
    return os.environ.get("SUDO_USER") or getpass.getuser()
