"""What the two kinds of bulk jobs have in common on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.exchange import Reply
from sandbox.salesforce.bulk.jobs import JobBook
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.routes import Call, json_reply


def job_list(jobs: JobBook, call: Call, family: str) -> Reply:
    """All jobs, a thousand to a page; `jobType` narrows them."""
    page, following = jobs.listed(call.parameter("queryLocator") or "", call.parameter("jobType"))
    records = [{**job.brief(), "jobType": job.task.type} for job in page]
    further = None if following is None else f"{call.base}/jobs/{family}?queryLocator={following}"
    return json_reply({"done": further is None, "records": records, "nextRecordsUrl": further})


def json_state(call: Call) -> str:
    """The state that a client wants a job to be in."""
    return text_of(call.json_object(), "state")


def text_of(body: Mapping[str, Any], name: str) -> str:
    """A text that a request cannot do without.

    Raises:
        SalesforceError: INVALIDJOB.
    """
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise SalesforceError("INVALIDJOB", f"InvalidJob : {name} is required")
    return value


def version_of(call: Call) -> str:
    """The API version of a request: `67.0`."""
    return call.base.rpartition("/v")[2]
