"""Bulk API 2.0 ingest jobs: create, upload CSV, close, watch, fetch what became of the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.exchange import Reply
from sandbox.salesforce.api.bulk_jobs import job_list, json_state, text_of, version_of
from sandbox.salesforce.bulk.dialect import Dialect
from sandbox.salesforce.bulk.jobs import Job, JobBook, Order
from sandbox.salesforce.bulk.load import OPERATIONS, Load
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Writer
from sandbox.salesforce.routes import Call, Route, json_reply, no_content
from sandbox.salesforce.schema import SObject

MAX_ENCODED_BYTES = 150_000_000
"""The limit after base64, which makes three bytes into four; 100 MB of CSV always pass (Salesforce docs: bulk limits)."""


class BulkIngestApi:
    """Handlers below `/jobs/ingest`."""

    def __init__(self, org: Org, jobs: JobBook) -> None:
        self._org = org
        self._jobs = jobs

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [
            Route("POST", "/jobs/ingest", self.create),
            Route("GET", "/jobs/ingest", self.all_jobs),
            Route("GET", "/jobs/ingest/{id}", self.read),
            Route("PATCH", "/jobs/ingest/{id}", self.close_or_abort),
            Route("DELETE", "/jobs/ingest/{id}", self.delete),
            Route("PUT", "/jobs/ingest/{id}/batches", self.upload),
            Route("GET", "/jobs/ingest/{id}/successfulResults", self._result(Load.successes)),
            Route("GET", "/jobs/ingest/{id}/failedResults", self._result(Load.failures)),
            Route("GET", "/jobs/ingest/{id}/unprocessedrecords", self._result(Load.leftovers)),
        ]

    def create(self, call: Call) -> Reply:
        """A new job, open for its data. Assignment rules run only where the job names one."""
        body = call.json_object()
        name, operation = text_of(body, "object"), text_of(body, "operation")
        sobject = self._org.schema.find(name)
        if sobject is None:
            raise SalesforceError("INVALIDENTITY", f"InvalidEntity : Unable to find object: {name}")
        key = self._key(body, operation, sobject, call.user_id)
        dialect = Dialect.of(body)
        writer = Writer(call.user_id, assigns=bool(body.get("assignmentRuleId")))
        task = Load(self._org, sobject, operation, key, dialect, writer, call.request.correlation_id)
        job = self._jobs.open(Order(operation, sobject.name, call.user_id, version_of(call), dialect), task)
        answer = {
            **job.brief(),
            "contentUrl": f"{call.base.lstrip('/')}/jobs/ingest/{job.id}/batches",
            "lineEnding": dialect.line_ending,
            "columnDelimiter": dialect.delimiter,
        }
        return json_reply(answer | _key_name(task), effect=f"created job {job.id}")

    def all_jobs(self, call: Call) -> Reply:
        """All jobs, those that query among them."""
        return job_list(self._jobs, call, "ingest")

    def read(self, call: Call) -> Reply:
        """How far a job has come. A complete job may hold rows that failed."""
        job, task = self._job(call)
        return json_reply(job.full() | _key_name(task))

    def upload(self, call: Call) -> Reply:
        """The data of a job, all at once: 201."""
        job, task = self._job(call)
        if "csv" not in call.header("Content-Type").lower():
            raise SalesforceError("UNSUPPORTED_MEDIA_TYPE", "Content-Type header specifies an unsupported media type")
        if job.state != "Open" or task.data is not None:
            raise SalesforceError("INVALIDJOBSTATE", f"Uploading to a job that is {job.state} or has data is not allowed")
        if len(call.request.body) * 4 > MAX_ENCODED_BYTES * 3:
            raise SalesforceError("EXCEEDED_MAX_SIZE_REQUEST", "The uploaded data exceeds 150 MB after encoding")
        task.data = call.request.body
        return Reply(201, effect=f"uploaded to job {job.id}")

    def close_or_abort(self, call: Call) -> Reply:
        """Say that all data is there, or stop the job."""
        job, _ = self._job(call)
        state = json_state(call)
        if state == "Aborted":
            self._jobs.abort(job)
        elif state == "UploadComplete" and job.state == "Open":
            self._jobs.queue(job)
        else:
            raise SalesforceError("INVALIDJOBSTATE", f"A job that is {job.state} cannot become {state}")
        return json_reply(job.brief(), effect=f"set job {job.id} to {state}")

    def delete(self, call: Call) -> Reply:
        """Forget a job that has ended: 204."""
        job, _ = self._job(call)
        self._jobs.delete(job)
        return no_content(f"deleted job {job.id}")

    def _result(self, text_of_task: Callable[[Load], str]) -> Callable[[Call], Reply]:
        def answer(call: Call) -> Reply:
            job, task = self._job(call)
            if not job.ended:
                raise SalesforceError("INVALIDJOBSTATE", f"Results are not available: the job is {job.state}")
            return Reply(200, text_of_task(task).encode(), media_type="text/csv")

        return answer

    def _job(self, call: Call) -> tuple[Job, Load]:
        job = self._jobs.find(call.path["id"], "V2Ingest")
        if not isinstance(job.task, Load):
            raise TypeError(job.task)
        return job, job.task

    def _key(self, body: Mapping[str, Any], operation: str, sobject: SObject, user_id: str) -> Field | None:
        """The field that an upsert goes by; none for the other operations."""
        if operation == "hardDelete":
            message = "hardDelete operation requires special user profile permission, please contact your administrator"
            raise SalesforceError("FEATURENOTENABLED", f"FeatureNotEnabled : {message}")
        if operation not in OPERATIONS:
            raise SalesforceError("INVALIDJOB", f"InvalidJob : '{operation}' is none of {', '.join(sorted(OPERATIONS))}")
        if operation != "upsert":
            return None
        name = text_of(body, "externalIdFieldName")
        field = sobject.field(name)
        known = field is not None and (field.external_id or field.id_lookup)
        if field is None or not known or not self._org.access.readable(user_id, sobject, field):
            raise SalesforceError(
                "INVALIDJOB", f"InvalidJob : Field name provided, {name}, is not an External ID or indexed"
            )
        return field


def _key_name(task: Load) -> dict[str, object]:
    return {} if task.key is None else {"externalIdFieldName": task.key.name}
