"""How fast the twins are: a market grown, a first page, contacts a second by list pages, rows a second by queries.

python -m benchmarks.twins                      # grows 100,000 people in a folder of its own
python -m benchmarks.twins --market DIR         # takes a folder made by `python -m sandbox generate`
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Any

import requests
from hubspot import HubSpot

from sandbox.market.folder import Stored

PAGE = 100
PROPERTIES = [
    "email",
    "firstname",
    "lastname",
    "jobtitle",
    "phone",
    "company",
    "country",
    "hs_language",
    "hs_lead_status",
    "hs_analytics_source",
    "hubspot_owner_id",
    "lifecyclestage",
    "associatedcompanyid",
    "hs_email_optout",
    "budget_amount",
    "budget_status",
    "hs_buying_role",
    "purchase_timeframe",
    "target_go_live",
    "pain_point",
    "hs_analytics_num_page_views",
    "hs_analytics_last_visit_timestamp",
    "hs_email_open",
    "hs_email_click",
    "hs_email_last_open_date",
    "num_conversion_events",
    "recent_conversion_date",
    "notes_last_contacted",
    "salesforceleadid",
    "salesforcecontactid",
]
SOQL = "SELECT Id, FirstName, LastName, Email, Title, Company, Country, Status, OwnerId, SystemModstamp FROM Lead"
TARGET_CONTACTS_PER_SECOND = 60_000
ROUNDS = 3
"""How often the second reading is measured; the best counts, as least disturbed by whatever else the machine does."""
UNLIMITED = str(10**9)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    what: str
    measured: str
    target: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """Contacts that a client got in a second, and the processor time that the twin needed for a page."""

    per_second: float
    page_milliseconds: float

    def __str__(self) -> str:
        return f"{self.per_second:,.0f} contacts/s, {self.page_milliseconds:.2f} ms of the twin's time a page"


@dataclass(frozen=True, slots=True)
class Twin:
    """A running twin: its ready line, its process, and when it was started."""

    facts: dict[str, str]
    process: subprocess.Popen[str]
    began: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.twins", description=__doc__.partition("\n")[0])
    parser.add_argument("--market", type=Path, help="a folder made by `generate`")
    parser.add_argument("--people", type=int, default=100_000, help="size of the market to grow without --market")
    parser.add_argument("--contacts", type=int, default=40_000, help="how many contacts to read in each round")
    parser.add_argument("--threads", type=int, default=3, help="client threads")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}\n\n| what | measured | target |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for line in measured(options, options.market or Path(scratch) / "market"):
            print(f"| {line.what} | {line.measured} | {line.target} |", flush=True)


def measured(options: argparse.Namespace, market: Path) -> Iterator[Line]:
    if options.market is None:
        yield grown(options.people, market)
    yield Line("people of the market that the twins serve", f"{Stored(market).name.people:,}")
    yield from hubspot(market, options.contacts, options.threads)
    yield from salesforce(market)


def grown(people: int, market: Path) -> Line:
    began = perf_counter()
    command = [sys.executable, "-m", "sandbox", "generate", "--people", str(people), "--seed", "7", "--out", str(market)]
    subprocess.run(command, check=True)
    took = perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Line(f"generate --people {people}", f"{took:.0f} s, {peak:.0f} MB in the largest process", "1,000,000 in 180 s")


def hubspot(market: Path, contacts: int, threads: int) -> Iterator[Line]:
    knobs = ["--burst-limit", UNLIMITED, "--daily-limit", UNLIMITED]
    with running("hubspot", market, knobs) as twin:
        client = Client(twin)
        yield Line("HubSpot: from start to the first page", f"{client.first_page_seconds:.1f} s", "10 s")
        pages = f"HubSpot: list pages of {PAGE}, {len(PROPERTIES)} properties"
        yield Line(f"{pages}, records not yet made", str(client.rate(contacts, threads)))
        target = f"{TARGET_CONTACTS_PER_SECOND:,} contacts/s"
        yield Line(f"{pages}, made but not shown before", str(client.rate(contacts, threads, PROPERTIES[::-1])))
        best = max(client.rate(contacts, threads) for _ in range(ROUNDS))
        yield Line(f"{pages}, shown before", str(best), target)
        yield Line("HubSpot: memory after that", f"{memory_megabytes(twin):.0f} MB")


class Client:
    """Reads contacts as connectors do: the official client's transport, and bodies as they come."""

    def __init__(self, twin: Twin) -> None:
        self._api = HubSpot(access_token=twin.facts["token"]).crm.objects.basic_api.api_client
        self._api.configuration.host = twin.facts["url"]
        self._token = twin.facts["token"]
        self._twin = twin
        self._first = int(json.loads(self.page(0))["results"][0]["id"])
        self.first_page_seconds = perf_counter() - twin.began

    def page(self, after: int, names: Sequence[str] = PROPERTIES) -> bytes:
        bearer = {"type": "oauth2", "in": "header", "key": "Authorization", "value": f"Bearer {self._token}"}
        response = self._api.call_api(
            "/crm/objects/2026-03/contacts",
            "GET",
            {},
            [("limit", str(PAGE)), ("after", str(after)), ("properties", ",".join(names))],
            {"Accept": "application/json"},
            auth_settings=["oauth2"],
            _preload_content=False,
            _request_auth=bearer,
        )
        body: bytes = response.data
        return body

    def rate(self, contacts: int, threads: int, names: Sequence[str] = PROPERTIES) -> Rate:
        """Read so many contacts, each page once; ids of a fresh market have no gaps."""
        cursors = iter(range(self._first, self._first + contacts, PAGE))
        lock = Lock()
        counts = [0] * threads

        def read(place: int) -> None:
            while True:
                with lock:
                    after = next(cursors, None)
                if after is None:
                    return
                # Every record has one createdAt, whatever its values say.
                counts[place] += self.page(after, names).count(b'"createdAt":')

        busy, began = cpu_seconds(self._twin), perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(read, range(threads)))
        took, busy = perf_counter() - began, cpu_seconds(self._twin) - busy
        served = sum(counts)
        return Rate(served / took, 1000 * busy * PAGE / served)


