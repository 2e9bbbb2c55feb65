"""Logs: one JSON object a line on standard error. Never content, never an exception's text."""

import logging
import sys

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from gateway.errors import place_of


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
    logging.basicConfig(level=logging.WARNING, handlers=[_OfLibraries()], force=True)


_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def _render(_: WrappedLogger, __: str, event: EventDict) -> bytes:
    return orjson.dumps(event, default=repr)


class _OfLibraries(logging.Handler):
    """What libraries report: who, where and how grave. Their texts may quote what they were given."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger("libraries").log(
            record.levelno,
            "library",
            library=record.name,
            place=place_of(error) if error else f"{record.filename}:{record.lineno} {record.funcName}",
        )
