"""Why the operator's file cannot be used, told on standard error."""

import os
import sys
from pathlib import Path

from gateway.settings import UnusableSettings


def tell_unusable(config: Path | None, error: UnusableSettings | OSError) -> int:
    """A problem a line. The exit code."""
    problems = error.problems if isinstance(error, UnusableSettings) else [error.strerror]
    for problem in problems:
        print(f"{config}: {problem}", file=sys.stderr)
    return os.EX_CONFIG
