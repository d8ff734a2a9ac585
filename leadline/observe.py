"""What happens during a cycle, told to whoever wants to show or count it."""

from __future__ import annotations

from typing import Protocol

from connectors.contract import Call
from connectors.records import Stream


class Observer(Protocol):
    """An ear for a cycle's progress. Every method is called after the fact it names is stored."""

    def called(self, connection: str, call: Call) -> None:
        """An API call was made."""

    def phase(self, connection: str, phase: str) -> None:
        """A phase began: pull, join, score or deliver. The connection is empty for phases that concern all."""

    def pulled(self, connection: str, stream: Stream, records: int) -> None:
        """A page was stored."""

    def scored(self, persons: int, left: int) -> None:
        """Some persons were scored; `left` are still dirty."""

    def delivered(self, connection: str, kind: str, outcome: str, records: int) -> None:
        """Outcomes of a call were stored. `docs/reference/delivery.md` names every kind and outcome."""


class Silent:
    """Hears nothing."""

    def called(self, connection: str, call: Call) -> None:
        """Ignored."""

    def phase(self, connection: str, phase: str) -> None:
        """Ignored."""

    def pulled(self, connection: str, stream: Stream, records: int) -> None:
        """Ignored."""

    def scored(self, persons: int, left: int) -> None:
        """Ignored."""

    def delivered(self, connection: str, kind: str, outcome: str, records: int) -> None:
        """Ignored."""
