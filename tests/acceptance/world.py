"""A small market in two CRM twins, a workspace that connects them, and the true commands run against it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.faults import default_plan
from tests.acceptance.at_time import HURRY_VARIABLE, SHIFT_VARIABLE
from tests.acceptance.crm import ROOT, Crm, wait_until

COMMAND_SECONDS = 280.0
STOP_SECONDS = 10.0
"""The daemon must have ended this long after SIGTERM."""

HUBSPOT_YAML = """\
type: hubspot
every: {every}
settings:
  host: {url}
  token: env:ACCEPTANCE_HUBSPOT_TOKEN
  map:
    person: {{budget: budget_amount, budget_status: budget_status, purchase_timeframe: purchase_timeframe,
              target_date: target_go_live, pain_point: pain_point}}
"""

SALESFORCE_YAML = """\
type: salesforce
every: {every}
settings:
  instance_url: {url}
  ca_file: {ca_file}
  auth: {{flow: client_credentials, client_id: {client_id}, client_secret: "file:{secret}"}}
  map:
    person: {{budget: Budget__c, budget_status: Budget_Status__c, purchase_timeframe: Purchase_Timeframe__c,
              target_date: Target_Go_Live__c, pain_point: Pain_Point__c, buying_role: Buying_Role__c}}
"""

LEADLINE_YAML = """\
scoring: inbound
sales_home: salesforce
working_hours: {time_zone: Europe/Berlin, start: "09:00", end: "17:00"}
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that ended: its exit code and what it said."""

    code: int
    out: str
    err: str

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log lines of this event."""
        return [line for line in log_lines(self.out) if line["event"] == name]


def log_lines(text: str) -> list[dict[str, Any]]:
    """Standard output as JSON lines; fails on a line that is none."""
    return [json.loads(line) for line in text.splitlines()]


class Started:
    """A command that runs, its output in files."""

    def __init__(self, arguments: tuple[str, ...], environment: dict[str, str], out: Path) -> None:
        self._out, self._err = out, out.with_suffix(".err")
        with self._out.open("wb") as out_file, self._err.open("wb") as err_file:
            program = "tests.acceptance.at_time" if SHIFT_VARIABLE in environment else "leadline"
            command = [sys.executable, "-m", program, *arguments]
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out_file, stderr=err_file)

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def lines(self) -> list[dict[str, Any]]:
        """The log lines so far that are whole."""
        text = self._out.read_text(encoding="utf-8")
        return log_lines(text[: text.rfind("\n") + 1])

    def wait(self, seconds: float = COMMAND_SECONDS) -> Ended:
        """Wait until it ended by itself."""
        try:
            code = self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return Ended(code, self._out.read_text(encoding="utf-8"), self._err.read_text(encoding="utf-8"))

    def stop(self) -> Ended:
        """SIGTERM, and no more patience than a host has."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait(STOP_SECONDS)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    @property
    def process_id(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: nothing in the process gets a chance to tidy up."""
        self._process.kill()
        self._process.wait(timeout=10)


