"""Logs: JSON lines for machines, a readable form for people; names, counts and codes, never a token or a personal value."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog


def configure(stream: TextIO | None = None) -> None:
    """Send logs to `stream` (default standard output), as JSON lines unless it is a terminal."""
    target = stream or sys.stdout
    readable = target.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if readable:
        shared.append(structlog.dev.ConsoleRenderer())
    else:
        shared += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    _quiet_libraries()


def _quiet_libraries() -> None:
    """The libraries' own loggers print URLs, which can hold personal values; what matters of them comes through ours."""
    for name in ("urllib3", "simple_salesforce", "hubspot", "alembic", "apscheduler", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
