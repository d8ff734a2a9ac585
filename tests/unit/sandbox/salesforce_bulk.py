"""Bulk jobs as a client runs them, in an org whose time stands still."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx

from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench

LONGEST = 2.0
QUERY, INGEST = f"{BASE}/jobs/query", f"{BASE}/jobs/ingest"


def create_query(org: SalesforceBench, soql: str, operation: str = "query", **rest: str) -> httpx.Response:
    return org.http.post(QUERY, json={"operation": operation, "query": soql, **rest})


def ended_query(org: SalesforceBench, soql: str, operation: str = "query", **rest: str) -> str:
    """The id of a query job that has had all the time it needs."""
    made = create_query(org, soql, operation, **rest)
    assert made.status_code == 200, made.text
    org.clock.advance(LONGEST)
    return str(made.json()["id"])


def results(org: SalesforceBench, job_id: str, **asked: Any) -> httpx.Response:
    return org.http.get(f"{QUERY}/{job_id}/results", params=asked)


def queried(org: SalesforceBench, soql: str, operation: str = "query") -> list[dict[str, str]]:
    """The records of a query job, of its first page."""
    return records(results(org, ended_query(org, soql, operation)))


def records(reply: httpx.Response) -> list[dict[str, str]]:
    assert reply.status_code == 200, reply.text
    return list(csv.DictReader(io.StringIO(reply.content.decode(), newline="")))


def open_ingest(org: SalesforceBench, operation: str, kind: str = "Lead", **rest: str) -> str:
    made = org.http.post(INGEST, json={"object": kind, "operation": operation, **rest})
    assert made.status_code == 200, made.text
    return str(made.json()["id"])


def upload(org: SalesforceBench, job_id: str, data: str | bytes) -> httpx.Response:
    return org.http.put(f"{INGEST}/{job_id}/batches", content=data, headers={"Content-Type": "text/csv"})


def set_state(org: SalesforceBench, job_id: str, state: str, family: str = INGEST) -> httpx.Response:
    return org.http.patch(f"{family}/{job_id}", json={"state": state})


def ingested(org: SalesforceBench, operation: str, data: str | bytes, kind: str = "Lead", **rest: str) -> dict[str, Any]:
    """What is told of an ingest job that has had all the time it needs."""
    job_id = open_ingest(org, operation, kind, **rest)
    assert upload(org, job_id, data).status_code == 201
    assert set_state(org, job_id, "UploadComplete").status_code == 200
    org.clock.advance(LONGEST)
    return job(org, job_id)


def job(org: SalesforceBench, job_id: str, family: str = INGEST) -> dict[str, Any]:
    told: dict[str, Any] = org.http.get(f"{family}/{job_id}").json()
    return told


def fates(org: SalesforceBench, job_id: str, kind: str) -> list[dict[str, str]]:
    """`successfulResults`, `failedResults` or `unprocessedrecords` of an ingest job."""
    return records(org.http.get(f"{INGEST}/{job_id}/{kind}"))


def reasons(org: SalesforceBench, job_id: str) -> list[str]:
    return sorted(row["sf__Error"] for row in fates(org, job_id, "failedResults"))