def salesforce(market: Path) -> Iterator[Line]:
    with running("salesforce", market, ["--daily-calls", UNLIMITED]) as twin:
        session = requests.Session()
        session.trust_env = False
        session.verify = twin.facts["ca_file"]
        form = {"grant_type": "client_credentials"} | {name: twin.facts[name] for name in ("client_id", "client_secret")}
        base = twin.facts["url"]
        token = session.post(f"{base}/services/oauth2/token", data=form, timeout=60).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        session.get(f"{base}/services/data/v67.0/query", params={"q": SOQL}, timeout=600).raise_for_status()
        yield Line("Salesforce: from start to the first page", f"{perf_counter() - twin.began:.1f} s", "10 s")
        pages = "Salesforce: query pages of 2,000 Leads, 10 fields"
        yield Line(f"{pages}, records not yet made", f"{queried(session, base):,.0f} rows/s")
        best = max(queried(session, base) for _ in range(ROUNDS))
        yield Line(f"{pages}, read before", f"{best:,.0f} rows/s")
        yield Line("Salesforce: memory after that", f"{memory_megabytes(twin):.0f} MB")


def queried(session: requests.Session, base: str, pages: int = 20) -> float:
    rows, began = 0, perf_counter()
    reply = session.get(f"{base}/services/data/v67.0/query", params={"q": SOQL}, timeout=600)
    for _ in range(pages):
        body: dict[str, Any] = reply.json()
        rows += len(body["records"])
        if body["done"]:
            break
        reply = session.get(base + body["nextRecordsUrl"], timeout=600)
    return rows / (perf_counter() - began)


@contextmanager
def running(name: str, market: Path, knobs: Sequence[str]) -> Iterator[Twin]:
    began = perf_counter()
    command = [sys.executable, "-m", "sandbox", name, "--market", str(market), *knobs]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            facts = json.loads(process.stdout.readline())
            yield Twin(facts, process, began)
        finally:
            process.terminate()


def cpu_seconds(twin: Twin) -> float:
    fields = Path(f"/proc/{twin.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_megabytes(twin: Twin) -> float:
    for line in Path(f"/proc/{twin.process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
