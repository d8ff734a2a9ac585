"""Try unmodified third-party clients against the twins: `python -m tests.clients [client …]`.

Prints a table, and ends with exit code 1 when a client missed a record, saw one twice, or could not be tried.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Literal

import httpx

from tests.clients import airbyte_hubspot, airbyte_salesforce, hubspot_api_client, jsforce, meltano_hubspot
from tests.clients.installations import ClientFailed, Installed, Unusable, node_client, python_client
from tests.clients.place import Place, place
from tests.clients.readings import Report, table

LONGEST_SECONDS = 600


class OutOfTime(Exception):
    """All the time for the clients has passed, installation included."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How one client is installed, in front of which twin it is put, and what it is made to do."""

    crm: Literal["hubspot", "salesforce"]
    package: str
    install: Callable[[str], Installed]
    scenario: Callable[[Place], None]


TRIALS: Mapping[str, Trial] = {
    "meltano-tap-hubspot": Trial("hubspot", "meltano-tap-hubspot", python_client, meltano_hubspot.scenario),
    "airbyte-source-hubspot": Trial("hubspot", "airbyte-source-hubspot", python_client, airbyte_hubspot.scenario),
    "@hubspot/api-client": Trial("hubspot", "@hubspot/api-client", node_client, hubspot_api_client.scenario),
    "airbyte-source-salesforce": Trial(
        "salesforce", "airbyte-source-salesforce", python_client, airbyte_salesforce.standard
    ),
    "airbyte-source-salesforce (bulk)": Trial(
        "salesforce", "airbyte-source-salesforce", python_client, airbyte_salesforce.bulk_only
    ),
    "@jsforce/jsforce-node": Trial("salesforce", "@jsforce/jsforce-node", node_client, jsforce.scenario),
}


def attempt(name: str, trial: Trial, folder: Path) -> Report:
    """Install a client, let it work, and report what it read."""
    report = Report(name)
    began = time.monotonic()
    try:
        client = trial.install(trial.package)
        report.version = client.version
        with place(trial.crm, client, folder, report) as found:
            trial.scenario(found)
    except (Unusable, ClientFailed, OutOfTime, AssertionError, LookupError, httpx.HTTPError) as problem:
        report.problem = report.problem or f"{type(problem).__name__}: {problem}"
    report.seconds = time.monotonic() - began
    return report


def _attempts(chosen: Sequence[str]) -> list[Report]:
    """One client after the other, until there is no time left."""
    reports: list[Report] = []
    with tempfile.TemporaryDirectory(prefix="clients-") as folder:
        for number, name in enumerate(chosen):
            report = attempt(name, TRIALS[name], Path(folder) / str(number))
            reports.append(report)
            sys.stderr.write(f"{name}: {'passed' if report.passed else 'FAILED'} in {report.seconds:.0f} s\n")
            if report.problem.startswith(OutOfTime.__name__):
                return reports + [Report(later, problem="there was no time left for it") for later in chosen[number + 1 :]]
    return reports


def _out_of_time(_signal: int, _frame: FrameType | None) -> None:
    raise OutOfTime("all the time for the clients has passed")


def main() -> None:
    """Try the clients named on the command line, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.clients", description=__doc__)
    parser.add_argument("clients", nargs="*", metavar="client", help=f"one of: {', '.join(TRIALS)}")
    parser.add_argument("--seconds", type=int, default=LONGEST_SECONDS, help="how long all of it may take")
    options = parser.parse_args()
    chosen = options.clients or list(TRIALS)
    if unknown := set(chosen) - TRIALS.keys():
        parser.error(f"no such client: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGALRM, _out_of_time)
    signal.alarm(options.seconds)
    reports = _attempts(chosen)
    signal.alarm(0)
    sys.stdout.write(table(reports) + "\n")
    for report in reports:
        if report.problem:
            refused = ", ".join(f"{what} ({times})" for what, times in Counter(report.refused).items())
            sys.stdout.write(f"\n{report.client}: {report.problem}\nRefused by the twin: {refused or 'nothing'}\n")
    sys.exit(0 if all(report.passed for report in reports) else 1)


if __name__ == "__main__":
    main()
