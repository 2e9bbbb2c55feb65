"""Logs: one JSON object a line on standard error. Never content, never an exception's text."""

import sys

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger


def configure_logging(level: str = "info") -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def _render(_: WrappedLogger, __: str, event: EventDict) -> bytes:
    return orjson.dumps(event, default=repr)
