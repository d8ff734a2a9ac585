"""What the suite needs to be able to do to a CRM account, besides connecting to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self, TypeAlias

from connectors.budget import Budget, RateLimit
from connectors.conformance.patience import Patience, patient
from connectors.contract import Call, Connector, Context
from connectors.records import Ref, Removed, Scalar

FaultKind: TypeAlias = Literal["throttled", "server_error", "unauthorised", "cut", "truncated"]
"""`throttled` is a 429 or its like, `server_error` a 5xx, `unauthorised` a 401 to a call that is no sign-in. `cut` is a
connection that ends before the call had an effect, `truncated` one that ends after it, in the middle of the answer."""

Effect: TypeAlias = Literal["write", "provision", "open_task", "change_task"]
"""What a call changes: our values on people, our properties, tasks."""


@dataclass(frozen=True, slots=True)
class SeenTask:
    """A task as a rep sees it."""

    subject: str
    body: str
    open: bool


class World(ABC):
    """One account, empty at first but for at least one owner, and everything a test does to it from outside.

    `several_pages` is a number of people that fills at least three pages of a first pull, `secrets` are texts that no error
    may show. A connector made here has the world's time, and waits by moving it. Tests use a world in a `with`.
    """

    several_pages: int
    secrets: Sequence[str]

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.patience = Patience(self.now, self.advance)
        self._budget: Budget | None = None
        self._made: list[Connector[Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for connector in self._made:
            connector.close()

    def context(self, budget: Budget | None = None) -> Context:
        """What the engine would lend a connector; calls are noted in `calls`. Without a budget: the account's."""
        if self._budget is None:
            self._budget = Budget(self.limits(), now=self.now, sleep=self.advance)
        lent = budget or self._budget
        return Context(connection="conformance", now=self.now, budget=lent, record_call=self.calls.append)

    def connector(self) -> Connector[Any]:
        """A connector as a new process would make it: it knows nothing of earlier ones. Leaving the world closes it.

        An account may fail by itself at any time, so the connector is used as the engine uses it: what may succeed later
        is called again. Where a rule is about a failure itself (`reading.failing`), the failure comes through.
        """
        connector = self.connect(self.context())
        self._made.append(connector)
        return patient(connector, self.patience)

    def calm(self) -> None:  # noqa: B027 - a world in which nothing fails by chance has nothing to do
        """End what troubles the account by chance, for a rule that needs every call to go well."""

    @abstractmethod
    def connect(self, context: Context) -> Connector[Any]:
        """The connector under test, for this account."""

    def limits(self) -> Sequence[RateLimit]:
        """The account's rate limits: what the connector's `limits` says for its settings."""
        return ()

    @abstractmethod
    def now(self) -> datetime:
        """The account's time, aware UTC."""

    @abstractmethod
    def advance(self, seconds: float) -> None:
        """Let time pass for the account and for its connectors."""

    @abstractmethod
    def add_people(self, count: int) -> tuple[Ref, ...]:
        """Add people with titles and e-mail addresses under `@acme.example`, spread over the person objects.

        The first one can take part in deals.
        """

    @abstractmethod
    def edit_person(self, person: Ref, title: str) -> None:
        """Change the person's job title, as a rep would."""

    @abstractmethod
    def archive_person(self, person: Ref) -> None:
        """Delete the person the way users of this CRM do."""

    def lose_people(self) -> tuple[Removed, ...]:
        """Add people and take them away, one in each way this CRM has: what `whereabouts` should say of them, `at` aside."""
        (someone,) = self.add_people(1)
        self.archive_person(someone)
        return (Removed(ref=someone, at=self.now(), reason="archived"),)

    @abstractmethod
    def add_company(self, employees: int) -> Ref:
        """Add a company of this size."""

    def edit_company(self, company: Ref, employees: int) -> None:
        """Change the company's size, as a rep would. Needed where the CRM keeps histories."""
        raise NotImplementedError(f"{type(self).__name__} cannot edit {company} ({employees})")

    @abstractmethod
    def add_deal(self, person: Ref, amount: float) -> Ref:
        """Add an open deal in which the person takes part."""

    @abstractmethod
    def add_engagement(self, person: Ref) -> Ref:
        """Add one engagement of the person that this CRM keeps as a record of its own, a meeting for one."""

    @abstractmethod
    def refuse(self, person: Ref, message: str) -> None:
        """Have the account refuse writes to this person for good, in these words."""

    @abstractmethod
    def fail_next(self, kind: FaultKind) -> None:
        """Make the very next call go wrong, once."""

    @abstractmethod
    def lose_reply(self, effect: Effect) -> None:
        """Have the next call with this effect take it, and the connection end without the answer, once."""

    @abstractmethod
    def ours_of(self, person: Ref) -> Mapping[str, Scalar]:
        """What the account shows in our properties, under Leadline's names; numbers may be text."""

    @abstractmethod
    def add_task(self, person: Ref, subject: str) -> None:
        """Add a task that is not ours, as a rep would."""

    @abstractmethod
    def remove_task(self, task: Ref) -> None:
        """Delete a task, as a rep who does not want it."""

    @abstractmethod
    def tasks_of(self, person: Ref) -> tuple[SeenTask, ...]:
        """All tasks of the person."""
