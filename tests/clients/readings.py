"""What a client read, held against what the twin holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """One stream that was read once. `problem` is empty when it held every wanted id exactly once and nothing else."""

    stream: str
    wanted: int
    read: int
    problem: str


@dataclass(slots=True)
class Report:
    """All that one client did. `problem` says why it could not be tried, or did not come to its end;
    `refused` lists what the twin answered with an error."""

    client: str
    version: str = ""
    full: list[Reading] = field(default_factory=list)
    incremental: list[Reading] = field(default_factory=list)
    calls: int = 0
    seconds: float = 0.0
    problem: str = ""
    refused: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        readings = [*self.full, *self.incremental]
        return bool(self.full and self.incremental) and not self.problem and not any(r.problem for r in readings)


def compare(stream: str, read: Sequence[str], wanted: Set[str]) -> Reading:
    """Every wanted id exactly once, and no other."""
    times = Counter(read)
    findings = (
        ("missing", wanted - times.keys()),
        ("not asked for", times.keys() - wanted),
        ("more than once", {found for found, count in times.items() if count > 1}),
    )
    problem = "; ".join(f"{len(ids)} {what} ({_some(ids)})" for what, ids in findings if ids)
    return Reading(stream, len(wanted), len(read), problem)


def _some(ids: Set[str]) -> str:
    return ", ".join(sorted(ids)[:SHOWN])


HEAD = ("client", "version", "pass", "streams: ids read", "result", "calls")


def table(reports: Iterable[Report]) -> str:
    """The reports as a table in Markdown, two rows a client."""
    rows = [HEAD, ("---",) * len(HEAD)]
    for report in reports:
        for name, readings in (("full", report.full), ("incremental", report.incremental)):
            shown = ", ".join(f"{r.stream} {r.read}" for r in readings) or "-"
            wrong = [f"{r.stream}: {r.problem}" for r in readings if r.problem]
            result = "; ".join(wrong) or ("exact" if readings else "not reached")
            calls = str(report.calls) if name == "full" else ""
            rows.append((report.client, report.version, name, shown, result, calls))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
