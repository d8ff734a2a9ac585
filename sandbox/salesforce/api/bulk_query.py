"""Bulk API 2.0 query jobs: create, watch, fetch results, abort, delete."""

from __future__ import annotations

from sandbox.exchange import Reply
from sandbox.salesforce.api.bulk_jobs import job_list, json_state, text_of, version_of
from sandbox.salesforce.bulk.dialect import Dialect
from sandbox.salesforce.bulk.extract import DEFAULT_PAGE, Extract, extract
from sandbox.salesforce.bulk.jobs import Job, JobBook, Order
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.routes import Call, Route, json_reply, no_content
from sandbox.salesforce.soql.engine import Caller

_OPERATIONS = ("query", "queryAll")


class BulkQueryApi:
    """Handlers below `/jobs/query`."""

    def __init__(self, org: Org, jobs: JobBook) -> None:
        self._org = org
        self._jobs = jobs

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [
            Route("POST", "/jobs/query", self.create),
            Route("GET", "/jobs/query", self.all_jobs),
            Route("GET", "/jobs/query/{id}", self.read),
            Route("PATCH", "/jobs/query/{id}", self.abort),
            Route("DELETE", "/jobs/query/{id}", self.delete),
            Route("GET", "/jobs/query/{id}/results", self.results),
        ]

    def create(self, call: Call) -> Reply:
        """A new job, in the queue at once."""
        body = call.json_object()
        operation, query = text_of(body, "operation"), text_of(body, "query")
        if operation not in _OPERATIONS:
            raise SalesforceError("INVALIDJOB", f"InvalidJob : '{operation}' is none of {', '.join(_OPERATIONS)}")
        dialect = Dialect.of(body)
        caller = Caller(call.user_id, sees_deleted=operation == "queryAll")
        task = extract(query, self._org.engine, caller, call.request.at, dialect, call.request.correlation_id)
        job = self._jobs.open(Order(operation, task.source, call.user_id, version_of(call), dialect), task)
        return json_reply(
            {**job.brief(), "lineEnding": dialect.line_ending, "columnDelimiter": dialect.delimiter},
            effect=f"created job {job.id}",
        )

    def all_jobs(self, call: Call) -> Reply:
        """All jobs, those that load data among them."""
        return job_list(self._jobs, call, "query")

    def read(self, call: Call) -> Reply:
        """How far a job has come."""
        return json_reply(self._job(call)[0].full())

    def abort(self, call: Call) -> Reply:
        """Stop a job; `Aborted` is the only state that a client may set."""
        job, _ = self._job(call)
        if json_state(call) != "Aborted":
            raise SalesforceError("INVALIDJOBSTATE", "A query job can only be set to Aborted")
        self._jobs.abort(job)
        return json_reply(job.brief(), effect=f"aborted job {job.id}")

    def delete(self, call: Call) -> Reply:
        """Forget a job that has ended: 204."""
        job, _ = self._job(call)
        self._jobs.delete(job)
        return no_content(f"deleted job {job.id}")

    def results(self, call: Call) -> Reply:
        """A page of CSV. `Sforce-Locator` leads to the next one and is the word `null` on the last."""
        job, task = self._job(call)
        if job.state != "JobComplete":
            raise SalesforceError("INVALIDJOBSTATE", f"Results are not available: the job is {job.state}")
        if job.order.api_version != version_of(call):
            message = f"The results of a job created with version {job.order.api_version} need the same version"
            raise SalesforceError("API_VERSION_MISMATCH", message)
        page = task.page(call.parameter("locator") or None, _max_records(call))
        headers = (("Sforce-Locator", page.locator or "null"), ("Sforce-NumberOfRecords", str(page.records)))
        return Reply(200, page.text.encode(), headers, media_type="text/csv")

    def _job(self, call: Call) -> tuple[Job, Extract]:
        job = self._jobs.find(call.path["id"], "V2Query")
        if not isinstance(job.task, Extract):
            raise TypeError(job.task)
        return job, job.task


def _max_records(call: Call) -> int:
    asked = call.parameter("maxRecords")
    if asked is None:
        return DEFAULT_PAGE
    if not asked.isdecimal() or int(asked) < 1:
        raise SalesforceError("API_ERROR", f"maxRecords must be a positive integer, not '{asked}'")
    return int(asked)
