"""An unmodified client library runs its bulk jobs against a twin that is a process of its own."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.bulk2 import SFBulk2Handler

BRIEFLY: Any = 0.02


@pytest.fixture(scope="module")
def sf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Salesforce]:
    ca_file = tmp_path_factory.mktemp("bulk") / "ca.pem"
    command = [sys.executable, "-m", "sandbox", "salesforce", "--people", "0", "--bulk-seconds", "0.2", "--late-share", "0"]
    command += ["--ca-out", str(ca_file), "--as-of", "2026-11-22T09:00:00Z"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            yield signed_in(ready, ca_file)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


def signed_in(ready: dict[str, str], ca_file: Path) -> Salesforce:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(ca_file)
    client = (ready["client_id"], ready["client_secret"])
    form = {"grant_type": "client_credentials"}
    token = session.post(f"{ready['url']}/services/oauth2/token", data=form, auth=client, timeout=20).json()
    return Salesforce(instance_url=ready["url"], session_id=token["access_token"], session=session, version="67.0")


def read(pages: Iterable[str]) -> list[dict[str, str]]:
    return [row for page in pages for row in csv.DictReader(io.StringIO(page, newline=""))]


def test_records_are_loaded_changed_read_and_deleted_in_bulk(sf: Salesforce) -> None:
    bulk = sf.bulk2
    assert isinstance(bulk, SFBulk2Handler)
    leads = bulk.Lead
    names = [f"Person {number:04d}" for number in range(500)]
    people = [{"LastName": name, "Company": "Ångström, Ltd", "Email": f"{name[-4:]}@acme.example"} for name in names]
    people[3]["Email"] = "no address"
    told = leads.insert(records=people, wait=BRIEFLY)
    assert [(job["numberRecordsProcessed"], job["numberRecordsFailed"]) for job in told] == [(500, 1)]
    job_id = str(told[0]["job_id"])
    failed = read([leads.get_failed_records(job_id)])
    assert [row["sf__Error"].partition(":")[0] for row in failed] == ["INVALID_EMAIL_ADDRESS"]
    assert read([leads.get_unprocessed_records(job_id)]) == []

    upserts = [{"Email": f"0{number}@acme.example", "Title": "CFO"} for number in range(100, 110)]
    leads.upsert(records=upserts, external_id_field="Email", wait=BRIEFLY)

    soql = "SELECT Id, LastName, Company, Title, Owner.Name FROM Lead"
    rows = read(str(page) for page in leads.query(soql, max_records=60, wait=BRIEFLY))
    assert sorted(row["LastName"] for row in rows) == [name for name in names if name != "Person 0003"]
    assert {row["Company"] for row in rows} == {"Ångström, Ltd"}
    assert sum(row["Title"] == "CFO" for row in rows) == 10

    gone = sorted(row["Id"] for row in rows[:5])
    leads.delete(records=[{"Id": record_id} for record_id in gone], wait=BRIEFLY)
    assert sf.query("SELECT COUNT() FROM Lead")["totalSize"] == 494
    everything = read(leads.query_all("SELECT Id, IsDeleted FROM Lead", wait=BRIEFLY))
    assert sorted(row["Id"] for row in everything if row["IsDeleted"] == "true") == gone
