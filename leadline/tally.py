"""Observers: one that counts, one that logs, and one that passes on to several."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import structlog

from connectors.contract import Call
from connectors.records import Stream
from leadline.observe import Observer


@dataclass(slots=True)
class Tally:
    """Counts what happens, by connection. Safe to use from several threads."""

    calls: Counter[str] = field(default_factory=Counter)
    endpoints: Counter[tuple[str, str]] = field(default_factory=Counter)
    records: Counter[tuple[str, str]] = field(default_factory=Counter)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    persons: int = 0
    _lock: Lock = field(default_factory=Lock)

    def called(self, connection: str, call: Call) -> None:
        """One more API call."""
        with self._lock:
            self.calls[connection] += 1
            self.endpoints[(connection, call.endpoint)] += 1

    def phase(self, connection: str, phase: str) -> None:
        """Not counted."""

    def pulled(self, connection: str, stream: Stream, records: int) -> None:
        """More records read."""
        with self._lock:
            self.records[(connection, stream.value)] += records

    def scored(self, persons: int, left: int) -> None:
        """More persons scored."""
        with self._lock:
            self.persons += persons

    def delivered(self, connection: str, kind: str, outcome: str, records: int) -> None:
        """More outcomes."""
        with self._lock:
            self.outcomes[(connection, outcome)] += records

    def counts(self, connection: str) -> dict[str, int]:
        """Everything counted for one connection, flat: `calls`, `read.contacts`, `written`, …"""
        with self._lock:
            counts = {"calls": self.calls[connection]}
            counts |= {f"read.{stream}": n for (name, stream), n in sorted(self.records.items()) if name == connection}
            counts |= {outcome: n for (name, outcome), n in sorted(self.outcomes.items()) if name == connection}
            return counts


class Logging:
    """Writes a line per phase and per set of outcomes."""

    def __init__(self) -> None:
        self._log: Any = structlog.get_logger()

    def called(self, connection: str, call: Call) -> None:
        """Calls that went wrong are worth a line; the others are counted elsewhere."""
        if call.status == 0 or call.status >= 400:
            self._log.warning("call", connection=connection, endpoint=call.endpoint, status=call.status)

    def phase(self, connection: str, phase: str) -> None:
        """A phase began."""
        self._log.info("phase", phase=phase, **({"connection": connection} if connection else {}))

    def pulled(self, connection: str, stream: Stream, records: int) -> None:
        """Too many to log; the cycle's last line has the sum."""

    def scored(self, persons: int, left: int) -> None:
        """Persons were scored."""
        self._log.info("scored", persons=persons, left=left)

    def delivered(self, connection: str, kind: str, outcome: str, records: int) -> None:
        """A CRM answered."""
        self._log.info("delivered", connection=connection, kind=kind, outcome=outcome, records=records)


class Several:
    """Passes everything on, in order."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def called(self, connection: str, call: Call) -> None:
        """Passed on."""
        for observer in self._observers:
            observer.called(connection, call)

    def phase(self, connection: str, phase: str) -> None:
        """Passed on."""
        for observer in self._observers:
            observer.phase(connection, phase)

    def pulled(self, connection: str, stream: Stream, records: int) -> None:
        """Passed on."""
        for observer in self._observers:
            observer.pulled(connection, stream, records)

    def scored(self, persons: int, left: int) -> None:
        """Passed on."""
        for observer in self._observers:
            observer.scored(persons, left)

    def delivered(self, connection: str, kind: str, outcome: str, records: int) -> None:
        """Passed on."""
        for observer in self._observers:
            observer.delivered(connection, kind, outcome, records)
