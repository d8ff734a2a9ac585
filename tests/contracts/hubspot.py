"""`python -m tests.contracts.hubspot FILE …`: the HubSpot twin, with every call held against the wire contract.

Takes what `python -m sandbox hubspot` takes, after the name of a file: a breach is written there, each sort of it once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from unittest.mock import patch
from urllib.parse import parse_qsl

from sandbox.__main__ import main
from sandbox.exchange import Reply, Request
from sandbox.faults import Mishap
from sandbox.hubspot import app
from sandbox.hubspot.crm import HubSpotTwin
from tests.contracts.wire import ABSENT, Breach, WireContract, load


class Ledger:
    """The breaches so far, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: set[str] = set()

    def add(self, breach: Breach) -> None:
        """Write a breach down unless there was one like it."""
        text = str(breach)
        if text not in self._known:
            self._known.add(text)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(text + "\n")


def watched(contract: WireContract, ledger: Ledger) -> type[HubSpotTwin]:
    """A HubSpot twin that notes every request and answer that the contract does not know."""

    class WatchedTwin(HubSpotTwin):
        def answer(self, request: Request) -> Reply:
            reply = super().answer(request)
            query = parse_qsl(request.query, keep_blank_values=True)
            try:
                contract.hold_request(request.method, request.path, query, request.body)
            except Breach as breach:
                ledger.add(breach)
            self._hold(request, reply)
            return reply

        def trouble(self, status: int, request: Request) -> Reply:
            reply = super().trouble(status, request)
            self._hold(request, reply)
            return reply

        def misbehave(self, mishap: Mishap, request: Request, dice: Random) -> Reply:
            reply = super().misbehave(mishap, request, dice)
            self._hold(request, reply)
            return reply

        def _hold(self, request: Request, reply: Reply) -> None:
            if contract.knows(request.method, request.path):
                try:
                    contract.hold_answer(request.method, request.path, reply.status, reply.body)
                except Breach as breach:
                    ledger.add(breach)

    return WatchedTwin


def start(arguments: Sequence[str]) -> None:
    """Start the twin: the first argument is the file for breaches, the others are the twin's."""
    contract = load()
    if contract is None:
        sys.stderr.write(ABSENT + "\n")
        main(["hubspot", *arguments[1:]])
        return
    # The twin must not know what it is held against, so it is told here which class to be.
    with patch.object(app, "HubSpotTwin", watched(contract, Ledger(Path(arguments[0])))):
        main(["hubspot", *arguments[1:]])


if __name__ == "__main__":
    start(sys.argv[1:])