class World:
    """Both twins, a workspace in `folder`, and the environment the commands run in."""

    def __init__(self, folder: Path, as_of: datetime, database_url: str | None = None) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.hubspot, self.salesforce = self.crms = self._twins(as_of)
        self.database = folder / "leadline.db"
        self.environment = os.environ | {
            "DATABASE_URL": database_url or f"sqlite:///{self.database}",
            "LEADLINE_CONFIG": str(folder / "config"),
            SHIFT_VARIABLE: str((as_of - datetime.now(UTC)).total_seconds()),
        }
        self.market: dict[str, Any] = {}
        self._started: list[Started] = []

    def _twins(self, as_of: datetime) -> tuple[Crm, Crm]:
        """HubSpot's and Salesforce's, started."""
        return Crm("hubspot", self.folder, as_of), Crm("salesforce", self.folder, as_of)

    def prepare(self) -> None:
        """Wait for the twins, note in `market` what they hold, write the configuration, and provision both CRMs."""
        self.lay_out()
        provisioned = self.command("provision")
        assert provisioned.code == 0, provisioned.err

    def lay_out(self) -> None:
        """All of that but provisioning."""
        for crm in self.crms:
            crm.wait_until_ready()
        shutil.copytree(ROOT / "config", self.folder / "config", ignore=shutil.ignore_patterns("connections", "schema"))
        self.file("config/leadline.yaml").write_text(LEADLINE_YAML, encoding="utf-8")
        self.secret.write_text(self.salesforce.ready["client_secret"], encoding="utf-8")
        self.environment["ACCEPTANCE_HUBSPOT_TOKEN"] = self.hubspot.ready["token"]
        self.connect(hubspot_every="1m", salesforce_every="1m")
        self.market = self.state()

    def connect(self, hubspot_every: str, salesforce_every: str) -> None:
        """Write the two connections, with how often each has a cycle."""
        hubspot = HUBSPOT_YAML.format(url=self.hubspot.url, every=hubspot_every)
        salesforce = SALESFORCE_YAML.format(
            url=self.salesforce.url,
            every=salesforce_every,
            ca_file=self.salesforce.ready["ca_file"],
            client_id=self.salesforce.ready["client_id"],
            secret=self.secret,
        )
        self.file("config/connections/hubspot.yaml").write_text(hubspot, encoding="utf-8")
        self.file("config/connections/salesforce.yaml").write_text(salesforce, encoding="utf-8")

    @property
    def secret(self) -> Path:
        """The file with Salesforce's client secret."""
        return self.file("secrets/salesforce")

    def file(self, name: str) -> Path:
        """A path in the world's folder, whose parents exist."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def start(self, *arguments: str) -> Started:
        """Start `python -m leadline` with these arguments, at the time of this world."""
        started = Started(arguments, self.environment, self.folder / f"command-{len(self._started)}.out")
        self._started.append(started)
        return started

    def command(self, *arguments: str) -> Ended:
        """Run `python -m leadline` with these arguments to its end."""
        return self.start(*arguments).wait()

    def once(self) -> Ended:
        """One cycle that must go well."""
        ended = self.command("once")
        assert ended.code == 0, ended.out + ended.err
        return ended

    def trouble(self, factor: float, seed: int) -> None:
        """From now on the calls of both CRMs fail by chance: the default mix, at `factor` times its rate."""
        for place, crm in enumerate(self.crms):
            crm.plan_faults(*default_plan(f"default:{factor}:{seed * len(self.crms) + place}"))

    def calm(self) -> None:
        """End all faults, for a test that counts calls or places its own."""
        for crm in self.crms:
            crm.plan_faults()

    def hurry(self) -> None:
        """From now on commands do not wait: where they would sleep, their time and that of the twins jumps."""
        self.environment[HURRY_VARIABLE] = " ".join(crm.url for crm in self.crms)

    def later(self, seconds: float) -> None:
        """Let time pass between two commands."""
        for crm in self.crms:
            crm.advance(seconds)
        self.keep_time()

    def keep_time(self) -> None:
        """Give the next command the time of the twins, which it may have moved."""
        newest = max(crm.now() for crm in self.crms)
        for crm in self.crms:
            crm.advance((newest - crm.now()).total_seconds())
        self.environment[SHIFT_VARIABLE] = str((newest - datetime.now(UTC)).total_seconds())

    def state(self) -> dict[str, Any]:
        """What both CRMs hold."""
        return {crm.name: crm.state() for crm in self.crms}

    def said(self) -> str:
        """Everything that all commands wrote to standard output and standard error."""
        files = [*self.folder.glob("command-*.out"), *self.folder.glob("command-*.err")]
        return "\n".join(path.read_text(encoding="utf-8") for path in sorted(files))

    def end(self) -> None:
        """End everything that was started."""
        for started in self._started:
            if started.running:
                started.kill()
        for crm in self.crms:
            crm.end()

    def cycles(self, daemon: Started, connection: str) -> list[dict[str, Any]]:
        """The cycles of a connection that the daemon told of so far."""
        return [line for line in daemon.lines() if line["event"] == "cycle" and line["connection"] == connection]

    def wait_for_cycles(self, daemon: Started, connection: str, count: int) -> None:
        """Wait until the daemon told of this many cycles of the connection."""
        what = f"{connection} had {count} cycles"
        wait_until(what, lambda: not daemon.running or len(self.cycles(daemon, connection)) >= count)
        assert daemon.running, f"the daemon ended before {what}"
