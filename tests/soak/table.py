"""`python -m tests.soak.table REPORT.xml`: what the soak did and what came of it, as a table."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

WHAT = ("hubspot", "salesforce", "main job")

ENDURANCE = {
    "cycles": "cycles",
    "failed": "cycles that failed",
    "calls": "calls",
    "faults": "faults",
    "lost": "lost updates",
    "twice": "duplicate tasks",
    "over": "calls over budget",
    "mib_50": "memory after 50 cycles, MiB",
    "mib_100": "after 100",
    "mib_150": "after 150",
    "mib_200": "after 200",
    "minutes": "minutes of twin time",
    "seconds": "seconds it took",
}
"""What is told of it, in this order."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A test that ran: what it noted of its seeds, and whether it passed."""

    notes: tuple[dict[str, Any], ...]
    passed: bool


def ran(report: str) -> Iterator[Ran]:
    """Every test in a JUnit report that noted something."""
    for case in ElementTree.parse(report).iter("testcase"):
        notes = tuple(json.loads(one.attrib["value"]) for one in case.iter("property") if one.attrib["name"] == "soak")
        if notes:
            yield Ran(notes, passed=case.find("failure") is None and case.find("error") is None)


def table(found: Sequence[Ran]) -> Iterator[str]:
    """One line for each suite, and one for each seed of the main job."""
    yield "| what | seeds | tests | passed | calls | faults |"
    yield "|---|---|---|---|---|---|"
    for what in WHAT:
        tests = [one for one in found if any(note["what"] == what for note in one.notes)]
        notes = [note for one in tests for note in one.notes]
        seeds, passed = len({note["seed"] for note in notes}), sum(one.passed for one in tests)
        calls, faults = sum(note["calls"] for note in notes), sum(note["faults"] for note in notes)
        name = "the main job" if what == "main job" else f"conformance, {what}"
        yield f"| {name} | {seeds} | {len(tests)} | {passed} | {calls:,} | {faults:,} |"
    yield ""
    yield from endurance([note for one in found for note in one.notes if note["what"] == "endurance"])
    yield "| main job, seed | calls | faults | cycles until the undisturbed end state | differences left |"
    yield "|---|---|---|---|---|"
    jobs = [note for one in found for note in one.notes if note["what"] == "main job"]
    for note in sorted(jobs, key=lambda note: note["seed"]):
        yield f"| {note['seed']} | {note['calls']} | {note['faults']} | {note['cycles']} | {note['wrong']} |"


def endurance(notes: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What became of the one process that works on and on."""
    for note in notes:
        yield "| one process, market that changes | |"
        yield "|---|---|"
        for name, says in ENDURANCE.items():
            if name in note:
                yield f"| {says} | {note[name]:,} |"
        yield ""


def main() -> None:
    """Print the table of the report that the first argument names."""
    sys.stdout.write("\n".join(table(list(ran(sys.argv[1])))) + "\n")


if __name__ == "__main__":
    main()
