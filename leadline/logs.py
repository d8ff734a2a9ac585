"""Logs: JSON lines for machines, a readable form for people; names, counts and codes, never a token or a personal value."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
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
        shared += [where_it_broke, structlog.dev.ConsoleRenderer()]
    else:
        shared += [where_it_broke, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    _quiet_libraries()


def where_it_broke(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Render an exception as its types and places. Its words are left out: they may quote a record, a statement, a URL."""
    error = sys.exc_info()[1] if line.pop("exc_info", None) else None
    told: list[str] = []
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        told += [f"{type(error).__name__}", *(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)]
        error = error.__cause__ or error.__context__
    if told:
        line["exception"] = "\n".join(told)
    return line


def _quiet_libraries() -> None:
    """The libraries' own loggers print URLs, which can hold personal values; what matters of them comes through ours."""
    for name in ("urllib3", "simple_salesforce", "hubspot", "alembic", "apscheduler", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
