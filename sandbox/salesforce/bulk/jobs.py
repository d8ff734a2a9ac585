"""Jobs and the time they take.

A job waits in the queue, runs, and ends, all in the twin's time. Nothing runs in the background: whoever asks the org
something first lets the jobs that are due come true (`JobBook.settle`).
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Literal, Protocol

from sandbox.clock import TwinClock
from sandbox.salesforce.bulk.dialect import Dialect
from sandbox.salesforce.bulk.problems import JobFailedError
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.ids import IdMint
from sandbox.salesforce.soql.dates import stamp

State = Literal["Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]
JobType = Literal["V2Query", "V2Ingest"]
KEPT_SECONDS = 7 * 86_400
MAX_QUERY_JOBS_A_DAY = 10_000
LIST_PAGE = 1000
_DAY_SECONDS = 86_400
_ENDED = frozenset({"JobComplete", "Failed", "Aborted"})


class Task(Protocol):
    """What a job does."""

    type: JobType

    def perform(self, share: float) -> bool:
        """Come as far as this share of the work (0.0: only find out what there is to do; 1.0: to its end).

        A call that would keep others waiting stops before that and answers False: it is to be called again.

        Raises:
            JobFailedError: the job as a whole cannot go on.
        """
        ...

    def facts(self) -> dict[str, object]:
        """What only this kind of job tells about itself."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What a client asked for when it created a job."""

    operation: str
    object: str
    user_id: str
    api_version: str
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Pace:
    """How long jobs take: each waits and runs for a seeded part of `longest_seconds`, never for nothing."""

    longest_seconds: float
    seed: int

    def of(self, job_id: str) -> tuple[float, float]:
        """Seconds in the queue and seconds of running."""
        chance = Random(f"{self.seed}:{job_id}")
        return chance.uniform(0.1, 0.4) * self.longest_seconds, chance.uniform(0.1, 0.6) * self.longest_seconds


@dataclass(slots=True)
class Job:
    """One job; times are the twin's seconds."""

    id: str
    order: Order
    task: Task
    created: str
    modified: str
    state: State
    queue_seconds: float
    run_seconds: float
    queued_at: float = 0.0
    ended_at: float = 0.0
    error: str | None = None

    @property
    def ended(self) -> bool:
        """Nothing will happen to this job any more."""
        return self.state in _ENDED

    def brief(self) -> dict[str, object]:
        """The keys that every answer about a job has (as recorded)."""
        return {
            "id": self.id,
            "operation": self.order.operation,
            "object": self.order.object,
            "createdById": self.order.user_id,
            "createdDate": self.created,
            "systemModstamp": self.modified,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.order.api_version),
        }

    def full(self) -> dict[str, object]:
        """All that is known of a job. Processing times are milliseconds."""
        ran = int(self.run_seconds * 1000) if self.ended else 0
        failure = {} if self.error is None else {"errorMessage": self.error}
        return {
            **self.brief(),
            "jobType": self.task.type,
            "lineEnding": self.order.dialect.line_ending,
            "columnDelimiter": self.order.dialect.delimiter,
            **self.task.facts(),
            "retries": 0,
            "totalProcessingTime": ran,
            "apiActiveProcessingTime": ran * 4 // 5,
            "apexProcessingTime": 0,
            **failure,
        }


