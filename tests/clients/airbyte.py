"""What the Airbyte sources have in common: how they are started, and what they print."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.clients.place import Place


@dataclass(slots=True)
class Sync:
    """What one run printed: per stream the ids in order, and the last state."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    states: dict[str, dict[str, Any]] = field(default_factory=dict)

    def cursor(self, stream: str) -> Mapping[str, Any]:
        """The stream's own part of its state."""
        found: Mapping[str, Any] = self.states[stream]["stream"]["stream_state"]
        return found


@dataclass(frozen=True, slots=True)
class Source:
    """An Airbyte source with its configuration. `key` is the name of the field that holds a record's id."""

    place: Place
    program: str
    config: Mapping[str, Any]
    key: str

    def check(self) -> None:
        """The source's own test of its configuration. Raises `AssertionError` when it does not succeed."""
        printed = self._run("check")
        status = [message["connectionStatus"] for message in printed if message["type"] == "CONNECTION_STATUS"]
        assert [entry["status"] for entry in status] == ["SUCCEEDED"], status

    def read(self, streams: Sequence[str], earlier: Sync | None = None) -> Sync:
        """Read these streams, from the state that an earlier run left on when there is one."""
        arguments = ["--catalog", self.place.file("catalog.json", _catalog(streams))]
        if earlier is not None:
            arguments += ["--state", self.place.file("state.json", list(earlier.states.values()))]
        sync = Sync()
        for message in self._run("read", *arguments):
            if message["type"] == "RECORD":
                record = message["record"]
                sync.ids.setdefault(record["stream"], []).append(str(record["data"][self.key]))
            elif message["type"] == "STATE":
                stream = message["state"]["stream"]["stream_descriptor"]["name"]
                sync.states[stream] = {name: message["state"][name] for name in ("type", "stream")}
        return sync

    def _run(self, verb: str, *arguments: str) -> Iterable[dict[str, Any]]:
        config = self.place.file("config.json", self.config)
        printed = self.place.start(self.place.program(self.program), verb, "--config", config, *arguments)
        return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def _catalog(streams: Sequence[str]) -> dict[str, Any]:
    modes = ["full_refresh", "incremental"]
    return {
        "streams": [
            {
                "stream": {"name": name, "json_schema": {}, "supported_sync_modes": modes},
                "sync_mode": "incremental",
                "destination_sync_mode": "append",
            }
            for name in streams
        ]
    }
