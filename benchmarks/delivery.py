"""How many calls it takes to tell both CRMs of changed scores, and how long.

python -m benchmarks.delivery                    # 50,000 records in each twin
python -m benchmarks.delivery --records 5000
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event
from time import perf_counter
from typing import Any

import requests

from connectors.budget import Budget
from connectors.contract import Call, Connector, Context
from connectors.hubspot.connector import HubSpotConnector
from connectors.hubspot.settings import HubSpotSettings
from connectors.records import Ref, Scalar
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.settings import ClientCredentials, SalesforceSettings
from leadline.app import open_database
from leadline.clock import system_clock
from leadline.deliver import Sender
from leadline.fields import field_specs
from leadline.observe import Silent
from leadline.retry import Retrier, RetryPolicy
from leadline.settings.document import read_document
from leadline.state import outbox
from leadline.state.database import Database
from leadline.state.outbox import Lane
from scoring.qualification import parse_qualification

ROOT = Path(__file__).parents[1]
DATA = "/services/data/v67.0"


@dataclass(frozen=True, slots=True)
class Measured:
    """What telling one CRM took: calls that update, all other calls, and seconds."""

    crm: str
    records: int
    written: int
    updates: int
    others: int
    seconds: float


def measure(records: int, folder: Path) -> Iterator[Measured]:
    """Tell both twins of this many changed scores each."""
    with twin("hubspot") as ready:
        hubspot = HubSpotSettings(token=_secret(folder, "token", ready["token"]), host=ready["url"])
        yield _delivered("hubspot", HubSpotConnector, hubspot, _contacts(ready, records), folder)
    with twin("salesforce") as ready:
        auth = ClientCredentials(
            flow="client_credentials",
            client_id=ready["client_id"],
            client_secret=_secret(folder, "secret", ready["client_secret"]),
        )
        salesforce = SalesforceSettings(instance_url=ready["url"], auth=auth, ca_file=ready["ca_file"])
        yield _delivered("salesforce", SalesforceConnector, salesforce, _leads_and_contacts(ready, records), folder)


@contextmanager
def twin(name: str) -> Iterator[dict[str, str]]:
    """An empty twin, and what its ready line says."""
    command = [sys.executable, "-m", "sandbox", name, "--port", "0", "--people", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            ready: dict[str, str] = json.loads(process.stdout.readline())
            yield ready
        finally:
            process.terminate()


def _delivered(name: str, kind: Any, settings: Any, refs: Sequence[Ref], folder: Path) -> Measured:
    calls: Counter[str] = Counter()
    clock = system_clock(Event())
    qualification = parse_qualification(read_document(ROOT / "config" / "qualification.yaml", ROOT / "config").data)

    def note(call: Call) -> None:
        calls[call.endpoint] += 1

    budget = Budget(kind.limits(settings), now=clock.now, sleep=clock.sleep)
    connector: Connector[Any] = kind(settings, Context(name, clock.now, budget, note))
    connector.apply_fields(field_specs(qualification))
    with open_database(f"sqlite:///{folder / name}.db") as database:
        _queue(database, name, refs)
        retry = Retrier(RetryPolicy(), clock, Random(1))
        sender = Sender(name, connector, database, retry, clock, Silent(), "benchmark")
        calls.clear()
        began = perf_counter()
        told = sender.deliver(lambda: None)
        seconds = perf_counter() - began
    connector.close()
    updates = sum(count for endpoint, count in calls.items() if _is_update(endpoint))
    return Measured(name, len(refs), told.written, updates, calls.total() - updates, seconds)


def _is_update(endpoint: str) -> bool:
    return endpoint.endswith("/batch/update") or endpoint.startswith("PATCH ")


def _queue(database: Database, connection: str, refs: Sequence[Ref]) -> None:
    now = datetime.now(UTC)
    values: dict[str, Scalar] = {
        "score": 71,
        "grade": "A1",
        "stage": "sql",
        "bant": 75,
        "bant_next": "Missing: timeline. Ask: When does it have to be in place?",
        "reasons": "+14 signs contracts; +9 asked for a demo 2 days ago; +6 SaaS company of 240",
        "scored_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    with database.begin() as tx:
        outbox.put_values(tx, connection, dict.fromkeys(refs, values), Lane.SCORES, now)


def _contacts(ready: dict[str, str], records: int) -> list[Ref]:
    refs: list[Ref] = []
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {ready['token']}"
        for numbers in _parts(records, 100):
            inputs = [{"properties": {"email": f"p{number}@acme.example"}} for number in numbers]
            url = f"{ready['url']}/crm/v3/objects/contacts/batch/create"
            refs += [Ref("contacts", one["id"]) for one in _asked(session, "POST", url, {"inputs": inputs})["results"]]
    return refs


def _leads_and_contacts(ready: dict[str, str], records: int) -> list[Ref]:
    refs: list[Ref] = []
    with requests.Session() as session:
        session.trust_env = False  # else a bundle that the environment names goes before the twin's own
        session.verify = ready["ca_file"]
        form = {"grant_type": "client_credentials", **{key: ready[key] for key in ("client_id", "client_secret")}}
        signed_in = session.post(f"{ready['url']}/services/oauth2/token", data=form, timeout=30)
        session.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
        for numbers in _parts(records, 200):
            # At most ten runs of one type are allowed in a request.
            rows = sorted(map(_person, numbers), key=lambda row: str(row["attributes"]["type"]))
            url = f"{ready['url']}{DATA}/composite/sobjects"
            made = _asked(session, "POST", url, {"allOrNone": True, "records": rows})
            refs += [Ref(row["attributes"]["type"], one["id"]) for row, one in zip(rows, made, strict=True)]
    return refs


def _person(number: int) -> dict[str, Any]:
    row = {"LastName": f"Person {number}", "Email": f"p{number}@acme.example"}
    if number % 2:
        return {"attributes": {"type": "Contact"}, **row}
    return {"attributes": {"type": "Lead"}, "Company": "Acme", **row}


def _parts(count: int, size: int) -> Iterator[range]:
    return (range(start, min(start + size, count)) for start in range(0, count, size))


def _asked(session: requests.Session, method: str, url: str, body: Any) -> Any:
    while True:
        answer = session.request(method, url, json=body, timeout=60)
        if answer.status_code != requests.codes.too_many_requests:
            answer.raise_for_status()
            return answer.json()
        time.sleep(1)


def _secret(folder: Path, name: str, value: str) -> str:
    path = folder / name
    path.write_text(value)
    return f"file:{path}"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="Calls and seconds to tell both twins of changed scores.")
    parser.add_argument("--records", type=int, default=50_000, help="changed scores in each CRM")
    records = parser.parse_args().records
    print("| CRM | changed scores | written | update calls | other calls | seconds | records/s |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="leadline-delivery-") as folder:
        for one in measure(records, Path(folder)):
            print(
                f"| {one.crm} | {one.records:,} | {one.written:,} | {one.updates:,} | {one.others:,} "
                f"| {one.seconds:.1f} | {one.written / one.seconds:,.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
