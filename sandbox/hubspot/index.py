"""The search index of one object type: a copy that lags behind the records (HubSpot docs: search)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LAG_MILLISECONDS = 2_000


@dataclass(frozen=True, slots=True)
class Indexed:
    """A record as search sees it, possibly an older state of it."""

    id: int
    properties: Mapping[str, str]
    created_ms: int
    modified_ms: int


class SearchIndex:
    """What can be found by search: every change arrives `LAG_MILLISECONDS` after it was made."""

    def __init__(self) -> None:
        self._visible: dict[int, Indexed] = {}
        self._coming: deque[tuple[int, int, Indexed | None]] = deque()

    def load(self, record: Indexed) -> None:
        """Make a record findable at once, as one that has been there for long."""
        self._visible[record.id] = record

    def put(self, record: Indexed, at_ms: int) -> None:
        """Note a new state of a record, written at `at_ms`."""
        self._catch_up(at_ms)
        self._coming.append((at_ms + LAG_MILLISECONDS, record.id, record))

    def drop(self, record_id: int, at_ms: int) -> None:
        """Note that a record went away at `at_ms`."""
        self._coming.append((at_ms + LAG_MILLISECONDS, record_id, None))

    def purge(self, record_id: int) -> None:
        """Forget a record at once, with all its states (privacy deletion)."""
        self._visible.pop(record_id, None)
        self._coming = deque(entry for entry in self._coming if entry[1] != record_id)

    def records(self, now_ms: int) -> Iterator[Indexed]:
        """What search can see at `now_ms`."""
        self._catch_up(now_ms)
        return iter(self._visible.values())

    def _catch_up(self, now_ms: int) -> None:
        while self._coming and self._coming[0][0] <= now_ms:
            _, record_id, record = self._coming.popleft()
            if record is None:
                self._visible.pop(record_id, None)
            else:
                self._visible[record_id] = record
