"""A cycle's progress as bars in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from connectors.records import Stream
from leadline.observe import Silent


class Bars(Silent):
    """One bar for each connection's reading and writing, and one for scoring. Use as a context manager."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<22}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}
        self._scored = 0

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def phase(self, connection: str, phase: str) -> None:
        """What came before is finished."""
        self.finish()

    def pulled(self, connection: str, stream: Stream, records: int) -> None:
        """More records read."""
        self._progress.advance(self._bar(f"read {connection}"), records)

    def scored(self, persons: int, left: int) -> None:
        """More persons scored."""
        self._scored += persons
        self._progress.update(self._bar("score"), completed=self._scored, total=self._scored + left)

    def delivered(self, connection: str, kind: str, outcome: str, records: int) -> None:
        """More records written or tasks opened."""
        self._progress.advance(self._bar(f"write {connection}"), records)

    def _bar(self, what: str) -> TaskID:
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=None)
        return self._tasks[what]

    def finish(self) -> None:
        """Every bar so far is as long as it got."""
        for task in self._progress.tasks:
            if task.total is None:
                self._progress.update(task.id, total=task.completed)
