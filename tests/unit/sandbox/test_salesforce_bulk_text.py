"""Whatever text goes through CSV: it comes out as it went in, and what is no CSV ends the job, not the twin."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.salesforce.bulk.dialect import DELIMITERS, LINE_ENDINGS, Dialect
from tests.unit.sandbox.salesforce_bench import SalesforceBench
from tests.unit.sandbox.salesforce_bulk import ingested, records

CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
DIALECTS = st.builds(Dialect, st.sampled_from(sorted(DELIMITERS)), st.sampled_from(sorted(LINE_ENDINGS)))
NAMES = ("Id", "LastName", "Company", "Email", "Owner.Name", "User:Owner.Username")
LIKELY = st.sampled_from([*NAMES, ",", "\n", "\r\n", '"', "#N/A", "x", "é"])
UPLOADS = st.one_of(st.binary(max_size=40), st.lists(LIKELY, max_size=30).map("".join).map(str.encode))


@pytest.fixture(scope="module")
def org() -> SalesforceBench:
    return SalesforceBench()


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=5), DIALECTS)
def test_every_text_is_read_back_from_what_was_written(rows: list[list[str]], dialect: Dialect) -> None:
    text = "".join(dialect.line(row) for row in rows)
    assert list(dialect.rows(text)) == rows
    plain = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[dialect.delimiter])
    assert list(plain) == rows, "a client's reader sees the same"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(UPLOADS, st.sampled_from(["insert", "update", "delete", "upsert"]))
def test_any_upload_ends_its_job_and_no_row_is_lost(org: SalesforceBench, data: bytes, operation: str) -> None:
    key = {"externalIdFieldName": "Email"} if operation == "upsert" else {}
    told = ingested(org, operation, data, **key)
    assert told["state"] in {"JobComplete", "Failed"}
    fates = ("successfulResults", "failedResults")
    replies = [org.http.get(f"/services/data/v67.0/jobs/ingest/{told['id']}/{fate}") for fate in fates]
    assert sum(len(records(reply)) for reply in replies) == told["numberRecordsProcessed"]