@dataclass(slots=True)
class JobBook:
    """All jobs of one org, the newest last; they are forgotten seven days after they ended."""

    clock: TwinClock
    pace: Pace
    _jobs: dict[str, Job] = field(default_factory=dict)
    _running: list[Job] = field(default_factory=list)
    _queries: deque[float] = field(default_factory=deque)
    _mint: IdMint = field(default_factory=IdMint)

    def open(self, order: Order, task: Task) -> Job:
        """A new job: open for uploads, or, for a query, already in the queue.

        Raises:
            SalesforceError: LIMIT_EXCEEDED, today's query jobs being used up.
        """
        if task.type == "V2Query":
            self._count_query()
        now = stamp(self.clock.now())
        job_id = self._mint.mint("750")
        queue_seconds, run_seconds = self.pace.of(job_id)
        job = Job(job_id, order, task, now, now, "Open", queue_seconds, run_seconds)
        self._jobs[job_id] = job
        if task.type == "V2Query":
            self.queue(job)
        return job

    def queue(self, job: Job) -> None:
        """All data is there: the job waits for its turn."""
        job.queued_at = self.clock.seconds()
        self._running.append(job)
        self._move(job, "UploadComplete")

    def settle(self) -> None:
        """Let everything happen that is due by now, in the order in which the jobs end."""
        if not self._running:
            return
        now = self.clock.seconds()
        for job in sorted(self._running, key=_end_of):
            ran = now - job.queued_at - job.queue_seconds
            if ran >= 0:
                self._go_on(job, min(1.0, ran / job.run_seconds))

    def abort(self, job: Job) -> None:
        """Stop a job; what it has written by now stays.

        Raises:
            SalesforceError: INVALIDJOBSTATE, the job having ended.
        """
        if job.ended:
            raise SalesforceError("INVALIDJOBSTATE", f"Aborting a job that is {job.state} is not allowed")
        with suppress(JobFailedError):
            job.task.perform(0.0)
        self._end(job, "Aborted")

    def delete(self, job: Job) -> None:
        """Forget a job and its data.

        Raises:
            SalesforceError: API_ERROR, the job not having ended.
        """
        if not job.ended:
            message = "Error encountered when deleting the job because the job is not terminated"
            raise SalesforceError("API_ERROR", message)
        del self._jobs[job.id]

    def find(self, job_id: str, job_type: JobType) -> Job:
        """The job of this kind with this id, in either form.

        Raises:
            SalesforceError: NOT_FOUND.
        """
        self._forget_old()
        job = self._jobs.get(job_id) or next((job for key, job in self._jobs.items() if key[:15] == job_id), None)
        if job is None or job.task.type != job_type:
            raise not_found()
        return job

    def forget(self) -> None:
        """Drop all jobs, those that run as well: the records they were about have been replaced."""
        self._jobs.clear()
        self._running.clear()

    def listed(self, after: str, job_type: str | None) -> tuple[list[Job], str | None]:
        """A page of jobs after the one with this id, and the id to go on from."""
        self._forget_old()
        wanted = [job for job in self._jobs.values() if job.id > after and job_type in (None, job.task.type)]
        page = wanted[:LIST_PAGE]
        return page, page[-1].id if len(wanted) > LIST_PAGE else None

    def _go_on(self, job: Job, share: float) -> None:
        if job.state == "UploadComplete":
            self._move(job, "InProgress")
        try:
            finished = job.task.perform(share)
        except JobFailedError as failure:
            job.error = failure.message
            self._end(job, "Failed")
            return
        if finished and share >= 1:
            self._end(job, "JobComplete")

    def _end(self, job: Job, state: State) -> None:
        if job in self._running:
            self._running.remove(job)
        job.ended_at = self.clock.seconds()
        self._move(job, state)

    def _move(self, job: Job, state: State) -> None:
        job.state = state
        job.modified = stamp(self.clock.now())

    def _count_query(self) -> None:
        now = self.clock.seconds()
        while self._queries and now - self._queries[0] > _DAY_SECONDS:
            self._queries.popleft()
        if len(self._queries) >= MAX_QUERY_JOBS_A_DAY:
            message = f"Max bulk v2 query jobs ({MAX_QUERY_JOBS_A_DAY}) per 24 hrs has been reached"
            raise SalesforceError("LIMIT_EXCEEDED", message)
        self._queries.append(now)

    def _forget_old(self) -> None:
        oldest = self.clock.seconds() - KEPT_SECONDS
        for job in [job for job in self._jobs.values() if job.ended and job.ended_at < oldest]:
            del self._jobs[job.id]


def _end_of(job: Job) -> float:
    return job.queued_at + job.queue_seconds + job.run_seconds
